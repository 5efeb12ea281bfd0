"""Labelled boxes: what is read as one, and what a set of them is worth."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harmo.scorers import registry
from harmo.scorers.types import Image, Reason, Sample

NAME = "rule.detection"
PIXELS = {"frame": "pixels"}
DOG = {"bbox_2d": [0, 0, 40, 40], "label": "dog"}
CAT = {"bbox_2d": [60, 60, 90, 90], "label": "cat"}
BOTH = [DOG, CAT]
WHOLE = [0, 0, 200, 100]
ROWS = [
    (BOTH, BOTH, 1, "itself"),
    (BOTH, [CAT, DOG], 1, "in any order"),
    (BOTH, [DOG], 2 / 3, "one of two"),
    ([DOG], BOTH, 2 / 3, "one too many"),
    ([DOG], [DOG, DOG], 2 / 3, "a duplicate"),
    ([DOG], [DOG] * 10, 2 / 11, "ten of them"),
    ([DOG], [{**DOG, "label": "cat"}], 0, "another label"),
    (BOTH, [{**DOG, "label": "cat"}, {**CAT, "label": "dog"}], 0, "labels swapped"),
    ([DOG], [{**DOG, "label": label} for label in ("dog", "cat", "cow", "car")], 2 / 5,
     "every label at the place"),
    ([DOG], [{"bbox_2d": WHOLE, "label": "dog"}], 0, "the whole picture"),
    ([DOG], {"bbox_2d": [0, 0, 40, 40], "label": "dog"}, 1, "an object alone"),
    ([DOG], {"objects": [DOG]}, 1, "in an object"),
    ([DOG], [{"Position": [0, 0, 40, 40], "Label": "Dog", "Confidence": 0.9}], 1, "Visual-RFT's"),
    ([DOG], [{"bbox": [0, 0, 40, 40], "category": " DOG "}], 1, "other names"),
    ([DOG], [{**DOG, "label": "d\u043eg"}], 0, "a letter that looks alike"),
    ([DOG], [{**DOG, "label": "\uff44\uff4f\uff47"}], 1, "wide letters are letters"),
    ([DOG], [{**DOG, "label": "dog\u200b"}], 0, "an invisible character"),
    ([DOG], [{**DOG, "label": ["dog"]}], 0, "a list for a label"),
    ([DOG], [{**DOG, "label": "dog" * 1000}], 0, "no label is so long"),
    ([DOG], [{"bbox_2d": [0, 0, 40, 40]}], 0, "no label"),
    ([DOG], [{"bbox_2d": ["0", "0", "40", "40"], "label": "dog"}], 0, "strings for numbers"),
    ([DOG], [{"bbox_2d": [40, 40, 0, 0], "label": "dog"}], 0, "corners the wrong way round"),
    ([DOG], [{"bbox_2d": [0, 0, 40], "label": "dog"}], 0, "three numbers"),
    ([DOG], [{"bbox_2d": [20, 20], "label": "dog"}], 0, "a point is no box"),
    ([DOG], [{"bbox_2d": [[0, 0], [40, 40]], "label": "dog"}], 0, "two points are no box"),
    ([DOG], [DOG, {"bbox_2d": [9, 9, 9, 9], "label": "dog"}], 2 / 3, "an empty box is one"),
    ([DOG], [DOG, 7, "dog", None], 2 / 5, "so is what is no box"),
    ([DOG], [], 0, "none"),
    ([], [], 1, "none where there is none"),
    ([], [DOG], 0, "one where there is none"),
    ([{"bbox": [0, 0, 9, 9]}], [{"bbox": [0, 0, 9, 9], "label": "x"}], 1, "without labels"),
    ([[0, 0, 9, 9]], [[0, 0, 9, 9]], 1, "nor names"),
    ([{"bbox": [0, 0, 9, 9], "category": 3}], [{"bbox": [0, 0, 9, 9], "category": 3}], 1, "ids"),
]  # fmt: skip


@pytest.mark.parametrize(("reference", "said", "value", "why"), ROWS)
def test_f1(scored, reference, said, value, why):
    score = scored(NAME, reference, json.dumps(said), params=PIXELS)
    assert score.value == pytest.approx(value), why


@pytest.mark.parametrize(
    ("completion", "why"),
    [
        ("", "nothing"),
        ("a dog at [0, 0, 40, 40]", "a box in prose has no label"),
        ("dog: 0, 0, 40, 40", "prose"),
        ('[{"bbox_2d": [0, 0, 40, NaN], "label": "dog"}]', "nan"),
        ('[{"bbox_2d": [0, 0, 40, 1e309], "label": "dog"}]', "beyond every double"),
        ('[{"bbox_2d": [0, 0, 40, 40], "bbox_2d": [0, 0, 40, 40], "label": "dog"}]', "a key twice"),
        ('[{"bbox_2d": [0, 0, 40, 40], "label": "dog"}', "never closed"),
        ('"dog"', "a text"),
        ("7", "a number"),
    ],
)
def test_what_is_no_list_of_boxes_is_wrong(scored, completion, why):
    assert scored(NAME, [DOG], completion, params=PIXELS).value == 0.0, why


@pytest.mark.parametrize(
    ("reference", "reason", "why"),
    [
        (None, Reason.NO_REFERENCE, "none"),
        ("a dog", Reason.UNREADABLE_REFERENCE, "prose"),
        ([DOG, {"bbox_2d": [0, 0, 9, 9]}], Reason.UNREADABLE_REFERENCE, "one label of two"),
        ([{"bbox_2d": [9, 9, 0, 0], "label": "dog"}], Reason.UNREADABLE_REFERENCE, "an empty box"),
        ([{"bbox_2d": [0, 0, 9, 9], "label": ["dog"]}], Reason.UNREADABLE_REFERENCE, "no label"),
        ([DOG] * 101, Reason.UNREADABLE_REFERENCE, "too many"),
        (7, Reason.UNREADABLE_REFERENCE, "a number"),
    ],
)
def test_an_unreadable_reference_abstains_whatever_is_said(scored, reference, reason, why):
    for completion in ("[]", "", json.dumps([DOG])):
        assert scored(NAME, reference, completion, params=PIXELS).reason is reason, why


SHIFTED = {"bbox_2d": [0, 0, 40, 30], "label": "dog"}
"""IoU 0.75 with the dog."""


@pytest.mark.parametrize(
    ("said", "params", "value", "why"),
    [
        ([SHIFTED], {"thresholds": [0.5]}, 1, "above the threshold"),
        ([SHIFTED], {"thresholds": [0.75]}, 1, "at it"),
        ([SHIFTED], {"thresholds": [0.5, 0.6, 0.7, 0.8]}, 0.75, "the mean over thresholds"),
        ([SHIFTED, CAT], {"metric": "ap"}, 0.5, "precision x recall"),
        ([SHIFTED] * 2, {"metric": "ap"}, 0.5, "a duplicate halves precision"),
        ([SHIFTED], {"metric": "iou"}, 0.75, "the IoU itself"),
        ([SHIFTED, CAT], {"metric": "iou"}, 0.375, "over the larger number"),
        ([], {"metric": "iou"}, 0, "none"),
    ],
)
def test_metrics(scored, said, params, value, why):
    score = scored(NAME, [DOG], json.dumps(said), params={**PIXELS, **params})
    assert score.value == pytest.approx(value), why


@pytest.mark.parametrize("thresholds", [[], [0.0], [1.5], [0.5] * 11])
def test_thresholds_that_make_no_sense_are_refused_with_the_recipe(thresholds):
    with pytest.raises(registry.ScorerParamsError):
        registry.bind(NAME, {"thresholds": thresholds})


def test_thousands_of_boxes_are_worth_next_to_nothing(scored):
    many = [{"bbox_2d": [n % 100, 0, n % 100 + 40, 40], "label": "dog"} for n in range(3000)]
    assert scored(NAME, [DOG], json.dumps(many), params=PIXELS).value == pytest.approx(2 / 3001)


GRID = [[x, y, x + 90, y + 90] for x in range(0, 1000, 100) for y in range(0, 1000, 100)]
THINGS = st.lists(
    st.tuples(st.sampled_from(GRID), st.sampled_from(["dog", "cat"])),
    min_size=1, max_size=6, unique_by=lambda thing: str(thing[0]),
).map(lambda things: [{"bbox_2d": box, "label": label} for box, label in things])  # fmt: skip
METRICS = st.sampled_from(["f1", "ap", "iou"])


def value_of(reference, said, metric, *, frame="thousand", side=1000):
    def scaled(things):
        return [
            {**each, "bbox_2d": [place / 1000 * side for place in each["bbox_2d"]]}
            for each in things
        ]

    bound = registry.bind(NAME, {"frame": frame, "metric": metric})
    image = Image(content=b"", media_type="image/png", width=500, height=500)
    sample = Sample(
        reference=scaled(reference), completion=json.dumps(scaled(said)), images=(image,)
    )
    return bound.spec.fn(sample, **bound.params).value


@given(THINGS, THINGS, METRICS, st.randoms())
def test_properties_of_every_metric(reference, said, metric, random):
    value = value_of(reference, said, metric)
    shuffled = random.sample(said, len(said))

    assert 0.0 <= value <= 1.0
    assert value_of(reference, reference, metric) == 1.0
    assert value_of(said, reference, metric) == pytest.approx(value), "symmetric"
    assert value_of(reference, shuffled, metric) == pytest.approx(value), "in any order"
    assert value_of(reference, [*said, said[0]], metric) <= value, "a duplicate"
    wrong = {"bbox_2d": [992, 992, 999, 999], "label": "dog"}
    assert value_of(reference, [*said, wrong], metric) <= value, "a wrong box"
    for frame, side in (("unit", 1), ("pixels", 500)):
        assert value_of(reference, said, metric, frame=frame, side=side) == pytest.approx(value)
