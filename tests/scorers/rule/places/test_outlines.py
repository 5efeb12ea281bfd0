"""Outlines as shapes: what is one, and what area it has."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harmo.scorers.rule.places.frame import Picture
from harmo.scorers.rule.places.outlines import (
    MAX_VERTICES,
    TooComplexError,
    rings,
    shape_iou,
    shape_of,
    share_of,
    shared_area,
)

UNIT = Picture(1.0, 1.0)
SQUARE = [[0, 0], [1, 0], [1, 1], [0, 1]]
PENTAGRAM = [[math.sin(4 * math.pi * n / 5), math.cos(4 * math.pi * n / 5)] for n in range(5)]
INNER = math.cos(2 * math.pi / 5) / math.cos(math.pi / 5)
"""From the middle of a pentagram of radius 1 to where its lines cross."""
STAR = 5 * INNER * math.sin(math.pi / 5)
MIDDLE = 2.5 * INNER**2 * math.sin(2 * math.pi / 5)


def circle(count, radius=1.0):
    turns = [2 * math.pi * n / count for n in range(count)]
    return [[radius * math.cos(turn), radius * math.sin(turn)] for turn in turns]


def comb(teeth):
    return [[n / teeth, float(n % 2)] for n in range(teeth)]


@pytest.mark.parametrize(
    ("value", "polygons", "why"),
    [
        (SQUARE, 1, "points"),
        ([0, 0, 1, 0, 1, 1], 1, "COCO's flat list"),
        ([[0, 0, 1, 0, 1, 1], [5, 5, 6, 5, 6, 6]], 2, "several of them"),
        ([SQUARE, SQUARE], 2, "several lists of points"),
        ([*SQUARE, SQUARE[0]], 1, "closed by its first point"),
        ([0, 0, 1, 1], None, "a box is no outline"),
        ([[0, 0], [1, 1]], None, "nor two points"),
        ([0.5, 0.5], None, "nor one"),
        ([[0, 0], [0, 0], [0, 0]], None, "nor one three times, which closes at once"),
        ([0, 0, 1, 0, 1], None, "an odd number of coordinates"),
        ([[0, 0], [1, 0], [1, math.nan]], None, "nan"),
        ([[0, 0], [1, 0], [1, math.inf]], None, "an infinity"),
        ([[0, 0], [1, 0], ["1", "1"]], None, "strings"),
        ([[0, 0], [1, 0], [1, 1, 1]], None, "three coordinates"),
        ([SQUARE, [0, 0, 1, 1]], None, "one of two is a box"),
        ([], None, "nothing"),
        ("square", None, "a text"),
        ([[n, 0] for n in range(10**6)], None, "a million vertices"),
    ],
)
def test_what_is_an_outline(value, polygons, why):
    found = rings(value, UNIT)
    assert (None if found is None else len(found)) == polygons, why


@pytest.mark.parametrize(
    ("value", "area", "why"),
    [
        (SQUARE, 1, "a square"),
        ([SQUARE, SQUARE], 1, "twice the same is once"),
        ([[0, 0], [1, 1], [1, 0], [0, 1]], 0.5, "a bow tie is its two triangles"),
        ([[0, 0], [1, 0], [2, 0]], 0, "a line"),
        ([[0, 0], [1, 0], [0, 0], [1, 0]], 0, "there and back"),
        ([*SQUARE, *SQUARE], 0, "round twice is nowhere, by the even-odd rule"),
        (PENTAGRAM, STAR - MIDDLE, "a star without its middle"),
    ],
)
def test_areas(value, area, why):
    assert shape_of(rings(value, UNIT)).area == pytest.approx(area), why


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ([[n * 7919 % 997, n * 104729 % 991] for n in range(300)], "a scribble"),
        ([[n % 2, 0.5 * (n % 3)] for n in range(1000)], "the same lines over and over"),
        (circle(MAX_VERTICES + 1), "too many vertices"),
        ([circle(1000)] * 3, "too many in all"),
    ],
)
def test_an_outline_that_crosses_itself_too_often_is_refused(value, why):
    with pytest.raises(TooComplexError):
        shape_of(rings(value, UNIT))


def test_two_outlines_that_cross_too_often_are_refused():
    flat, steep = comb(200), [[y, x] for x, y in comb(200)]
    with pytest.raises(TooComplexError):
        shape_iou(shape_of(rings(flat, UNIT)), shape_of(rings(steep, UNIT)))


def test_the_largest_outlines_are_compared():
    ours, theirs = circle(MAX_VERTICES), circle(MAX_VERTICES, 0.9)
    iou = shape_iou(shape_of(rings(ours, UNIT)), shape_of(rings(theirs, UNIT)))
    assert iou == pytest.approx(0.81, abs=1e-3)


def test_boxes_of_a_mask_share_what_they_cover():
    shape = shape_of(rings([[0, 0], [4, 0], [4, 4], [0, 4]], UNIT))
    assert shared_area(shape, [(0, 0, 1, 1), (3, 3, 6, 6)]) == 2.0
    with pytest.raises(TooComplexError):
        shared_area(shape_of(rings(circle(2000), UNIT)), [(0, 0, 1, 1)] * 20_000)


@pytest.mark.parametrize(
    ("shared", "union", "expected"), [(1, 0, 0), (1, 2, 0.5), (3, 2, 1), (1e-12, 1, 0)]
)
def test_a_share_is_in_range_and_free_of_rounding(shared, union, expected):
    assert share_of(shared, union) == expected


STARS = st.lists(st.integers(20, 100), min_size=3, max_size=20).map(
    lambda radii: [
        [
            500 + 4 * radius * math.cos(2 * math.pi * n / len(radii)),
            500 + 4 * radius * math.sin(2 * math.pi * n / len(radii)),
        ]
        for n, radius in enumerate(radii)
    ]
)
SCRIBBLES = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=3, max_size=12, unique=True
).map(lambda places: [list(place) for place in places])


@given(STARS | SCRIBBLES, STARS | SCRIBBLES)
def test_iou_of_outlines(one, other):
    first, second = shape_of(rings(one, UNIT)), shape_of(rings(other, UNIT))
    iou = shape_iou(first, second)

    assert 0.0 <= iou <= 1.0
    assert shape_iou(second, first) == pytest.approx(iou, abs=1e-6)
    assert shape_iou(first, first) == float(first.area > 0)
    turned = shape_of(rings([*one[1:], one[0]], UNIT))
    assert shape_iou(turned, second) == pytest.approx(iou, abs=1e-6), "it starts anywhere"
    doubled = shape_of(rings([one, one], UNIT))
    assert shape_iou(doubled, second) == pytest.approx(iou, abs=1e-6), "twice is once"


@given(STARS, STARS, st.sampled_from([1000.0, 640.0]), st.sampled_from([1000.0, 333.0]))
def test_neither_place_nor_frame_counts(one, other, width, height):
    def shape(value, picture, dx=0.0):
        return shape_of(rings([[x + dx, y] for x, y in value], picture))

    iou = shape_iou(shape(one, UNIT), shape(other, UNIT))
    framed = Picture(width, height)
    assert shape_iou(shape(one, framed), shape(other, framed)) == pytest.approx(iou, abs=1e-6)
    moved = shape_iou(shape(one, UNIT, 17.0), shape(other, UNIT, 17.0))
    assert moved == pytest.approx(iou, abs=1e-6)
