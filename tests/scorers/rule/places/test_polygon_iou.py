"""What part of a picture: polygons and masks against each other."""

from __future__ import annotations

import json
import random
import time
from dataclasses import replace

import pytest

from harmo.app.isolation import Isolation, _carried
from harmo.scorers import registry
from harmo.scorers.types import Image, Reason, Sample

NAME = "rule.polygon_iou"
PIXELS, UNIT, THOUSAND = {"frame": "pixels"}, {"frame": "unit"}, {"frame": "thousand"}
SQUARE = [[0, 0], [40, 0], [40, 40], [0, 40]]
LEFT = {"size": [100, 200], "counts": [0, 4000, 16000]}
"""The left fifth of the picture of 200 by 100."""
SOME = random.Random(3)
SCRIBBLE = [[SOME.randrange(200), SOME.randrange(100)] for _ in range(300)]
ROWS = [
    (SQUARE, SQUARE, 1, "itself"),
    (SQUARE, [40, 40, 0, 40, 0, 0, 40, 0], 1, "flat, and from another corner"),
    (SQUARE, [[0, 0], [40, 0], [40, 20], [0, 20]], 0.5, "half"),
    (SQUARE, [[20, 0], [60, 0], [60, 40], [20, 40]], 1 / 3, "shifted by half"),
    (SQUARE, [[40, 0], [80, 0], [80, 40], [40, 40]], 0, "beside it"),
    (SQUARE, [[0, 0], [200, 0], [200, 100], [0, 100]], 0.08, "the whole picture"),
    (SQUARE, [SQUARE, SQUARE], 1, "twice"),
    (SQUARE, [SQUARE, [[100, 0], [140, 0], [140, 40], [100, 40]]], 0.5, "and one too many"),
    ([SQUARE, [[100, 0], [140, 0], [140, 40], [100, 40]]], SQUARE, 0.5, "one of two"),
    (SQUARE, [[0, 0], [40, 40], [40, 0], [0, 40]], 0.5, "a bow tie"),
    (SQUARE, {"segmentation": [[0, 0, 40, 0, 40, 40, 0, 40]]}, 1, "COCO's object"),
    (SQUARE, [{"polygon": SQUARE, "label": "dog"}], 1, "a list of one object"),
    (SQUARE, [0, 0, 40, 40], 0, "a box is no outline"),
    (SQUARE, [20, 20], 0, "a point is none"),
    (SQUARE, [[0, 0], [20, 20], [40, 40]], 0, "no area"),
    (SQUARE, SCRIBBLE, 0, "a scribble"),
    (SQUARE, [[n, n % 2] for n in range(3000)], 0, "too many vertices"),
    (SQUARE, [["0", "0"], ["40", "0"], ["40", "40"]], 0, "strings for numbers"),
    (SQUARE, {"size": [100, 200], "counts": [0, 4000, 16000]}, 0.4, "a mask against an outline"),
    (LEFT, LEFT, 1, "the mask itself"),
    (LEFT, {"size": [100, 200], "counts": "0PllO"}, 0, "no counts of that picture"),
    (LEFT, {"size": [100, 200], "counts": [0, 2000, 18000]}, 0.5, "half of the mask"),
    (LEFT, {"size": [200, 100], "counts": [0, 4000, 16000]}, 0, "a mask of another picture"),
    (LEFT, {"size": [100, 200], "counts": [0, 20000]}, 0.2, "all pixels"),
    (LEFT, {"size": [100, 200], "counts": [20000]}, 0, "no pixel"),
    (LEFT, {"size": [10**6, 10**6], "counts": [0, 10**12]}, 0, "a trillion pixels"),
    (LEFT, [[0, 0], [40, 0], [40, 100], [0, 100]], 1, "the outline of the mask"),
    (LEFT, [[0, 0], [20, 0], [20, 100], [0, 100]], 0.5, "half of it"),
]  # fmt: skip


@pytest.mark.parametrize(("reference", "said", "value", "why"), ROWS)
def test_areas_are_compared(scored, reference, said, value, why):
    score = scored(NAME, reference, json.dumps(said), params=PIXELS)
    assert score.value == pytest.approx(value, abs=1e-9), why


