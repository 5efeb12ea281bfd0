"""Two functions: a constant factor apart, or zero at the same places."""

from __future__ import annotations

from fractions import Fraction

from harmo.scorers.rule.math.equality.evaluate import Fuel, evaluate
from harmo.scorers.rule.math.equality.scalars import NEEDED, close, points
from harmo.scorers.rule.math.equality.values import Value, context, inexact
from harmo.scorers.rule.math.syntax.tree import Node, symbols

MAX_SECANTS = 24
MAX_ROOT = 10**9
ROOT_DIGITS = 15
"""After the point, to which what is no line is called zero."""


def factor_sign(left: Node, right: Node, fuel: Fuel) -> int | None:
    """The sign of the constant that right/left is; 0 if it is none, None if nothing can tell."""
    names = sorted(symbols(left) | symbols(right))
    ratio = None
    agreed = 0
    for point in points(names, negative=True):
        divisor, dividend = evaluate(left, fuel, point), evaluate(right, fuel, point)
        if divisor is None or dividend is None or not divisor:
            continue
        quotient = inexact(dividend) / inexact(divisor)
        if not quotient:
            return 0
        if ratio is None:
            ratio = quotient
        elif not close(ratio, quotient):
            return 0
        agreed += 1
    if ratio is None or agreed < NEEDED:
        return None
    try:
        return 1 if ratio > 0 else -1
    except TypeError:
        # A complex constant: it has no sign, and equations need none.
        return 1


def same_zeros(left: Node, right: Node, fuel: Fuel) -> bool | None:
    """False if a zero of one function is none of the other; True if all tried ones are shared."""
    verdicts = [_has_zeros_of(left, right, fuel), _has_zeros_of(right, left, fuel)]
    if False in verdicts:
        return False
    return True if all(verdicts) else None


def shared_zeros(left: Node, right: Node, fuel: Fuel) -> int | None:
    """How many zeros that can be found of either function both have; None if one has its own.

    Args:
        left: A function.
        right: Another.
        fuel: Operations that may be spent.

    Raises:
        OutOfFuelError: If it takes more operations than are left.
    """
    found = _zeros_of(left, right, fuel, bent=True), _zeros_of(right, left, fuel, bent=True)
    return None if None in found else min(found)  # type: ignore[type-var]


def _has_zeros_of(node: Node, other: Node, fuel: Fuel) -> bool | None:
    """Whether the zeros that can be found of one function are zeros of the other."""
    shared = _zeros_of(node, other, fuel, bent=False)
    return False if shared is None else shared >= NEEDED or None


def _zeros_of(node: Node, other: Node, fuel: Fuel, *, bent: bool) -> int | None:
    """How many zeros of one function are zeros of the other; None if one is not.

    With `bent` also those of what is no line, which may have others that are not found.
    """
    names = sorted(symbols(node) | symbols(other))
    shared = 0
    for unknown in sorted(symbols(node)):
        for point in points(names, negative=True):
            root = _root(node, unknown, point, fuel)
            if root is None and bent:
                root = _secant(node, unknown, point, fuel)
            value = None if root is None else evaluate(other, fuel, {**point, unknown: root})
            if value is None:
                continue
            if not _is_zero(value):
                return None
            shared += 1
    return shared


def _is_zero(value: Value) -> bool:
    """True for nothing but noise; a root may be off in its last digits."""
    return abs(inexact(value)) <= context.mpf(10) ** -ROOT_DIGITS


def _root(node: Node, unknown: str, point: dict[str, Value], fuel: Fuel) -> Value | None:
    """Where a function that is linear in one symbol vanishes, the others being fixed."""
    first, second, third = (
        evaluate(node, fuel, {**point, unknown: Fraction(x)}) for x in (1, 2, 4)
    )
    if first is None or second is None or third is None:
        return None
    first, second, third = inexact(first), inexact(second), inexact(third)
    slope = second - first
    if not slope or not close(first + 3 * slope + 1, third + 1):
        return None
    return 1 - first / slope


def _secant(node: Node, unknown: str, point: dict[str, Value], fuel: Fuel) -> Value | None:
    """A zero that secants lead to; None where they lead nowhere in `MAX_SECANTS` steps."""
    at, before = context.mpf(2), context.mpf(1)
    last = evaluate(node, fuel, {**point, unknown: before})
    for _ in range(MAX_SECANTS):
        value = evaluate(node, fuel, {**point, unknown: at})
        if value is None or last is None or not value:
            return at if value is not None and not value else None
        if abs(inexact(at - before)) <= context.mpf(10) ** -ROOT_DIGITS * 10**-5 * (1 + abs(at)):
            return at
        if value == last:
            return None
        step = inexact(value) * (at - before) / (inexact(value) - inexact(last))
        before, last, at = at, value, at - step
        if not context.isfinite(at) or abs(at) > MAX_ROOT:
            return None
    return None
