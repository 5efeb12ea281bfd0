"""Are two expressions one number, or one function: evaluation at several points."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from harmo.scorers.rule.math.equality.evaluate import Fuel, evaluate
from harmo.scorers.rule.math.equality.rounding import rounded, shown
from harmo.scorers.rule.math.equality.values import DIGITS, Value, context, inexact
from harmo.scorers.rule.math.syntax.tree import Node, Num, Op, Sym, symbols, walk

TOLERANCE = context.mpf(10) ** -25
"""Relative; 40 digits leave room for cancellation."""
_EXACT_BITS = 200
NEEDED = 3
"""Points at which both sides must have a value before two functions are called equal."""
MAX_TURNS = 8
_POSITIVE = (7, 11, 13, 17, 19, 23, 29, 31, 37, 41)


def same_scalar(reference: Node, answer: Node, fuel: Fuel) -> bool | None:
    r"""True, False, or None where evaluation cannot tell.

    Equal functions agree wherever all symbols are positive, and, where signs matter (`|x|`,
    `\max(a, b)`, `\sqrt{x^2}`), at the negative points, too, at which both are real.

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
    negative = any(_sees_signs(side) for side in (reference, answer))
    whole = any(_has(side, "sum", "prod") for side in (reference, answer))
    for point in points(names, negative=negative, whole=whole):
        left, right = evaluate(reference, fuel, point), evaluate(answer, fuel, point)
        same = None if left is None or right is None else close(left, right)
        if same is False and all(_is_real_at(side, point, fuel) for side in (reference, answer)):
            return False
        agreed += same is True
    return True if agreed >= NEEDED else None


def _sees_signs(node: Node) -> bool:
    """True for what may see the sign of a letter, or which of two is larger: `|x|`, `x^{1/2}`."""
    return any(
        isinstance(n, Op) and (n.name in _SIGNED or (n.name == "pow" and _is_rooted(n.args[1])))
        for n in walk(node)
    )


def _is_rooted(exponent: Node) -> bool:
    """True for an exponent that is no whole number and no letter alone."""
    if isinstance(exponent, Num):
        return exponent.value.denominator != 1
    return not isinstance(exponent, Sym)


_SIGNED = frozenset({"abs", "max", "min", "sqrt", "root"})


def _is_real_at(node: Node, point: dict[str, Value], fuel: Fuel) -> bool:
    """True unless a letter is negative there and a root or power of it has no one real value."""
    if all(value > 0 for value in point.values()):
        return True
    values = (evaluate(each, fuel, point) for each in walk(node) if _has_branches(each))
    return not any(isinstance(value, context.mpc) and value.imag for value in values)


def _has_branches(node: Node) -> bool:
    return isinstance(node, Op) and node.name in {"sqrt", "root", "pow", "ln", "log", "log10"}


def _has(node: Node, *operations: str) -> bool:
    return any(isinstance(n, Op) and n.name in operations for n in walk(node))


def points(
    names: list[str], *, negative: bool = False, whole: bool = False
) -> Iterator[dict[str, Value]]:
    """Fixed points with unrelated coordinates.

    Args:
        names: Of the symbols.
        negative: Also points with negative coordinates, after the positive ones.
        whole: Small whole numbers instead, for the ends of sums.
    """
    if whole:
        yield from ({n: Fraction(2 + turn + i) for i, n in enumerate(names)} for turn in range(4))
        return
    for turn in range(max(4, min(len(names), MAX_TURNS))):
        # In turn each of them is the largest, so that a maximum is not always that of one letter.
        ranked = sorted(_coordinate(i, turn) for i in range(len(names)))
        yield {name: ranked[(i + turn) % len(names)] for i, name in enumerate(names)}
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
        return zero or rounded(shown(reference, left), shown(answer, right))
    return same


def _vanishes(node: Node, value: Value, fuel: Fuel) -> bool:
    """True if a tree's value is only what rounding left of 0: with more digits it shrinks."""
    if isinstance(value, Fraction) or abs(value) > context.mpf(10) ** (10 - DIGITS):
        return False
    with context.workdps(2 * DIGITS):
        finer = evaluate(node, fuel)
    return finer is not None and abs(finer) < abs(value) * context.mpf(10) ** -10
