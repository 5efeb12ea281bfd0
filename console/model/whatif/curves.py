"""Mean rewards by step, before and after."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from harmo.console.model.whatif.paid import Bools, Floats, Groups, Ints

POINTS = 120
"""Of a curve at most: steps are pooled where there are more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One number by step; None where there is none."""

    steps: tuple[int, ...]
    """The first of each pool."""
    before: tuple[float | None, ...]
    after: tuple[float | None, ...]


def curve(groups: Groups, those: Bools, before: Floats, after: Floats) -> Curve:
    """Mean rewards of some samples by step.

    Args:
        groups: Whose steps count; those without one have no part in it.
        those: Which samples.
        before: NaN where there is none.
        after: The same.
    """
    steps = groups.steps[groups.index]
    known = ~np.isnan(steps)
    found = np.unique(steps[known])
    if not len(found):
        return Curve(steps=(), before=(), after=())
    pools = np.arange(len(found)) * POINTS // max(len(found), POINTS)
    _, starts, pool_of = np.unique(pools, return_index=True, return_inverse=True)
    known &= those
    place = pool_of[np.searchsorted(found, steps[known])]
    return Curve(
        steps=tuple(int(step) for step in found[starts]),
        before=_means(place, before[known], len(starts)),
        after=_means(place, after[known], len(starts)),
    )


def _means(place: Ints, values: Floats, count: int) -> tuple[float | None, ...]:
    known = ~np.isnan(values)
    totals = np.bincount(place[known], values[known], minlength=count)
    sizes = np.bincount(place[known], minlength=count)
    return tuple(float(s / n) if n else None for s, n in zip(totals, sizes, strict=True))
