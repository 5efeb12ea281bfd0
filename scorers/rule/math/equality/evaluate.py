"""A tree's value, on an allowance of operations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from harmo.scorers.rule.math.equality.operations import OPERATIONS
from harmo.scorers.rule.math.equality.values import (
    IncomputableError,
    Value,
    context,
    inexact,
    tame,
)
from harmo.scorers.rule.math.syntax.tree import Node, Num, Op, Sym

MAX_TERMS = 1000
"""Of a sum."""
BITS_BURNT = 256
"""Of an exact number, for one operation: products of long ones take milliseconds."""


class OutOfFuelError(IncomputableError):
    """The expression needs more operations than this caller allows."""


@dataclass(slots=True)
class Fuel:
    """How many operations a comparison may still cost."""

    left: int

    def burn(self, operations: int = 1) -> None:
        """Use up some.

        Args:
            operations: How many.

        Raises:
            OutOfFuelError: If there were not so many left.
        """
        self.left -= operations
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
        if node.name in {"sum", "prod"}:
            return self.summed(node)
        operation = OPERATIONS.get(node.name)
        if operation is None:
            raise IncomputableError(f"no value for {node.name}")
        return self.applied(operation, [self.value(argument) for argument in node.args])

    def applied(self, operation: Callable[..., Value], arguments: list[Value]) -> Value:
        """An operation's value, what it raises as one error."""
        try:
            value = operation(*arguments)
            self.fuel.burn(weight(value))
        except OutOfFuelError:
            raise
        except (
            ValueError,
            ZeroDivisionError,
            OverflowError,
            TypeError,
            context.NoConvergence,
        ) as error:
            raise IncomputableError(str(error)) from None
        return value

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

    def summed(self, node: Op) -> Value:
        """A sum or product, term by term."""
        if len(node.args) != 4:
            raise IncomputableError("a sum without its bounds")
        bound, first, last, body = node.args
        start, stop = self.value(first), self.value(last)
        whole = all(isinstance(end, Fraction) and end.denominator == 1 for end in (start, stop))
        if not (whole and isinstance(bound, Sym) and stop - start < MAX_TERMS):
            raise IncomputableError("a range that is not short and whole")
        total: Value = Fraction(int(node.name == "prod"))
        operation = OPERATIONS["mul" if node.name == "prod" else "add"]
        for k in range(start.numerator, stop.numerator + 1):
            term = _Evaluator({**self.point, bound.name: Fraction(k)}, self.fuel).value(body)
            total = self.applied(operation, [total, term])
        return total

    def called(self, node: Op) -> Value:
        """An unknown function: some fixed smooth one, so that equal arguments give equal values."""
        name = node.args[0]
        seed = sum(ord(c) for c in name.name) if isinstance(name, Sym) else 1
        values = [inexact(self.value(argument)) for argument in node.args[1:]]
        waves = [
            context.sin(tame(x) * (seed % 7 + 1 + k) / 3) + x / (k + 2)
            for k, x in enumerate(values)
        ]
        return context.fsum(waves) + context.mpf(seed % 11)


def weight(value: Value) -> int:
    """What working on with an exact number costs beyond one operation."""
    if not isinstance(value, Fraction):
        return 0
    return max(value.numerator.bit_length(), value.denominator.bit_length()) // BITS_BURNT


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
