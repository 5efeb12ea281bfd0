"""A tree's value: exact where it is rational and small, else to 40 digits. Every size is bounded.

No SymPy: mpmath alone, in a context of our own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

import mpmath

from harmo.scorers.rule.math.syntax.tree import Node, Num, Op, Sym

Value: TypeAlias = Any
"""A `Fraction`, or an mpmath real or complex number."""

DIGITS = 40
MAX_BITS = 1 << 16
"""Of exact numerators and denominators; larger ones become inexact."""
MAX_MAGNITUDE = 40
"""Bits of an exponent or of a trigonometric argument."""


class IncomputableError(ArithmeticError):
    """The expression has no value here, or one too large to compute."""


class OutOfFuelError(IncomputableError):
    """The expression needs more operations than this caller allows."""


context = mpmath.MPContext()
context.dps = DIGITS


@dataclass(slots=True)
class Fuel:
    """How many operations a comparison may still cost."""

    left: int

    def burn(self) -> None:
        """Use up one.

        Raises:
            OutOfFuelError: If none was left.
        """
        self.left -= 1
        if self.left < 0:
            raise OutOfFuelError("out of fuel")


@dataclass(slots=True)
class _Evaluator:
    point: Mapping[str, Value]
    fuel: Fuel

    def value(self, node: Node) -> Value:
        self.fuel.burn()
        if isinstance(node, Num):
            return node.value
        if isinstance(node, Sym):
            return self.symbol(node.name)
        if not isinstance(node, Op):
            raise IncomputableError(f"no number: {type(node).__name__}")
        if node.name == "call":
            return self.called(node)
        operation = _OPERATIONS.get(node.name)
        if operation is None:
            raise IncomputableError(f"no value for {node.name}")
        arguments = [self.value(argument) for argument in node.args]
        try:
            return operation(*arguments)
        except (
            ValueError,
            ZeroDivisionError,
            OverflowError,
            TypeError,
            context.NoConvergence,
        ) as error:
            raise IncomputableError(str(error)) from None

    def symbol(self, name: str) -> Value:
        if name in self.point:
            return self.point[name]
        if name == "pi":
            return +context.pi
        if name == "e":
            return +context.e
        if name == "i":
            return context.mpc(0, 1)
        raise IncomputableError(f"{name} has no value")

    def called(self, node: Op) -> Value:
        """An unknown function: some fixed smooth one, so that equal arguments give equal values."""
        name = node.args[0]
        seed = sum(ord(c) for c in name.name) if isinstance(name, Sym) else 1
        values = [inexact(self.value(argument)) for argument in node.args[1:]]
        return context.fsum(
            context.sin(_tame(v) * (seed % 7 + 1 + k) / 3) + v / (k + 2)
            for k, v in enumerate(values)
        ) + context.mpf(seed % 11)


def evaluate(node: Node, fuel: Fuel, point: Mapping[str, Value] | None = None) -> Value | None:
    """The value of a scalar tree at a point; None where it has none, or one too large to compute.

    Args:
        node: The tree.
        fuel: Operations that may be spent.
        point: Values of its symbols.

    Raises:
        OutOfFuelError: If it needs more operations than are left.
    """
    try:
        return _Evaluator(point or {}, fuel).value(node)
    except OutOfFuelError:
        raise
    except IncomputableError:
        return None


def inexact(value: Value) -> Value:
    """A value as an mpmath number."""
    if isinstance(value, Fraction):
        return context.mpf(value.numerator) / value.denominator
    return value


def _tame(value: Value) -> Value:
    """A trigonometric argument whose reduction modulo pi stays cheap and meaningful."""
    value = inexact(value)
    if value and context.mag(value) > MAX_MAGNITUDE:
        raise IncomputableError("argument too large")
    return value


def _small(value: Value) -> Value:
    """An exact value that has stayed small, or its inexact stand-in."""
    if (
        isinstance(value, Fraction)
        and max(value.numerator.bit_length(), value.denominator.bit_length()) > MAX_BITS
    ):
        return inexact(value)
    return value


def _both(exact: Callable[[Fraction, Fraction], Fraction]) -> Callable[[Value, Value], Value]:
    def operate(a: Value, b: Value) -> Value:
        if isinstance(a, Fraction) and isinstance(b, Fraction):
            return _small(exact(a, b))
        return exact(inexact(a), inexact(b))

    return operate


def _plus(a: Value, b: Value) -> Value:
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return _small(a + b)
    a, b = inexact(a), inexact(b)
    if a and b and abs(context.mag(a) - context.mag(b)) > context.prec:
        raise IncomputableError("the smaller term is lost")
    return a + b


_times = _both(lambda a, b: a * b)
_over = _both(lambda a, b: a / b)


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
    if isinstance(n, Fraction) and n.denominator == 1 and 0 <= n <= 4000:
        return _small(Fraction(math.factorial(n.numerator)))
    return context.factorial(_tame(n))


def _binomial(n: Value, k: Value) -> Value:
    whole = isinstance(n, Fraction) and isinstance(k, Fraction)
    if whole and n.denominator == k.denominator == 1 and 0 <= k <= n <= 4000:
        return _small(Fraction(math.comb(n.numerator, k.numerator)))
    return context.binomial(_tame(n), _tame(k))


def _whole(value: Value, rounding: Callable[[Value], int]) -> Value:
    if isinstance(value, Fraction):
        return Fraction(rounding(value))
    if isinstance(value, context.mpc) or (value and context.mag(value) > DIGITS * 3):
        raise IncomputableError("no whole part to this precision")
    return Fraction(int(context.floor(value) if rounding is math.floor else context.ceil(value)))


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
    x = inexact(x)
    if not x:
        raise IncomputableError("logarithm of zero")
    return context.log(x) if base is None else context.log(x) / context.log(inexact(base))


def _abs(x: Value) -> Value:
    return abs(x)


def _of(function: Callable[[Value], Value]) -> Callable[[Value], Value]:
    return lambda x: function(_tame(x))


_OPERATIONS: Mapping[str, Callable[..., Value]] = {
    "add": _sum,
    "neg": lambda a: -a,
    "mul": _times,
    "div": _over,
    "pow": _power,
    "sqrt": _sqrt,
    "root": _root,
    "abs": _abs,
    "factorial": _factorial,
    "binom": _binomial,
    "percent": lambda a: _over(a, Fraction(100)),
    "degree": lambda a: inexact(a) * context.pi / 180,
    "ratio": _over,
    "mod": _modulo,
    "floor": lambda a: _whole(a, math.floor),
    "ceil": lambda a: _whole(a, math.ceil),
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
    **{
        name: _of(getattr(context, name))
        for name in ("sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh")
    },
    **{
        "arc" + name: _of(getattr(context, "a" + name))
        for name in ("sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh")
    },
}
