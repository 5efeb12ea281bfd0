"""What a short text states beside one value."""

from __future__ import annotations

import pytest

from harmo.scorers.rule.math.statements import (
    label,
    lines,
    restated,
    spelled,
    told,
    without_label,
)


@pytest.mark.parametrize(
    ("text", "found", "why"),
    [
        ("page 7", ("page", "7"), "a page"),
        ("\\text{Step 7}", ("step", "7"), "typeset"),
        ("as in Equation (7).", ("equation", "7"), "in brackets, at the end of a sentence"),
        ("pp. 7", ("page", "7"), "shortened"),
        ("Problem #7", ("problem", "7"), "with a sign"),
        ("第7题", ("第", "7"), "in Chinese"),
        ("The answer is 7", None, "a value"),
        ("page 7 apples", None, "more follows"),
        ("7", None, "a number"),
    ],
)
def test_label(text, found, why):
    assert label(text) == found, why


@pytest.mark.parametrize(
    ("text", "rest", "why"),
    [
        ("So it is $7$ (see Table 2).", "So it is $7$", "in brackets"),
        ("It is 7, as shown in Figure 3.", "It is 7", "in a phrase of its own"),
        ("It is 7 by Theorem 4", "It is 7", "after one word"),
        ("By Theorem 4.", "By Theorem 4.", "nothing else is said"),
        ("It is on page 4", "It is on page 4", "what the prompt names"),
        ("The answer is 7.", "The answer is 7.", "no label"),
    ],
)
def test_without_label(text, rest, why):
    assert without_label(text, "On which page?") == rest, why


@pytest.mark.parametrize(
    ("text", "found", "why"),
    [
        ("8\n7", ("8", "7"), "two lines"),
        ("$8$\n\n$7$", ("$8$", "$7$"), "two formulas"),
        ("1. 8\n2. 7", ("8", "7"), "numbered"),
        ("- 8\n- 7", ("8", "7"), "bullets"),
        ("-8\n7", ("-8", "7"), "a sign is no bullet"),
        ("8 | 7", ("8", "7"), "two cells"),
        ("x = 8\nx = 7", ("x = 8", "x = 7"), "one letter, two values"),
        ("x = 8\ny = 7", (), "two letters are one answer or the other"),
        ("7\n7", (), "one value twice"),
        ("eight\n7", ("eight", "7"), "a word"),
        ("We add.\n7", (), "a line of words"),
        ("7", (), "one line"),
    ],
)
def test_lines(text, found, why):
    assert lines(text) == found, why


@pytest.mark.parametrize(
    ("text", "found", "why"),
    [
        ("\\frac12 or 0.5", ("\\frac12", "0.5"), "the same again"),
        ("\\frac12 \\text{ (or } 0.5)", ("\\frac12", "0.5"), "in brackets"),
        ("0.5 \\text{, that is, } \\frac12", ("0.5", "\\frac12"), "in other words"),
        ("7 or 8 or 9", ("7", "8", "9"), "three values"),
        ("x = 1 or x = 2", (), "equations are lists"),
        ("red or blue", (), "words"),
        ("\\frac12 (0.5)", (), "a product as well"),
        ("orange", (), "no joint in a word"),
    ],
)
def test_restated(text, found, why):
    assert restated(text) == found, why


@pytest.mark.parametrize(
    ("text", "said", "why"),
    [
        ("It is three eighths.", "three eighths", "a fraction in words"),
        ("We add. The probability is a quarter.", "a quarter", "of the last sentence"),
        ("The time is half past ten.", "half past ten", "a time of day"),
        ("It is about twelve or so.", "", "an estimate"),
        ("It is not a quarter.", "", "denied"),
        ("Is it a quarter?", "", "asked"),
        ("It is twice twelve.", "", "a part of another number"),
        ("There we go.", "", "no number"),
    ],
)
def test_told(text, said, why):
    assert told(text) == said, why


@pytest.mark.parametrize(
    ("text", "number", "why"),
    [
        ("exactly three components", "3", "one number"),
        ("three or four", "", "two of them"),
        ("not three components", "", "denied"),
        ("three squared", "", "another number of it"),
        ("a quarter of nine", "", "a part of it"),
        ("3 and four", "", "digits are read elsewhere"),
    ],
)
def test_spelled(text, number, why):
    assert spelled(text) == number, why
