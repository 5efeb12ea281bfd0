"""Unit vectors, expressions in matrices, and the whole number of a period."""

from __future__ import annotations

import pytest

from harmo.scorers.rule.math.equality.vectors import (
    MAX_MATRICES,
    components,
    expanded,
    recounted,
    worked_out,
)
from harmo.scorers.rule.math.syntax.tree import Mat


@pytest.mark.parametrize(
    ("text", "size", "found", "why"),
    [
        ("2i + 3j", 2, "(mul 2 1), (mul 3 1)", "two components"),
        ("2i - j", 2, "(mul 2 1), (neg 1)", "a sign"),
        ("i + k", 3, "1, 0, 1", "a component that is zero"),
        ("j/2", 2, "0, (div 1 2)", "one above a fraction bar"),
        ("2i + 3j", 3, "(mul 2 1), (mul 3 1), 0", "in the space"),
        ("2i + 3", 2, None, "a complex number"),
        ("2i", 2, None, "another one"),
        ("i + j + k", 2, None, "too many dimensions"),
        ("i + 2i + j", 2, None, "one unit vector twice"),
        ("i*j", 2, None, "a product of two"),
        ("2/j + i", 2, None, "one below the bar"),
        ("j^2 + i", 2, None, "a square"),
        ("i + j", 4, None, "more dimensions than unit vectors"),
    ],
)
def test_components(tree, shown, text, size, found, why):
    terms = components(tree(text), size)

    assert (None if terms is None else ", ".join(map(shown, terms))) == found, why


@pytest.mark.parametrize(
    ("reference", "answer", "made", "why"),
    [
        ("2k\\pi", "2n\\pi", "(mul (mul 2 k) pi)", "the reference's letter"),
        ("2k\\pi", "2k\\pi", "(mul (mul 2 k) pi)", "the same letter already"),
        ("2k", "2n", "(mul 2 n)", "no period"),
        ("2k\\pi", "2x\\pi", "(mul (mul 2 x) pi)", "no letter of a whole number"),
        ("kn\\pi", "2m\\pi", "(mul (mul 2 m) pi)", "two such letters"),
    ],
)
def test_recounted(tree, shown, reference, answer, made, why):
    assert shown(recounted(tree(reference), tree(answer))) == made, why


@pytest.mark.parametrize(
    ("text", "value", "why"),
    [
        ("\\begin{vmatrix}1&2\\\\3&4\\end{vmatrix}", "-2", "between bars"),
        ("\\det \\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}", "-2", "by its name"),
        ("2 + \\begin{vmatrix}5\\end{vmatrix}", "(add 2 5)", "inside an expression"),
        ("\\begin{vmatrix}1&2&3\\\\0&1&4\\\\5&6&0\\end{vmatrix}", "1", "of order three"),
        ("\\begin{vmatrix}1&2\\end{vmatrix}", "(det |1 2|)", "no square"),
        ("x", "x", "none at all"),
    ],
)
def test_expanded(tree, shown, text, value, why):
    assert shown(expanded(tree(text))) == value, why


A = "\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}"
B = "\\begin{pmatrix}0&1\\\\1&0\\end{pmatrix}"
COLUMN = "\\begin{pmatrix}1\\\\1\\end{pmatrix}"
ROWS = [
    (f"2{A}", "|2 4; 6 8|", "a multiple"),
    (f"{A} + {B}", "|1 3; 4 4|", "a sum"),
    (f"{A} - {B}", "|1 1; 2 4|", "a difference"),
    (f"{A}{B}", "|2 1; 4 3|", "a product"),
    (f"{A}{COLUMN}", "|3; 7|", "times a column"),
    (f"{A}^2", "|7 10; 15 22|", "a power"),
    (f"{A}^T", "|1 3; 2 4|", "transposed"),
    (f"x{B}", "|(mul x 0) (mul x 1); (mul x 1) (mul x 0)|", "with a symbol"),
    (f"-{A}", "|-1 -2; -3 -4|", "negated"),
]


@pytest.mark.parametrize(("text", "found", "why"), ROWS, ids=[row[2] for row in ROWS])
def test_worked_out(tree, shown, text, found, why):
    assert shown(worked_out(tree(text))) == found, why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"{A} + {COLUMN}", "other sizes"),
        (f"{COLUMN}{COLUMN}", "no product"),
        (f"{A} + 1", "a matrix and a number"),
        (f"{A}^{{100}}", "a power too high"),
        ("\\begin{pmatrix}x&1\\\\1&x\\end{pmatrix}^3", "a power of symbols"),
        (f"(({A}^3)^3)^3", "a power of a power"),
        ("+".join([A] * (MAX_MATRICES + 1)), "too many"),
        (f"\\sin {A}", "a function of one"),
        ("x + 1", "no matrix"),
    ],
)
def test_what_is_left_as_it_is(tree, text, why):
    assert not isinstance(worked_out(tree(text)), Mat), why
