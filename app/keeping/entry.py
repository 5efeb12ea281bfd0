"""One scored group on its way into the store."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from operator import is_
from sys import getsizeof
from typing import Any

from harmo.audit.records import KeptGroup, KeptRecipe, Texts
from harmo.rewards.combine import GroupReward, settle_correctness
from harmo.rewards.plan import Plan
from harmo.scorers.types import Group, Message, Reason, Reward, Score

SAMPLE_BYTES, SCORE_BYTES = 1000, 300
"""What a sample and a score take besides texts."""
DEPTH = 16
"""So deep what a request brought is measured; JSON that is deeper is refused long before."""
_VALUE_BYTES = 64


class Fate(Enum):
    """What became of a group that was to be kept."""

    KEPT = "kept"
    FAILED = "failed"
    """The store could not be written."""
    UNWRITABLE = "unwritable"
    """The store does not take it, though it takes others."""


@dataclass(slots=True, eq=False, kw_only=True)
class Entry:
    """A scored group that all requests share which it answers; it is kept once."""

    plan: Plan
    scorer_version: str
    """What its numbers depend on besides the recipe."""
    group: Group
    ids: tuple[str, ...]
    faults: tuple[Reason | None, ...]
    scores: Sequence[Sequence[Score]]
    """By sample and column, as the scorers gave them."""
    reward: GroupReward
    scored_at_s: float
    """Unix time."""
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

    def kept(self, recipe: KeptRecipe, *, texts: Texts, detail: bool) -> KeptGroup:
        """What the store keeps of it.

        Args:
            recipe: Of its plan.
            texts: How much of what was written.
            detail: True to keep the scorers' evidence.
        """
        group, plan = self.group, self.plan
        if not group.correctness:
            # Length terms saw none: whoever reads the store asks for it all the same.
            right = settle_correctness(plan, group, self.scores)
            group = replace(group, correctness=right)
        return KeptGroup(
            recipe=recipe,
            scored_at_s=self.scored_at_s,
            group=group,
            ids=self.ids,
            faults=self.faults,
            weights=self.reward.weights,
            rewards=tuple(map(_as_given if detail else _bare, self.reward.rewards, self.scores)),
            interaction=self.reward.interaction,
            texts=texts,
        )


def _as_given(reward: Reward, scores: Sequence[Score]) -> Reward:
    """The reward with the scores from before `on_truncated` read them."""
    if all(map(is_, reward.scores, scores)):
        return reward
    return replace(reward, scores=tuple(scores))


def _bare(reward: Reward, scores: Sequence[Score]) -> Reward:
    return replace(reward, scores=tuple(replace(s, detail={}) if s.detail else s for s in scores))


def bytes_of(group: Group, scores: Sequence[Sequence[Score]]) -> int:
    """About what a group takes of memory while it waits; what siblings share counts once."""
    first = group.samples[0]
    taken = _written(first.prompt) + getsizeof(first.prefix)
    for brought in (first.reference, first.references, first.constraints, first.metadata):
        if brought:
            taken += _weight(brought, DEPTH)
    for image in first.images:
        taken += len(image.content)
    for sample, row in zip(group.samples, scores, strict=True):
        taken += SAMPLE_BYTES + _written(sample.completion)
        for score in row:
            taken += SCORE_BYTES
            for shown in score.detail.values():
                taken += getsizeof(shown)
    return taken


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
