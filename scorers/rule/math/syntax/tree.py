"""The trees that texts are parsed to: expressions, and the structures that answers come in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Num:
    """A number as written."""

    value: Fraction
    places: int | None = None
    """Digits after the point of a decimal; None for whole numbers."""
    text: str = ""
    """Its digits, for numbers in another base."""


@dataclass(frozen=True, slots=True)
class Sym:
    """A named quantity: a letter with its subscript and primes, or a constant."""

    name: str


@dataclass(frozen=True, slots=True)
class Op:
    """An operation or function on `args`; the names are the keys of the evaluator's table."""

    name: str
    args: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Seq:
    """Several items: `(`, `[` and `{` (a set) as written, an empty bracket for a bare list."""

    items: tuple[Node, ...]
    opening: str = ""
    closing: str = ""


@dataclass(frozen=True, slots=True)
class Mat:
    """A matrix, row by row."""

    rows: tuple[tuple[Node, ...], ...]


@dataclass(frozen=True, slots=True)
class Rel:
    """A chain of relations: `terms[0] ops[0] terms[1] ops[1] ...`."""

    terms: tuple[Node, ...]
    ops: tuple[str, ...]
    """`=`, `~`, `!=`, `<`, `<=`, `>`, `>=`, `in`."""


Node: TypeAlias = Num | Sym | Op | Seq | Mat | Rel
BOUND = "#"
"""Begins the name of a sum's own letter, which is nobody else's."""
CONSTANTS = frozenset({"pi", "e", "i", "infty"})
SET_OPS = frozenset({"cup", "cap", "setminus"})
NAMED_SETS = frozenset({"reals", "integers", "naturals", "rationals", "complexes", "emptyset"})
"""Symbols that are sets."""


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below a node."""
    if isinstance(node, Op):
        return node.args
    if isinstance(node, Seq):
        return node.items
    if isinstance(node, Rel):
        return node.terms
    if isinstance(node, Mat):
        return tuple(cell for row in node.rows for cell in row)
    return ()


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it."""
    pending = [node]
    while pending:
        at = pending.pop()
        yield at
        pending.extend(children(at))


def height(node: Node) -> int:
    """How many nodes the longest way down from the root has."""
    tallest, pending = 0, [(node, 1)]
    while pending:
        at, level = pending.pop()
        tallest = max(tallest, level)
        pending.extend((child, level + 1) for child in children(at))
    return tallest


def symbols(node: Node) -> frozenset[str]:
    """Names of the free symbols in a tree."""
    return frozenset(
        n.name
        for n in walk(node)
        if isinstance(n, Sym) and n.name not in CONSTANTS and n.name[0] != BOUND
    )


def replaced(node: Node, values: Mapping[str, Node]) -> Node:
    """The tree with other nodes in the place of some symbols."""
    if isinstance(node, Sym):
        return values.get(node.name, node)
    if isinstance(node, Op):
        return Op(node.name, tuple(replaced(arg, values) for arg in node.args))
    if isinstance(node, Seq):
        items = tuple(replaced(item, values) for item in node.items)
        return Seq(items, node.opening, node.closing)
    if isinstance(node, Rel):
        return Rel(tuple(replaced(term, values) for term in node.terms), node.ops)
    if isinstance(node, Mat):
        return Mat(tuple(tuple(replaced(cell, values) for cell in row) for row in node.rows))
    return node


def scalar(node: Node) -> bool:
    """True for a single number or expression."""
    return isinstance(node, Num | Sym | Op) and not any(
        isinstance(n, Seq | Mat | Rel) or (isinstance(n, Op) and n.name in SET_OPS)
        for n in walk(node)
    )
