"""Tree against tree: structure first, then numbers."""

from __future__ import annotations

import pytest

from harmo.scorers.confidence.verdict import Pair
from harmo.scorers.rule.math.equality.compare import MAX_ITEMS, compare, same, unordered
from harmo.scorers.rule.math.equality.evaluate import Fuel, OutOfFuelError
from harmo.scorers.rule.math.finding import SettledBy
from harmo.scorers.rule.math.syntax.tree import Seq

ROWS = [
    ("(1, 2)", "(1, 4/2)", True, "pairs item by item"),
    ("(1, 2)", "(2, 1)", False, "in their order"),
    ("(1, 2)", "[1, 2]", False, "brackets tell intervals apart"),
    ("(1, 2)", "1, 2", True, "a list beside a tuple has its order"),
    ("(1, 2)", "\\{1, 2\\}", False, "a set has none"),
    ("1, 2", "2, 1", True, "nor have two lists"),
    ("1, 1, 2", "1, 2, 2", False, "numbers of a list count as often as they stand"),
    ("\\{1, 1, 2\\}", "\\{2, 1\\}", True, "in a set they do not"),
    ("\\{a, b\\}", "\\{b, a\\}", True, "symbols one by one"),
    ("x = 1, y = 2", "2, 1", False, "labels give a list its order"),
    ("x = 1, y = 2", "1, 2", True, "in which the bare items stand"),
    ("x_1 = 1, x_2 = 2", "2, 1", True, "two solutions for one unknown have none"),
    ("x = 1", "1", True, "a name left out"),
    ("1", "x = 1", True, "a name added"),
    ("x = 1", "y = 1", False, "another name"),
    ("f(x) = 2x", "y = 2x", True, "a function under another name"),
    ("W(n) = n", "W(x) = x", False, "a function of another letter is not that function"),
    ("W(n) = 5", "W(x) = 5", True, "a value under the function's name"),
    ("W(n) = 5", "V(n) = 5", False, "under another's"),
    ("x = 1, y = 2", "(1, 2), 3", False, "more items than labels"),
    ("x = 1, y = 2", "\\{(1, 3)\\}", False, "as many, but others"),
    ("x + y = 10", "10", False, "half an equation"),
    ("(a, \\infty)", "(b, \\infty)", None, "rays whose ends are no numbers"),
    ("\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}", "[(1, 2), (3, 4)]", False, "a list of points"),
    ("5", "x < 5", False, "a number is no inequality"),
    ("x > 2", "(2, \\infty)", True, "an inequality and its interval"),
    ("(a, \\infty)", "x > a", None, "ends that are no numbers"),
    ("\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}", "\\begin{pmatrix}1&2\\\\3&5\\end{pmatrix}", False,
     "one cell differs"),
    ("\\begin{pmatrix}1\\\\2\\end{pmatrix}", "(1, 2)", True, "a column is a tuple"),
    ("\\begin{pmatrix}1\\\\2\\end{pmatrix}", "\\{1, 2\\}", False, "but no set"),
    ("\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}", "[[1, 2], [3, 4]]", True, "a list of rows"),
    ("\\begin{pmatrix}2&4\\\\6&8\\end{pmatrix}", "2\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}", True,
     "a product of matrices worked out"),
    ("\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}", "2\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}", False,
     "another one"),
    ("\\frac{3}{4} = 0.75", "0.75", True, "a chain by one of its members"),
    ("\\frac{3}{4} = 0.75", "0.76", False, "by none of them"),
    ("\\frac{3}{4} = 0.75", "1 = 1", False, "by a truth"),
    ("\\sqrt{2} \\approx 1.41", "1.41", True, "by what it rounds to"),
    ("(x+1)^2 = x^2+2x+1", "x^2+2x+1", True, "an identity by a side"),
    ("\\begin{pmatrix}0.33\\\\2\\end{pmatrix}", "(1/3, 2)", True, "a rounded reference"),
    ("(1/3, 2)", "\\begin{pmatrix}0.33\\\\2\\end{pmatrix}", False, "and the answer is not"),
    ("1/3, 2", "(0.33, 2)", False, "not in a tuple for a list"),
    ("0.33, 2", "(1/3, 2)", True, "the other way round"),
    ("f'(x) = 2x", "f(x) = 2x", False, "a function for its derivative"),
    ("y' = 2x", "\\frac{dy}{dx} = 2x", True, "a derivative in another notation"),
    ("f(2) = 3", "f(3) = 3", False, "a value at another place"),
    ("\\log_2 x = 2y", "\\log_3 x = 2y", False, "a logarithm is no name"),
    ("2^3 = 3", "1 = 2", False, "falsehoods are not all one"),
    ("(1, 2]", "1, 2", False, "an interval is no list"),
    ("\\{n \\in \\mathbb{Z} \\mid n > 4\\}", "\\{n \\in \\mathbb{R} \\mid n > 4\\}", False,
     "a condition in another set"),
    ("\\dot{x} = -2x", "x = -2x", False, "a name that its own value has"),
    ("p \\land q", "q \\land p", True, "logic in any order"),
    ("p \\land q", "p \\lor q", None, "but not by any sign"),
    ("\\bigcup_{k \\in \\mathbb{Z}} (2k, 2k+1)", "\\bigcup_{n \\in \\mathbb{Z}} (2n, 2n+1)", True,
     "an index of another name"),
    ("\\bigcup_{k \\in \\mathbb{Z}} (2k, 2k+1)", "\\bigcup_{k \\in \\mathbb{Z}} (2k, 2k+2)", None,
     "a union that nothing here works out"),
    ("(0,4) \\cup (4,\\infty)", "x > 0, x \\ne 4", True, "several conditions at once"),
    ("(2, 3)", "2i + 3j", True, "a vector in unit vectors"),
    ("\\{5\\}", "5", True, "a set of one"),
    ("(1, 2)", "3", False, "a pair is no number"),
    ("[1, 2) \\cup (2, 3]", "[1, 3]", False, "unions as sets"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("reference", "answer", "equal", "why"), ROWS, ids=[row[3] for row in ROWS]
)
def test_same(tree, fuel, reference, answer, equal, why):
    assert same(tree(reference), tree(answer), fuel) is equal, why


@pytest.mark.parametrize(
    ("reference", "answer", "pair", "settled_by"),
    [
        ("x = 1", "1", Pair.RELATION, SettledBy.RELATION),
        ("1/2", "2/4", Pair.NUM_NUM, SettledBy.EVALUATION),
        ("x", "y", Pair.EXPR_EXPR, SettledBy.EVALUATION),
        ("(1, 2)", "(1, 2)", Pair.STRUCT_STRUCT, SettledBy.STRUCTURE),
        ("(1, 2)", "3", Pair.STRUCT_OTHER, SettledBy.STRUCTURE),
    ],
)
def test_finding_names_its_pair_and_what_settled_it(
    tree, fuel, reference, answer, pair, settled_by
):
    found = compare(tree(reference), tree(answer), fuel)

    assert (found.pair, found.settled_by) == (pair, settled_by)


def test_long_lists_of_symbols_are_left_open(tree, fuel):
    symbols = tree(",".join(f"x_{i}" for i in range(30))).items
    numbers = tree(",".join(str(i) for i in range(30))).items

    assert unordered(symbols, symbols[::-1], fuel) is None
    assert unordered(numbers, numbers[::-1], fuel) is True


def test_endless_lists_are_left_open(tree, fuel):
    long, turned = (Seq(tree(pair).items * MAX_ITEMS) for pair in ("1,2", "2,1"))

    assert same(long, turned, fuel) is None
    assert same(long, long, fuel) is True


def test_comparison_stops_when_the_fuel_is_spent(tree):
    with pytest.raises(OutOfFuelError):
        same(tree("(x+1)^5"), tree("(x+1)^6"), Fuel(5))
