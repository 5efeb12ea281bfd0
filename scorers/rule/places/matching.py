"""Who belongs to whom, one to one: the heaviest matching, and how many pairs there can be."""

from __future__ import annotations

import math
from collections.abc import Sequence


def assign(weights: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """The pairs (row, column) of the heaviest one-to-one matching (Kuhn 1955, in O(n^2 m))."""
    if not weights or not weights[0]:
        return []
    if len(weights) > len(weights[0]):
        flipped = [list(column) for column in zip(*weights, strict=True)]
        return sorted((row, column) for column, row in assign(flipped))
    rows, columns = len(weights), len(weights[0])
    row_price, column_price = [0.0] * (rows + 1), [0.0] * (columns + 1)
    owner = [0] * (columns + 1)
    for row in range(1, rows + 1):
        _insert(weights, row, row_price, column_price, owner)
    return sorted(
        (owner[column] - 1, column - 1) for column in range(1, columns + 1) if owner[column]
    )


def _insert(
    weights: Sequence[Sequence[float]],
    row: int,
    row_price: list[float],
    column_price: list[float],
    owner: list[int],
) -> None:
    """Give `row` a column along the cheapest augmenting path; prices stay feasible."""
    columns = len(column_price) - 1
    slack, came_from = [math.inf] * (columns + 1), [0] * (columns + 1)
    done = [False] * (columns + 1)
    owner[0], at = row, 0
    while owner[at]:
        done[at] = True
        i, gap, nearest = owner[at], math.inf, 0
        for j in range(1, columns + 1):
            if done[j]:
                continue
            cost = -weights[i - 1][j - 1] - row_price[i] - column_price[j]
            if cost < slack[j]:
                slack[j], came_from[j] = cost, at
            if slack[j] < gap:
                gap, nearest = slack[j], j
        for j in range(columns + 1):
            if done[j]:
                row_price[owner[j]] += gap
                column_price[j] -= gap
            else:
                slack[j] -= gap
        at = nearest
    while at:
        owner[at] = owner[came_from[at]]
        at = came_from[at]


def most_pairs(fits: Sequence[Sequence[int]]) -> int:
    """How many rows can each have a column of their own, of those that fit them (Kuhn's paths)."""
    owner: dict[int, int] = {}
    dead: set[int] = set()
    return sum(_placed(row, fits, owner, dead) for row in range(len(fits)))


def _placed(row: int, fits: Sequence[Sequence[int]], owner: dict[int, int], dead: set[int]) -> bool:
    """Give `row` a column, others moving on for it; what cannot move is dead for all."""
    came_from: dict[int, int] = {}
    rows = [row]
    while rows:
        at = rows.pop()
        for column in fits[at]:
            if column in came_from or column in dead:
                continue
            came_from[column] = at
            if column in owner:
                rows.append(owner[column])
                continue
            _move(column, row, came_from, owner)
            return True
    dead.update(came_from)
    return False


def _move(column: int, row: int, came_from: dict[int, int], owner: dict[int, int]) -> None:
    """Hand columns on along the path that ends at a free one."""
    before = {mine: theirs for theirs, mine in owner.items()}
    at = came_from[column]
    while at != row:
        owner[column] = at
        column = before[at]
        at = came_from[column]
    owner[column] = row
