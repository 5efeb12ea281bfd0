"""Mean rewards by step, before and after."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from harmo.console.model.bins import bins, share
from harmo.console.model.whatif.paid import Bools, Floats, Groups

POINTS = 120
"""Of a curve at most: steps are put together where there are more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One number by step; None where there is none."""

    steps: tuple[int, ...]
    """The first of those that are put together."""
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
    at = bins(groups.steps, POINTS)

    def means(values: Floats) -> tuple[float | None, ...]:
        known = those & ~np.isnan(values)
        place, count = groups.index[known], len(groups.steps)
        sums = np.bincount(place, values[known], minlength=count).astype(np.float64)
        counts = np.bincount(place, minlength=count).astype(np.float64)
        return tuple(None if v != v else v for v in share(sums, counts, at).tolist())

    return Curve(
        steps=tuple(int(step) for step in at.first_B), before=means(before), after=means(after)
    )
