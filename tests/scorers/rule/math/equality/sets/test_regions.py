"""Subsets of the real line, however they are written."""

from __future__ import annotations

import pytest

from harmo.scorers.rule.math.equality.sets.pieces import MAX_PIECES, same_region
from harmo.scorers.rule.math.equality.sets.regions import region

SAME = [
    ("x > 2", "(2, \\infty)", True, "an inequality"),
    ("x \\ge 2", "(2, \\infty)", False, "whose end belongs to it"),
    ("-x > -2", "x < 2", True, "a negative factor turns it round"),
    ("2x + 1 \\le 5", "(-\\infty, 2]", True, "a linear one"),
    ("1 < x \\le 2", "(1, 2]", True, "a double one"),
    ("x < 1 \\text{ or } x > 3", "(-\\infty, 1) \\cup (3, \\infty)", True, "alternatives"),
    ("x \\ne 2", "(-\\infty, 2) \\cup (2, \\infty)", True, "all but one"),
    ("\\mathbb{R} \\setminus \\{2\\}", "x \\ne 2", True, "the same by a difference"),
    ("|x - 1| < 2", "(-1, 3)", True, "an absolute value"),
    ("|x - 1| \\ge 2", "(-\\infty, -1] \\cup [3, \\infty)", True, "the outside of one"),
    ("|x| < 0", "\\emptyset", True, "no number"),
    ("|x| \\ge 0", "\\mathbb{R}", True, "every number"),
    ("[1, 2] \\cup [2, 3]", "[1, 3]", True, "intervals that touch"),
    ("[1, 2) \\cup (2, 3]", "[1, 3]", False, "one number is missing"),
    ("[1, 3] \\cap [2, 4]", "[2, 3]", True, "what two have in common"),
    ("[1, 2) \\cap [2, 3]", "\\emptyset", True, "nothing in common"),
    ("[1, 2] \\cap [2, 3]", "\\{2\\}", True, "one number in common"),
    ("[1, 3] \\setminus (2, 3]", "[1, 2]", True, "a difference"),
    ("\\{1, 2\\}", "\\{2, 1, 1\\}", True, "numbers in any order, once each"),
    ("-\\infty < x < \\infty", "\\mathbb{R}", True, "bounds that bound nothing"),
    ("0 < f(x) < 1", "(0, 1)", True, "the values of a function"),
    ("x \\in [1, 2]", "[1, 2]", True, "a membership"),
    ("\\{x \\in \\mathbb{Z} \\mid -2 < x < 3\\}", "\\{-1, 0, 1, 2\\}", True, "whole numbers only"),
    ("\\{x \\in \\mathbb{Z} \\mid -2 < x < 3\\}", "(-2, 3)", False, "not all numbers there"),
    ("(0, \\sqrt{2})", "(0, 2^{1/2})", True, "ends in two forms"),
]


@pytest.mark.parametrize(("left", "right", "same", "why"), SAME, ids=[row[3] for row in SAME])
def test_same_region(tree, fuel, left, right, same, why):
    first, second = region(tree(left), fuel), region(tree(right), fuel)

    assert first is not None, why
    assert second is not None, why
    assert same_region(first, second) is same, why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("5", "a number"),
        ("(1, 2, 3)", "a triple"),
        ("(2, 1)", "ends in the wrong order"),
        ("(a, b)", "ends that are no numbers"),
        ("x < y", "two symbols"),
        ("x^2 < 4", "no line"),
        ("x = 2", "an equation"),
        ("-\\infty > x", "an infinity on the wrong side"),
        ("1, 2", "a list of numbers"),
        ("\\{x \\in \\mathbb{Z} \\mid x > 0\\}", "whole numbers without end"),
        ("\\{" + ",".join(map(str, range(MAX_PIECES + 1))) + "\\}", "too many numbers"),
    ],
)
def test_what_is_no_region(tree, fuel, text, why):
    assert region(tree(text), fuel) is None, why
