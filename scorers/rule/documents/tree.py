"""Edit distance of two tables as ordered trees: Zhang and Shasha 1989, a row of cells at a time.

Not the package apted, which the published metric uses: its last release is of 2017, and it takes 35
to 65 times as long for tables of 80 to 200 cells. The distance is exact and the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harmo.scorers.rule.documents.cells import Matrix, unlikeness
from harmo.scorers.rule.documents.markup import Cell, Table

_APART = float(1 << 12)
"""More than any distance: what keeps one stretch of a row from running on into the next."""


@dataclass(frozen=True, slots=True)
class Tree:
    """A table, its rows and their cells in postorder; the table is last."""

    cells: tuple[Cell | None, ...]
    """None for a row and for the table."""
    leftmost: NDArray[np.int64]
    """For each node, its subtree's first."""

    @classmethod
    def of(cls, table: Table) -> Tree:
        """The tree of a table."""
        cells: list[Cell | None] = []
        leftmost: list[int] = []
        for row in table.rows:
            first = len(cells)
            leftmost += [*range(first, first + len(row)), first]
            cells += [*row, None]
        return cls((*cells, None), np.array([*leftmost, 0], dtype=np.int64))

    @property
    def size(self) -> int:
        """Rows and cells: what the published metric counts, the table itself left out."""
        return len(self.cells) - 1

    def inner(self) -> list[int]:
        """Rows that have cells and something before them, then the table: the roots to go over."""
        nodes = range(len(self.cells))
        return [n for n in nodes if self.leftmost[n] < n and (self.leftmost[n] or n == nodes[-1])]


def similarity(left: Table, right: Table, *, structure_only: bool) -> float:
    """Tree-edit-distance-based similarity, in [0, 1]; 1.0 for the same tables."""
    ours, theirs = Tree.of(left), Tree.of(right)
    distance = edit_distance(ours, theirs, renaming(ours, theirs, structure_only=structure_only))
    return max(0.0, 1.0 - distance / max(ours.size, theirs.size))


def renaming(left: Tree, right: Tree, *, structure_only: bool) -> Matrix:
    """What it costs to make each node on the left one on the right, in [0, 1].

    Nothing for rows and for tables, all for different kinds or spans; for cells how far their texts
    are apart.
    """
    costs = np.ones((len(left.cells), len(right.cells)))
    kinds = _kinds(left), _kinds(right)
    costs[kinds[0][:, None] == kinds[1][None, :]] = 0.0
    if structure_only:
        return costs
    ours, theirs = (np.flatnonzero(kind > 0) for kind in kinds)
    texts = [[cell.text for cell in tree.cells if cell is not None] for tree in (left, right)]
    where = np.ix_(ours, theirs)
    costs[where] = np.maximum(costs[where], unlikeness(*texts))
    return costs


def _kinds(tree: Tree) -> NDArray[np.int64]:
    """One number for what may be renamed to each other: tables, rows, cells of the same spans."""
    last = len(tree.cells) - 1
    return np.array(
        [
            (cell.columns << 16 | cell.rows) if cell else (-1 if node == last else 0)
            for node, cell in enumerate(tree.cells)
        ],
        dtype=np.int64,
    )


def edit_distance(left: Tree, right: Tree, renaming: Matrix) -> float:
    """Least cost of making one tree the other: 1 to insert or delete a node."""
    distances = _leaves(left, right, renaming)
    *rows, table = right.inner()
    for root in left.inner():
        # All rows of the right side at once, then what they are part of.
        if rows:
            _forests(left, root, right, rows, renaming, distances)
        _forests(left, root, right, [table], renaming, distances)
    return float(distances[-1, -1])


def _leaves(left: Tree, right: Tree, renaming: Matrix) -> Matrix:
    """The distances of all subtrees of which one is a single node: the rest of the other is extra.

    The single node becomes whichever of the other's nodes is nearest.
    """
    distances = renaming.copy()
    for node in np.flatnonzero(right.leftmost < np.arange(len(right.cells))):
        first = right.leftmost[node]
        distances[:, node] = renaming[:, first : node + 1].min(axis=1) + (node - first)
    for node in np.flatnonzero(left.leftmost < np.arange(len(left.cells))):
        first = left.leftmost[node]
        single = right.leftmost == np.arange(len(right.cells))
        nearest = renaming[first : node + 1].min(axis=0) + (node - first)
        distances[node, single] = nearest[single]
    return distances


def _forests(
    left: Tree,
    root: int,
    right: Tree,
    roots: list[int],
    renaming: Matrix,
    distances: Matrix,
) -> None:
    """Fill in the distances of the subtrees on the left spines of `root` and of each of `roots`.

    Row x of `table` has the distance of the forest of the first x nodes below `root` from each
    forest of nodes below each of `roots`, one stretch after the other, each from the empty forest.
    """
    firsts = right.leftmost[roots]
    nodes = np.concatenate(
        [np.arange(first, last + 1) for first, last in zip(firsts, roots, strict=True)]
    )
    lengths = np.array(roots) - firsts + 1
    stretch = np.repeat(np.arange(len(roots)), lengths)
    starts = np.concatenate(([0], np.cumsum(lengths + 1)[:-1]))
    columns = np.arange(len(nodes)) + stretch + 1
    before = starts[stretch] + right.leftmost[nodes] - firsts[stretch]
    spine = right.leftmost[nodes] == firsts[stretch]
    width = len(nodes) + len(roots)
    steps = np.arange(width, dtype=np.float64)
    ends = np.repeat(np.arange(len(roots)), lengths + 1)
    slope = steps + ends * _APART
    first = int(left.leftmost[root])
    table = np.empty((root - first + 2, width))
    table[0] = steps - starts[ends]
    for node in range(first, root + 1):
        row, above = node - first + 1, table[node - first]
        start = int(left.leftmost[node])
        joined = table[start - first][before] + distances[node, nodes]
        if start == first:
            joined[spine] = (above[columns - 1] + renaming[node, nodes])[spine]
        current = above + 1.0
        current[columns] = np.minimum(current[columns], joined)
        # An insertion costs one for each step to the right, within a stretch.
        current = np.minimum.accumulate(current - slope) + slope
        table[row] = current
        if start == first:
            distances[node, nodes[spine]] = current[columns][spine]
