"""Small trees from smaller ones."""

from __future__ import annotations

from fractions import Fraction

from harmo.scorers.rule.math.syntax.lex import Token, UnreadableError
from harmo.scorers.rule.math.syntax.tree import (
    BOUND,
    Mat,
    Node,
    Num,
    Op,
    Rel,
    Seq,
    Sym,
    replaced,
    symbols,
    walk,
)

MAX_DIGITS = 400
MATRICES = frozenset({"matrix", "pmatrix", "bmatrix", "Bmatrix", "array", "smallmatrix"})
"""Environments that hold a matrix."""
DETERMINANT = "vmatrix"
"""The environment of a matrix between bars."""
CASES = "cases"
"""The environment of systems and of functions by pieces."""
CONDITIONAL = frozenset(
    {("word", "if"), ("word", "when"), ("word", "for"), ("word", "otherwise"), ("sep", ",")}
)
"""Tokens that stand before a condition and say nothing."""
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


def cases(rows: list[tuple[Node, ...]]) -> Node:
    """The list that a system is, or a function by pieces: values, each with its condition.

    Args:
        rows: Row by row, a value or equation and perhaps a condition.

    Raises:
        UnreadableError: If a row has more than two cells, or there are none.
    """
    full = [row for row in rows if row]
    if not full or max(map(len, full)) > 2:
        raise UnreadableError("cases of more than two cells")
    if all(len(row) == 1 for row in full):
        return full[0][0] if len(full) == 1 else Seq(tuple(row[0] for row in full))
    return Op(CASES, tuple(Seq(row) for row in full))


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


def over_index(name: str, index: Rel, last: Node, body: Node) -> Node:
    """A sum or product of terms, its letter replaced by one that no text has.

    Args:
        name: `sum` or `prod`.
        index: Its letter and the first value.
        last: The last value.
        body: What is summed.

    Raises:
        UnreadableError: If the range is not that of one letter.
    """
    letter = index.terms[0]
    if index.ops != ("=",) or not isinstance(letter, Sym):
        raise UnreadableError("a range that is no equation")
    return unnamed(Op(name, (letter, index.terms[1], last, body)), letter)


def unnamed(node: Op, letter: Node) -> Node:
    """An operator's node with its own letter replaced by one that no text has.

    Args:
        node: What stands below and above it, and its body.
        letter: The letter; anything else changes nothing.
    """
    if not isinstance(letter, Sym):
        return node
    inner = {n.name for n in walk(node) if isinstance(n, Sym) and n.name[0] == BOUND}
    return replaced(node, {letter.name: Sym(f"{BOUND}{len(inner) + 1}")})


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


def propositions(items: list[Node], joined: set[str]) -> list[Node]:
    r"""Items, or the one formula of logic that they are: `p \land q` is not `p \lor q`.

    Args:
        items: What stands between the signs.
        joined: The signs.
    """
    logical = len(items) > 1 and joined in ({"land"}, {"lor"})
    if not logical or not all(_is_proposition(item) for item in items):
        return items
    return [Op(joined.pop(), tuple(sorted(items, key=repr)))]


def set_by(head: list[Node], conditions: list[Node]) -> Node:
    """The condition that makes a set, or the list of several; where the letter may be is one.

    Args:
        head: What stands before the bar.
        conditions: What stands behind it.

    Raises:
        UnreadableError: If no condition is on the letter.
    """
    letter = head[0].terms[0] if isinstance(head[0], Rel) else head[0]
    names = symbols(Seq(tuple(conditions)))
    if not names or (isinstance(letter, Sym) and letter.name not in names):
        raise UnreadableError("a set by a condition on nothing")
    domains = [n for n in head if isinstance(n, Rel) and n.terms[-1] != Sym("reals")]
    found = [*conditions, *domains]
    return found[0] if len(found) == 1 else Seq(tuple(found))


def _is_proposition(node: Node) -> bool:
    return isinstance(node, Sym) or (isinstance(node, Op) and node.name in {"call", "land", "lor"})


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
        if (opening, closing) in {("(", "]"), ("[", ")")}:
            raise UnreadableError(f"{opening} closed by {closing}")
        return items[0]
    return Seq(tuple(items), opening, closing)
