"""What each operation does to values."""

from __future__ import annotations

from fractions import Fraction

import pytest

from harmo.scorers.rule.math.equality.operations import MAX_EXACT, OPERATIONS
from harmo.scorers.rule.math.equality.values import context

HALF, MINUS_EIGHT = Fraction(1, 2), Fraction(-8)
PI = +context.pi

ROWS = [
    ("add", (1, 2, 3), 6, "any number of terms"),
    ("neg", (3,), -3, "a sign"),
    ("mul", (HALF, 4), 2, "a product stays exact"),
    ("div", (1, 3), Fraction(1, 3), "a quotient, too"),
    ("pow", (2, -2), Fraction(1, 4), "a whole exponent stays exact"),
    ("pow", (0, HALF), 0, "zero to a positive power"),
    ("sqrt", (Fraction(9, 4),), Fraction(3, 2), "a root of squares stays exact"),
    ("sqrt", (-1,), context.mpc(0, 1), "of a negative number"),
    ("root", (MINUS_EIGHT, 3), -2, "an odd root of a negative number is real"),
    ("abs", (MINUS_EIGHT,), 8, "an absolute value"),
    ("factorial", (5,), 120, "a factorial"),
    ("factorial", (HALF,), context.sqrt(PI) / 2, "one of no whole number"),
    ("binom", (5, 2), 10, "a binomial"),
    ("percent", (50,), HALF, "a hundredth"),
    ("degree", (180,), PI, "radians"),
    ("mod", (-1, 5), 4, "a remainder is never negative"),
    ("floor", (Fraction(-5, 2),), -3, "down, not towards zero"),
    ("ceil", (Fraction(-5, 2),), -2, "up"),
    ("floor", (PI,), 3, "of an inexact number"),
    ("ceil", (PI,), 4, "the same upwards"),
    ("gcd", (12, 18), 6, "a divisor"),
    ("lcm", (4, 6), 12, "a multiple"),
    ("max", (1, PI, 2), PI, "exact beside inexact"),
    ("min", (HALF, 3), HALF, "the least"),
    ("log", (8, 2), 3, "to a base"),
    ("log10", (1000,), 3, "to base ten"),
    ("sin", (PI,), 0, "a sine in radians"),
    ("arctan", (1,), PI / 4, "an inverse"),
    ("Re", (context.mpc(1, 2),), 1, "a real part"),
    ("Im", (context.mpc(1, 2),), 2, "an imaginary one"),
]  # fmt: skip


def of(name, arguments):
    return OPERATIONS[name](*(Fraction(x) if isinstance(x, int) else x for x in arguments))


@pytest.mark.parametrize(("name", "arguments", "value", "why"), ROWS)
def test_value(name, arguments, value, why):
    assert abs(of(name, arguments) - value) < 1e-35, why


@pytest.mark.parametrize(
    ("name", "arguments"), [("add", (1, 2)), ("pow", (2, 10)), ("sqrt", (4,)), ("binom", (9, 4))]
)
def test_small_rational_results_are_exact(name, arguments):
    assert isinstance(of(name, arguments), Fraction)


@pytest.mark.parametrize(
    ("name", "arguments", "why"),
    [
        ("add", (context.mpf(10) ** 60, context.mpf(1)), "a term that 40 digits lose"),
        ("pow", (0, -1), "a pole"),
        ("pow", (10, 10**14), "a power beyond all bounds"),
        ("log", (0,), "a logarithm of zero"),
        ("sin", (10**20,), "a sine of something huge"),
        ("mod", (PI, 2), "a remainder of an inexact number"),
        ("gcd", (HALF, 2), "a divisor of no whole number"),
        ("max", (context.mpc(0, 1), 1), "complex numbers have no order"),
        ("floor", (context.mpf(10) ** 50,), "a whole part beyond our digits"),
        ("floor", (context.mpc(0, 1),), "one of a complex number"),
    ],
)
def test_what_has_no_value_here_is_refused(name, arguments, why):
    with pytest.raises(ArithmeticError):
        of(name, arguments)


def test_large_factorials_are_inexact():
    assert isinstance(of("factorial", (1000,)), Fraction)
    assert not isinstance(of("factorial", (MAX_EXACT + 1,)), Fraction)
