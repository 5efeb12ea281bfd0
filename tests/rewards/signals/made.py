"""Samples by tables, random ones, and what a statistic is by its definition."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from itertools import groupby, pairwise
from math import isnan, log, nan
from statistics import StatisticsError, correlation, fmean

import numpy as np

from harmo.rewards.signals.samples import Samples


def samples(
    *groups: Sequence[Sequence[float | None]], columns: int | None = None, whole: bool = True
) -> Samples:
    """Groups of rows; a row has scores, as many contributions, and the reward is their sum.

    Args:
        groups: Each its rows: per column a score, which is what it pays, too; None abstains, and
            the reward is then null.
        columns: How many, where no row says so.
        whole: True if every group is.
    """
    rows = [row for group in groups for row in group]
    width = len(rows[0]) if rows else columns or 1
    scores = np.array([[nan if cell is None else cell for cell in row] for row in rows], float)
    scores = scores.reshape(-1, width)
    count = len(rows)
    return Samples(
        groups=np.repeat(np.arange(len(groups)), [len(group) for group in groups]),
        whole=np.full(count, whole),
        scores=scores,
        contributions=np.nan_to_num(scores),
        rewards=scores.sum(axis=1),
        lengths=np.zeros(count),
        truncated=np.zeros(count, dtype=bool),
        texts=np.arange(count, dtype=float),
    )


def drawn(seed: int, *, groups: int = 24, columns: int = 3) -> Samples:
    """Random groups of one to nine, many values equal, some scores missing, some columns flat."""
    draw = random.Random(seed)

    def row(flat: set[int]) -> list[float | None]:
        return [
            None if draw.random() < 0.08 else 0.5 if k in flat else draw.randint(-3, 3) / 2
            for k in range(columns)
        ]

    tables = []
    for _ in range(groups):
        flat = {k for k in range(columns) if draw.random() < 0.2}
        tables.append([row(flat) for _ in range(draw.randint(1, 9))])
    return samples(*tables)


def rewarded(seed: int, *, groups: int) -> Samples:
    """Those of random samples that have a reward."""
    found = drawn(seed, groups=groups)
    return found.where(found.scored)


def split(found: Samples, *vectors: Sequence[float]) -> Iterable[list[list[float]]]:
    """Vectors over samples, group by group; samples that lack one of them are left out."""
    rows = zip(found.groups.tolist(), zip(*map(list, vectors), strict=True), strict=True)
    for _, group in groupby(rows, key=lambda row: row[0]):
        known = [values for _, values in group if not any(map(isnan, values))]
        if known:
            yield [list(column) for column in zip(*known, strict=True)]


def mean(by_group: Iterable[float | None], fewest: int) -> float | None:
    kept = [value for value in by_group if value is not None]
    return fmean(kept) if len(kept) >= fewest else None


def rank_correlation(x: Sequence[float], y: Sequence[float]) -> float | None:
    """Spearman's rho of two lists, by counting."""

    def ranks(values: Sequence[float]) -> list[float]:
        return [
            sum(v < value for v in values) + (sum(v == value for v in values) - 1) / 2
            for value in values
        ]

    try:
        return correlation(ranks(x), ranks(y))
    except StatisticsError:
        return None


def pair_auc(scores: Sequence[float], right: Sequence[float]) -> float | None:
    """Of all pairs of a right and a wrong one, how many have the right one above; ties are half."""
    ups = [s for s, r in zip(scores, right, strict=True) if r]
    downs = [s for s, r in zip(scores, right, strict=True) if not r]
    pairs = [(up > down) + (up == down) / 2 for up in ups for down in downs]
    return fmean(pairs) if pairs else None


def variance_shares(columns: Sequence[Sequence[float]]) -> list[Fraction] | None:
    """Cov(c, R) / Var(R) of columns that sum to R, exactly; None where they cancel out."""
    exact = [[Fraction(cell) for cell in column] for column in columns]
    rewards = [sum(cells, Fraction()) for cells in zip(*exact, strict=True)]
    count = len(rewards)

    def covariance(a: Sequence[Fraction], b: Sequence[Fraction]) -> Fraction:
        centre_a, centre_b = sum(a) / count, sum(b) / count
        return sum(((x - centre_a) * (y - centre_b) for x, y in zip(a, b, strict=True)), Fraction())

    total = covariance(rewards, rewards)
    if not total or 100 * total < max(covariance(column, column) for column in exact):
        return None
    return [covariance(column, rewards) / total for column in exact]


def twins(texts: Sequence[float]) -> int:
    """How many have an equal sibling."""
    return sum(count for count in Counter(texts).values() if count > 1)


def stability_index(baseline: Sequence[float], scores: Sequence[float]) -> float:
    """PSI over the baseline's deciles and what lies beyond, half a score added to each bin."""
    ordered = sorted(baseline)
    deciles = {ordered[max(0, -(-k * len(ordered) // 10) - 1)] for k in range(11)}
    tops = sorted(deciles)
    tests: list[Callable[[float], bool]] = [lambda x: x < tops[0], lambda x: x == tops[0]]
    tests += [lambda x, a=a, b=b: a < x <= b for a, b in pairwise(tops)]
    tests.append(lambda x: x > tops[-1])

    def shares(values: Sequence[float]) -> list[float]:
        return [(sum(map(test, values)) + 0.5) / (len(values) + len(tests) / 2) for test in tests]

    pairs = zip(shares(baseline), shares(scores), strict=True)
    return sum((q - p) * log(q / p) for p, q in pairs)
