"""The edit distance of two tables, against one that is written down as it is defined."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harmo.scorers.reading.distance import levenshtein
from harmo.scorers.rule.documents.markup import Cell, Table
from harmo.scorers.rule.documents.tree import Tree, edit_distance, renaming, similarity

CELLS = st.builds(
    Cell,
    st.text("ab", max_size=3),
    columns=st.sampled_from([1, 1, 1, 2]),
    rows=st.sampled_from([1, 1, 1, 2]),
)
TABLES = st.builds(
    Table,
    st.lists(st.lists(CELLS, max_size=4).map(tuple), min_size=1, max_size=4).map(tuple),
).filter(lambda table: bool(table.cells))

Node = tuple[str, Cell | None, tuple["Node", ...]]


def as_node(table: Table) -> Node:
    rows = (("tr", None, tuple(("td", cell, ()) for cell in row)) for row in table.rows)
    return ("table", None, tuple(rows))


def size(forest: tuple[Node, ...]) -> int:
    return sum(1 + size(node[2]) for node in forest)


def rename(one: Node, other: Node, *, structure_only: bool) -> float:
    if one[0] != other[0]:
        return 1.0
    ours, theirs = one[1], other[1]
    if ours is None or theirs is None:
        return 0.0
    if (ours.columns, ours.rows) != (theirs.columns, theirs.rows):
        return 1.0
    longer = max(len(ours.text), len(theirs.text))
    return 0.0 if structure_only or not longer else levenshtein(ours.text, theirs.text) / longer


def defined(left: Table, right: Table, *, structure_only: bool) -> float:
    """Of the last trees of two forests, delete one, insert the other, or match them."""

    @cache
    def distance(ours: tuple[Node, ...], theirs: tuple[Node, ...]) -> float:
        if not ours or not theirs:
            return size(ours) + size(theirs)
        one, other = ours[-1], theirs[-1]
        return min(
            distance(ours[:-1] + one[2], theirs) + 1,
            distance(ours, theirs[:-1] + other[2]) + 1,
            distance(ours[:-1], theirs[:-1])
            + distance(one[2], other[2])
            + rename(one, other, structure_only=structure_only),
        )

    return distance((as_node(left),), (as_node(right),))


@settings(max_examples=300, deadline=None)
@given(TABLES, TABLES, st.booleans())
def test_the_distance_is_the_one_that_is_defined(left, right, structure_only) -> None:
    ours, theirs = Tree.of(left), Tree.of(right)
    found = edit_distance(ours, theirs, renaming(ours, theirs, structure_only=structure_only))

    assert found == pytest.approx(defined(left, right, structure_only=structure_only), abs=1e-9)


def lettered(*rows: str) -> Table:
    return Table(tuple(tuple(Cell(letter) for letter in row) for row in rows))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (lettered("q", "abcdefg", "abcdefg"), lettered("q", "abcdefg", "z")),
        (lettered("q", "abcdefg", "z"), lettered("q", "z", "abcdefg")),
        (lettered("q", "abcdefg", "hijklmn"), lettered("q", "abcdefg", "z", "hijklmn")),
        (lettered("q", "z", "abcdefg"), lettered("q", "abcdefg", "y")),
        (lettered("abcdefg"), lettered("abc", "defg")),
        (lettered("", "abcdefg", ""), lettered("", "", "z", "abc", "defg")),
    ],
)
def test_rows_side_by_side_do_not_run_into_each_other(left: Table, right: Table) -> None:
    ours, theirs = Tree.of(left), Tree.of(right)
    found = edit_distance(ours, theirs, renaming(ours, theirs, structure_only=False))

    assert found == pytest.approx(defined(left, right, structure_only=False), abs=1e-9)


@given(TABLES, TABLES, st.booleans())
def test_similarity_is_in_range_and_goes_both_ways(left, right, structure_only) -> None:
    there = similarity(left, right, structure_only=structure_only)

    assert 0.0 <= there <= 1.0
    assert similarity(right, left, structure_only=structure_only) == pytest.approx(there, abs=1e-9)


@given(TABLES)
def test_a_table_is_itself(table) -> None:
    assert similarity(table, table, structure_only=False) == 1.0


@given(TABLES, TABLES)
def test_structure_alone_is_never_less_alike(left, right) -> None:
    full = similarity(left, right, structure_only=False)
    assert similarity(left, right, structure_only=True) >= full - 1e-9


@given(TABLES, st.integers(0, 3), st.text("cd", min_size=1, max_size=3))
def test_a_cell_too_many_costs_a_node(table, row, text) -> None:
    place = row % len(table.rows)
    rows = [*table.rows]
    rows[place] = (*rows[place], Cell(text))
    longer = Table(tuple(rows))
    nodes = len(longer.rows) + len(longer.cells)

    assert similarity(table, longer, structure_only=False) == pytest.approx(1 - 1 / nodes)


def test_the_longest_tables_are_compared() -> None:
    wide = Table((tuple(Cell(str(n)) for n in range(1_400)),))
    high = Table(tuple((Cell(str(n)),) for n in range(700)))

    assert 0.0 <= similarity(wide, high, structure_only=False) < 0.6
    assert similarity(high, high, structure_only=False) == 1.0
