"""Small trees from smaller ones."""

from __future__ import annotations

from fractions import Fraction

from harmo.scorers.rule.math.syntax.lex import Token, UnreadableError
from harmo.scorers.rule.math.syntax.tree import Mat, Node, Num, Op, Rel, Seq, Sym

MAX_DIGITS = 400
MATRICES = frozenset({"matrix", "pmatrix", "bmatrix", "Bmatrix", "array", "smallmatrix"})
"""Environments that hold a matrix."""
NUMBER_SETS = {"R": "reals", "Z": "integers", "N": "naturals", "Q": "rationals", "C": "complexes"}
"""Names of the sets that blackboard letters stand for."""


def decimal(text: str) -> Num:
    """The number that digits with at most one point are.

    Args:
        text: Without separators.

    Raises:
        UnreadableError: If it is too long.
    """
    if len(text) > MAX_DIGITS:
        raise UnreadableError(f"a number of more than {MAX_DIGITS} digits")
    return Num(Fraction(text), len(text.partition(".")[2]) or None, text)


def matrix(rows: list[tuple[Node, ...]]) -> Mat:
    """The matrix of the rows that are not empty.

    Args:
        rows: Row by row.

    Raises:
        UnreadableError: If they differ in length, or there are none.
    """
    full = tuple(row for row in rows if row)
    if not full or len({len(row) for row in full}) != 1:
        raise UnreadableError("ragged matrix")
    return Mat(full)


def negated(node: Node) -> Node:
    """The node with its sign changed."""
    if isinstance(node, Num):
        return Num(-node.value, node.places, "-" + node.text)
    return Op("neg", (node,))


def product(factors: list[Node]) -> Node:
    """Factors side by side as one product."""
    product = factors[0]
    for factor in factors[1:]:
        product = Op("mul", (product, factor))
    return product


def proper(node: Node, token: Token) -> bool:
    """True for a `frac` of two whole numbers, below one: the end of a mixed number."""
    if token.text != "frac" or not isinstance(node, Op) or node.name != "div":
        return False
    top, bottom = node.args
    return (
        isinstance(top, Num)
        and isinstance(bottom, Num)
        and not (top.places or bottom.places)
        and 0 < top.value < bottom.value
    )


def bracketed(opening: str, closing: str, items: list[Node]) -> Node:
    r"""What a pair of brackets makes of its items.

    Args:
        opening: As written, or `floor`, `ceil`, `\\{` for a set.
        closing: The same.
        items: What stands between them.

    Raises:
        UnreadableError: If the brackets do not fit each other or their content.
    """
    pairs = {"floor": "floor", "ceil": "ceil", "\\{": "\\}", "{": "}"}
    if pairs.get(opening, closing) != closing or (closing in {"}", "\\}"} and opening not in pairs):
        raise UnreadableError(f"{opening} closed by {closing}")
    if opening in {"floor", "ceil"}:
        if len(items) != 1:
            raise UnreadableError(f"{opening} of {len(items)} items")
        return Op(opening, tuple(items))
    if opening == "\\{":
        if len(items) == 1 and isinstance(items[0], Rel):
            return items[0]
        return Seq(tuple(items), "{", "}") if items else Sym("emptyset")
    if not items:
        raise UnreadableError("empty brackets")
    if opening == "{":
        return items[0] if len(items) == 1 else Seq(tuple(items))
    if len(items) == 1:
        return items[0]
    return Seq(tuple(items), opening, closing)
