"""Object keypoint similarity: what is read as a figure, and what pycocotools says of it."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools.cocoeval import COCOeval, Params

from harmo.scorers import registry
from harmo.scorers.rule.places.keypoints import COCO_NAMES, COCO_SIGMAS
from harmo.scorers.types import Image, Reason, Sample

NAME = "rule.keypoints"
TWO = {"frame": "pixels", "sigmas": [0.1, 0.1]}
FIGURE = {"keypoints": [[10, 10], [30, 30]], "area": 400}
NEAR = math.exp(-(5**2) / (2 * 400 * 0.2**2))
"""Of a point that is five pixels off."""
ROWS = [
    ([[10, 10], [30, 30]], 1, "a list of points"),
    ([[10, 10, 2], [30, 30, 1]], 1, "with visibility"),
    ([10, 10, 2, 30, 30, 2], 1, "COCO's flat triples"),
    ({"keypoints": [[10, 10], [30, 30]]}, 1, "an object"),
    ([{"keypoints": [[10, 10], [30, 30]]}], 1, "a list of one figure"),
    ([[[10, 10], [30, 30]]], 1, "a list of one list"),
    ([[10, 10], [30, 35]], (1 + NEAR) / 2, "one is five pixels off"),
    ([[15, 10], [30, 25]], NEAR, "both are"),
    ([[10, 10], None], 0.5, "one is left out"),
    ([[10, 10], [0, 0, 0]], 0.5, "or said to be hidden"),
    ([[30, 30], [10, 10]], math.exp(-800 / (800 * 0.2**2)), "the wrong way round"),
    ([[10, 10]], 0, "one too few"),
    ([[10, 10], [30, 30], [30, 30]], 0, "one too many"),
    ([[10, 10, 20, 20], [30, 30, 40, 40]], 0, "boxes are no points"),
    ([10, 10, 30, 30], 0, "nor is one"),
    ([["10", "10"], ["30", "30"]], 0, "strings for numbers"),
    ([[10, 10], [30, True]], 0, "a truth value"),
    ([[10, 10, "2"], [30, 30, 2]], 0, "a string for a visibility"),
    ({"nose": [10, 10]}, 0, "names that the reference does not have"),
    ([[[10, 10], [30, 30]]] * 2, 0.5, "the figure twice"),
    ([], 0, "none"),
    ([[1e7, 1e7], [-1e7, -1e7]], 0, "far away"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "value", "why"), ROWS)
def test_points_are_compared(scored, said, value, why):
    score = scored(NAME, FIGURE, json.dumps(said), params=TWO)
    assert score.value == pytest.approx(value, abs=1e-9), why


@pytest.mark.parametrize(
    ("completion", "why"),
    [
        ("", "nothing"),
        ("(10, 10) and (30, 30)", "prose"),
        ("[[10, 10], [30, NaN]]", "nan"),
        ("[[10, 10], [30, 1e309]]", "beyond every double"),
        ('"nose"', "a text"),
        ('{"keypoints": [[1, 1], [2, 2]], "keypoints": [[10, 10], [30, 30]]}', "a key twice"),
    ],
)
def test_what_is_no_figure_is_wrong(scored, completion, why):
    assert scored(NAME, FIGURE, completion, params=TWO).value == 0.0, why


@pytest.mark.parametrize(
    ("reference", "params", "reason", "why"),
    [
        (None, TWO, Reason.NO_REFERENCE, "none"),
        (FIGURE, {"frame": "pixels"}, Reason.UNREADABLE_REFERENCE, "17 sigmas for two points"),
        (FIGURE, {"sigmas": [0.1, 0.1]}, Reason.UNREADABLE_REFERENCE, "no frame declared"),
        ({"keypoints": [[1, 1], [2, 2]]}, TWO, Reason.UNREADABLE_REFERENCE, "no area"),
        ({**FIGURE, "area": 0}, TWO, Reason.UNREADABLE_REFERENCE, "an area of nothing"),
        ({**FIGURE, "area": "400"}, TWO, Reason.UNREADABLE_REFERENCE, "an area in words"),
        ({**FIGURE, "area": math.nan}, TWO, Reason.UNREADABLE_REFERENCE, "no number"),
        ({"keypoints": [[1, 1], [2, 2]], "bbox": [0, 0, 9]}, TWO, Reason.UNREADABLE_REFERENCE,
         "three numbers for a box"),
        ({**FIGURE, "keypoints": [[1, 1, 0], None]}, TWO, Reason.UNREADABLE_REFERENCE,
         "no point is labelled"),
        ([FIGURE, 7], TWO, Reason.UNREADABLE_REFERENCE, "one of two is no figure"),
        ([FIGURE] * 33, TWO, Reason.UNREADABLE_REFERENCE, "too many"),
        ([], TWO, Reason.UNREADABLE_REFERENCE, "no figure"),
    ],
)  # fmt: skip
def test_an_unreadable_reference_abstains_whatever_is_said(scored, reference, params, reason, why):
    for completion in ("", "[[10, 10], [30, 30]]", "7"):
        assert scored(NAME, reference, completion, params=params).reason is reason, why


def test_a_size_is_needed_in_every_frame():
    bound = registry.bind(NAME, {**TWO, "frame": "unit"})
    sample = Sample(reference=FIGURE, completion="[[0.1, 0.1], [0.3, 0.3]]")
    assert bound.spec.fn(sample, **bound.params).reason is Reason.UNREADABLE_REFERENCE


def test_what_is_not_labelled_does_not_count(scored):
    reference = {"keypoints": [[10, 10, 2], [0, 0, 0]], "area": 400}
    assert scored(NAME, reference, "[[10, 10], [99, 99]]", params=TWO).value == 1.0


def test_a_box_stands_for_an_area_of_about_half_of_it(scored):
    boxed = {"keypoints": [[10, 10], [30, 30]], "bbox": [0, 0, 40, 20]}
    area = {"keypoints": [[10, 10], [30, 30]], "area": 0.53 * 800}
    said = "[[13, 10], [30, 30]]"
    value = scored(NAME, boxed, said, params=TWO).value
    assert value == scored(NAME, area, said, params=TWO).value < 1.0


def test_points_may_have_names(scored):
    named = {"keypoints": {"tail": [10, 10], "Left Ear": [30, 30]}, "area": 400}
    said = '{"left_ear": [30, 30], "tail": [10, 10]}'
    assert scored(NAME, named, said, params=TWO).value == 1.0
    beside = {**FIGURE, "names": ["tail", "left ear"]}
    assert scored(NAME, beside, said, params=TWO).value == 1.0
    body = {"keypoints": [[n, n] for n in range(17)], "area": 400}
    said = json.dumps({name: [n, n] for n, name in enumerate(COCO_NAMES)})
    assert scored(NAME, body, said, params={"frame": "pixels"}).value == 1.0


def test_several_figures_are_matched_one_to_one(scored):
    other = {"keypoints": [[110, 10], [130, 30]], "area": 400}
    said = json.dumps([[[110, 10], [130, 30]], [[10, 10], [30, 30]]])
    assert scored(NAME, [FIGURE, other], said, params=TWO).value == 1.0
    twice = json.dumps([[[10, 10], [30, 30]]] * 2)
    assert scored(NAME, [FIGURE, other], twice, params=TWO).value == pytest.approx(0.5, abs=1e-6)


def test_a_threshold_makes_it_right_or_wrong(scored):
    said = "[[10, 10], [30, 35]]"
    assert scored(NAME, FIGURE, said, params={**TWO, "threshold": 0.5}).value == 1.0
    assert scored(NAME, FIGURE, said, params={**TWO, "threshold": 0.9}).value == 0.0


def coco_oks(said, reference, area, visible):
    """What pycocotools computes for one figure."""
    judge = COCOeval(iouType="keypoints")
    judge.params = Params(iouType="keypoints")
    judge.params.kpt_oks_sigmas = list_to_array(COCO_SIGMAS)
    flat = [
        number for (x, y), seen in zip(reference, visible, strict=True) for number in (x, y, seen)
    ]
    judge._gts = {(1, 1): [{"keypoints": flat, "bbox": [0, 0, 1, 1], "area": area}]}
    judge._dts = {(1, 1): [{"keypoints": [n for x, y in said for n in (x, y, 2)], "score": 1.0}]}
    return judge.computeOks(1, 1)[0][0]


def list_to_array(numbers):
    import numpy as np

    return np.array(numbers)


PLACES = st.lists(st.tuples(st.integers(1, 199), st.integers(1, 99)), min_size=17, max_size=17)
SEEN = st.lists(st.sampled_from([0, 1, 2]), min_size=17, max_size=17).filter(any)


def value_of(reference, area, said, frame="pixels", scale=(1.0, 1.0)):
    width, height = scale
    bound = registry.bind(NAME, {"frame": frame})
    image = Image(content=b"", media_type="image/png", width=200, height=100)
    sample = Sample(
        reference={
            "keypoints": [[x * width, y * height, seen] for x, y, seen in reference],
            "area": area * width * height,
        },
        completion=json.dumps([[x * width, y * height] for x, y in said]),
        images=(image,),
    )
    return bound.spec.fn(sample, **bound.params).value


@given(PLACES, PLACES, SEEN, st.integers(10, 20_000))
def test_oks_is_that_of_pycocotools_in_every_frame(reference, said, visible, area):
    labelled = [(x, y, seen) for (x, y), seen in zip(reference, visible, strict=True)]
    expected = coco_oks(said, reference, area, visible)

    value = value_of(labelled, area, said)
    assert value == pytest.approx(expected, abs=1e-9)
    assert 0.0 <= value <= 1.0
    assert value_of(labelled, area, reference) == 1.0
    unit = value_of(labelled, area, said, "unit", (1 / 200, 1 / 100))
    thousand = value_of(labelled, area, said, "thousand", (5.0, 10.0))
    assert unit == pytest.approx(value, abs=1e-6)
    assert thousand == pytest.approx(value, abs=1e-6)
