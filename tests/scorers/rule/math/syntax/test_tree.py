"""What can be asked of a tree."""

from __future__ import annotations

import pytest

from harmo.scorers.rule.math.syntax.tree import children, height, replaced, scalar, symbols, walk

SYMBOLS = [
    ("2x + y_1", {"x", "y_1"}, "letters with their subscripts"),
    ("\\pi e i \\infty", set(), "constants are no symbols"),
    ("f(x)", {"f", "x"}, "an unknown function is one"),
    ("\\{a, (b, c)\\}", {"a", "b", "c"}, "within sets and tuples"),
    ("\\begin{pmatrix}a&1\\\\0&d\\end{pmatrix}", {"a", "d"}, "within matrices"),
    ("x < y", {"x", "y"}, "on both sides of a relation"),
]


@pytest.mark.parametrize(("text", "names", "why"), SYMBOLS, ids=[row[2] for row in SYMBOLS])
def test_symbols(tree, text, names, why):
    assert symbols(tree(text)) == names, why


SCALARS = [
    ("2", True, "a number"),
    ("x + \\sqrt{2}", True, "an expression"),
    ("(1, 2)", False, "a tuple"),
    ("1, 2", False, "a list"),
    ("x = 1", False, "a relation"),
    ("\\{1\\}", False, "a set of one"),
    ("A \\cup B", False, "a union"),
    ("2\\begin{pmatrix}1\\end{pmatrix}", False, "a matrix within a product"),
    ("\\emptyset", True, "the name of a set reads as any other"),
]


@pytest.mark.parametrize(("text", "single", "why"), SCALARS, ids=[row[2] for row in SCALARS])
def test_scalars(tree, text, single, why):
    assert scalar(tree(text)) is single, why


@pytest.mark.parametrize(
    ("text", "made", "why"),
    [
        ("x + x^2", "(add y (pow y 2))", "everywhere"),
        ("(x, 1)", "(y, 1)", "in a tuple"),
        ("x = z", "y = z", "in a relation"),
        ("\\begin{pmatrix}x\\end{pmatrix}", "|y|", "in a matrix"),
        ("x_1", "x_1", "another symbol stays"),
    ],
)
def test_symbols_are_replaced(tree, shown, text, made, why):
    assert shown(replaced(tree(text), {"x": tree("y")})) == made, why


@pytest.mark.parametrize(
    ("text", "levels", "nodes", "why"),
    [
        ("5", 1, 1, "a number"),
        ("-x", 2, 2, "an operation above a symbol"),
        ("1 + 2 + 3", 2, 4, "a sum is flat"),
        ("(1, \\sqrt{2})", 3, 4, "a root in a tuple"),
    ],
)
def test_height_and_size(tree, text, levels, nodes, why):
    assert (height(tree(text)), len(list(walk(tree(text))))) == (levels, nodes), why


def test_children_of_a_matrix_are_its_cells(tree):
    cells = children(tree("\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}"))

    assert [cell.value for cell in cells] == [1, 2, 3, 4]
