"""What a recipe says about a row: which reference it reads, and what counts as giving it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from harmo.app.probe.dataset.rows import Row
from harmo.app.probe.meaning import Meaning, differ, meaning
from harmo.rewards.plan import Column, Plan
from harmo.scorers.spec import BoundScorer, SelfAnswer, Tries
from harmo.scorers.types import Family, Sample, ThinkTags

MAX_ACCEPTED = 16
VOTES = 3
"""So many annotators make an answer right."""
MAX_RIGHT = 3
"""Of several accepted answers so many are tried."""
MAX_REFERENCE_CHARS = 2000
FAR = 0.25
"""Where a rule has a tolerance, a wrong number is relatively and absolutely farther than this."""
FAR_APART = 2.5
_FORMS: tuple[SelfAnswer, ...] = ("never", "bare", "boxed", "sentence")


@dataclass(frozen=True)
class Contract:
    """A row as a recipe reads it."""

    row: Row
    accepted: tuple[str, ...]
    """Every answer that may be right, as text; empty where a reference is no answer."""
    right: tuple[str, ...]
    """Those that surely are."""
    surely_wrong: Mapping[str, str]
    """What the rule itself says is wrong, by what is wrong with it."""
    self_answer: SelfAnswer
    """The furthest form in which one of them is right."""
    near_enough: bool
    """The rule has a tolerance: only what is far off is surely wrong."""
    think_tags: ThinkTags
    thought: str
    """What the think part must say for the terms that read it; empty where none does."""
    reads_answer: bool
    """False where a rule reads the think part, too: an unfinished thought is then no failure."""

    @cached_property
    def meanings(self) -> tuple[Meaning, ...]:
        """Of everything accepted."""
        return tuple(map(meaning, self.accepted))

    def wrong(self, text: str) -> bool:
        """True if a text surely is no right answer."""
        said = meaning(text)
        return all(differ(said, right) and self._far(said, right) for right in self.meanings)

    def _far(self, said: Meaning, right: Meaning) -> bool:
        if not self.near_enough:
            return True
        if said.exact is None or right.exact is None:
            return not (said.items or right.items)
        apart = abs(said.exact - right.exact)
        return apart > FAR_APART and apart > FAR * abs(right.exact)

    @property
    def boxes(self) -> bool:
        """True if an answer may stand in a box."""
        return _FORMS.index(self.self_answer) >= _FORMS.index("boxed")


def contract(plan: Plan, row: Row) -> Contract:
    """What a recipe says about a row.

    Args:
        plan: The recipe.
        row: One row of the dataset.
    """
    judging = [plan.columns[k] for k in plan.judging]
    rules = [c for c in judging if c.family is Family.RULE]
    bound = [found for column in rules if (found := _bound(column, row)) is not None]
    least = min((_FORMS.index(b.self_answer) for b in bound), default=len(_FORMS) - 1)
    reference = _reference(judging, row)
    accepted = _accepted(reference)
    tries = _tries(bound, row, reference)
    right = _surely(accepted) if tries is None else tries.right
    return Contract(
        row=row,
        accepted=(accepted if tries is None else tries.right) if least else (),
        right=right if least else (),
        surely_wrong={} if tries is None else tries.wrong,
        self_answer=_FORMS[least],
        near_enough=any(b.near_enough for b in bound),
        think_tags=plan.think_tags,
        thought=_thought(judging, row),
        reads_answer=all(column.part == "answer" for column in rules),
    )


def _bound(column: Column, row: Row) -> BoundScorer | None:
    """The scorer that judges the row: what a dispatching one picks; None where it picks none."""
    bound = column.scorer
    if bound.spec.dispatches:
        picked = bound.spec.fn(Sample(task=row.group.task), **bound.params)
        return picked if isinstance(picked, BoundScorer) else None
    return bound


def _tries(bound: list[BoundScorer], row: Row, reference: object) -> Tries | None:
    """What the first rule that says so tries in place of a reference."""
    group = row.group
    sample = Sample(reference=reference, metadata=group.metadata, task=group.task)
    found = (tries for each in bound if (tries := each.tries(sample)) is not None)
    return next(found, None)


def _reference(judging: list[Column], row: Row) -> object:
    """What the first term that judges the row's answer compares it with."""
    for column in judging:
        if column.part in ("answer", "full"):
            name = column.term.reference
            held = row.group.references.get(name) if name else row.group.reference
            if held is not None:
                return held
    return None


def _thought(judging: list[Column], row: Row) -> str:
    for column in judging:
        name = column.term.reference
        if column.part in ("think", "last_sentence") and name:
            held = row.group.references.get(name)
            return held if isinstance(held, str) else ""
    return ""


def _accepted(reference: object) -> tuple[str, ...]:
    """The answers that a reference accepts, repetitions and all."""
    return tuple(list(_texts(reference))[:MAX_ACCEPTED])


def _surely(accepted: tuple[str, ...]) -> tuple[str, ...]:
    """The answers that are right; where a list holds votes, the one that most agree on."""
    votes = Counter(accepted)
    if len(votes) < len(accepted):
        most = votes.most_common(1)
        return tuple(text for text, count in most if count >= min(VOTES, len(accepted)))
    return accepted[:MAX_RIGHT]


def _texts(reference: object) -> Iterator[str]:
    if isinstance(reference, str):
        if reference.strip() and len(reference) <= MAX_REFERENCE_CHARS:
            yield reference.strip()
    elif isinstance(reference, bool | int | float):
        yield str(reference)
    elif isinstance(reference, list) and all(isinstance(item, str) for item in reference):
        for item in reference:
            yield from _texts(item)
    elif isinstance(reference, list | Mapping) and reference:
        shown = json.dumps(reference, ensure_ascii=False)
        if len(shown) <= MAX_REFERENCE_CHARS:
            yield shown


def reference_of(row: Row) -> str:
    """A row's ground truth for people: the reference, or the further ones."""
    held = row.group.reference
    shown = row.group.references if held is None else held
    return shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False)
