"""Sets that are known by name alone."""

from __future__ import annotations

import pytest

from harmo.scorers.rule.math.equality.sets.named import MAX_NAMES, same_by_name

ROWS = [
    ("A \\cup B", "B \\cup A", True, "in any order"),
    ("A \\cap (B \\cup C)", "(A \\cap B) \\cup (C \\cap A)", True, "distributed"),
    ("A \\setminus B", "A \\cap B'", True, "a difference by the complement"),
    ("(A \\cup B) \\setminus A", "B \\setminus A", True, "what is taken away"),
    ("A''", "A", True, "the complement of the complement"),
    ("A \\setminus B", "B \\setminus A", False, "a difference has an order"),
    ("A \\cup B", "A \\cap B", False, "another operation"),
    ("A \\cup B", "A \\cup C", False, "another set"),
    ("A \\cup B", "A", False, "one of them"),
    ("A \\cup \\{1\\}", "A", None, "a set of numbers is no name"),
    ("A \\cup \\emptyset", "A", None, "nor is one that is known"),
    ("x \\cup y", "y \\cup x", None, "small letters are elements"),
    (" \\cup ".join("ABCDEFG"[: MAX_NAMES + 1]), "A", None, "too many cases"),
]


@pytest.mark.parametrize(("left", "right", "same", "why"), ROWS, ids=[row[3] for row in ROWS])
def test_same_by_name(tree, left, right, same, why):
    assert same_by_name(tree(left), tree(right)) is same, why
