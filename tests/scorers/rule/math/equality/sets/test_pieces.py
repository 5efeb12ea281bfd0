"""Pieces of the real line."""

from __future__ import annotations

import pytest

from harmo.scorers.rule.math.equality.sets.pieces import (
    EVERYTHING,
    INF,
    MAX_PIECES,
    Piece,
    combined,
    merged,
    point,
    same_region,
    whole_numbers,
)


def piece(low, high, ends="()"):
    return Piece(low, high, has_low=ends[0] == "[", has_high=ends[1] == "]")


@pytest.mark.parametrize(
    ("name", "left", "right", "found", "why"),
    [
        ("cup", [piece(1, 2)], [piece(2, 3, "[)")], [piece(1, 3)], "pieces that touch"),
        ("cup", [piece(1, 2)], [piece(2, 3)], [piece(1, 2), piece(2, 3)], "a number is missing"),
        ("cap", [piece(1, 3)], [piece(2, 4)], [piece(2, 3)], "what both have"),
        ("cap", [piece(1, 2, "[]")], [piece(2, 3, "[]")], [point(2)], "one number"),
        ("setminus", [EVERYTHING], [point(2)], [piece(-INF, 2), piece(2, INF)], "all but one"),
    ],
)
def test_combined(name, left, right, found, why):
    assert same_region(combined(name, tuple(left), tuple(right)), tuple(found)), why


def test_merged_pieces_are_in_order_and_apart():
    assert merged([piece(3, 4), piece(1, 2), piece(1, 3, "()"), point(3)]) == (piece(1, 4),)


@pytest.mark.parametrize(
    ("pieces", "numbers", "why"),
    [
        ([piece(-2, 3)], [-1, 0, 1, 2], "ends that are not in it"),
        ([piece(-2, 3, "[]")], [-2, -1, 0, 1, 2, 3], "ends that are"),
        ([piece(0.5, 1.5), piece(4.5, 5.5)], [1, 5], "several pieces"),
        ([piece(0, INF)], None, "without end"),
        ([piece(0, MAX_PIECES)], None, "too many"),
    ],
)
def test_whole_numbers(pieces, numbers, why):
    found = whole_numbers(tuple(pieces))

    assert (None if found is None else [each.low for each in found]) == numbers, why
