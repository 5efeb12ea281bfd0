"""A tree's value."""

from __future__ import annotations

from fractions import Fraction

import pytest

from harmo.scorers.rule.math.equality.evaluate import Fuel, OutOfFuelError, evaluate, weight

ROWS = [
    ("1/3 + 1/6", Fraction(1, 2), "exact where it is rational"),
    ("0.1 + 0.2", Fraction(3, 10), "decimals, too"),
    ("2^{10}", 1024, "a power"),
    ("\\sqrt{2}^2", 2, "a root squared"),
    ("e^{i\\pi} + 1", 0, "constants"),
    ("\\sum_{k=1}^{4} k^2", 30, "a sum"),
    ("\\prod_{i=1}^{4} i", 24, "a product, whose letter is no imaginary unit"),
    ("3!", 6, "a factorial"),
    ("5\\%", Fraction(1, 20), "a percentage"),
    ("\\sin 30^\\circ", Fraction(1, 2), "degrees"),
    ("\\lfloor 2.5 \\rfloor", 2, "a floor"),
    ("\\max(1, 2)", 2, "several arguments"),
    ("|3 - 5|", 2, "an absolute value"),
    ("\\sin(1, 2)", None, "too many arguments"),
    ("x", None, "a symbol without a value"),
    ("1/0", None, "a quotient by zero"),
    ("\\infty", None, "an infinity is no number"),
    ("101_2", None, "a number in another base is only a text"),
    ("10^{10^{20}}", None, "a tower"),
    ("(1, 2)", None, "a pair"),
]


@pytest.mark.parametrize(("text", "value", "why"), ROWS, ids=[row[2] for row in ROWS])
def test_value(tree, fuel, text, value, why):
    found = evaluate(tree(text), fuel)

    if value is None:
        assert found is None, why
    else:
        assert found is not None, why
        assert abs(found - value) < 1e-35, why


def test_symbols_have_the_points_values(tree, fuel):
    assert evaluate(tree("x^2 + y"), fuel, {"x": Fraction(3), "y": Fraction(1)}) == 10


@pytest.mark.parametrize(
    ("left", "right", "same", "why"),
    [
        ("f(2)", "f(1 + 1)", True, "equal arguments"),
        ("f(2)", "f(3)", False, "other arguments"),
        ("f(2)", "g(2)", False, "another function"),
        ("f(1, 2)", "f(2, 1)", False, "another order"),
    ],
)
def test_unknown_function_has_one_value_per_argument(tree, fuel, left, right, same, why):
    assert (evaluate(tree(left), fuel) == evaluate(tree(right), fuel)) is same, why


def test_every_operation_costs(tree):
    fuel = Fuel(10)
    evaluate(tree("1 + 2 + 3"), fuel)

    assert fuel.left == 6
    with pytest.raises(OutOfFuelError):
        evaluate(tree("1 + 2 + 3 + 4 + 5 + 6"), fuel)


def test_an_exact_number_costs_by_its_length(tree, fuel):
    """Twelve quotients of 32,000 bits took 48 ms of the event loop as 40 operations."""
    assert weight(Fraction(2**2560)) == 10
    assert weight(Fraction(1, 3)) == 0
    quotients = "*".join(["\\frac{3^{20000}}{7^{11000}}"] * 12)
    with pytest.raises(OutOfFuelError):
        evaluate(tree(quotients), Fuel(300))
    assert evaluate(tree(quotients), Fuel(40_000)) is not None
