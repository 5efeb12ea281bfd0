"""What siblings come to, of every group at once: advantages, what is paid most, and its worth."""

from __future__ import annotations

import numpy as np

from harmo.console.model.whatif.paid import Bools, Floats, Groups
from harmo.rewards.advantages import EPSILON

SAME = 1e-9
"""Rewards, and advantages from zero, closer than this are equal: they differ by rounding."""


def advantages(groups: Groups, rewards: Floats, *, scaled: bool) -> Floats:
    """`rewards.advantages` of every group at once; NaN where there is no reward.

    Args:
        groups: Which samples stand together.
        rewards: NaN where there is none.
        scaled: True to divide by the group's standard deviation.
    """
    count = len(groups.numbers)
    known = ~np.isnan(rewards)
    sizes = sums(groups, known, count)
    filled = np.where(known, rewards, 0.0)
    apart = filled - (sums(groups, filled, count) / np.maximum(sizes, 1))[groups.index]
    apart = np.where(known & (sizes > 1)[groups.index], apart, 0.0)
    if scaled:
        deviations = np.sqrt(sums(groups, apart * apart, count) / np.maximum(sizes - 1, 1))
        apart = apart / (deviations + EPSILON)[groups.index]
    return np.where(known, apart, np.nan)


def best(groups: Groups, rewards: Floats) -> Bools:
    """Which samples are paid most of their group; all of those that are equal."""
    most = np.full(len(groups.numbers), -np.inf)
    known = ~np.isnan(rewards)
    np.maximum.at(most, groups.index[known], rewards[known])
    return np.asarray(known & (rewards >= most[groups.index] - SAME))


def flipped(groups: Groups, before: Floats, after: Floats) -> Bools:
    """Which samples go from above their group's mean to below it, or the other way."""
    signs = []
    for rewards in (before, after):
        values = np.nan_to_num(advantages(groups, rewards, scaled=False))
        signs.append(np.where(np.abs(values) < SAME, 0, np.sign(values)))
    return np.asarray(signs[0] * signs[1] < 0)


def right_of_best(groups: Groups, rewards: Floats) -> Floats:
    """Per group the share of what is paid most that is right; NaN where all are right or wrong."""
    count = len(groups.numbers)
    known = ~np.isnan(groups.right) & ~np.isnan(rewards)
    right = known & (groups.right > 0)
    mixed = has_any(groups, right, count) & has_any(groups, known & ~right, count)
    top = best(groups, np.where(known, rewards, np.nan)) & known
    share = sums(groups, top & right, count) / np.maximum(sums(groups, top, count), 1)
    return np.where(mixed, share, np.nan)


def sums(groups: Groups, values: Floats | Bools, count: int) -> Floats:
    """Per group the sum of its samples' values."""
    return np.bincount(groups.index, values, minlength=count).astype(np.float64)


def has_any(groups: Groups, values: Bools, count: int) -> Bools:
    """Which groups have a sample for which it holds."""
    return np.asarray(sums(groups, values, count) > 0)
