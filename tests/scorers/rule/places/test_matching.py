"""The heaviest one-to-one matching."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harmo.scorers.rule.places.matching import assign, most_pairs


@pytest.mark.parametrize(
    ("weights", "expected", "why"),
    [
        ([], [], "nothing"),
        ([[]], [], "nobody to match"),
        ([[0.5]], [(0, 0)], "one each"),
        ([[0.9, 0.8], [0.8, 0.1]], [(0, 1), (1, 0)], "the best pair is given up for the sum"),
        ([[0.2], [0.9], [0.4]], [(1, 0)], "more rows than columns"),
        ([[0.2, 0.9, 0.4]], [(0, 1)], "more columns than rows"),
    ],
)
def test_assign(weights, expected, why):
    assert assign(weights) == expected, why


@given(
    st.integers(1, 4).flatmap(
        lambda n: st.lists(
            st.lists(st.floats(0, 1), min_size=n, max_size=n), min_size=1, max_size=4
        )
    )
)
def test_no_matching_is_heavier(weights):
    rows, columns = len(weights), len(weights[0])
    found = sum(weights[i][j] for i, j in assign(weights))
    if rows <= columns:
        sums = [
            sum(weights[i][j] for i, j in enumerate(p)) for p in permutations(range(columns), rows)
        ]
    else:
        sums = [
            sum(weights[i][j] for j, i in enumerate(p)) for p in permutations(range(rows), columns)
        ]
    assert found == pytest.approx(max(sums))


FITS = st.integers(1, 6).flatmap(
    lambda columns: st.lists(
        st.lists(st.integers(0, columns - 1), max_size=columns, unique=True), max_size=6
    )
)


@given(FITS)
def test_most_pairs_is_as_many_as_the_heaviest_matching_of_ones(fits):
    weights = [[float(column in row) for column in range(6)] for row in fits]
    heaviest = sum(weights[i][j] for i, j in assign(weights))
    assert most_pairs(fits) == heaviest


def test_one_moves_on_so_that_another_finds_a_place():
    assert most_pairs([[0, 1], [0], [1, 2], [2]]) == 3
