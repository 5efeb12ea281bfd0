"""How the words inside a short answer stand to what it names."""

from __future__ import annotations

import pytest

from harmo.scorers.reading.around.stance import Stance
from harmo.scorers.reading.around.within import bracketed, cored, is_word, within

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
        ("4 people (5)", DOUBTED, "another number in brackets"),
        ("4 people (five)", DOUBTED, "spelled"),
        ("5 minutes (300 seconds)", CLAIMED, "the same in another unit"),
        ("4 people (not 4)", DENIED, "taken back"),
        ("4 people (2 adults and 2 children)", CLAIMED, "what they are"),
        ("3.14 (rounded to 2 decimal places)", CLAIMED, "how it is written"),
        ("4 people \\pi", DOUBTED, "an operand behind a word"),
        ("4 when the radius is \\pi", CLAIMED, "a formula in a clause of its own"),
        ("\\ln a + \\ln b", CLAIMED, "no word before it"),
        ("4 cm and five", CLAIMED, "a list that the number's reader sees"),
        ("4 cm and a half", DOUBTED, "a part more"),
        ("ten times 4", DOUBTED, "a calculation in words"),
        ("twenty 4", DOUBTED, "a number before it"),
        ("five and 4", DOUBTED, "joined to it"),
        ("two thirds of 4", DOUBTED, "a part of it"),
        ("six out of 4", DOUBTED, "another one"),
        ("Part two: 4", CLAIMED, "a heading"),
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
    ("after", "stance", "why"),
    [
        ("people (5)", DOUBTED, "another number"),
        ("people (7)", CLAIMED, "the same again"),
        ("people (out of 5)", CLAIMED, "an explanation"),
        ("people [or 5]", DOUBTED, "an alternative"),
        ("people (never 7)", DENIED, "taken back"),
        ("people (not counting Ann)", CLAIMED, "something else is denied"),
    ],
)
def test_bracketed(after, stance, why):
    assert bracketed("7", after) is stance, why


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
