"""Subsets of the real line: finite sets, intervals and unions in one canonical form."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from harmo.scorers.rule.math.equality.evaluate import Fuel, evaluate
from harmo.scorers.rule.math.equality.scalars import close
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

MAX_PIECES = 64


@dataclass(frozen=True, slots=True)
class Piece:
    """An interval; a single number if its ends meet."""

    low: Value
    high: Value
    has_low: bool
    has_high: bool


Region = tuple[Piece, ...]
_INF = context.inf
_INFINITY = Sym("infty")
_MINUS_INFINITY = Op("neg", (_INFINITY,))
_EVERYTHING = Piece(-_INF, _INF, has_low=False, has_high=False)


def region(node: Node, fuel: Fuel) -> Region | None:
    """The set of reals that a tree describes, as disjoint pieces in order; None if it does not."""
    found = _region(node, fuel)
    return None if found is None or len(found) > MAX_PIECES else found


def _region(node: Node, fuel: Fuel) -> Region | None:
    if isinstance(node, Sym):
        return {"reals": (_EVERYTHING,), "emptyset": ()}.get(node.name)
    if isinstance(node, Seq):
        return _bracketed(node, fuel)
    if isinstance(node, Op) and node.name in {"cup", "cap", "setminus"}:
        left, right = (_region(argument, fuel) for argument in node.args)
        return None if left is None or right is None else _combined(node.name, left, right)
    if isinstance(node, Rel):
        return _related(node, fuel)
    return None


def _bracketed(node: Seq, fuel: Fuel) -> Region | None:
    if node.opening == "{":
        values = [_end(item, fuel) for item in node.items[:MAX_PIECES]]
        known = [v for v in values if v is not None]
        if len(known) != len(node.items):
            return None
        return _merged([Piece(v, v, has_low=True, has_high=True) for v in known])
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
    common: Region = (_EVERYTHING,)
    for item in items:
        found = _region(item, fuel)
        if found is None:
            return None
        pieces.extend(found)
        common = _combined("cap", common, found)
    return common or _merged(pieces)


def _end(node: Node, fuel: Fuel) -> Value | None:
    if node == _INFINITY:
        return _INF
    if node == _MINUS_INFINITY:
        return -_INF
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
    found: Region = (_EVERYTHING,)
    for i, op in enumerate(node.ops):
        solutions = _inequality(node.terms[i], op, node.terms[i + 1], fuel)
        if solutions is None:
            return None
        found = _combined("cap", found, solutions)
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
        return _combined("setminus", (_EVERYTHING,), (_point(line.root),))
    upward = (op in {">", ">="}) == (line.slope > 0)
    closed = op in {"<=", ">="}
    if upward:
        return (Piece(line.root, _INF, has_low=closed, has_high=False),)
    return (Piece(-_INF, line.root, has_low=False, has_high=closed),)


def _infinite(left: Node, op: str, right: Node) -> Region | None:
    """`-infty < x < infty`: a bound that bounds nothing."""
    for end, true_op in (
        (left, {_MINUS_INFINITY: "<", _INFINITY: ">"}),
        (right, {_INFINITY: "<", _MINUS_INFINITY: ">"}),
    ):
        if end in true_op:
            return (_EVERYTHING,) if op.startswith(true_op[end]) else None
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
        return (_EVERYTHING,)
    return _combined("setminus", (_EVERYTHING,), (Piece(low, high, not closed, not closed),))


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


def _point(value: Value) -> Piece:
    return Piece(value, value, has_low=True, has_high=True)


def _same(left: Value, right: Value) -> bool:
    return left == right or bool(close(left, right))


def _place(piece: Piece) -> tuple[Value, bool]:
    """Where a piece stands in the order of pieces."""
    return piece.low, not piece.has_low


def _merged(pieces: list[Piece]) -> Region:
    """Pieces in order, the overlapping and touching ones joined."""
    merged: list[Piece] = []
    for piece in sorted(pieces, key=_place):
        last = merged[-1] if merged else None
        if last is None or not _touch(last, piece):
            merged.append(piece)
            continue
        if _same(last.high, piece.high):
            has_high = last.has_high or piece.has_high
            merged[-1] = Piece(last.low, last.high, last.has_low, has_high)
        elif piece.high > last.high:
            merged[-1] = Piece(last.low, piece.high, last.has_low, piece.has_high)
    return tuple(merged)


def _touch(left: Piece, right: Piece) -> bool:
    """True if no number is missing between two pieces, the left one beginning first."""
    if _same(left.high, right.low):
        return left.has_high or right.has_low
    return bool(right.low < left.high)


def _combined(name: str, left: Region, right: Region) -> Region:
    if name == "cup":
        return _merged([*left, *right])
    kept = right if name == "cap" else _complement(right)
    met = [piece for a in left for b in kept if (piece := _meet(a, b)) is not None]
    return _merged(met)


def _meet(left: Piece, right: Piece) -> Piece | None:
    """What two pieces have in common."""
    if _same(left.low, right.low):
        low, has_low = left.low, left.has_low and right.has_low
    else:
        higher = left if left.low > right.low else right
        low, has_low = higher.low, higher.has_low
    if _same(left.high, right.high):
        high, has_high = left.high, left.has_high and right.has_high
    else:
        lower = left if left.high < right.high else right
        high, has_high = lower.high, lower.has_high
    if _same(low, high):
        return Piece(low, high, has_low=True, has_high=True) if has_low and has_high else None
    return Piece(low, high, has_low, has_high) if low < high else None


def _complement(pieces: Region) -> Region:
    gaps: list[Piece] = []
    # Where the next gap begins, and whether that number is in it.
    low, has_low = -_INF, False
    for piece in pieces:
        if piece.low > low or (_same(piece.low, low) and has_low and not piece.has_low):
            gaps.append(Piece(low, piece.low, has_low, not piece.has_low))
        low, has_low = piece.high, not piece.has_high
    if low < _INF:
        gaps.append(Piece(low, _INF, has_low, has_high=False))
    return tuple(gaps)


def same_region(left: Region, right: Region) -> bool:
    """True if two sets of reals are equal."""
    return len(left) == len(right) and all(
        _same(a.low, b.low)
        and _same(a.high, b.high)
        and a.has_low == b.has_low
        and a.has_high == b.has_high
        for a, b in zip(left, right, strict=True)
    )


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
