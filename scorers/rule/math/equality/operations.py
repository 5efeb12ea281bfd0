"""What each operation of a tree does to values. Every size is bounded."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction

from harmo.scorers.rule.math.equality.values import (
    DIGITS,
    MAX_BITS,
    MAX_MAGNITUDE,
    IncomputableError,
    Value,
    context,
    inexact,
    small,
    tame,
)

MAX_EXACT = 4000
"""Largest number whose factorial or binomials are written out."""
MAX_ROUNDED_BITS = 3 * DIGITS
"""Of a number whose whole part is taken: beyond, the digits say nothing."""


def _plus(a: Value, b: Value) -> Value:
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return small(a + b)
    a, b = inexact(a), inexact(b)
    if a and b and abs(context.mag(a) - context.mag(b)) > context.prec:
        raise IncomputableError("the smaller term is lost")
    return a + b


def _times(a: Value, b: Value) -> Value:
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return small(a * b)
    return inexact(a) * inexact(b)


def _over(a: Value, b: Value) -> Value:
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return small(a / b)
    return inexact(a) / inexact(b)


def _sum(*terms: Value) -> Value:
    total: Value = Fraction(0)
    for term in terms:
        total = _plus(total, term)
    return total


def _power(base: Value, exponent: Value) -> Value:
    if isinstance(base, Fraction) and isinstance(exponent, Fraction) and exponent.denominator == 1:
        bits = max(base.numerator.bit_length(), base.denominator.bit_length())
        if bits * abs(exponent.numerator) <= MAX_BITS:
            return base**exponent.numerator
    base, exponent = inexact(base), inexact(exponent)
    if not base:
        if context.re(exponent) > 0:
            return Fraction(0)
        raise IncomputableError("zero to no positive power")
    growth = abs(exponent * context.log(base))
    if growth and context.mag(growth) > MAX_MAGNITUDE:
        raise IncomputableError("power too large")
    return context.power(base, exponent)


def _root(inside: Value, index: Value) -> Value:
    real = inexact(inside)
    odd = isinstance(index, Fraction) and index.numerator % 2 and index.denominator == 1
    if odd and not isinstance(real, context.mpc) and real < 0:
        return -_power(-real, 1 / index)
    return _power(inside, 1 / index if isinstance(index, Fraction) else 1 / inexact(index))


def _sqrt(inside: Value) -> Value:
    if isinstance(inside, Fraction) and inside >= 0:
        top, bottom = math.isqrt(inside.numerator), math.isqrt(inside.denominator)
        if top * top == inside.numerator and bottom * bottom == inside.denominator:
            return Fraction(top, bottom)
    return context.sqrt(inexact(inside))


def _factorial(n: Value) -> Value:
    if isinstance(n, Fraction) and n.denominator == 1 and 0 <= n <= MAX_EXACT:
        return small(Fraction(math.factorial(n.numerator)))
    return context.factorial(tame(n))


def _binomial(n: Value, k: Value) -> Value:
    whole = isinstance(n, Fraction) and isinstance(k, Fraction)
    if whole and n.denominator == k.denominator == 1 and 0 <= k <= n <= MAX_EXACT:
        return small(Fraction(math.comb(n.numerator, k.numerator)))
    return context.binomial(tame(n), tame(k))


def _floor(value: Value) -> Value:
    if isinstance(value, Fraction):
        return Fraction(math.floor(value))
    return Fraction(int(context.floor(_roundable(value))))


def _ceil(value: Value) -> Value:
    return -_floor(-value)


def _roundable(value: Value) -> Value:
    if isinstance(value, context.mpc) or (value and context.mag(value) > MAX_ROUNDED_BITS):
        raise IncomputableError("no whole part to this precision")
    return value


def _modulo(a: Value, b: Value) -> Value:
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return a % b
    raise IncomputableError("modulo of an inexact number")


def _integers(values: tuple[Value, ...]) -> list[int]:
    if all(isinstance(v, Fraction) and v.denominator == 1 for v in values):
        return [v.numerator for v in values]
    raise IncomputableError("no whole numbers")


def _extreme(values: tuple[Value, ...], choose: Callable[..., Value]) -> Value:
    if any(isinstance(v, context.mpc) for v in values):
        raise IncomputableError("complex numbers have no order")
    return choose(values, key=inexact)


def _log(x: Value, base: Value = None) -> Value:
    """The natural logarithm where no base is given, also under the name `log`."""
    x = inexact(x)
    if not x:
        raise IncomputableError("logarithm of zero")
    return context.log(x) if base is None else context.log(x) / context.log(inexact(base))


def _bounded(function: Callable[[Value], Value]) -> Callable[[Value], Value]:
    """A function of arguments that are not too large."""

    def of(x: Value) -> Value:
        return function(tame(x))

    return of


_TRIGONOMETRIC = ("sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh")
OPERATIONS: Mapping[str, Callable[..., Value]] = {
    "add": _sum,
    "neg": lambda a: -a,
    "mul": _times,
    "div": _over,
    "pow": _power,
    "sqrt": _sqrt,
    "root": _root,
    "abs": abs,
    "factorial": _factorial,
    "binom": _binomial,
    "percent": lambda a: _over(a, Fraction(100)),
    "degree": lambda a: inexact(a) * context.pi / 180,
    "ratio": _over,
    "mod": _modulo,
    "floor": _floor,
    "ceil": _ceil,
    "gcd": lambda *v: Fraction(math.gcd(*_integers(v))),
    "lcm": lambda *v: Fraction(math.lcm(*_integers(v))),
    "max": lambda *v: _extreme(v, max),
    "min": lambda *v: _extreme(v, min),
    "exp": lambda a: _power(+context.e, a),
    "ln": _log,
    "log": _log,
    "log10": lambda a: _log(a, Fraction(10)),
    "Re": lambda a: context.re(inexact(a)),
    "Im": lambda a: context.im(inexact(a)),
    "arg": lambda a: context.arg(inexact(a)),
    **{name: _bounded(getattr(context, name)) for name in _TRIGONOMETRIC},
    **{"arc" + name: _bounded(getattr(context, "a" + name)) for name in _TRIGONOMETRIC},
}
"""By the name that the parser gives an operation."""
