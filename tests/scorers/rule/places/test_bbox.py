"""Boxes and points in a picture."""

from __future__ import annotations

import pytest

from harmo.scorers import registry
from harmo.scorers.types import Reason, Sample

PIXELS = {"frame": "pixels"}
ROWS = [
    ("rule.bbox_iou", [0, 0, 50, 50], "[0, 0, 50, 25]", PIXELS, 0.5, "half of it"),
    ("rule.bbox_iou", [0, 0, 50, 50], "[0, 0, 50, 26]", {**PIXELS, "threshold": 0.5}, 1,
     "a threshold"),
    ("rule.bbox_iou", [0, 0, 50, 50], "[0,0,50,50] or [0,0,9,9]", PIXELS, 0, "two boxes"),
    ("rule.bbox_iou", [0, 0, 50, 50], "[50, 50, 0, 0]", PIXELS, 0, "corners the wrong way round"),
    ("rule.bbox_iou", [0, 0, 50, 50], "[0, 0, 50, 50]", {**PIXELS, "layout": "xywh"}, 1,
     "another layout"),
    ("rule.bbox_iou", {"box": [0, 0, 1, 1], "frame": "unit"}, "[0,0,1,1]", {}, 1,
     "the reference's frame"),
    ("rule.bbox_set", [[0, 0, 9, 9], [20, 20, 30, 30]], "[[20,20,30,30],[0,0,9,9]]", PIXELS, 1,
     "in any order"),
    ("rule.bbox_set", [[0, 0, 9, 9]], "[0,0,9,9] [20,20,30,30]", PIXELS, 2 / 3, "one too many"),
    ("rule.bbox_set", [[0, 0, 9, 9]], "nothing there", PIXELS, 0, "no box"),
    ("rule.point_in_box", [0, 0, 10, 10], "(5, 5)", PIXELS, 1, "inside"),
    ("rule.point_in_box", [0, 0, 10, 10], "(50, 5)", PIXELS, 0, "outside"),
    ("rule.point_in_box", [0, 0, 10, 10], "(5, 5) or (50, 5)", PIXELS, 0, "two points"),
    ("rule.point_in_box", [0, 0, 10, 10], "[4, 4, 6, 6]", PIXELS, 0, "a box is no point"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "reference", "completion", "params", "value", "why"), ROWS)
def test_verdict(scored, name, reference, completion, params, value, why):
    score = scored(name, reference, completion, params=params)

    assert score.value == pytest.approx(value), why
    assert "pair" in score.detail


@pytest.mark.parametrize(
    ("name", "reference", "params", "why"),
    [
        ("rule.bbox_iou", [0, 0, 9, 9], {}, "no frame declared"),
        ("rule.bbox_iou", [9, 9, 0, 0], PIXELS, "an empty box"),
        ("rule.bbox_set", [], PIXELS, "no box"),
        ("rule.bbox_set", [[n, 0, n + 1, 1] for n in range(65)], PIXELS, "too many to match"),
    ],
)
def test_unreadable_reference_abstains(scored, name, reference, params, why):
    score = scored(name, reference, '{"a": 1}', params=params)

    assert score.reason is Reason.UNREADABLE_REFERENCE, why


def test_pixels_without_an_image_abstain():
    bound = registry.bind("rule.bbox_iou", PIXELS)
    sample = Sample(reference=[0, 0, 9, 9], completion="[0,0,9,9]")

    assert bound.spec.fn(sample, **bound.params).reason is Reason.UNREADABLE_REFERENCE
