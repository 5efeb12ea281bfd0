"""Equations and inequalities: what they name, and when two say the same."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from harmo.scorers.rule.math.equality.evaluate import Fuel, evaluate
from harmo.scorers.rule.math.equality.scalars import NEEDED, close, points, same_scalar
from harmo.scorers.rule.math.equality.values import Value
from harmo.scorers.rule.math.syntax.tree import Node, Op, Rel, Seq, Sym, scalar, symbols, walk

_FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


class Named(NamedTuple):
    """`x = 5`: a name and its value."""

    label: Node
    value: Node


def named(node: Node) -> Named | None:
    """The name and value that a chain of equalities gives; None if it is no such chain."""
    if not isinstance(node, Rel):
        return None
    if node.ops == ("in",) and isinstance(node.terms[1], Seq) and node.terms[1].opening == "{":
        return Named(*node.terms)
    if not set(node.ops) <= {"=", "~"}:
        return None
    return _named(node)


def _named(node: Rel) -> Named | None:
    first, last = node.terms[0], _settled(node)
    if name_like(first):
        return Named(first, last)
    if len(node.terms) == 2 and name_like(last) and not symbols(first):
        return Named(last, first)
    return None


def _settled(node: Rel) -> Node:
    """The last member joined by `=`; where there are only approximations, the first of them."""
    exact = [term for op, term in zip(node.ops, node.terms[1:], strict=True) if op == "="]
    return exact[-1] if exact else node.terms[1]


def value_of(node: Rel, fuel: Fuel) -> Node | None:
    """The value a completion's chain of equalities ends in; None if it contradicts itself.

    `7 = 5` and `x = 4 = 5` have none; `2 + 3 = 5` is 5; `a + b = 5` and `2x = 4` have none.
    """
    if node.ops == ("in",):
        name = named(node)
        return None if name is None else name.value
    if not set(node.ops) <= {"=", "~"}:
        return None
    if set(node.ops) == {"="} and _identity(node, fuel):
        return node.terms[-1]
    exact = [node.terms[0]]
    for op, term in zip(node.ops, node.terms[1:], strict=True):
        if op == "=":
            exact.append(term)
    constants = [term for term in exact if scalar(term) and not symbols(term)]
    if any(same_scalar(constants[0], constant, fuel) is not True for constant in constants[1:]):
        return None
    if not symbols(node.terms[0]) and not _is_reversed(node):
        return _settled(node) if set(node.ops) == {"="} else node.terms[0]
    name = _named(node)
    return None if name is None else name.value


def _identity(node: Rel, fuel: Fuel) -> bool:
    """True for expressions that are equal whatever their symbols are: steps of a calculation."""
    if not all(scalar(term) and symbols(term) for term in node.terms):
        return False
    pairs = zip(node.terms, node.terms[1:], strict=False)
    return all(same_scalar(left, right, fuel) for left, right in pairs)


def _is_reversed(node: Rel) -> bool:
    return any(symbols(term) for term in node.terms[1:])


def name_like(node: Node) -> bool:
    """True for what names a quantity: `x`, `f(2)`, `|AB|`, `(p, q)`, `dy/dx`, `P(A)`."""
    if isinstance(node, Sym):
        return node.name not in {"pi", "e", "i", "infty"}
    if isinstance(node, Seq):
        return node.opening == "(" and all(name_like(item) for item in node.items)
    if not isinstance(node, Op):
        return False
    if node.name == "call":
        return True
    if node.name == "mul" and node.args[0] == Sym("P"):
        return True
    if node.name in {"sin", "cos", "tan", "ln", "log"}:
        return bool(symbols(node))
    if node.name in {"mul", "div"}:
        return _capital(node) or _derivative(node)
    return node.name in {"abs", "ratio", "degree"} and all(name_like(a) for a in node.args)


def _capital(node: Op) -> bool:
    """True for `AB`, `AB/CD`, `T(n)`; `xy` is a product."""
    inner = list(walk(node))
    plain = all(isinstance(n, Sym) or (isinstance(n, Op) and n.name in _NAMING) for n in inner)
    return plain and any(isinstance(n, Sym) and n.name[0].isupper() for n in inner)


def _derivative(node: Op) -> bool:
    """True for `dy/dx`."""
    return node.name == "div" and all(
        isinstance(side, Op) and side.name == "mul" and side.args[0] == Sym("d")
        for side in node.args
    )


_NAMING = frozenset({"mul", "div", "abs", "degree"})


def same_relation(reference: Rel, answer: Rel, fuel: Fuel) -> bool | None:
    """Whether two relations have the same solutions, as far as evaluation can tell."""
    if len(reference.ops) != 1 or len(answer.ops) != 1:
        return _same_chain(reference, answer, fuel)
    left, right = reference.ops[0], answer.ops[0]
    if right not in {left, _FLIPPED.get(left, left)}:
        return False
    if not all(scalar(term) for term in (*reference.terms, *answer.terms)):
        return None
    if symbols(Seq(reference.terms)) != symbols(Seq(answer.terms)):
        return False
    differences = _difference(reference), _difference(answer)
    sign = _factor_sign(*differences, fuel)
    if left in {"=", "~", "!="}:
        return True if sign else _same_zeros(*differences, fuel)
    if sign is None:
        return None
    # A negative factor turns an inequality round.
    return bool(sign) and (sign > 0) == (left == right)


def _same_chain(reference: Rel, answer: Rel, fuel: Fuel) -> bool | None:
    turned = Rel(answer.terms[::-1], tuple(_FLIPPED.get(op, op) for op in answer.ops[::-1]))
    for candidate in (answer, turned):
        if candidate.ops == reference.ops:
            pairs = zip(reference.terms, candidate.terms, strict=True)
            if all(scalar(a) and scalar(b) and same_scalar(a, b, fuel) for a, b in pairs):
                return True
    return None if len(reference.ops) == len(answer.ops) else False


def _difference(node: Rel) -> Node:
    return Op("add", (node.terms[0], Op("neg", (node.terms[1],))))


def _factor_sign(left: Node, right: Node, fuel: Fuel) -> int | None:
    """The sign of the constant that right/left is; 0 if it is none, None if nothing can tell."""
    names = sorted(symbols(left) | symbols(right))
    ratio = None
    agreed = 0
    for point in points(names, negative=True):
        divisor, dividend = evaluate(left, fuel, point), evaluate(right, fuel, point)
        if divisor is None or dividend is None or not divisor:
            continue
        quotient = dividend / divisor
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


def _same_zeros(left: Node, right: Node, fuel: Fuel) -> bool | None:
    """False if a zero of one function is none of the other; True if all tried ones are shared."""
    verdicts = [_has_zeros_of(left, right, fuel), _has_zeros_of(right, left, fuel)]
    if False in verdicts:
        return False
    return True if all(verdicts) else None


def _has_zeros_of(node: Node, other: Node, fuel: Fuel) -> bool | None:
    """Whether the zeros that can be found of one function are zeros of the other."""
    names = sorted(symbols(node) | symbols(other))
    shared = 0
    for unknown in sorted(symbols(node)):
        for point in points(names):
            root = _root(node, unknown, point, fuel)
            value = None if root is None else evaluate(other, fuel, {**point, unknown: root})
            if value is None:
                continue
            # `close` is relative and nothing is near zero: one is added on both sides.
            if not close(value + 1, Fraction(1)):
                return False
            shared += 1
    return True if shared >= NEEDED else None


def _root(node: Node, unknown: str, point: dict[str, Value], fuel: Fuel) -> Value | None:
    """Where a function that is linear in one symbol vanishes, the others being fixed."""
    first, second, third = (
        evaluate(node, fuel, {**point, unknown: Fraction(x)}) for x in (1, 2, 4)
    )
    if first is None or second is None or third is None:
        return None
    slope = second - first
    if not slope or not close(first + 3 * slope + 1, third + 1):
        return None
    return 1 - first / slope
