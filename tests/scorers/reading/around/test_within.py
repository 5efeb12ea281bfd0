"""How the words inside a short answer stand to what it names."""

from __future__ import annotations

import pytest

from harmo.scorers.reading.around.within import cored, is_word, within
from harmo.scorers.reading.around.words import Stance

CLAIMED, BOUNDED, DOUBTED, DENIED = Stance


@pytest.mark.parametrize(
    ("text", "stance", "why"),
    [
        ("7", CLAIMED, "a number"),
        ("7 apples", CLAIMED, "with a unit"),
        ("not 7", DENIED, "denied"),
        ("\\text{not } 7", DENIED, "typeset"),
        ("7 or so", DOUBTED, "an estimate"),
        ("at least 7", BOUNDED, "a bound"),
        ("> 7", DOUBTED, "an inequality of nothing"),
        ("x > 7", CLAIMED, "an inequality"),
        ("7?", DOUBTED, "a question"),
        ("7+", DOUBTED, "a sign that leads to nothing"),
        ("7..9", DOUBTED, "a range"),
        ("minus 7", CLAIMED, "a number in words"),
        ("7 squared", CLAIMED, "so is this"),
        ("1 2", DOUBTED, "two numbers"),
        ("1 234", CLAIMED, "thousands"),
        ("1 1/2", CLAIMED, "a mixed number"),
        ("\\log_2 8", CLAIMED, "no gap between two numbers"),
        ("(1, 2)", CLAIMED, "a comma between them"),
        ("isosceles", CLAIMED, "words alone are not judged here"),
    ],
)
def test_within(text, stance, why):
    assert within(text) is stance, why


@pytest.mark.parametrize(
    ("text", "parts", "why"),
    [
        ("The side is 12 cm long", ("The side is", "12", "cm long"), "a sentence"),
        ("x + 1 if n is even", ("", "x + 1", "if n is even"), "a formula first"),
        ("9 (3 times 3)", ("", "9", "(3 times 3)"), "an explanation"),
        ("no numbers", ("no numbers", "", ""), "words alone"),
    ],
)
def test_cored(text, parts, why):
    assert tuple(cored(text)) == parts, why


def test_words_are_no_variables():
    assert all(map(is_word, ("isn't", "a", "well-known")))
    assert not any(map(is_word, ("x", "7", "x+1")))
