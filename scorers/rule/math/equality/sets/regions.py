"""Subsets of the real line: finite sets, intervals and unions in one canonical form."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from harmo.scorers.rule.math.equality.evaluate import Fuel, evaluate
from harmo.scorers.rule.math.equality.scalars import close
from harmo.scorers.rule.math.equality.sets.pieces import (
    EVERYTHING,
    INF,
    MAX_PIECES,
    Piece,
    Region,
    combined,
    merged,
    point,
    whole_numbers,
)
from harmo.scorers.rule.math.equality.values import Value, context, inexact
from harmo.scorers.rule.math.syntax.tree import (
    SET_OPS,
    Node,
    Op,
    Rel,
    Seq,
    Sym,
    scalar,
    symbols,
    walk,
)

_INFINITY = Sym("infty")
_MINUS_INFINITY = Op("neg", (_INFINITY,))
_INTEGERS = Sym("integers")


def region(node: Node, fuel: Fuel) -> Region | None:
    """The set of reals that a tree describes, as disjoint pieces in order; None if it does not."""
    found = _region(node, fuel)
    return None if found is None or len(found) > MAX_PIECES else found


def _region(node: Node, fuel: Fuel) -> Region | None:
    if isinstance(node, Sym):
        return {"reals": (EVERYTHING,), "emptyset": ()}.get(node.name)
    if isinstance(node, Seq):
        return _bracketed(node, fuel)
    if isinstance(node, Op) and node.name in {"cup", "cap", "setminus"}:
        left, right = (_region(argument, fuel) for argument in node.args)
        return None if left is None or right is None else combined(node.name, left, right)
    if isinstance(node, Rel):
        return _related(node, fuel)
    return None


def _bracketed(node: Seq, fuel: Fuel) -> Region | None:
    if node.opening == "{":
        values = [_end(item, fuel) for item in node.items[:MAX_PIECES]]
        known = [v for v in values if v is not None]
        if len(known) != len(node.items):
            return None
        return merged([Piece(v, v, has_low=True, has_high=True) for v in known])
    if len(node.items) != 2 or not node.opening:
        if not node.opening and all(isinstance(item, Rel) for item in node.items):
            return _any_of(node.items, fuel)
        return None
    low, high = (_end(item, fuel) for item in node.items)
    if low is None or high is None or low > high:
        return None
    return (Piece(low, high, has_low=node.opening == "[", has_high=node.closing == "]"),)


def _any_of(items: tuple[Node, ...], fuel: Fuel) -> Region | None:
    """`x > 0, x != 4`: all of them where they have numbers in common; `x < 1 or x > 3`: any."""
    pieces: list[Piece] = []
    common: Region = (EVERYTHING,)
    whole = [item for item in items if isinstance(item, Rel) and item.terms[1:] == (_INTEGERS,)]
    if whole and len(whole) < len(items):
        found = _any_of(tuple(item for item in items if item not in whole), fuel)
        return None if found is None else whole_numbers(found)
    for item in items:
        found = _region(item, fuel)
        if found is None:
            return None
        pieces.extend(found)
        common = combined("cap", common, found)
    return common or merged(pieces)


def _end(node: Node, fuel: Fuel) -> Value | None:
    if node == _INFINITY:
        return INF
    if node == _MINUS_INFINITY:
        return -INF
    if not scalar(node) or symbols(node):
        return None
    value = evaluate(node, fuel)
    if value is None or isinstance(value, context.mpc):
        return None
    return inexact(value)


def _related(node: Rel, fuel: Fuel) -> Region | None:
    node = _renamed(node)
    names = {n for term in node.terms if scalar(term) for n in symbols(term)}
    if len(names - {"reals", "emptyset", "infty"}) != 1:
        return None
    if node.ops == ("in",):
        return _region(node.terms[1], fuel)
    found: Region = (EVERYTHING,)
    for i, op in enumerate(node.ops):
        solutions = _inequality(node.terms[i], op, node.terms[i + 1], fuel)
        if solutions is None:
            return None
        found = combined("cap", found, solutions)
    return found


def _renamed(node: Rel) -> Rel:
    """`0 < f(x) < 1` as a relation of one symbol."""
    terms = tuple(Sym("f") if isinstance(t, Op) and t.name == "call" else t for t in node.terms)
    return Rel(terms, node.ops)


def _inequality(left: Node, op: str, right: Node, fuel: Fuel) -> Region | None:
    """The solutions of an inequality that is linear in one symbol or in its absolute value."""
    if op not in {"<", "<=", ">", ">=", "!="} or not (scalar(left) and scalar(right)):
        return None
    ends = _infinite(left, op, right)
    if ends is not None:
        return ends
    difference = Op("add", (left, Op("neg", (right,))))
    inner = next((a for a in (left, right) if isinstance(a, Op) and a.name == "abs"), None)
    if inner is not None:
        return _absolute(inner, left, op, right, fuel)
    line = _line(difference, fuel)
    if line is None:
        return None
    if op == "!=":
        return combined("setminus", (EVERYTHING,), (point(line.root),))
    upward = (op in {">", ">="}) == (line.slope > 0)
    closed = op in {"<=", ">="}
    if upward:
        return (Piece(line.root, INF, has_low=closed, has_high=False),)
    return (Piece(-INF, line.root, has_low=False, has_high=closed),)


def _infinite(left: Node, op: str, right: Node) -> Region | None:
    """`-infty < x < infty`: a bound that bounds nothing."""
    for end, true_op in (
        (left, {_MINUS_INFINITY: "<", _INFINITY: ">"}),
        (right, {_INFINITY: "<", _MINUS_INFINITY: ">"}),
    ):
        if end in true_op:
            return (EVERYTHING,) if op.startswith(true_op[end]) else None
    return None


def _absolute(inner: Op, left: Node, op: str, right: Node, fuel: Fuel) -> Region | None:
    """`|x - a| < r` and its kin."""
    other = right if inner is left else left
    bound, line = _end(other, fuel), _line(inner.args[0], fuel)
    if bound is None or line is None or bound < 0 or op == "!=":
        return None
    reach, closed = bound / abs(line.slope), op.endswith("=")
    low, high = line.root - reach, line.root + reach
    if (op in {"<", "<="}) == (inner is left):
        return (Piece(low, high, closed, closed),) if reach or closed else ()
    if closed and not reach:
        return (EVERYTHING,)
    return combined("setminus", (EVERYTHING,), (Piece(low, high, not closed, not closed),))


class _Line(NamedTuple):
    slope: Value
    root: Value


def _line(node: Node, fuel: Fuel) -> _Line | None:
    """A function of one symbol, if it is a line that is not level."""
    names = symbols(node)
    if len(names) != 1:
        return None
    (name,) = names
    values = []
    for x in (0, 1, 3):
        value = evaluate(node, fuel, {name: Fraction(x)})
        if value is None or isinstance(value, context.mpc):
            return None
        values.append(inexact(value))
    slope = values[1] - values[0]
    if not slope or not close(values[0] + 3 * slope + 1, values[2] + 1):
        return None
    return _Line(slope, -values[0] / slope)


def is_region(node: Node) -> bool:
    """True for a set of reals in brackets or by name that no point is."""
    if isinstance(node, Sym):
        return node.name in {"reals", "emptyset"}
    if isinstance(node, Seq):
        # Mixed brackets and infinite ends: an interval, not a point.
        mixed = (node.opening, node.closing) in {("(", "]"), ("[", ")")}
        ends = any(
            isinstance(n, Sym) and n.name == "infty" for item in node.items for n in walk(item)
        )
        return bool(node.opening) and node.opening != "{" and (mixed or ends)
    return isinstance(node, Op) and node.name in SET_OPS
