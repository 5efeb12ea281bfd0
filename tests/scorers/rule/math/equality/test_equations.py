"""Equations and inequalities: what they name, and when two say the same."""

from __future__ import annotations

import pytest

from harmo.scorers.rule.math.equality.equations import (
    name_like,
    named,
    same_relation,
    value_of,
)

NAMED = [
    ("x = 5", "x", "5", "a name and its value"),
    ("5 = x", "x", "5", "turned round"),
    ("f(2) = 3", "(call f 2)", "3", "a function's value"),
    ("AB = 4", "(mul A B)", "4", "a segment"),
    ("x = 1/3 \\approx 0.33", "x", "(div 1 3)", "the exact value before its approximation"),
    ("x \\approx 0.33", "x", "33/100", "an approximation alone"),
    ("x = 2 + 3 = 5", "x", "5", "the end of a calculation"),
    ("x \\in \\{1, 2\\}", "x", "{1, 2}", "a set of solutions"),
    ("x \\in {1, 2}", "x", "<1, 2>", "in the braces of a group"),
    ("k \\to 4", "k", "4", "a name that tends to a number"),
    ("x \\to \\infty", "x", "infty", "or grows without end"),
    ("p \\to q", None, None, "an implication"),
    ("3 \\to 4", None, None, "a number tends to nothing"),
    ("xy = 5", None, None, "a product is no name"),
    ("2x = 4", None, None, "nor is a multiple"),
    ("x < 5", None, None, "an inequality names nothing"),
    ("x", None, None, "no relation"),
]


@pytest.mark.parametrize(("text", "label", "value", "why"), NAMED, ids=[row[3] for row in NAMED])
def test_named(tree, shown, text, label, value, why):
    name = named(tree(text))

    found = (None, None) if name is None else (shown(name.label), shown(name.value))
    assert found == (label, value), why


@pytest.mark.parametrize(
    ("text", "value", "why"),
    [
        ("x = 5", "5", "a name's value"),
        ("2 + 3 = 5", "5", "a true calculation"),
        ("(x+1)^2 = x^2 + 2x + 1", "(add (pow x 2) (mul 2 x) 1)", "a true transformation"),
        ("x = 4 = 5", None, "a chain that contradicts itself"),
        ("x = 8x = 7", None, "a member in its own letter that is not its value"),
        ("x = 14 - x = 7", "7", "and one that is"),
        ("\\lim_{n \\to \\infty} a_n = 4", "4", "a limit"),
        ("7 = 5", None, "a false equation"),
        ("a + b = 5", None, "an equation in two unknowns"),
        ("2x = 4", None, "an equation still to be solved"),
        ("\\pi \\approx 3.14", "pi", "a number and its approximation"),
        ("x < 5", None, "an inequality"),
    ],
)
def test_value_of(tree, shown, fuel, text, value, why):
    found = value_of(tree(text), fuel)

    assert (None if found is None else shown(found)) == value, why


@pytest.mark.parametrize(
    ("text", "names", "why"),
    [
        ("x_1", True, "a symbol"),
        ("\\pi", False, "a constant"),
        ("|AB|", True, "a length"),
        ("(p, q)", True, "a pair of names"),
        ("(p, 1)", False, "a pair with a number"),
        ("\\frac{dy}{dx}", True, "a derivative"),
        ("P(A)", True, "a probability"),
        ("\\sin x", True, "a function of a symbol"),
        ("\\sin 1", False, "one of a number"),
        ("x + y", False, "a sum"),
        ("5", False, "a number"),
    ],
)
def test_name_like(tree, text, names, why):
    assert name_like(tree(text)) is names, why


SAME = [
    ("y = 2x + 1", "2x - y + 1 = 0", True, "one line, two equations"),
    ("y = 2x + 1", "2x - y - 1 = 0", False, "a parallel"),
    ("y = 1/x", "xy = 1", True, "the same zeros without a constant factor"),
    ("x + y = 1", "x + z = 1", False, "another symbol"),
    ("y = 1/(x - 1)", "y(x - 1) = 1", True, "a pole where a value was tried"),
    ("x = y", "0x = 0y", None, "an equation that says nothing"),
    ("x < y", "2x < 2y", True, "a positive factor"),
    ("x < y", "-x > -y", True, "a negative one turns it round"),
    ("x < y", "-x < -y", False, "unless it was not turned"),
    ("x < y", "x \\le y", False, "the border belongs to it or does not"),
    ("a < b < c", "c > b > a", True, "a chain turned round"),
    ("a < b < c", "a < c < b", None, "a chain in another order may still follow"),
    ("a < b < c", "a < b", False, "a part of it"),
    ("x = (1, y)", "x = (1, z)", None, "relations of tuples"),
]


@pytest.mark.parametrize(
    ("reference", "answer", "equal", "why"), SAME, ids=[row[3] for row in SAME]
)
def test_same_relation(tree, fuel, reference, answer, equal, why):
    assert same_relation(tree(reference), tree(answer), fuel) is equal, why
