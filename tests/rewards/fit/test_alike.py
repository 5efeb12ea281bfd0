"""Columns that differ together are named together, and no others."""

from __future__ import annotations

import numpy as np
import pytest

from harmo.rewards.fit import Pairs
from harmo.rewards.fit.alike import alike

N = 400


def pairs(*columns: np.ndarray) -> Pairs:
    table = np.column_stack(columns)
    return Pairs(
        columns=tuple("abcdefgh"[: table.shape[1]]),
        groups=np.arange(len(table)),
        differences=table,
        known=np.ones(table.shape, dtype=bool),
        rewards=table.sum(axis=1),
        towards=np.ones(len(table)),
    )


X, Y, Z, E = (np.random.default_rng(seed).normal(size=N) for seed in range(4))
CASES = [
    ((X, Y, Z), [], "apart"),
    ((X, 3 * X, Y), [("ab", True)], "one is the other, larger"),
    ((X, -X, Y), [("ab", True)], "one is the other's negative"),
    ((X, Y, X + Y, Z), [("abc", True)], "one is the sum of two"),
    ((X, X, Y, 2 * Y), [("ab", True), ("cd", True)], "two sets, not one of four"),
    ((X, X, X), [("abc", True)], "three of one"),
    ((X, X + 0.1 * E, Y), [("ab", False)], "nearly"),
    ((X, X + 1.0 * E, Y), [], "related, and told apart"),
    ((X, 0 * X, Y), [], "one that never differs is nobody's twin"),
    ((X,), [], "alone"),
    ((1e6 * X, 1e-6 * Y), [], "sizes do not matter"),
]


@pytest.mark.parametrize(("columns", "expected", "why"), CASES, ids=[row[2] for row in CASES])
def test_columns_that_differ_together_are_named(columns, expected, why):
    found = alike(pairs(*columns))
    assert [("".join(each.columns), each.exactly) for each in found] == expected


def test_how_much_wider_intervals_are_is_what_variance_inflation_says():
    noise = 0.1
    (found,) = alike(pairs(X, X + noise * E, Y))
    others = np.column_stack([X + noise * E, Y])
    left = X - others @ np.linalg.lstsq(others, X, rcond=None)[0]
    assert found.wider == pytest.approx(np.sqrt((X @ X) / (left @ left)), rel=0.05)
