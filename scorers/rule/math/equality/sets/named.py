r"""Sets by name, `A \cup B`: the same if they have the same elements, whatever those are."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from harmo.scorers.rule.math.syntax.tree import NAMED_SETS, SET_OPS, Node, Op, Sym, walk

MAX_NAMES = 6


def same_by_name(reference: Node, answer: Node) -> bool | None:
    """Whether two expressions in sets known by name are one; None where one is no such expression.

    An element is or is not in each of the sets: all cases are tried. `A'` is what is not in A.

    Args:
        reference: Unions, intersections and differences of names.
        answer: Another.
    """
    if not (_is_named(reference) and _is_named(answer)):
        return None
    names = sorted(_names(reference) | _names(answer))
    if len(names) > MAX_NAMES:
        return None
    cases = itertools.product((False, True), repeat=len(names))
    return all(
        _holds(reference, case) == _holds(answer, case)
        for case in (dict(zip(names, each, strict=True)) for each in cases)
    )


def _is_named(node: Node) -> bool:
    """True if a node has nothing but names of sets in it, and no set that is known."""
    if isinstance(node, Op):
        return node.name in SET_OPS and all(map(_is_named, node.args))
    return isinstance(node, Sym) and node.name not in NAMED_SETS and node.name[0].isupper()


def _names(node: Node) -> set[str]:
    return {each.name.rstrip("'") for each in walk(node) if isinstance(each, Sym)}


def _holds(node: Node, case: Mapping[str, bool]) -> bool:
    """True if an element that is in just the sets of a case is in this one."""
    if isinstance(node, Sym):
        primes = len(node.name) - len(node.name.rstrip("'"))
        return case[node.name.rstrip("'")] ^ bool(primes % 2)
    assert isinstance(node, Op)  # noqa: S101 - the caller asked
    left, right = (_holds(arg, case) for arg in node.args)
    if node.name == "cup":
        return left or right
    return left and (right if node.name == "cap" else not right)
