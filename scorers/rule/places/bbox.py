"""rule.bbox_iou, rule.bbox_set and rule.point_in_box: where something is in a picture."""

from __future__ import annotations

import json
from collections.abc import Mapping

from harmo.scorers.confidence.faults import settled
from harmo.scorers.confidence.verdict import Pair, verdict
from harmo.scorers.reading.around.spans import denied
from harmo.scorers.reading.prose import TAIL_CHARS
from harmo.scorers.registry import scorer
from harmo.scorers.rule.places.frame import (
    Frame,
    Layout,
    Picture,
    Rectangle,
    pays_from_threshold,
    pictures_of,
    points_said,
    quads_said,
    rectangles_said,
    tries_itself,
)
from harmo.scorers.rule.places.matching import assign
from harmo.scorers.types import Reason, Sample, Score

MAX_BOXES = 64
"""Of a reference; of an answer further ones match nothing and are counted as wrong."""
SET_CHARS = 16_000
"""How much of the end of an answer is searched for a set of boxes."""


@scorer(
    "rule.bbox_iou",
    on_loop=True,
    by_text=True,
    self_answer="bare",
    tries=tries_itself,
    near_enough=pays_from_threshold,
)
@settled("rule.bbox_iou")
def bbox_iou(
    sample: Sample,
    *,
    frame: Frame | None = None,
    reference_frame: Frame | None = None,
    layout: Layout = "xyxy",
    threshold: float | None = None,
) -> Score:
    """Intersection over union of the completion's one box and the reference, in [0, 1].

    With `threshold` 1.0 from there on, else 0.0. A box is four numbers in brackets, or two corners
    as Qwen-VL writes them, `(x1,y1),(x2,y2)`. Wrong: no box, several different ones, an empty
    one, one that words deny or doubt (`not [...]`). The coordinate frame must be declared: by
    `frame`, by the sample's metadata (`frame`) or by the reference (`{"box": [...], "frame":
    "pixels"}`). Abstains on a missing or malformed reference, an undeclared frame, or pixels of a
    picture whose size is unknown.

    Args:
        sample: Its reference is `[x1, y1, x2, y2]`, as JSON or text, or an object as above.
        frame: What the coordinates of the completion count, and of the reference unless told.
        reference_frame: What those of the reference count, where that differs.
        layout: Corners, or corner with width and height.
        threshold: Least IoU of a right box.
    """
    pictures = pictures_of(sample, frame, reference_frame)
    if isinstance(pictures, Score):
        return pictures
    references = _references(sample.reference, pictures.reference, layout)
    if not references:
        return Score.abstain(Reason.UNREADABLE_REFERENCE)
    tail = _tail(sample)
    said = rectangles_said(tail, pictures.answer, layout)
    answers = list(dict.fromkeys(said.places))
    if len(answers) != 1 or denied(tail, said.start, said.end):
        pair = Pair.CONFLICT if answers else Pair.NO_ANSWER
        return verdict("rule.bbox_iou", 0.0, pair)
    iou = max(answers[0].iou(reference) for reference in references)
    value = iou if threshold is None else float(iou >= threshold)
    return verdict("rule.bbox_iou", value, Pair.BOX_BOX, iou=iou)


@scorer(
    "rule.bbox_set",
    on_loop=True,
    by_text=True,
    self_answer="bare",
    tries=tries_itself,
    near_enough=True,
)
@settled("rule.bbox_set")
def bbox_set(
    sample: Sample,
    *,
    frame: Frame | None = None,
    reference_frame: Frame | None = None,
    layout: Layout = "xyxy",
    threshold: float = 0.5,
) -> Score:
    """F1 of matched boxes times their mean IoU, in [0, 1].

    Boxes are matched one to one for the largest total IoU (Hungarian method); pairs with IoU of at
    least `threshold` count. Wrong: no box read. Frames and abstentions as in `rule.bbox_iou`.

    Args:
        sample: Its reference is a list of at most 64 boxes, as JSON or text.
        frame: What the coordinates of the completion count, and of the reference unless told.
        reference_frame: What those of the reference count, where that differs.
        layout: Corners, or corner with width and height.
        threshold: Least IoU of a matched pair.
    """
    pictures = pictures_of(sample, frame, reference_frame)
    if isinstance(pictures, Score):
        return pictures
    references = _references(sample.reference, pictures.reference, layout)
    if not 0 < len(references) <= MAX_BOXES:
        return Score.abstain(Reason.UNREADABLE_REFERENCE)
    tail = sample.text[-SET_CHARS:]
    answers, start, end = rectangles_said(tail, pictures.answer, layout)
    if not answers or denied(tail, start, end):
        return verdict("rule.bbox_set", 0.0, Pair.NO_ANSWER)
    ious = [[answer.iou(each) for each in references] for answer in answers[:MAX_BOXES]]
    hits = [ious[i][j] for i, j in assign(ious) if ious[i][j] >= threshold]
    f1 = 2 * len(hits) / (len(answers) + len(references))
    value = f1 * sum(hits) / len(hits) if hits else 0.0
    return verdict(
        "rule.bbox_set",
        value,
        Pair.BOX_BOX,
        matched=len(hits),
        said=len(answers),
        wanted=len(references),
    )


@scorer("rule.point_in_box", on_loop=True, by_text=True, self_answer="never", near_enough=True)
@settled("rule.point_in_box")
def point_in_box(
    sample: Sample,
    *,
    frame: Frame | None = None,
    reference_frame: Frame | None = None,
    layout: Layout = "xyxy",
) -> Score:
    """1.0 if the completion's one point lies in a reference box, borders included, else 0.0.

    Wrong: no point, several different ones, or a box in its place: four numbers are no point.
    Frames and abstentions as in `rule.bbox_iou`.

    Args:
        sample: Its reference is a box, or a list of accepted ones.
        frame: What the coordinates of the completion count, and of the reference unless told.
        reference_frame: What those of the reference count, where that differs.
        layout: Of the reference: corners, or corner with width and height.
    """
    pictures = pictures_of(sample, frame, reference_frame)
    if isinstance(pictures, Score):
        return pictures
    references = _references(sample.reference, pictures.reference, layout)
    if not references:
        return Score.abstain(Reason.UNREADABLE_REFERENCE)
    tail = _tail(sample)
    said = points_said(tail, pictures.answer)
    points = list(dict.fromkeys(said.places))
    if len(points) != 1 or denied(tail, said.start, said.end):
        return verdict("rule.point_in_box", 0.0, Pair.CONFLICT if points else _no_point(sample))
    (point,) = points
    inside = any(reference.holds(point) for reference in references)
    return verdict("rule.point_in_box", float(inside), Pair.BOX_BOX, x=point.x, y=point.y)


def _tail(sample: Sample) -> str:
    return sample.text[-TAIL_CHARS:]


def _no_point(sample: Sample) -> Pair:
    return Pair.WRONG_KIND if quads_said(_tail(sample)).places else Pair.NO_ANSWER


def _references(reference: object, picture: Picture, layout: Layout) -> list[Rectangle]:
    """The boxes of a reference; none where one of them is empty."""
    if isinstance(reference, Mapping):
        reference = reference.get("boxes", reference.get("box"))
    text = reference if isinstance(reference, str) else json.dumps(reference)
    references, _, _ = rectangles_said(text, picture, layout)
    written = len(quads_said(text).places) or len(references)
    return references if len(references) == written else []
