"""Groups drawn again with replacement: how far a figure would move with other groups.

Groups and not pairs: pairs of one group share completions, and what is said of one tells of others.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from harmo.rewards.fit.solver import Floats

LEVEL = 0.95
FEWEST_GROUPS = 10
"""Fewer groups give no interval."""
_CELLS = 1 << 22
"""So many pairs times redraws are worked on at once: tens of megabytes."""


def redraws(groups: int, count: int, *, seed: int, rows: int) -> Iterator[Floats]:
    """How often each group is drawn, by group and redraw, in several lots.

    Args:
        groups: To draw from, and how many are drawn.
        count: Redraws in all; none where there are too few groups.
        seed: The same draws for the same seed, whatever the lots.
        rows: Of what is weighed by them.
    """
    if groups < FEWEST_GROUPS:
        return
    draw = np.random.default_rng(seed)
    at_once = max(1, _CELLS // max(1, rows))
    for first in range(0, count, at_once):
        lot = min(at_once, count - first)
        drawn = draw.integers(groups, size=(lot, groups)) + np.arange(lot)[:, None] * groups
        counts = np.bincount(drawn.ravel(), minlength=lot * groups)
        yield counts.reshape(lot, groups).T.astype(float)


def interval(drawn: Floats) -> tuple[float, float] | None:
    """Where the middle 95% of redraws are; None without any."""
    if not len(drawn):
        return None
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
