"""Vectors written in unit vectors, and the whole number of a period, whatever its letter is."""

from __future__ import annotations

from fractions import Fraction

from harmo.scorers.rule.math.syntax.tree import Node, Num, Op, Sym, replaced, symbols, walk

_BASIS = ("i", "j", "k")
_ONE = Num(Fraction(1), None, "1")
_ZERO = Num(Fraction(0), None, "0")
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
    if not all(Sym("pi") in set(walk(side)) for side in (reference, answer)):
        return answer
    return replaced(answer, {next(iter(given)): Sym(next(iter(due)))})
