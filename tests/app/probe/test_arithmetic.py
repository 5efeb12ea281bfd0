"""Formulas are worked out, or it is said that they are not read."""

from __future__ import annotations

import math

import pytest

from harmo.app.probe.arithmetic import MAX_CHARS, UnreadError, formula


@pytest.mark.parametrize(
    ("text", "value", "why"),
    [
        ("2+3*4", 14, "products first"),
        ("-3^2", -9, "the power first"),
        ("2^{10}", 1024, "an exponent in braces"),
        ("(1+2)(3+4)", 21, "a product without a sign"),
        ("2\\pi", 2 * math.pi, "a constant"),
        ("\\frac{1}{4}", 0.25, "a fraction"),
        ("\\frac12", 0.5, "a fraction of digits"),
        ("\\sqrt{2}", 2**0.5, "a root"),
        ("\\sqrt[3]{8}", 2, "of a degree"),
        ("\\sin 0 + 1", 1, "a function"),
        ("10 \\div 4", 2.5, "a division"),
        ("3 \\times 10^{2}", 300, "scientific"),
        ("3+4i", 3 + 4j, "a complex number"),
        ("[1+2]*2", 6, "square brackets"),
    ],
)
def test_values(text: str, value: complex, why: str) -> None:
    assert formula(text).values[0] == pytest.approx(value), why


def test_letters_stand_at_the_same_points_in_every_formula() -> None:
    assert formula("x+y").values == pytest.approx(formula("y+x").values)
    assert formula("x").values != pytest.approx(formula("y").values)
    assert formula("2x - y").letters == {"x", "y"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "nothing"),
        ("1 2", "two numbers are no product"),
        ("x = 3", "an equation"),
        ("1/0", "no value"),
        ("2^{9999}", "a large exponent"),
        ("9" * 80, "a large number"),
        ("(" * 60 + "1" + ")" * 60, "deep"),
        ("1+" * MAX_CHARS, "long"),
        ("(1", "unclosed"),
        ("\\emptyset", "an unknown command"),
        ("5!", "a sign it does not know"),
    ],
)
def test_what_is_not_read(text: str, why: str) -> None:
    with pytest.raises(UnreadError):
        formula(text)
