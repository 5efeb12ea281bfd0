"""Items of lists and sets."""

from __future__ import annotations

import pytest

from harmo.scorers.rule.math.equality import items


@pytest.mark.parametrize(
    ("text", "found", "why"),
    [
        ("x = 1, y = 2", "1, 2", "without their names"),
        ("x = 1, 2", "1, 2", "where they have one"),
        ("1 < x, 2", "1 < x, 2", "an inequality names nothing"),
    ],
)
def test_values(tree, shown, text, found, why):
    assert ", ".join(map(shown, items.values(tree(text).items))) == found, why


@pytest.mark.parametrize(
    ("text", "found", "why"),
    [
        ("x_1 = 1, x_2 = 2", ["x", "x"], "subscripts number the solutions of one unknown"),
        ("x = 1, y = 2", ["x", "y"], "two unknowns"),
        ("x = 1, 2", ["x"], "an item without label has none"),
    ],
)
def test_letters(tree, text, found, why):
    assert items.letters(tree(text).items) == found, why


@pytest.mark.parametrize(
    ("plain", "counted", "same", "why"),
    [
        ("x = 1, x = 2", "x_1 = 2, x_2 = 1", True, "counted in any order"),
        ("x = 1, x = 2", "y_1 = 1, y_2 = 2", False, "another letter"),
        ("x_1 = 1, x_2 = 2", "x_1 = 2, x_2 = 1", False, "both sides count: so they name unknowns"),
        ("x = 1, y = 2", "x_1 = 1, x_2 = 2", False, "two unknowns"),
        ("x = 1, 2", "x_1 = 1, x_2 = 2", False, "one is not named"),
    ],
)
def test_solutions(tree, plain, counted, same, why):
    assert items.solutions(tree(plain).items, tree(counted).items) is same, why


@pytest.mark.parametrize(
    ("text", "found", "why"),
    [
        ("(1, 2), 3", "1, 2, 3", "a tuple in a list"),
        ("1, 2", "1, 2", "nothing to flatten"),
    ],
)
def test_flattened(tree, shown, text, found, why):
    assert ", ".join(map(shown, items.flattened(tree(text).items))) == found, why


@pytest.mark.parametrize(
    ("text", "found", "why"),
    [
        ("(1, 2), (1, 2)", 1, "a point twice is one solution"),
        ("1, 1", 2, "a number twice may be meant"),
        ("(1, 2), 1, 1", 3, "a mixture stays"),
    ],
)
def test_no_tuple_stands_twice(tree, text, found, why):
    assert len(items.no_tuple_twice(tree(text).items)) == found, why


def test_distinct_items_keep_their_order(tree, shown):
    assert [shown(item) for item in items.distinct(tree("2, 1, 2").items)] == ["2", "1"]


@pytest.mark.parametrize(
    ("text", "found", "why"),
    [
        ("3, \\sqrt{2}, 2", ["(sqrt 2)", "2", "3"], "by value"),
        ("1, x", None, "a symbol has none"),
        ("1, i", None, "complex numbers have no order"),
        ("1, (1, 2)", None, "nor has a pair"),
    ],
)
def test_ordered(tree, shown, fuel, text, found, why):
    reals = items.ordered(tree(text).items, fuel)

    assert (None if reals is None else [shown(real.node) for real in reals]) == found, why
