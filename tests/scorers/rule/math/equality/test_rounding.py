"""When a decimal stands for a number that it is not."""

from __future__ import annotations

from fractions import Fraction

import pytest

from harmo.scorers.rule.math.equality.evaluate import evaluate
from harmo.scorers.rule.math.equality.rounding import (
    Shown,
    decimal_places,
    rounded,
    rounds,
    shown,
)

ROWS = [
    ("0.33", "1/3", True, "a reference shows as many digits as are due"),
    ("0.3", "1/3", False, "but more than one"),
    ("1/3", "0.333", False, "an answer shows four"),
    ("1/3", "0.3333", True, "as here"),
    ("1/3", "0.3334", False, "rounded wrongly"),
    ("2/3", "0.6666", False, "cut off"),
    ("1001/1000", "1.00", False, "three digits, two of them zeros"),
    ("\\sqrt{2}", "1.414", True, "a root"),
    ("1.41", "\\sqrt{2}", True, "the root of a rounded reference"),
    ("0.33", "0.33 + 0.001", False, "a sum with a decimal in it is not exact"),
    ("5", "4.9999", False, "whole numbers are not rounded"),
    ("4.9999", "5", False, "on neither side"),
    ("0.1234", "0.12341", True, "two decimals, four digits after the point"),
    ("1000000.4", "1000000.44", False, "one digit after it"),
    ("0.0001", "0.00012", False, "four digits after it, one of them significant"),
    ("0.1234", "0.1235", False, "as many places on either side"),
    ("64", "63.99999999999999", True, "the noise of a float"),
    ("0.3", "0.30000000000000004", True, "beside a decimal"),
    ("0.30000000000000004", "3/10", True, "of a reference"),
    ("64", "63.999999", False, "too few digits for noise"),
    ("64", "63.99999999999", False, "too far away for noise"),
    ("-64", "63.99999999999999", False, "another sign"),
    ("1/3", "1/4", False, "no decimal at all"),
    ("3.14", "\\pi + \\frac{i}{1000}", False, "a complex number rounds to no decimal"),
]


@pytest.mark.parametrize(("reference", "answer", "near", "why"), ROWS, ids=[row[3] for row in ROWS])
def test_rounded(tree, fuel, reference, answer, near, why):
    sides = [shown(node, evaluate(node, fuel)) for node in map(tree, (reference, answer))]

    assert rounded(*sides) is near, why


@pytest.mark.parametrize(
    ("text", "places", "why"),
    [
        ("1.50", 2, "zeros count"),
        ("-1.5", 1, "a sign does not"),
        ("1.5\\%", 3, "a percentage is a hundredth"),
        ("5", None, "a whole number"),
        ("5\\%", None, "a whole percentage"),
        ("1.5 + 1", None, "a sum"),
    ],
)
def test_decimal_places(tree, text, places, why):
    assert decimal_places(tree(text)) == places, why


@pytest.mark.parametrize(
    ("coarse", "fine", "places", "digits", "near", "why"),
    [
        ("2.72", "2.71828", 2, 3, True, "rounded up"),
        ("2.71", "2.71828", 2, 3, False, "cut off"),
        ("0.125", "0.1245", 3, 3, True, "a half may go either way"),
        ("0.001", "0.0012", 3, 3, False, "one significant digit"),
    ],
)
def test_rounds(coarse, fine, places, digits, near, why):
    decimal = Shown(Fraction(coarse), places, exact=False)

    assert rounds(decimal, Fraction(fine), digits=digits) is near, why
