"""Two numbers or functions in any notation."""

from __future__ import annotations

import pytest

from harmo.scorers.confidence.verdict import Pair
from harmo.scorers.rule.math.equality.notations import all_of, same_number, scalar_pair

ROWS = [
    ("\\infty", "\\infty", True, "one infinity"),
    ("\\infty", "-\\infty", False, "the other end"),
    ("\\infty", "5", False, "a number is none"),
    ("1011_2", "13_8", True, "one value in two bases"),
    ("11", "1011_2", True, "in none and in another"),
    ("1011_2", "11", False, "but a base that was asked for stays"),
    ("1011_2", "1012_2", False, "a digit that the base has not"),
    ("0", "0x", False, "a symbol where a number is asked for"),
    ("1:2", "2:4", True, "a ratio cancelled"),
    ("1:2:3", "2:4:6", True, "one of three"),
    ("1:2:3", "2:4:5", False, "whose last term differs"),
    ("1:2", "1:2:3", False, "of two and of three"),
    ("1:2", "0.5", True, "a ratio of two is a fraction"),
    ("0.5", "1:2", True, "the other way round"),
    ("1:2:3", "0.5", False, "a ratio of three is none"),
    ("101_2", "101_2", True, "the same digits and base"),
    ("101_2", "101", True, "the base left out"),
    ("101_2", "101_3", False, "another base"),
    ("101_2", "5", False, "converted where it was not asked"),
    ("72^\\circ", "72", True, "the degree sign left out"),
    ("72", "72^\\circ", True, "or added"),
    ("72^\\circ", "73^\\circ", False, "other degrees"),
    ("180^\\circ", "\\pi", True, "degrees in radians"),
    ("1/3", "2/6", True, "anything else by value"),
]


@pytest.mark.parametrize(
    ("reference", "answer", "equal", "why"), ROWS, ids=[row[3] for row in ROWS]
)
def test_same_number(tree, fuel, reference, answer, equal, why):
    assert same_number(tree(reference), tree(answer), fuel) is equal, why


@pytest.mark.parametrize(
    ("reference", "answer", "pair", "why"),
    [
        ("1/2", "-3/4", Pair.NUM_NUM, "fractions"),
        ("1/2", "0.5", Pair.DECIMAL, "a decimal on either side"),
        ("1/2", "\\sqrt{2}", Pair.EXPR_EXPR, "a root"),
        ("x", "0.5", Pair.EXPR_EXPR, "symbols before decimals"),
    ],
)
def test_scalar_pair(tree, reference, answer, pair, why):
    assert scalar_pair(tree(reference), tree(answer)) is pair, why


@pytest.mark.parametrize(
    ("verdicts", "together", "why"),
    [
        ([True, True], True, "all"),
        ([True, None], None, "one undecided"),
        ([None, False], False, "one false decides"),
        ([], True, "none of them false"),
    ],
)
def test_all_of(verdicts, together, why):
    assert all_of(iter(verdicts)) is together, why
