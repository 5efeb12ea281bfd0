"""What siblings have in common: length coupling, shadow coupling, repeated texts; and pay shares.

GRPO compares siblings and nothing else, so every statistic here is one within groups, averaged over
them: each counts as much as any other, as under a trainer that scales by the group's deviation.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from harmo.rewards.signals.samples import Floats, Grouping, Samples
from harmo.scorers.types import ZERO_VARIANCE

MIN_GROUPS = 16
"""Fewer groups give no signal."""
_RESOLVED = 1e-9
"""Rewards that differ by less than this share of what makes them up differ by rounding."""
_LEFT = 0.01
"""Rewards with less than this share of their widest column's variance are what is left of it."""


def mean_of_groups(by_group: Floats) -> float | None:
    """Their mean; None of fewer than `MIN_GROUPS`."""
    return float(by_group.mean()) if len(by_group) >= MIN_GROUPS else None


def spearman(samples: Samples, x: Floats, y: Floats) -> float | None:
    """Mean over groups of Spearman's rho of x and y among siblings, in [-1, 1]; None if too few.

    rho = Pearson's correlation of the ranks, equal values sharing their mean rank. A group in which
    either is constant has none, and is left out; so is a sample that lacks either.

    Args:
        samples: Whose groups count.
        x: A value per sample, or NaN.
        y: As x.
    """
    known = ~(np.isnan(x) | np.isnan(y))
    within = Grouping.of(samples.groups[known])
    rank_x, rank_y = (within.centred(within.ranks(v[known])) for v in (x, y))
    var_x, var_y = within.sums(rank_x * rank_x), within.sums(rank_y * rank_y)
    varied = (var_x > 0) & (var_y > 0)
    rho = within.sums(rank_x * rank_y)[varied] / np.sqrt(var_x[varied] * var_y[varied])
    return mean_of_groups(np.clip(rho, -1.0, 1.0))


def moved(samples: Samples) -> Samples:
    """The samples of groups that teach something: their rewards are not all equal."""
    if not len(samples.rewards):
        return samples
    within = Grouping.of(samples.groups)
    return samples.where((within.spans(samples.rewards) >= ZERO_VARIANCE)[within.index])


def reward_shares(samples: Samples, paid: Mapping[int, str]) -> dict[str, float]:
    """By column its mean share in the variance of rewards among siblings; they sum to 1.

    v_k = Cov(c_k, R) / Var(R) within a group, with the contributions c_k that sum to R: how much of
    what siblings' rewards differ by comes from column k. A column that is constant among siblings
    moves no advantage and has 0; one that works against the reward is below 0, and others are then
    above 1. A share of the mean would credit a constant column.

    Left out are groups whose rewards are equal, and those in which columns cancel out: of what is
    left there, shares would be any number. So each is in [-10, 10].

    Args:
        samples: Siblings with rewards.
        paid: Names of the contributions, by their place; together they are the reward.

    Returns:
        One share per name; empty where too few groups have rewards that differ.
    """
    samples = moved(samples)
    within = Grouping.of(samples.groups)
    if len(within.starts) < MIN_GROUPS:
        return {}
    table = np.column_stack((samples.rewards, samples.contributions[:, list(paid)]))
    # Squares of large numbers would overflow; a power of two takes nothing from their precision.
    greatest = np.maximum.reduceat(np.abs(table).max(axis=1), within.starts)
    table = np.ldexp(table, -np.frexp(greatest)[1][within.index][:, None])
    rewards, *columns = (within.centred(column) for column in table.T)
    spread = within.sums(rewards * rewards)
    widest = np.max([within.sums(column * column) for column in columns], axis=0)
    kept = within.spans(samples.rewards) >= _RESOLVED * greatest
    kept &= spread >= _LEFT * widest
    if kept.sum() < MIN_GROUPS:
        return {}
    covariances = (within.sums(column * rewards) for column in columns)
    means = [float((c[kept] / spread[kept]).mean()) for c in covariances]
    return dict(zip(paid.values(), means, strict=True))


def duplicate_ratio(samples: Samples) -> float | None:
    """Share of completions that say what a sibling says, too, in [0, 1]; None of too few groups.

    Args:
        samples: Of groups that are whole, scored or not; those without siblings are left out.
    """
    within = Grouping.of(samples.groups)
    siblings = within.sizes > 1
    if siblings.sum() < MIN_GROUPS:
        return None
    _, _, alike = within.ties(samples.texts)
    return float(alike[alike > 1].sum() / within.sizes[siblings].sum())
