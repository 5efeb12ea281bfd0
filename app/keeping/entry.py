"""One scored group on its way into the store."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from sys import getsizeof
from typing import Any

from harmo.app.keeping.frames import Content, pickled
from harmo.app.keeping.plain import plain_group
from harmo.app.keeping.trouble import caught
from harmo.audit.rows import DAY_S
from harmo.rewards.combine import GroupReward, settle_correctness
from harmo.rewards.plan import Plan
from harmo.scorers.types import Group, Message, Reason, Score

SAMPLE_BYTES, SCORE_BYTES = 1000, 500
"""What a sample and a score take besides texts."""
DEPTH = 16
"""So deep what a request brought is measured; JSON that is deeper is refused long before."""
SMALL_BYTES = 256 << 10
"""What is larger is taken apart in the thread: the event loop has no time for it."""
_VALUE_BYTES = 64


class Fate(Enum):
    """What became of a group that was to be kept."""

    KEPT = "kept"
    FAILED = "failed"
    """The store could not be written."""
    UNWRITABLE = "unwritable"
    """The store does not take it, though it takes others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A group, and what it was answered with."""

    group: Group
    ids: tuple[str, ...]
    faults: tuple[Reason | None, ...]
    scores: Sequence[Sequence[Score]]
    """By sample and column, as the scorers gave them."""
    reward: GroupReward
    scored_at_s: float
    """Unix time."""

    def content(self, plan: Plan, *, detail: bool) -> Content:
        """It, taken apart for the way to the store.

        Args:
            plan: What scored it.
            detail: True to keep the scorers' evidence.
        """
        group, reward = self.group, self.reward
        if not group.correctness:
            # No length term asked for it: whoever reads the store does.
            right = settle_correctness(plan, group, self.scores)
            group = replace(group, correctness=right)
        rest = (self.scored_at_s, self.ids, self.faults, reward.weights, reward.interaction)
        return pickled(plain_group(group, self.scores, reward.rewards, *rest, detail=detail))


@dataclass(slots=True, eq=False, kw_only=True)
class Entry:
    """A scored group that all requests share which it answers; it is kept once."""

    plan: Plan
    scorer_version: str
    """What its numbers depend on besides the recipe."""
    answered: Answered | None
    """None once it is taken apart."""
    unit: tuple[str, int]
    """What leaves the store as a whole: its run, or the UTC day of groups without one."""
    bytes: int = 0
    """What it counts for in the backlog, once it is handed over."""
    handed: bool = False
    """True once a request that it answers has handed it over."""
    fate: asyncio.Future[Fate] | None = None
    """Set where answers wait for it."""
    waiting: int = 0
    """Requests that wait for its fate."""
    withdrawn: bool = False
    """True if nobody waits any more: what is not answered is not kept."""
    _content: Content = b""

    @classmethod
    def of(cls, plan: Plan, scorer_version: str, answered: Answered) -> Entry:
        """The entry of a group that was just scored.

        Args:
            plan: What scored it.
            scorer_version: Of the code that did.
            answered: The group.
        """
        run = answered.group.run
        unit = run or "", 0 if run else int(answered.scored_at_s // DAY_S)
        return cls(plan=plan, scorer_version=scorer_version, answered=answered, unit=unit)

    def hand_over(self, *, detail: bool) -> None:
        """Know how much it holds; what is small is taken apart here and let go of.

        A processor has it at hand now: what waits is read from memory anew, at four times the cost.

        Args:
            detail: True to keep the scorers' evidence.
        """
        assert self.answered is not None  # noqa: S101 - it is handed over once
        self.handed = True
        self.bytes = bytes_of(self.answered.group, self.answered.scores)
        # What does not let itself be taken apart fails again, where that is counted.
        if self.bytes <= SMALL_BYTES and not caught(lambda: self._take_apart(detail=detail)):
            self.answered = None

    def content(self, *, detail: bool) -> Content:
        """It, taken apart; with its evidence if it was so before.

        Args:
            detail: True to keep the scorers' evidence.
        """
        if self.answered is None:
            return self._content
        return self.answered.content(self.plan, detail=detail)

    def _take_apart(self, *, detail: bool) -> None:
        self._content = self.content(detail=detail)


def bytes_of(group: Group, scores: Sequence[Sequence[Score]]) -> int:
    """About what a group takes of memory while it waits; what siblings share counts once."""
    first = group.samples[0]
    taken = _written(first.prompt) + getsizeof(first.prefix)
    for brought in (first.reference, first.references, first.constraints, first.metadata):
        if brought:
            taken += _weight(brought, DEPTH)
    for image in first.images:
        taken += len(image.content)
    for sample in group.samples:
        # The evidence quotes what it was found in.
        taken += SAMPLE_BYTES + 2 * _written(sample.completion)
    return taken + SCORE_BYTES * len(group.samples) * len(scores[0])


def _written(text: str | tuple[Message, ...]) -> int:
    if isinstance(text, str):
        return getsizeof(text)
    return sum(
        _VALUE_BYTES * (1 + len(turn.parts))
        + sum(getsizeof(part) for part in turn.parts)
        + sum(_VALUE_BYTES + getsizeof(call.arguments) for call in turn.tool_calls)
        for turn in text
    )


def _weight(value: Any, depth: int) -> int:  # noqa: ANN401 - JSON of a request
    """Memory that a JSON value takes."""
    taken = getsizeof(value)
    if isinstance(value, Mapping) and depth:
        items = value.items()
        return taken + sum(_weight(k, 0) + _weight(v, depth - 1) for k, v in items)
    if isinstance(value, list | tuple) and depth:
        return taken + sum(_weight(item, depth - 1) for item in value)
    return taken
