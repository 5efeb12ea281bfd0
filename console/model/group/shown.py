"""What a group's page shows: who asked what, what was written, and what every column made of it.

Stored groups and answers of a running service are brought into this one form.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from harmo.rewards.advantages import advantages
from harmo.scorers.types import THINK_TAGS, ZERO_VARIANCE, ThinkTags

NOISE = 1e-12
"""An advantage that is smaller is rounding."""
RIGHT = 0.5
"""A rule's score from here on is right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One turn as it was written; all of it is somebody else's text."""

    role: str
    parts: tuple[str | int, ...]
    """Texts, and the numbers of the pictures between them."""
    calls: tuple[tuple[str, str], ...] = ()
    """Tools that it calls, with their arguments."""

    @property
    def text(self) -> str:
        """Its texts, joined."""
        return "".join(part for part in self.parts if isinstance(part, str))


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of the table."""

    name: str
    family: str
    weight: float
    """What multiplies its scores in this group."""
    shadow: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What one column made of one completion."""

    score: float | None
    confidence: float | None
    contribution: float
    reason: str | None = None
    """Why there is no score."""
    detail: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """One completion, with what it was paid."""

    place: int
    """In the group, from 0."""
    id: str
    turns: tuple[Turn, ...]
    """One of the assistant's where it came as a text."""
    tokens: int | None
    truncated: bool
    correct: bool | None
    reward: float | None
    reason: str | None
    """Why there is no reward."""
    cells: tuple[Cell, ...]
    advantage: float | None = None
    scaled: float | None = None
    """The advantage divided by the group's deviation."""
    twin: int | None = None
    """The place of the first sibling that wrote the same."""

    @property
    def text(self) -> str:
        """What rules read: the last assistant text."""
        spoken = [turn.text for turn in self.turns if turn.role == "assistant"]
        return spoken[-1] if spoken else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One picture of the prompt."""

    address: str
    """Where our own server gives its bytes; empty where they were not kept."""
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the completions answer."""

    prompt: tuple[Turn, ...]
    pictures: tuple[Picture, ...] = ()
    prefix: str = ""
    reference: object = None
    references: Mapping[str, object] = field(default_factory=dict)
    task: str | None = None
    constraints: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the numbers come from."""

    recipe: str
    version: str
    scorer_version: str
    run: str = ""
    step: int | None = None
    split: str = "train"
    number: int | None = None
    """In the store; None for what a service has just answered."""
    scored_at_s: float | None = None
    texts: str = "full"
    """How much of the texts was kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A group ready to be shown."""

    id: str
    source: Source
    asked: Asked
    columns: tuple[Column, ...]
    completions: tuple[Completion, ...]
    size: int
    """How many completions it has in all."""
    tags: ThinkTags = THINK_TAGS

    @property
    def rewards(self) -> list[float]:
        """Those there are."""
        return [c.reward for c in self.completions if c.reward is not None]

    @property
    def mean(self) -> float | None:
        """Mean reward; None where nothing was scored."""
        return sum(self.rewards) / len(self.rewards) if self.rewards else None

    @property
    def teaches_nothing(self) -> bool:
        """True if there are several rewards and all are equal."""
        found = self.rewards
        return len(found) > 1 and max(found) - min(found) < ZERO_VARIANCE

    @property
    def paid_wrong(self) -> Completion | None:
        """The wrong completion with the highest reward of the group, above its mean."""
        top = max(self.rewards, default=0.0)
        if self.teaches_nothing or len(self.rewards) < 2:
            return None
        paid = (c for c in self.completions if c.reward is not None and top - c.reward < 1e-9)
        return next((c for c in paid if c.correct is False), None)


def settled(
    completions: Sequence[Completion], digests: Sequence[str] = ()
) -> tuple[Completion, ...]:
    """The completions with their advantages, and with who wrote the same as a sibling.

    Args:
        completions: Of one group.
        digests: Of their texts, where those were not kept.
    """
    rewards = [c.reward for c in completions]
    plain, scaled = advantages(rewards, scaled=False), advantages(rewards, scaled=True)
    first: dict[object, int] = {}
    told = []
    for one, by_mean, by_deviation in zip(completions, plain, scaled, strict=True):
        written: object = one.turns if any(t.text or t.calls for t in one.turns) else ()
        written = written or (digests[one.place] if digests else ())
        place = first.setdefault(written, one.place) if written else one.place
        twin = place if place != one.place else None
        told.append(replace(one, advantage=_quiet(by_mean), scaled=_quiet(by_deviation), twin=twin))
    return tuple(told)


def _quiet(advantage: float | None) -> float | None:
    """The advantage, 0 where it is rounding."""
    return 0.0 if advantage is not None and abs(advantage) < NOISE else advantage


def judged(known: bool | None, columns: Sequence[Column], cells: Sequence[Cell]) -> bool | None:  # noqa: FBT001 - a value, no switch
    """Whether a completion is right: as the group knew it, else as its rules say, else None."""
    if known is not None:
        return known
    rules = [
        cell.score
        for column, cell in zip(columns, cells, strict=False)
        if column.family == "rule" and not column.shadow and cell.score is not None
    ]
    return sum(rules) / len(rules) >= RIGHT if rules else None
