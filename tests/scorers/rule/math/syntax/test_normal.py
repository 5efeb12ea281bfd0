"""What is one expression but for order, signs and neutral elements."""

from __future__ import annotations

import pytest

from harmo.scorers.rule.math.syntax.clean import clean
from harmo.scorers.rule.math.syntax.normal import normal
from harmo.scorers.rule.math.syntax.parse import parse


@pytest.mark.parametrize(
    ("left", "right", "same", "why"),
    [
        ("51*99", "99*51", True, "a product turned"),
        ("2+3*4", "4*3+2", True, "a sum turned, and the product in it"),
        ("(2*3)*4", "2*(3*4)", True, "brackets within products"),
        ("2+(3+4)", "(2+3)+4", True, "and within sums"),
        ("5-3", "-3+5", True, "a difference is a sum"),
        ("--5", "5", True, "two signs"),
        ("-(2*3)", "(-2)*3", True, "the sign of a factor"),
        ("(-2)*(-3)", "2*3", True, "two of them"),
        ("(-1)*2*3", "-2*3", True, "and of one"),
        ("-(-2)/3", "2/3", True, "and in a quotient"),
        ("-2/-3", "2/3", True, "on both sides of it"),
        ("7+0", "7", True, "nothing added"),
        ("1*7", "7", True, "times one"),
        ("7/1", "7", True, "by one"),
        ("7^1", "7", True, "to the power of one"),
        ("(7*1+0)^1/1", "7", True, "all of it"),
        ("\\frac{51}{3}", "51 \\div 3", True, "two quotients"),
        ("2.50", "2.5", True, "a decimal"),
        ("7+0*3", "7", True, "times nothing"),
        ("0*7", "7", False, "which is nothing"),
        ("51:3", "51/3", True, "a ratio"),
        ("2*3", "6", False, "nothing is worked out"),
        ("3-5", "5-3", False, "a difference has an order"),
        ("2/3", "3/2", False, "so has a quotient"),
        ("2^3", "3^2", False, "and a power"),
        ("2*3+4", "2*(3+4)", False, "brackets that count"),
        ("\\sqrt{4}", "4", False, "a root"),
    ],
)
def test_normal(left, right, same, why):
    assert (normal(parse(clean(left))) == normal(parse(clean(right)))) is same, why
