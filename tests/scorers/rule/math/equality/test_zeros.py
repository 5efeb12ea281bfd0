"""Two functions that are a constant factor apart, or zero at the same places."""

from __future__ import annotations

import pytest

from harmo.scorers.rule.math.equality.zeros import factor_sign, same_zeros, shared_zeros


@pytest.mark.parametrize(
    ("left", "right", "sign", "why"),
    [
        ("x - y", "2x - 2y", 1, "a factor"),
        ("x - y", "y - x", -1, "a negative one"),
        ("x - y", "x + y", 0, "none"),
        ("\\sqrt{x} - 2y", "x - y", 0, "exact and inexact values side by side"),
        ("10^{10^{20}}x", "x", None, "nothing to tell by"),
    ],
)
def test_factor_sign(tree, fuel, left, right, sign, why):
    assert factor_sign(tree(left), tree(right), fuel) == sign, why


@pytest.mark.parametrize(
    ("left", "right", "equal", "why"),
    [
        ("xy - 2", "y - 2/x", True, "another form of one curve"),
        ("x + 1 - 4y^2", "\\sqrt{x+1} - 2y", False, "the half of it"),
        ("x - 3", "x^2 - 9", None, "a zero that may not be the only one"),
        ("x - y", "x - 2y", False, "another line"),
    ],
)
def test_same_zeros(tree, fuel, left, right, equal, why):
    assert same_zeros(tree(left), tree(right), fuel) is equal, why


@pytest.mark.parametrize(
    ("left", "right", "shared", "why"),
    [
        ("e^x e^y - 5", "x + y - \\ln 5", True, "zeros that secants lead to"),
        ("x^2 + 1", "x^2 + 2", False, "none on the line of reals"),
        ("x^2 + y^2 - 4", "x^2 + y^2 - 9", None, "zeros of its own"),
    ],
)
def test_shared_zeros(tree, fuel, left, right, shared, why):
    found = shared_zeros(tree(left), tree(right), fuel)

    assert (found is None) if shared is None else (bool(found) is shared), why
