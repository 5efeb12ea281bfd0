"""Edit distance."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harmo.scorers.reading.distance import levenshtein


@pytest.mark.parametrize(
    ("left", "right", "edits", "why"),
    [
        ("", "", 0, "nothing to do"),
        ("", "abc", 3, "insertions only"),
        ("abc", "", 3, "deletions only"),
        ("abc", "abc", 0, "the same"),
        ("kitten", "sitting", 3, "the textbook's"),
        ("abcd", "bcda", 2, "one at each end"),
        ("ab", "ba", 2, "no transposition"),
        (["red", "cat"], ["red", "dog"], 1, "over words"),
    ],
)
def test_edits(left, right, edits, why):
    assert levenshtein(left, right) == edits, why


@given(st.text("ab", max_size=80), st.text("ab", max_size=80))
def test_agrees_with_the_table_of_wagner_and_fischer(left, right):
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, start=1):
        previous, row[0] = row[0], i
        for j, b in enumerate(right, start=1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (a != b))

    assert levenshtein(left, right) == row[-1]