@pytest.mark.parametrize(
    ("completion", "why"),
    [
        ("", "nothing"),
        ("the left half", "prose"),
        ("[[0, 0], [40, 0], [40, NaN]]", "nan"),
        ("[[0, 0], [40, 0], [40, 1e309]]", "beyond every double"),
        ("[[0, 0], [40, 0], [40, 40]] or [[0, 0], [9, 0], [9, 9]]", "two outlines in a sentence"),
        ('{"size": [100, 200], "counts": [0, 9], "counts": [0, 4000, 16000]}', "a key twice"),
        ("[" + "[1, 2], " * 10**6 + "[3, 4]]", "a million vertices"),
    ],
)
def test_what_is_no_area_is_wrong(scored, completion, why):
    for reference in (SQUARE, LEFT):
        assert scored(NAME, reference, completion, params=PIXELS).value == 0.0, why


@pytest.mark.parametrize(
    ("reference", "params", "reason", "why"),
    [
        (None, PIXELS, Reason.NO_REFERENCE, "none"),
        (SQUARE, {}, Reason.UNREADABLE_REFERENCE, "no frame declared"),
        ([0, 0, 40, 40], PIXELS, Reason.UNREADABLE_REFERENCE, "a box"),
        ([[0, 0], [1, 1], [2, 2]], PIXELS, Reason.UNREADABLE_REFERENCE, "no area"),
        ({"size": [9, 9], "counts": [81]}, PIXELS, Reason.UNREADABLE_REFERENCE, "an empty mask"),
        ({"size": [9, 9], "counts": [8]}, PIXELS, Reason.UNREADABLE_REFERENCE, "a broken mask"),
        ("a dog", PIXELS, Reason.UNREADABLE_REFERENCE, "prose"),
        (SCRIBBLE, PIXELS, Reason.UNREADABLE_REFERENCE,
         "a scribble"),
    ],
)  # fmt: skip
def test_an_unreadable_reference_abstains_whatever_is_said(scored, reference, params, reason, why):
    for completion in ("", json.dumps(SQUARE), json.dumps(LEFT)):
        assert scored(NAME, reference, completion, params=params).reason is reason, why


@pytest.mark.parametrize(("params", "side"), [(UNIT, 1), (THOUSAND, 1000)])
@pytest.mark.parametrize("reference", [SQUARE, LEFT])
def test_every_frame_says_the_same(scored, params, side, reference):
    said = [[10, 5], [70, 5], [30, 60]]
    pixels = scored(NAME, reference, json.dumps(said), params=PIXELS).value
    shares = [[x / 200 * side, y / 100 * side] for x, y in said]
    framed = {**params, "reference_frame": "pixels"}
    assert 0 < pixels < 1
    other = scored(NAME, reference, json.dumps(shares), params=framed).value
    assert other == pytest.approx(pixels, abs=1e-8)


def test_a_threshold_makes_it_right_or_wrong(scored):
    half = json.dumps([[0, 0], [40, 0], [40, 20], [0, 20]])
    assert scored(NAME, SQUARE, half, params={**PIXELS, "threshold": 0.5}).value == 1.0
    assert scored(NAME, SQUARE, half, params={**PIXELS, "threshold": 0.6}).value == 0.0


@pytest.mark.parametrize(
    ("reference", "reason"),
    [(SQUARE, None), (LEFT, None), ([0, 0, 40, 40], Reason.UNREADABLE_REFERENCE)],
)
def test_a_worker_tells_a_bad_reference_from_a_slow_answer(reference, reason):
    assert registry.get(NAME).reference_fault(reference) is reason


@pytest.mark.asyncio
async def test_workers_get_the_size_of_pictures_without_their_bytes():
    bound = registry.bind(NAME, {**THOUSAND, "reference_frame": "pixels"})
    image = Image(content=b"pixels", media_type="image/png", width=200, height=100)
    said = [[x * 5, y * 10] for x, y in SQUARE]
    sample = Sample(reference=SQUARE, completion=json.dumps(said), images=(image,))
    isolation = Isolation(workers=1, memory_bytes=2 << 30)
    try:
        score = await isolation.score(bound, sample, deadline_s=time.monotonic() + 60.0)
    finally:
        await isolation.close()

    assert score.value == 1.0
    assert _carried(bound.spec, sample).images == (replace(image, content=b""),)
