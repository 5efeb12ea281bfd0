"""The numbers that evaluation works with: exact while they are small, else to 40 digits.

No SymPy: mpmath alone, in a context of our own.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, TypeAlias

import mpmath

Value: TypeAlias = Any
"""A `Fraction`, or an mpmath real or complex number."""

DIGITS = 40
MAX_BITS = 1 << 16
"""Of exact numerators and denominators; larger ones become inexact."""
MAX_MAGNITUDE = 40
"""Bits of an exponent or of a function's argument."""


class IncomputableError(ArithmeticError):
    """The expression has no value here, or one too large to compute."""


context = mpmath.MPContext()
context.dps = DIGITS


def inexact(value: Value) -> Value:
    """A value as an mpmath number."""
    if isinstance(value, Fraction):
        return context.mpf(value.numerator) / value.denominator
    return value


def tame(value: Value) -> Value:
    """An argument of a periodic or growing function, inexact and of a size that stays cheap.

    Args:
        value: The argument.

    Raises:
        IncomputableError: If it is too large.
    """
    value = inexact(value)
    if value and context.mag(value) > MAX_MAGNITUDE:
        raise IncomputableError("argument too large")
    return value


def small(value: Value) -> Value:
    """An exact value that has stayed small, or its inexact stand-in."""
    if (
        isinstance(value, Fraction)
        and max(value.numerator.bit_length(), value.denominator.bit_length()) > MAX_BITS
    ):
        return inexact(value)
    return value
