"""Numbers beside an answer."""

from __future__ import annotations

import pytest

from harmo.scorers.reading.around.rivals import is_rival, near, numeral
from harmo.scorers.reading.numbers import read_number


@pytest.mark.parametrize(
    ("word", "value", "why"),
    [
        ("5", 5, "digits"),
        ("five,", 5, "a word with its comma"),
        ("one", 1, "among numbers it is one"),
        ("hundred", 100, "a scale"),
        ("on", None, "no number in English"),
        ("people", None, "a word"),
    ],
)
def test_numeral(word, value, why):
    found = numeral(word)

    assert (None if found is None else found.value) == value, why


@pytest.mark.parametrize(
    ("behind", "at", "rival", "why"),
    [
        ("minutes 300 seconds", 1, False, "the same in another unit"),
        ("minutes 301 seconds", 1, True, "not quite the same"),
        ("minutes 5 hours", 1, True, "the same number of another unit"),
        ("minutes 5", 1, False, "the same number"),
        ("minutes 300", 1, True, "a number without its unit"),
        ("apples 300 seconds", 1, True, "of another kind"),
        ("minutes five", 1, False, "spelled"),
        ("minutes again", 1, False, "no number"),
    ],
)
def test_is_rival(behind, at, rival, why):
    assert is_rival(behind.split(), at, "5") is rival, why


def test_near():
    assert near(read_number("7"), read_number("7.1"))
    assert not near(read_number("7"), read_number("8"))
    assert near(read_number("0.5"), None)
    assert not near(read_number("5"), None)
