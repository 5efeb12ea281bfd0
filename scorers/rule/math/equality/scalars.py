"""Are two expressions one number, or one function: evaluation at several points."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from harmo.scorers.rule.math.equality.evaluate import Fuel, evaluate
from harmo.scorers.rule.math.equality.values import DIGITS, Value, context, inexact
from harmo.scorers.rule.math.syntax.tree import Node, Num, Op, symbols, walk

TOLERANCE = context.mpf(10) ** -25
"""Relative; 40 digits leave room for cancellation."""
_EXACT_BITS = 200
NEEDED = 3
"""Points at which both sides must have a value before two functions are called equal."""
_POSITIVE = (7, 11, 13, 17, 19, 23, 29, 31, 37, 41)
MIN_DIGITS = 3
"""A decimal must have as many significant digits to count as a rounded exact number."""


def same_scalar(reference: Node, answer: Node, fuel: Fuel) -> bool | None:
    """True, False, or None where evaluation cannot tell.

    Equal functions agree wherever all symbols are positive, and, if an absolute value is involved,
    for negative ones too.

    Args:
        reference: It may be coarser where both are decimals or one is.
        answer: The other side.
        fuel: Operations that may be spent.

    Raises:
        OutOfFuelError: If it takes more operations than are left.
    """
    names = sorted(symbols(reference) | symbols(answer))
    if not names:
        return _same_constant(reference, answer, fuel)
    agreed = 0
    for point in points(names, negative=_has_abs(reference) or _has_abs(answer)):
        left, right = evaluate(reference, fuel, point), evaluate(answer, fuel, point)
        same = None if left is None or right is None else close(left, right)
        if same is False:
            return False
        agreed += same is True
    return True if agreed >= NEEDED else None


def _has_abs(node: Node) -> bool:
    return any(isinstance(n, Op) and n.name == "abs" for n in walk(node))


def points(names: list[str], *, negative: bool = False) -> Iterator[dict[str, Value]]:
    """Fixed points with unrelated coordinates.

    Args:
        names: Of the symbols.
        negative: Also points with negative coordinates, after the positive ones.
    """
    for turn in range(4):
        yield {name: _coordinate(i, turn) for i, name in enumerate(names)}
    if negative:
        yield {name: -_coordinate(i, 4) for i, name in enumerate(names)}
        yield {name: _coordinate(i, 5) * (-1) ** i for i, name in enumerate(names)}


def _coordinate(index: int, turn: int) -> Value:
    prime = _POSITIVE[(index + 3 * turn) % len(_POSITIVE)]
    return Fraction(prime + index + turn, 10 + 3 * turn + index % 3)


def close(left: Value, right: Value) -> bool | None:
    """Whether two values agree to 25 digits; None where one is no finite number."""
    if isinstance(left, Fraction) and isinstance(right, Fraction):
        return left == right
    left, right = inexact(left), inexact(right)
    if not (context.isfinite(left) and context.isfinite(right)):
        return None
    return bool(abs(left - right) <= TOLERANCE * max(abs(left), abs(right)))


def _same_constant(reference: Node, answer: Node, fuel: Fuel) -> bool | None:
    left, right = evaluate(reference, fuel), evaluate(answer, fuel)
    if left is None or right is None:
        return None
    same = close(left, right)
    if same and not isinstance(left, Fraction) and abs(context.mag(left)) > _EXACT_BITS:
        # Beyond our digits: 12^(10^7) and its successor look the same.
        return None
    if same is False:
        zero = (not left and _vanishes(answer, right, fuel)) or (
            not right and _vanishes(reference, left, fuel)
        )
        return zero or _rounded(reference, answer, left, right)
    return same


def _vanishes(node: Node, value: Value, fuel: Fuel) -> bool:
    """True if a tree's value is only what rounding left of 0: with more digits it shrinks."""
    if isinstance(value, Fraction) or abs(value) > context.mpf(10) ** (10 - DIGITS):
        return False
    with context.workdps(2 * DIGITS):
        finer = evaluate(node, fuel)
    return finer is not None and abs(finer) < abs(value) * context.mpf(10) ** -10


def _rounded(reference: Node, answer: Node, left: Value, right: Value) -> bool:
    """True if one side is a decimal and the other rounds to it."""
    due, given = decimal_places(reference), decimal_places(answer)
    if due is not None and given is not None:
        fewer = min(due, given)
        enough = due != given and fewer >= MIN_DIGITS
        return enough and rounds(left, right, fewer, digits=MIN_DIGITS)
    if due is not None:
        # A reference may be coarser than an answer: the answer is then the exact number.
        return not _whole(answer) and rounds(left, right, due, digits=MIN_DIGITS - 1)
    if given is not None:
        return not _whole(reference) and rounds(right, left, given, digits=MIN_DIGITS)
    return False


def _whole(node: Node) -> bool:
    """True for a whole number: those are not rounded."""
    return isinstance(node, Num) and node.places is None


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
    """True if two values are within half a unit of a decimal place.

    Args:
        coarse: The rounded one; it must have enough significant digits.
        fine: The other.
        places: Of `coarse`, after the point.
        digits: How many it must have.
    """
    coarse, fine = inexact(coarse), inexact(fine)
    if isinstance(coarse, context.mpc) or isinstance(fine, context.mpc):
        return False
    unit = context.mpf(10) ** -places
    significant = abs(coarse) / unit
    # A little more than half a unit: a half may be rounded either way.
    return bool(significant >= 10 ** (digits - 1) and abs(coarse - fine) <= unit * 0.5000001)
