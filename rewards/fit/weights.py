"""Weights fitted to preferences: Bradley-Terry, P(a before b) = logistic(sum w_k (s_ak - s_bk))."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from harmo.rewards.fit.pairs import Bools, Pairs, usual
from harmo.rewards.fit.redraws import redraws
from harmo.rewards.fit.solver import Floats, solve

RIDGE = 0.04
"""A column's usual difference is worth log-odds of 0 give or take 5, before any pair is seen: it
decides where pairs leave a weight free, and moves a weight that 100 pairs speak of by a percent."""
REDRAWS = 400
_LOOSER, _GROWN, _BY = 100.0, 1.2, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """The best weights >= 0, in log-odds per unit of score; NaN where no pair differs."""

    columns: tuple[str, ...]
    weights: Floats
    redrawn: Floats
    """By column and redraw of the groups."""
    unbounded: Bools
    """Columns whose weights only the ridge holds: larger ones would fit better without end."""
    sizes: Floats
    """Usual difference of two scores."""

    @property
    def told(self) -> Bools:
        """Columns in which at least one pair differs."""
        return ~np.isnan(self.weights)


def fit(
    pairs: Pairs,
    *,
    seed: int = 0,
    count: int = REDRAWS,
    progress: Callable[[int], None] = lambda _: None,
) -> Fit:
    """Fit weights to all pairs, and again to redraws of their groups.

    Args:
        pairs: At least one.
        seed: Of the redraws.
        count: How many of them.
        progress: Told how many redraws are done.
    """
    told, sizes = pairs.differing > 0, pairs.sizes
    d = (pairs.differences / sizes)[:, told]
    once = np.ones((len(d), 1))
    best = solve(d, pairs.towards, once, ridge=RIDGE)
    looser = solve(d, pairs.towards, once, ridge=RIDGE / _LOOSER)
    parts = [np.zeros((d.shape[1], 0))]
    for counts in redraws(pairs.count, count, seed=seed, rows=len(d)):
        parts.append(solve(d, pairs.towards, counts[pairs.groups], ridge=RIDGE))
        progress(sum(part.shape[1] for part in parts))
    return Fit(
        columns=pairs.columns,
        weights=_spread(best, told, sizes)[:, 0],
        redrawn=_spread(np.concatenate(parts, axis=1), told, sizes),
        unbounded=_placed(looser[:, 0] > _GROWN * best[:, 0] + _BY, told),
        sizes=sizes,
    )


def held_out(pairs: Pairs, *, folds: int, seed: int = 0) -> Floats:
    """By how much each pair's better side is ahead, by weights fitted without its group.

    Nothing of the group is known: the scale that the ridge sees is of the others, too.

    Args:
        pairs: Of at least as many groups as there are folds; of one group nobody is ahead.
        folds: Groups are dealt into so many.
        seed: Of the deal.
    """
    dealt = np.random.default_rng(seed).permutation(pairs.count) % folds
    ahead = np.zeros(len(pairs.groups))
    for fold in range(folds):
        asked = dealt[pairs.groups] == fold
        taught = pairs.differences[~asked]
        sizes = usual(taught)
        once = np.ones((len(taught), 1))
        weights = solve(taught / sizes, pairs.towards[~asked], once, ridge=RIDGE)[:, 0]
        ahead[asked] = pairs.differences[asked] / sizes @ weights
    return ahead


def _spread(x: Floats, told: Bools, sizes: Floats) -> Floats:
    """Weights per unit of score, NaN for columns that were left out."""
    spread = np.full((len(told), x.shape[1]), np.nan)
    spread[told] = x / sizes[told, None]
    return spread


def _placed(flags: Bools, told: Bools) -> Bools:
    placed = np.zeros(len(told), dtype=bool)
    placed[told] = flags
    return placed
