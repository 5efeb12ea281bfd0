"""Are two expressions one number, or one function: evaluation at several points."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from harmo.scorers.rule.math.equality.evaluate import (
    DIGITS,
    Fuel,
    Value,
    context,
    evaluate,
    inexact,
)
from harmo.scorers.rule.math.syntax.tree import Node, Num, Op, symbols, walk

TOLERANCE = context.mpf(10) ** -25
"""Relative; 40 digits leave room for cancellation."""
_EXACT_BITS = 200
NEEDED = 3
"""Points at which both sides must have a value before two functions are called equal."""
_POSITIVE = (7, 11, 13, 17, 19, 23, 29, 31, 37, 41)
MIN_DIGITS = 3
"""A decimal must have as many significant digits to count as a rounded exact number."""


def same_scalar(a: Node, b: Node, fuel: Fuel) -> bool | None:
    """True, False, or None where evaluation cannot tell.

    Equal functions agree wherever all symbols are positive, and, if an absolute value is involved,
    for negative ones too.

    Args:
        a: One side.
        b: The other.
        fuel: Operations that may be spent.

    Raises:
        OutOfFuelError: If it takes more operations than are left.
    """
    names = sorted(symbols(a) | symbols(b))
    if not names:
        return _same_constant(a, b, fuel)
    agreed = 0
    absolute = any(isinstance(n, Op) and n.name == "abs" for side in (a, b) for n in walk(side))
    for point in points(names, negative=absolute):
        left, right = evaluate(a, fuel, point), evaluate(b, fuel, point)
        same = None if left is None or right is None else close(left, right)
        if same is False:
            return False
        agreed += same is True
    return True if agreed >= NEEDED else None


def points(names: list[str], *, negative: bool = False) -> Iterator[dict[str, Value]]:
    """Fixed points with unrelated coordinates, positive first."""
    for turn in range(4):
        yield {name: _coordinate(i, turn) for i, name in enumerate(names)}
    if negative:
        yield {name: -_coordinate(i, 4) for i, name in enumerate(names)}
        yield {name: _coordinate(i, 5) * (-1) ** i for i, name in enumerate(names)}


def _coordinate(index: int, turn: int) -> Value:
    prime = _POSITIVE[(index + 3 * turn) % len(_POSITIVE)]
    return Fraction(prime + index + turn, 10 + 3 * turn + index % 3)


def close(a: Value, b: Value) -> bool | None:
    """Whether two values agree to 25 digits; None where one is no finite number."""
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return a == b
    a, b = inexact(a), inexact(b)
    if not (context.isfinite(a) and context.isfinite(b)):
        return None
    return bool(abs(a - b) <= TOLERANCE * max(abs(a), abs(b)))


def _same_constant(a: Node, b: Node, fuel: Fuel) -> bool | None:
    left, right = evaluate(a, fuel), evaluate(b, fuel)
    if left is None or right is None:
        return None
    same = close(left, right)
    if same and not isinstance(left, Fraction) and abs(context.mag(left)) > _EXACT_BITS:
        # Beyond our digits: 12^(10^7) and its successor look the same.
        return None
    if same is False:
        same = _both_zero(a, b, left, right, fuel) or _rounded(a, b, left, right)
    return same


def _both_zero(a: Node, b: Node, left: Value, right: Value, fuel: Fuel) -> bool:
    """True if one side is 0 and the other only differs by what more digits take away."""
    if left and right:
        return False
    node, value = (b, right) if not left else (a, left)
    if isinstance(value, Fraction) or abs(value) > context.mpf(10) ** (10 - DIGITS):
        return False
    with context.workdps(2 * DIGITS):
        finer = evaluate(node, fuel)
    return finer is not None and abs(finer) < abs(value) * context.mpf(10) ** -10


def _rounded(a: Node, b: Node, left: Value, right: Value) -> bool:
    """True if one side is a decimal and the other rounds to it."""
    p, q = decimal_places(a), decimal_places(b)
    if p is None and q is None:
        return False
    if p is not None and q is not None:
        return p != q and min(p, q) >= MIN_DIGITS and rounds(left, right, min(p, q), digits=3)
    if p is not None:
        # A reference may be coarser than an answer: the answer is then the exact number.
        return _inexact_number(b) and rounds(left, right, p, digits=MIN_DIGITS - 1)
    return _inexact_number(a) and rounds(right, left, q or 0, digits=MIN_DIGITS)


def _inexact_number(node: Node) -> bool:
    """True unless it is a whole number: those are not rounded."""
    return not (isinstance(node, Num) and node.places is None)


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


def rounds(coarse: Value, fine: Value, places: int, *, digits: int) -> bool:
    """True if `coarse`, or its counterpart, is the other to `places` decimals and enough digits."""
    coarse, fine = inexact(coarse), inexact(fine)
    if isinstance(coarse, context.mpc) or isinstance(fine, context.mpc):
        return False
    unit = context.mpf(10) ** -places
    significant = abs(coarse) / unit
    # A hair more than half a unit: both ways of rounding a half count.
    return bool(significant >= 10 ** (digits - 1) and abs(coarse - fine) <= unit * 0.5000001)
