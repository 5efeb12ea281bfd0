"""One group under two compositions: rewards, ranks and advantages of its completions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harmo.console.model.whatif.paid import Weighed
from harmo.rewards.advantages import advantages
from harmo.scorers.types import ZERO_VARIANCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a completion stands among its siblings; None where it has no reward."""

    reward: float | None
    rank: int | None
    """From 1; those that are paid the same share the better one."""
    advantage: float | None
    """In standard deviations of the group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sibling:
    """One completion."""

    place: int
    right: bool | None
    before: Standing
    after: Standing


def siblings(weighed: Weighed, number: int) -> list[Sibling]:
    """The completions of one group, in order; none where it is not among the groups.

    Args:
        weighed: Groups under two compositions.
        number: Of the group in the store.
    """
    found = np.flatnonzero(weighed.groups.numbers == number)
    if not len(found):
        return []
    own = np.flatnonzero(weighed.groups.index == found[0])
    before, after = (
        _standings([_known(float(paid.rewards[i])) for i in own])
        for paid in (weighed.before, weighed.after)
    )
    right = [_known(float(weighed.groups.right[i])) for i in own]
    return [
        Sibling(place=i, right=None if known is None else known > 0, before=b, after=a)
        for i, (known, b, a) in enumerate(zip(right, before, after, strict=True))
    ]


def _standings(rewards: Sequence[float | None]) -> list[Standing]:
    known = [reward for reward in rewards if reward is not None]
    return [
        Standing(
            reward=reward,
            rank=None if reward is None else 1 + _above(reward, known),
            advantage=advantage,
        )
        for reward, advantage in zip(rewards, advantages(rewards, scaled=True), strict=True)
    ]


def _above(reward: float, known: Sequence[float]) -> int:
    """How many siblings are paid more, rounding apart."""
    return sum(other > reward + ZERO_VARIANCE for other in known)


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
