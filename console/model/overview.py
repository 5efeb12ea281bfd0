"""A run in a few figures: how it stands now, how it stood at first, and where its ways part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harmo.console.model.bins import Floats, Ints, of_groups
from harmo.console.model.flat import Flat, without_signal
from harmo.scorers.types import ZERO_VARIANCE

PARTS = 10
"""A run in so many parts of as many groups each: `now` is the last one."""
LEAST_GROUPS = 16
"""Of a part; a shorter run has fewer parts."""
_ERRORS = 3.0
"""So many standard errors are no chance, though the highest of the parts was picked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number over the last groups, and by how much it moved since the first; None if unknown."""

    now: float | None
    change: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parting:
    """Since a step right answers became fewer while the reward did not fall."""

    step: int
    right_then: float
    right_now: float
    reward_then: float
    reward_now: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The figures of some groups of a run."""

    groups: int
    completions: int
    first_step: int | None
    last_step: int | None
    reward: Figure
    correct: Figure
    tokens: Figure
    truncated: Figure
    unscored: Figure
    flat: Figure
    paid_wrong: int
    """Groups in which a wrong completion was paid more than the group's mean."""
    parting: Parting | None


def overview(seen: Flat) -> Overview:
    """The figures; of no groups all are unknown."""
    parts = _parts(seen)

    def figure(values_G: Floats) -> Figure:
        now, then = _mean(values_G[parts[-1]]), _mean(values_G[parts[0]])
        moved = len(parts) > 1 and now is not None and then is not None
        return Figure(now=now, change=(now or 0.0) - (then or 0.0) if moved else None)

    def mean(values_N: Floats) -> Figure:
        return figure(of_groups(values_N, seen.group_N, seen.groups))

    hit, several = without_signal(seen)
    steps = seen.steps_G[~np.isnan(seen.steps_G)]
    return Overview(
        groups=seen.groups,
        completions=len(seen.rewards_N),
        first_step=int(steps.min()) if len(steps) else None,
        last_step=int(steps.max()) if len(steps) else None,
        reward=mean(seen.rewards_N),
        correct=mean(seen.correct_N),
        tokens=mean(seen.tokens_N),
        truncated=mean(seen.truncated_N.astype(float)),
        unscored=mean(np.isnan(seen.rewards_N).astype(float)),
        flat=figure(np.where(several > 0, hit, np.nan)),
        paid_wrong=int(paid_wrong(seen).sum()),
        parting=_parting(seen, parts),
    )


def paid_wrong(seen: Flat) -> Floats:
    """Per group 1 if a wrong completion has an advantage: training pushes towards it; else 0."""
    wrong = (seen.right_N == 0) & (seen.advantages_N > ZERO_VARIANCE)
    return (seen.sums(wrong) > 0).astype(float)


def _parts(seen: Flat) -> Sequence[Ints]:
    """Places of the groups of each part, by step; one part at least."""
    order = np.lexsort((seen.numbers_G, np.nan_to_num(seen.steps_G, nan=-np.inf)))
    count = max(1, min(PARTS, len(order) // LEAST_GROUPS))
    return np.array_split(order, count)


def _parting(seen: Flat, parts: Sequence[Ints]) -> Parting | None:
    """Where right answers were most, if they are fewer now by more than chance."""
    right = of_groups(seen.correct_N, seen.group_N, seen.groups)
    paid = of_groups(seen.rewards_N, seen.group_N, seen.groups)
    rights = [right[part][~np.isnan(right[part])] for part in parts]
    if any(len(each) < LEAST_GROUPS // 2 for each in rights) or len(parts) < 2:
        return None
    means = np.array([each.mean() for each in rights])
    errors = np.array([each.std(ddof=1) / np.sqrt(len(each)) for each in rights])
    top = int(means.argmax())
    fell = means[top] - means[-1]
    then, now = _mean(paid[parts[top]]), _mean(paid[parts[-1]])
    steps = seen.steps_G[parts[top]]
    if then is None or now is None or now < then or np.isnan(steps).all():
        return None
    if fell <= _ERRORS * np.hypot(errors[top], errors[-1]):
        return None
    return Parting(
        step=int(np.nanmax(steps)),
        right_then=float(means[top]),
        right_now=float(means[-1]),
        reward_then=then,
        reward_now=now,
    )


def _mean(values: Floats) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else None
