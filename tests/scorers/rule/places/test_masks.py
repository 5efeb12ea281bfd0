"""Masks by the lengths of their runs; pycocotools decodes the same pixels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as coco

from harmo.scorers.rule.places.masks import MAX_RUNS, Mask, mask, mask_iou

PICTURES = st.tuples(st.integers(1, 12), st.integers(1, 12)).flatmap(
    lambda size: st.lists(
        st.booleans(), min_size=size[0] * size[1], max_size=size[0] * size[1]
    ).map(lambda pixels: np.array(pixels, dtype=np.uint8).reshape(size))
)


def text_of(pixels):
    """A mask as pycocotools writes it."""
    encoded = coco.encode(np.asfortranarray(pixels))
    return {"size": encoded["size"], "counts": encoded["counts"].decode()}


def counts_of(pixels):
    """A mask as a list of runs."""
    flat = pixels.flatten(order="F")
    runs, inside = [0], 0
    for pixel in flat:
        if pixel != inside:
            runs.append(0)
            inside = pixel
        runs[-1] += 1
    return {"size": list(pixels.shape), "counts": runs}


def drawn(rectangles, shape):
    pixels = np.zeros(shape, dtype=np.uint8)
    for x1, y1, x2, y2 in rectangles:
        pixels[y1:y2, x1:x2] += 1
    return pixels


@given(PICTURES)
def test_a_mask_is_read_as_pycocotools_reads_it(pixels):
    read = mask(text_of(pixels))

    assert read.area == pixels.sum()
    assert np.array_equal(drawn(read.rectangles(), pixels.shape), pixels)
    assert mask(counts_of(pixels)).inside == read.inside


@given(PICTURES, st.randoms())
def test_iou_is_that_of_the_pixels(pixels, random):
    other = np.array([random.random() < 0.5 for _ in pixels.flat]).reshape(pixels.shape)
    union = (pixels.astype(bool) | other).sum()
    expected = (pixels.astype(bool) & other).sum() / union if union else 0.0
    one, two = mask(counts_of(pixels)), mask(text_of(other.astype(np.uint8)))

    assert mask_iou(one, two) == pytest.approx(expected)
    assert mask_iou(two, one) == mask_iou(one, two)
    assert mask_iou(one, one) == float(one.area > 0)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({"size": [2, 3], "counts": [1, 2, 2]}, "fewer pixels than the picture"),
        ({"size": [2, 3], "counts": [1, 2, 4]}, "more"),
        ({"size": [2, 3], "counts": [7, -3, 2]}, "a negative run"),
        ({"size": [2, 3], "counts": [1.0, 2.0, 3.0]}, "runs of no whole number"),
        ({"size": [2, 3], "counts": [True, 2, 3]}, "a truth value"),
        ({"size": [2, 3], "counts": ["1", "2", "3"]}, "strings"),
        ({"size": [2, 3], "counts": None}, "none"),
        ({"size": [2, 3]}, "no counts"),
        ({"counts": [6]}, "no size"),
        ({"size": [6], "counts": [6]}, "one side"),
        ({"size": [0, 3], "counts": []}, "no side"),
        ({"size": [-2, -3], "counts": [6]}, "negative sides"),
        ({"size": [2.0, 3.0], "counts": [6]}, "sides of no whole number"),
        ({"size": [10**6, 10**6], "counts": [0, 10**12]}, "a picture of a trillion pixels"),
        ({"size": [10**4, 10**4], "counts": [0] * MAX_RUNS + [10**8]}, "too many runs"),
        ({"size": [2, 3], "counts": "zzz"}, "a count that does not end"),
        ({"size": [2, 3], "counts": "o" * 100}, "a count of 500 bits"),
        ({"size": [2, 3], "counts": "6 "}, "a character below the alphabet"),
        ({"size": [2, 3], "counts": "6\u2603"}, "one above it"),
        ({"size": [2, 3], "counts": "O"}, "a negative count"),
        ([[0, 0], [1, 1]], "no object"),
        (None, "nothing"),
    ],
)
def test_what_is_no_mask(value, why):
    assert mask(value) is None, why


def test_masks_of_different_pictures_have_nothing_in_common():
    assert mask_iou(Mask(2, 3, (0, 6)), Mask(3, 2, (0, 6))) == 0.0


def test_a_run_over_several_columns_is_three_boxes_at_most():
    assert mask({"size": [4, 5], "counts": [2, 15, 3]}).rectangles() == [
        (0, 2, 1, 4), (4, 0, 5, 1), (1, 0, 4, 4),
    ]  # fmt: skip
