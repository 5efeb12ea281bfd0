"""What coordinates count, and what is a point and what a box."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harmo.scorers.rule.places.frame import (
    Picture,
    Pictures,
    Point,
    Rectangle,
    pictures_of,
    point,
    points_said,
    quads_said,
    rectangle,
    rectangles_said,
    size_of,
)
from harmo.scorers.types import Image, Reason, Sample

UNIT, THOUSAND, WIDE = Picture(1.0, 1.0), Picture(1000.0, 1000.0), Picture(200.0, 100.0)
IMAGE = Image(content=b"", media_type="image/png", width=200, height=100)
BOX = [1, 2, 3, 4]
UNKNOWN = Reason.UNREADABLE_REFERENCE


@pytest.mark.parametrize(
    ("fields", "params", "expected", "why"),
    [
        ({"reference": BOX}, ("unit",), Pictures(UNIT, UNIT), "one frame for both"),
        ({"reference": BOX}, ("thousand", "unit"), Pictures(THOUSAND, UNIT), "one for each"),
        ({"reference": BOX}, ("pixels",), Pictures(WIDE, WIDE), "the image's size"),
        ({"reference": BOX, "metadata": {"frame": "unit"}}, (None,), Pictures(UNIT, UNIT),
         "declared by the sample"),
        ({"reference": BOX, "metadata": {"frame": "thousand"}}, ("unit",), Pictures(UNIT, UNIT),
         "the recipe's word comes before the sample's"),
        ({"reference": BOX, "metadata": {"frame": "unit", "reference_frame": "pixels"}}, (None,),
         Pictures(UNIT, WIDE), "both declared by the sample"),
        ({"reference": {"box": BOX, "frame": "unit"}}, (None,), Pictures(UNIT, UNIT),
         "a reference that says its frame says it for both"),
        ({"reference": {"box": BOX, "frame": "unit"}}, ("thousand",), Pictures(THOUSAND, UNIT),
         "unless the recipe says the answer's"),
        ({"reference": {"box": BOX, "frame": "unit"}, "metadata": {"frame": "thousand"}}, (None,),
         Pictures(THOUSAND, UNIT), "or the sample does"),
        ({"reference": {"box": BOX, "frame": "unit"}}, ("thousand", "pixels"),
         Pictures(THOUSAND, UNIT), "what it says of itself comes before the recipe's word"),
        ({"reference": {"box": BOX, "frame": 7}}, ("unit",), Pictures(UNIT, UNIT), "no name"),
    ],
)  # fmt: skip
def test_frames_are_declared(fields, params, expected, why):
    assert pictures_of(Sample(images=(IMAGE,), **fields), *params) == expected, why


@pytest.mark.parametrize(
    ("fields", "params", "why"),
    [
        ({"reference": BOX}, (None,), "nobody declares a frame"),
        ({"reference": BOX}, (None, "unit"), "nobody declares a frame"),
        ({"reference": {"box": BOX, "frame": "inches"}}, (None,), "'inches': pixels, unit"),
        ({"reference": BOX, "images": ()}, ("pixels",), "whose size nobody gives"),
    ],
)
def test_what_is_not_declared_says_so(fields, params, why):
    score = pictures_of(Sample(**{"images": (IMAGE,), **fields}), *params)
    assert score.reason is Reason.UNREADABLE_REFERENCE
    assert why in score.detail["why"]


def test_no_reference_has_no_frame():
    assert pictures_of(Sample(), "unit").reason is Reason.NO_REFERENCE


@pytest.mark.parametrize(
    ("metadata", "expected", "why"),
    [
        ({"width": 200, "height": 100}, WIDE, "a size for want of an image"),
        ({"width": 200}, None, "one side"),
        ({"width": 0, "height": 100}, None, "no width"),
        ({"width": "200", "height": "100"}, None, "strings are no numbers"),
        ({"width": math.nan, "height": 100}, None, "no number"),
        ({"width": True, "height": 100}, None, "a truth value"),
        ({}, None, "nothing"),
    ],
)
def test_a_size_may_come_from_the_metadata(metadata, expected, why):
    assert size_of(Sample(metadata=metadata)) == expected, why


def test_the_image_knows_its_size_better_than_the_metadata():
    sample = Sample(images=(IMAGE,), metadata={"width": 7, "height": 7})
    assert size_of(sample) == WIDE


@pytest.mark.parametrize(
    ("value", "is_point", "is_box", "why"),
    [
        ([1, 2], True, False, "a pair is a point"),
        ([1.5, 2], True, False, "with decimals"),
        ((1, 2), True, False, "a tuple as well"),
        ([1, 2, 3, 4], False, True, "four numbers are a box"),
        ([1, 2, 3], False, False, "three are neither"),
        ([1, 2, 3, 4, 5], False, False, "nor five"),
        ([[1, 2], [3, 4]], False, False, "nor two pairs"),
        (["1", "2"], False, False, "strings are no numbers"),
        ([True, False], False, False, "truth values neither"),
        ([math.nan, 2], False, False, "nan"),
        ([math.inf, 2], False, False, "an infinity, or 1e309"),
        ([10**400, 2], False, False, "an integer beyond every double"),
        ([1e8, 2], False, False, "beyond every picture"),
        ([3, 4, 1, 2], False, False, "corners the wrong way round"),
        ([1, 2, 1, 4], False, False, "no width"),
        ("1, 2", False, False, "a text"),
        ({"x": 1, "y": 2}, False, False, "an object"),
        (None, False, False, "nothing"),
    ],
)
def test_a_point_is_a_point_and_a_box_is_a_box(value, is_point, is_box, why):
    assert (point(value, UNIT) is not None, rectangle(value, UNIT) is not None) == (
        is_point,
        is_box,
    ), why


@pytest.mark.parametrize(
    ("text", "points", "quads", "why"),
    [
        ("click(10, 20)", 1, 0, "a call"),
        ("(10, 20), that is [10, 20]", 1, 0, "the same twice"),
        ("(10, 20) or (20, 10)", 2, 0, "two"),
        ("[10, 20, 30, 40]", 0, 1, "a box has no points"),
        ("<10, 20, 30, 40>", 0, 1, "in any brackets"),
        ("[[10, 20], [30, 40]]", 2, 0, "two corners are two points"),
        ("10, 20", 0, 0, "no brackets"),
        ("(1e3, 20) (nan, 1) (inf, inf) (1e309, 2)", 0, 0, "no plain numbers"),
        ("(" + "9" * 400 + ", 2)", 0, 0, "too many digits"),
        ("(١, ٢)", 1, 0, "digits of another script are digits"),
    ],
)
def test_what_a_text_says(text, points, quads, why):
    said = set(points_said(text, UNIT).places), quads_said(text).places
    assert tuple(map(len, said)) == (points, quads), why


@pytest.mark.parametrize(
    ("text", "boxes", "why"),
    [
        ("(1,2),(3,4)", 1, "two corners"),
        ("(1, 2),(3, 4)", 1, "with blanks in them"),
        ("(1, 2), (3, 4)", 0, "with one between them they are two points"),
        ("<|box_start|>(1,2),(3,4)<|box_end|>", 1, "in Qwen-VL's tokens"),
        ("<ref>dog</ref><box>(1,2),(3,4)</box>", 1, "in Qwen-VL's tags"),
        ("(1,2),(3,4) and (5,6),(7,8)", 2, "two boxes"),
        ("(1,2),(3,4)[5,6,7,8]", 2, "in both spellings"),
        ("(1,2),(3,4),(5,6)", 0, "three points are no corners"),
        ("(1,2),(3,4),(5,6),(7,8)", 0, "nor are four"),
        ("(3,4),(1,2)", 0, "corners the wrong way round"),
        ("(1,2) or (3,4)", 0, "two points"),
        ("[1,2],[3,4]", 0, "nor in other brackets"),
    ],
)
def test_two_corners_are_a_box(text, boxes, why):
    for layout in ("xyxy", "xywh"):
        assert len(rectangles_said(text, UNIT, layout).places) == boxes, why


def test_where_places_stand():
    said = rectangles_said("It is [1, 2, 3, 4] and [5, 6, 7, 8].", UNIT)
    assert (said.start, said.end) == (6, 35)


def test_layouts_name_the_same_box():
    assert rectangle([1, 2, 4, 6], UNIT) == rectangle([1, 2, 3, 4], UNIT, "xywh")
    assert rectangles_said("[1, 2, 3, 4]", UNIT, "xywh").places == [Rectangle(1.0, 2.0, 4.0, 6.0)]


def test_a_box_holds_its_border_and_no_more():
    box = Rectangle(0.2, 0.2, 0.6, 0.6)
    places = [Point(0.2, 0.6), Point(0.4, 0.4), Point(0.61, 0.4), Point(0.4, -0.4)]
    assert [box.holds(place) for place in places] == [True, True, False, False]


SIDES = st.integers(0, 900)
BOXES = st.tuples(SIDES, SIDES, st.integers(1, 100), st.integers(1, 100)).map(
    lambda box: [box[0], box[1], box[0] + box[2], box[1] + box[3]]
)


@given(BOXES, BOXES)
def test_iou_is_symmetric_in_range_and_one_for_the_same(one, other):
    first, second = rectangle(one, THOUSAND), rectangle(other, THOUSAND)
    assert first.iou(second) == second.iou(first)
    assert 0.0 <= first.iou(second) <= 1.0
    assert first.iou(first) == 1.0


@given(BOXES, BOXES, st.integers(1, 5000), st.integers(1, 5000))
def test_iou_is_the_same_in_every_frame(one, other, width, height):
    picture = Picture(float(width), float(height))
    sides = [width, height, width, height]

    def said(box):
        return [share / 1000 * side for share, side in zip(box, sides, strict=True)]

    thousand = rectangle(one, THOUSAND).iou(rectangle(other, THOUSAND))
    pixels = rectangle(said(one), picture).iou(rectangle(said(other), picture))
    assert pixels == pytest.approx(thousand, abs=1e-9)
