"""When a decimal stands for a number that it is not: rounded, or with the noise of floats.

One rule for plain numbers, expressions, and the items of lists: see `rounded`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from harmo.scorers.rule.math.equality.values import Value, context, inexact
from harmo.scorers.rule.math.syntax.tree import Node, Num, Op, walk

MIN_DIGITS = 4
"""Significant digits that a decimal must show to stand for a number that it is not."""
OWN_DIGITS = 2
"""The same of a reference: it was rounded by who wrote it, and shows as many as are due."""
NOISY_DIGITS = 15
"""Significant digits that a float shows where its last ones are noise."""
_NOISE = Fraction(1, 10**14)
_HALF = Fraction(5_000_001, 10**7)
"""A little more than half a unit: a half may be rounded either way."""


class Shown(NamedTuple):
    """A number and how it was written."""

    value: Value
    places: int | None
    """Digits after the point of a decimal; None for anything else."""
    exact: bool
    """A fraction, a root, pi: no decimal in it, and no whole number, which is not rounded."""


def shown(node: Node, value: Value) -> Shown:
    """How a scalar tree writes its value."""
    places = decimal_places(node)
    decimals = any(isinstance(each, Num) and each.places is not None for each in walk(node))
    return Shown(value, places, exact=not decimals and not isinstance(node, Num))


def rounded(reference: Shown, answer: Shown) -> bool:
    """True if a side is a decimal and the other side, rounded to its last digit, is that decimal.

    It must show four significant digits, beside a decimal four after the point; a reference beside
    an exact number shows as many as are due, at least two.
    A float's noise is another thing: `0.30000000000000004` is 0.3, whatever shows it.

    Args:
        reference: What is right.
        answer: What was said; its value is another.
    """
    if any(_is_noise(*pair) for pair in ((reference, answer), (answer, reference))):
        return True
    if reference.places is not None and answer.places is not None:
        fewer = reference.places < answer.places
        coarse, fine = (reference, answer) if fewer else (answer, reference)
        enough = (coarse.places or 0) >= MIN_DIGITS and coarse.places != fine.places
        return enough and rounds(coarse, fine.value, digits=MIN_DIGITS)
    if reference.places is not None:
        return answer.exact and rounds(reference, answer.value, digits=OWN_DIGITS)
    if answer.places is not None:
        return reference.exact and rounds(answer, reference.value, digits=MIN_DIGITS)
    return False


def rounds(coarse: Shown, fine: Value, *, digits: int) -> bool:
    """True if a value lies within half a unit of a decimal's last digit.

    Args:
        coarse: The decimal.
        fine: The value.
        digits: Significant digits that the decimal must have.
    """
    left, right = _real(coarse.value), _real(fine)
    if left is None or right is None:
        return False
    unit = context.mpf(10) ** -(coarse.places or 0)
    return bool(
        abs(left) >= unit * 10 ** (digits - 1) and abs(left - right) <= unit * inexact(_HALF)
    )


def _is_noise(noisy: Shown, meant: Shown) -> bool:
    """True if a decimal of at least fifteen digits is another number but for the last of them."""
    if noisy.places is None or (meant.places or 0) >= noisy.places:
        return False
    left, right = _real(noisy.value), _real(meant.value)
    if left is None or right is None:
        return False
    digits = abs(left) * context.mpf(10) ** noisy.places
    return bool(
        digits >= 10 ** (NOISY_DIGITS - 1) and abs(left - right) <= abs(right) * inexact(_NOISE)
    )


def _real(value: Value) -> Value | None:
    value = inexact(value)
    return None if isinstance(value, context.mpc) or not context.isfinite(value) else value


def decimal_places(node: Node) -> int | None:
    """Digits after the point if a tree is one decimal, perhaps negated or in percent."""
    if isinstance(node, Num):
        return node.places
    if isinstance(node, Op) and node.name == "neg":
        return decimal_places(node.args[0])
    if isinstance(node, Op) and node.name == "percent":
        places = decimal_places(node.args[0])
        return None if places is None else places + 2
    return None
