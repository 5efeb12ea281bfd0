"""Vectors in unit vectors, expressions in matrices, the whole number of a period by any letter."""

from __future__ import annotations

from fractions import Fraction

from harmo.scorers.rule.math.syntax.tree import (
    Mat,
    Node,
    Num,
    Op,
    Sym,
    replaced,
    scalar,
    symbols,
    walk,
)

MAX_MATRICES = 4
"""In one expression: a product's cells hold those of its factors."""
MAX_CELLS = 36
MAX_POWER = 3
MAX_ORDER = 4
"""Of a determinant: each order has as many times the terms."""
_BASIS = ("i", "j", "k")
_ONE = Num(Fraction(1), None, "1")
_ZERO = Num(Fraction(0), None, "0")
_PERIODIC = {Sym("pi"), Sym("integers"), Sym("naturals")}
_COUNTERS = frozenset({"k", "n", "m", "l"})


def components(node: Node, size: int) -> tuple[Node, ...] | None:
    """The components of `2i + 3j` in so many dimensions; None where it is no such sum.

    Args:
        node: The sum.
        size: Dimensions, at most three.
    """
    terms = node.args if isinstance(node, Op) and node.name == "add" else (node,)
    found: dict[str, Node] = {}
    for term in terms:
        named = [n.name for n in walk(term) if isinstance(n, Sym) and n.name in _BASIS]
        if len(named) != 1 or named[0] in found or not _linear(term, named[0]):
            return None
        found[named[0]] = replaced(term, {named[0]: _ONE})
    if not {"j", "k"} & set(found) or not set(found) <= set(_BASIS[:size]) or size > len(_BASIS):
        return None
    return tuple(found.get(name, _ZERO) for name in _BASIS[:size])


def _linear(term: Node, name: str) -> bool:
    """True if a symbol stands in a term as a factor."""
    if term == Sym(name):
        return True
    if not isinstance(term, Op) or term.name not in {"mul", "neg", "div"}:
        return False
    holding = [i for i, arg in enumerate(term.args) if Sym(name) in set(walk(arg))]
    return holding[0] < (1 if term.name == "div" else 2) and _linear(term.args[holding[0]], name)


def recounted(reference: Node, answer: Node) -> Node:
    """The answer with the reference's letter for the whole number in `2k pi`."""
    left, right = symbols(reference), symbols(answer)
    due, given = left & _COUNTERS, right & _COUNTERS
    if len(due) != 1 or len(given) != 1 or given & left or due & right:
        return answer
    if not all(_PERIODIC & set(walk(side)) for side in (reference, answer)):
        return answer
    return replaced(answer, {next(iter(given)): Sym(next(iter(due)))})


def worked_out(node: Node) -> Node:
    """The one matrix that an expression in matrices is; anything else as it is."""
    if not isinstance(node, Op):
        return node
    matrices = [each for each in walk(node) if isinstance(each, Mat)]
    if not 0 < len(matrices) <= MAX_MATRICES:
        return node
    if any(len(m.rows) * len(m.rows[0]) > MAX_CELLS for m in matrices):
        return node
    found = _worked(node)
    return found if isinstance(found, Mat) else node


def expanded(node: Node) -> Node:
    """The node with its determinants written out, those of small matrices of numbers or letters."""
    if not isinstance(node, Op):
        return node
    if node.name == "det" and isinstance(matrix := node.args[0], Mat):
        square = len(matrix.rows) == len(matrix.rows[0]) <= MAX_ORDER
        cells = all(scalar(cell) for row in matrix.rows for cell in row)
        return _expanded(matrix.rows) if square and cells else node
    return Op(node.name, tuple(map(expanded, node.args)))


def _expanded(rows: tuple[tuple[Node, ...], ...]) -> Node:
    """A determinant along its first row."""
    if len(rows) == 1:
        return rows[0][0]
    terms: list[Node] = []
    for column, cell in enumerate(rows[0]):
        minor = tuple((*row[:column], *row[column + 1 :]) for row in rows[1:])
        term = _times(cell, _expanded(minor))
        terms.append(_times(Num(Fraction(-1)), term) if column % 2 else term)
    return _sum(terms)


def _worked(node: Node) -> Node | None:
    """A matrix or scalar; None for what is neither, or does not fit."""
    if isinstance(node, Mat) or scalar(node):
        return node
    if not isinstance(node, Op):
        return None
    if node.name == "pow":
        return _raised(*node.args)
    args = [_worked(arg) for arg in node.args]
    known = [arg for arg in args if arg is not None]
    if len(known) != len(args):
        return None
    if node.name == "neg":
        return _scaled(Num(Fraction(-1)), known[0])
    if node.name == "div" and scalar(known[1]):
        return _scaled(Op("div", (Num(Fraction(1)), known[1])), known[0])
    if node.name not in {"mul", "add"}:
        return None
    found: Node | None = known[0]
    for arg in known[1:]:
        found = _product(found, arg) if node.name == "mul" else _added(found, arg)
    return found


def _raised(base: Node, exponent: Node) -> Node | None:
    """A matrix transposed, or one of numbers to a small power: cells of symbols would swell."""
    if not isinstance(base, Mat):
        return None
    if exponent == Sym("T"):
        return Mat(tuple(zip(*base.rows, strict=True)))
    whole = isinstance(exponent, Num) and exponent.value.denominator == 1
    whole = whole and all(isinstance(cell, Num) for row in base.rows for cell in row)
    if not (whole and 1 <= exponent.value <= MAX_POWER):  # type: ignore[union-attr]
        return None
    found: Node | None = base
    for _ in range(int(exponent.value) - 1):  # type: ignore[union-attr]
        found = _product(found, base)
    return found


def _product(left: Node | None, right: Node) -> Node | None:
    if left is None:
        return None
    if not (isinstance(left, Mat) and isinstance(right, Mat)):
        return _scaled(left, right) if isinstance(right, Mat) else _scaled(right, left)
    if len(left.rows[0]) != len(right.rows):
        return None
    columns = tuple(zip(*right.rows, strict=True))
    return Mat(
        tuple(
            tuple(
                _sum([_times(a, b) for a, b in zip(row, column, strict=True)]) for column in columns
            )
            for row in left.rows
        )
    )


def _scaled(factor: Node, node: Node) -> Node:
    if not isinstance(node, Mat):
        return _times(factor, node)
    return Mat(tuple(tuple(_times(factor, cell) for cell in row) for row in node.rows))


def _added(left: Node | None, right: Node) -> Node | None:
    if left is None or isinstance(left, Mat) != isinstance(right, Mat):
        return None
    if not (isinstance(left, Mat) and isinstance(right, Mat)):
        return _sum([left, right])
    if [len(row) for row in left.rows] != [len(row) for row in right.rows]:
        return None
    rows = zip(left.rows, right.rows, strict=True)
    return Mat(tuple(tuple(_sum([*cells]) for cells in zip(*pair, strict=True)) for pair in rows))


def _times(left: Node, right: Node) -> Node:
    if isinstance(left, Num) and isinstance(right, Num):
        return Num(left.value * right.value)
    return Op("mul", (left, right))


def _sum(terms: list[Node]) -> Node:
    numbers = [term.value for term in terms if isinstance(term, Num)]
    return Num(sum(numbers, Fraction(0))) if len(numbers) == len(terms) else Op("add", tuple(terms))
