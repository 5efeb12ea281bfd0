"""Exact while small, else 40 digits; too large for neither."""

from __future__ import annotations

from fractions import Fraction

import pytest

from harmo.scorers.rule.math.equality.values import (
    MAX_BITS,
    MAX_MAGNITUDE,
    IncomputableError,
    context,
    inexact,
    small,
    tame,
)


@pytest.mark.parametrize(
    ("value", "exact", "why"),
    [
        (Fraction(1, 3), True, "a small fraction"),
        (Fraction(1 << MAX_BITS), False, "a numerator of too many bits"),
        (Fraction(1, 1 << MAX_BITS), False, "a denominator"),
        (context.mpf(2), False, "what was inexact before"),
    ],
)
def test_what_is_small_stays_exact(value, exact, why):
    assert isinstance(small(value), Fraction) is exact, why
    assert small(value) == value, why


@pytest.mark.parametrize(
    ("value", "why"), [(Fraction(1, 3), "a fraction"), (context.mpc(1, 2), "a complex number")]
)
def test_inexact_values_are_near(value, why):
    assert not isinstance(inexact(value), Fraction), why
    assert abs(inexact(value) - value) < context.mpf(10) ** -39, why


def test_forty_digits_are_kept():
    assert context.nstr(inexact(Fraction(1, 7)), 40) == "0." + "142857" * 6 + "1429"


@pytest.mark.parametrize(
    ("bits", "refused", "why"),
    [
        (MAX_MAGNITUDE - 1, False, "at the limit"),
        (MAX_MAGNITUDE + 1, True, "beyond"),
        (-MAX_MAGNITUDE * 9, False, "near zero"),
    ],
)
def test_arguments_are_tame(bits, refused, why):
    value = context.mpf(2) ** bits
    if refused:
        with pytest.raises(IncomputableError, match="too large"):
            tame(value)
    else:
        assert tame(value) == value, why
