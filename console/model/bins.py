"""Steps in bins, and what groups come to in each: a mean, and where most of them are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Counts = NDArray[np.float64] | NDArray[np.signedinteger]

MOST = 160
"""Bins of a chart: more points than that are not told apart on a page."""
LOW, HIGH = 0.1, 0.9
"""The band is between these quantiles of the groups."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bins:
    """Neighbouring steps put together; B bins, G groups."""

    first_B: Floats
    """Step with which a bin begins."""
    last_B: Floats
    """Step with which it ends: where it stands on a chart."""
    bin_G: Ints
    """Bin of each group; -1 of groups without a step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Per bin the mean over its groups and the quantiles around it; NaN where there is none."""

    mean_B: Floats
    low_B: Floats
    high_B: Floats


def bins(steps_G: Floats, most: int = MOST) -> Bins:
    """As many bins as there are steps, or `most` of as many steps each."""
    known = ~np.isnan(steps_G)
    steps, place = np.unique(steps_G[known], return_inverse=True)
    count = min(len(steps), most)
    if not count:
        return Bins(
            first_B=np.zeros(0), last_B=np.zeros(0), bin_G=np.full(len(steps_G), -1, np.int64)
        )
    of_step = np.arange(len(steps)) * count // len(steps)
    edges = np.searchsorted(of_step, np.arange(count + 1))
    bin_G = np.full(len(steps_G), -1, np.int64)
    bin_G[known] = of_step[place]
    return Bins(first_B=steps[edges[:-1]], last_B=steps[edges[1:] - 1], bin_G=bin_G)


def of_groups(values_N: Floats, group_N: Ints, groups: int) -> Floats:
    """Per group the mean of what is known of its samples; NaN of a group of which nothing is."""
    known = ~np.isnan(values_N)
    counts = np.bincount(group_N[known], minlength=groups)
    sums = np.bincount(group_N[known], values_N[known], minlength=groups)
    return _ratio(sums, counts)


def band(values_G: Floats, at: Bins) -> Band:
    """What groups' values come to in each bin."""
    count = len(at.last_B)
    known = ~np.isnan(values_G) & (at.bin_G >= 0)
    values, place = values_G[known], at.bin_G[known]
    order = np.lexsort((values, place))
    values, place = values[order], place[order]
    counts = np.bincount(place, minlength=count).astype(np.int64)
    mean = _ratio(np.bincount(place, values, minlength=count), counts)
    starts = np.cumsum(counts) - counts
    return Band(
        mean_B=mean,
        low_B=_quantile(values, starts, counts, LOW),
        high_B=_quantile(values, starts, counts, HIGH),
    )


def share(hit_G: Floats, of_G: Floats, at: Bins) -> Floats:
    """Per bin the sum of `hit_G` over that of `of_G`; NaN where the latter is 0."""
    kept, count = at.bin_G >= 0, len(at.last_B)
    place = at.bin_G[kept]
    hits, all_of = (np.bincount(place, v[kept], minlength=count) for v in (hit_G, of_G))
    return _ratio(hits, all_of)


def _ratio(sums: Counts, counts: Counts) -> Floats:
    found = np.full(len(sums), np.nan)
    return np.asarray(np.divide(sums, counts, out=found, where=counts > 0), dtype=np.float64)


def _quantile(sorted_values: Floats, starts: Ints, counts: Ints, q: float) -> Floats:
    """Per run of sorted values their quantile, between neighbours as numpy's default."""
    found = np.full(len(counts), np.nan)
    some = counts > 0
    at = q * (counts[some] - 1)
    below = np.floor(at).astype(np.int64)
    above = np.minimum(below + 1, counts[some] - 1)
    low, high = sorted_values[starts[some] + below], sorted_values[starts[some] + above]
    found[some] = low + (high - low) * (at - below)
    return found
