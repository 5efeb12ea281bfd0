"""Texts to trees and back, for the tables of rule.math's rooms."""

from __future__ import annotations

import pytest

from harmo.scorers.rule.math.equality.evaluate import Fuel
from harmo.scorers.rule.math.syntax.clean import clean
from harmo.scorers.rule.math.syntax.parse import parse
from harmo.scorers.rule.math.syntax.tree import Mat, Num, Op, Rel, Seq


@pytest.fixture
def tree():
    """The tree of a text."""
    return lambda text: parse(clean(text))


@pytest.fixture
def fuel():
    """More than any row needs."""
    return Fuel(40_000)


@pytest.fixture
def shown():
    """A tree as one line: `(add x 2)`, `<1, 2>` for a list without brackets."""
    return _shown


def _shown(node) -> str:
    if isinstance(node, Num):
        return str(node.value)
    if isinstance(node, Op):
        return f"({' '.join([node.name, *map(_shown, node.args)])})"
    if isinstance(node, Seq):
        items = ", ".join(map(_shown, node.items))
        return f"{node.opening or '<'}{items}{node.closing or '>'}"
    if isinstance(node, Mat):
        return "|" + "; ".join(" ".join(map(_shown, row)) for row in node.rows) + "|"
    if isinstance(node, Rel):
        terms = [_shown(term) for term in node.terms]
        return terms[0] + "".join(
            f" {op} {term}" for op, term in zip(node.ops, terms[1:], strict=True)
        )
    return node.name
