"""Edit distances of many texts at once are those of each pair."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harmo.scorers.reading.distance import levenshtein
from harmo.scorers.rule.documents.cells import Texts, unlikeness

WORDS = st.lists(st.text("ab c", max_size=70), min_size=1, max_size=6)


@given(st.text("ab c", max_size=70), WORDS)
def test_edits_are_those_of_each_pair(text: str, others: list[str]) -> None:
    assert Texts(others).edits(text).tolist() == [levenshtein(text, other) for other in others]


@given(WORDS, WORDS)
def test_unlikeness_is_edits_by_the_longer_length(left: list[str], right: list[str]) -> None:
    found = unlikeness(left, right)
    for row, one in enumerate(left):
        for column, other in enumerate(right):
            longer = max(len(one), len(other), 1)
            assert found[row, column] == pytest.approx(levenshtein(one, other) / longer)


def test_nothing_is_unlike_nothing() -> None:
    assert unlikeness([""], ["", "a"]).tolist() == [[0.0, 1.0]]
    assert unlikeness([], ["a"]).shape == (0, 1)
