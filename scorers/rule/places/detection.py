"""rule.detection: which things are where in a picture."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from harmo.scorers.confidence.faults import settled
from harmo.scorers.confidence.verdict import Pair, verdict
from harmo.scorers.registry import scorer
from harmo.scorers.rule.places.frame import (
    Frame,
    Layout,
    Picture,
    Rectangle,
    pictures_of,
    rectangle,
    tries_itself,
)
from harmo.scorers.rule.places.matching import assign, most_pairs
from harmo.scorers.rule.places.said import field, said_places, wanted_places
from harmo.scorers.types import Reason, Sample, Score

NAME = "rule.detection"
MAX_BOXES = 100
"""Boxes of a reference, and of an answer those that may match; COCO takes as many."""
MAX_LABEL_CHARS = 500
"""No longer label is one: it matches nothing, and cannot be read in a reference."""
Metric = Literal["f1", "ap", "iou"]
Threshold = Annotated[float, Field(gt=0, le=1)]
DEFAULT_THRESHOLDS = [0.5]

_BOXES = ("bbox_2d", "bbox", "box_2d", "box", "position")
_LABELS = ("label", "class", "category", "name")
_LISTS = ("objects", "boxes", "detections", "annotations")


class Thing(NamedTuple):
    """A box and what is in it."""

    box: Rectangle | None
    """None for four numbers that are no box: it is said, and matches nothing."""
    label: str


@scorer(
    NAME,
    on_loop=True,
    by_text=True,
    self_answer="bare",
    tries=tries_itself,
    near_enough=lambda metric="f1", **_: metric != "iou",
)
@settled(NAME)
def detection(
    sample: Sample,
    *,
    frame: Frame | None = None,
    reference_frame: Frame | None = None,
    layout: Layout = "xyxy",
    metric: Metric = "f1",
    thresholds: Annotated[list[Threshold], Field(min_length=1, max_length=10)] = DEFAULT_THRESHOLDS,
) -> Score:
    """F1, precision x recall or mean IoU of labelled boxes against the reference's, in [0, 1].

    A box matches one of the reference with its label and an IoU of at least the threshold; each is
    matched once, so that the most do. With `said` boxes in the answer, `wanted` in the reference
    and TP matched:

    - `f1`: 2 TP / (said + wanted), the mean over `thresholds`.
    - `ap`: TP / said x TP / wanted, the mean over `thresholds`: the area under the one step that
      precision and recall make where all boxes have the same confidence. `[0.5, 0.55, ..., 0.95]`
      are COCO's.
    - `iou`: the largest sum of IoUs over max(said, wanted); labels as before, no threshold. So do
      Visual-RFT (arXiv 2503.01785, `compute_reward_iou_v2`) and VisionReasoner (arXiv 2505.12081).

    VLM-R1 (arXiv 2504.07615, `od_reward`) runs COCO's evaluation with confidence 1.0 for all: there
    the order of the boxes counts, boxes with a label that the reference lacks are free, and the
    mean is over classes. Perception-R1 (arXiv 2504.07954) matches one to one as well. Confidences
    that a policy states count for nothing: they would make wrong boxes cheap.

    Answer and reference are JSON lists of objects with a box (`bbox_2d`, `bbox`, `box_2d`, `box` or
    `Position`) and a label (`label`, `class`, `category` or `name`), bare, fenced or alone in a
    sentence. Labels are compared without case and runs of blanks. Wrong: anything else, and a
    list without a box where the reference has one; an empty list is right where the reference is.
    Abstains on a missing or malformed reference, one of more than `MAX_BOXES`, and on frames as in
    `rule.bbox_iou`.

    Args:
        sample: Its reference is such a list, or an object that has one; without any label in it
            labels do not count.
        frame: What the coordinates of the completion count, and of the reference unless told.
        reference_frame: What those of the reference count, where that differs.
        layout: Corners, or corner with width and height.
        metric: What is counted.
        thresholds: Least IoU of a match, for each of which it is counted.
    """
    pictures = pictures_of(sample, frame, reference_frame)
    if isinstance(pictures, Score):
        return pictures
    wanted = _wanted(sample.reference, pictures.reference, layout)
    if wanted is None:
        return Score.abstain(Reason.UNREADABLE_REFERENCE)
    labelled = any(thing.label for thing in wanted)
    try:
        listed = _list(said_places(sample))
    except ValueError as error:
        return verdict(NAME, 0.0, Pair.NO_ANSWER, why=str(error))
    said = _things(listed, pictures.answer, layout, labelled=labelled)
    value = _value(said, wanted, metric, thresholds)
    return verdict(NAME, value, Pair.BOX_BOX, said=len(said), wanted=len(wanted))


def _value(
    said: Sequence[Thing], wanted: Sequence[Thing], metric: Metric, thresholds: Sequence[float]
) -> float:
    if not wanted or not said:
        return float(len(wanted) == len(said))
    by_label = _ious(said[:MAX_BOXES], wanted)
    if metric == "iou":
        total = sum(ious[i][j] for ious in by_label for i, j in assign(ious))
        return total / max(len(said), len(wanted))
    values = []
    for threshold in thresholds:
        matched = sum(_matched(ious, threshold) for ious in by_label)
        if metric == "ap":
            values.append(matched / len(said) * matched / len(wanted))
        else:
            values.append(2 * matched / (len(said) + len(wanted)))
    return sum(values) / len(values)


def _ious(said: Sequence[Thing], wanted: Sequence[Thing]) -> list[list[list[float]]]:
    """For each label that both have, the IoU of each box said with each wanted."""
    boxes: dict[str, tuple[list[Rectangle], list[Rectangle]]] = defaultdict(lambda: ([], []))
    for side, things in enumerate((said, wanted)):
        for box, label in things:
            if box is not None:
                boxes[label][side].append(box)
    return [
        [[one.iou(other) for other in theirs] for one in ours]
        for ours, theirs in boxes.values()
        if ours and theirs
    ]


def _matched(ious: Sequence[Sequence[float]], threshold: float) -> int:
    """How many pairs can be made at a threshold, one to one."""
    return most_pairs([[j for j, iou in enumerate(row) if iou >= threshold] for row in ious])


def _wanted(reference: object, picture: Picture, layout: Layout) -> list[Thing] | None:
    """The things of a reference; None where one is malformed, or only some have a label."""
    try:
        listed = _list(wanted_places(reference))
    except ValueError:
        return None
    things = _things(listed, picture, layout, labelled=True)
    labels = {bool(thing.label) for thing in things}
    unread = any(field(each, _LABELS) is not None and not _label(each) for each in listed)
    if unread or len(labels) > 1 or len(things) > MAX_BOXES:
        return None
    return things if all(thing.box for thing in things) else None


def _list(value: object) -> Sequence[object]:
    """The objects of a JSON value; `ValueError` where it holds none."""
    if (inner := field(value, _LISTS)) is not None:
        value = inner
    if isinstance(value, Mapping):
        return [value]
    if not isinstance(value, list | tuple):
        raise ValueError("no list of boxes")  # noqa: TRY004 - as what is no JSON
    return value


def _things(
    listed: Sequence[object], picture: Picture, layout: Layout, *, labelled: bool
) -> list[Thing]:
    return [
        Thing(
            rectangle(each if isinstance(each, list) else field(each, _BOXES), picture, layout),
            _label(each) if labelled else "",
        )
        for each in listed
    ]


def _label(thing: object) -> str:
    """A thing's label without case and runs of blanks; "" where it has none."""
    label = field(thing, _LABELS)
    if isinstance(label, int) and not isinstance(label, bool):
        return str(label)
    if not isinstance(label, str) or len(label) > MAX_LABEL_CHARS:
        return ""
    return " ".join(unicodedata.normalize("NFKC", label).casefold().split())
