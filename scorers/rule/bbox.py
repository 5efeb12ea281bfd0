"""rule.bbox_iou, rule.bbox_set and rule.point_in_box: where something is in a picture."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from harmo.scorers.confidence.faults import settled
from harmo.scorers.confidence.verdict import Pair, verdict
from harmo.scorers.reading.prose import TAIL_CHARS
from harmo.scorers.registry import scorer
from harmo.scorers.types import Reason, Sample, Score

Frame = Literal["pixels", "unit", "thousand"]
"""What coordinates count: the first image's pixels, or its sides as 1 or as 1000."""
Layout = Literal["xyxy", "xywh"]
MAX_BOXES = 64
"""Boxes read of an answer; further ones are ignored as matches and counted as wrong."""

_NUMBER = r"\s{0,4}+([-+]?(?:\d{1,7}+(?:\.\d{0,12}+)?+|\.\d{1,12}+))\s{0,4}+"
_QUAD = re.compile(r"[\[(<]" + ",".join([_NUMBER] * 4) + r"[\])>]")
_PAIR = re.compile(r"[\[(<]" + ",".join([_NUMBER] * 2) + r"[\])>]")


class Point(NamedTuple):
    """In shares of the picture's sides."""

    x: float
    y: float


class Picture(NamedTuple):
    """The sides of a picture, in what coordinates count."""

    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A box in a picture, its corners in order, in shares of the picture's sides."""

    x1: float
    y1: float
    x2: float
    y2: float

    @property
    def area(self) -> float:
        """In shares of the picture."""
        return (self.x2 - self.x1) * (self.y2 - self.y1)

    @property
    def centre(self) -> Point:
        """In shares of the picture's sides."""
        return Point((self.x1 + self.x2) / 2, (self.y1 + self.y2) / 2)

    def holds(self, point: Point) -> bool:
        """True if a point lies in it, borders included."""
        return self.x1 <= point.x <= self.x2 and self.y1 <= point.y <= self.y2

    def iou(self, other: Rectangle) -> float:
        """Intersection over union, in [0, 1]."""
        width = min(self.x2, other.x2) - max(self.x1, other.x1)
        height = min(self.y2, other.y2) - max(self.y1, other.y1)
        shared = max(width, 0.0) * max(height, 0.0)
        union = self.area + other.area - shared
        return shared / union if union > 0 else 0.0


@scorer(
    "rule.bbox_iou",
    on_loop=True,
    by_text=True,
    self_answer="bare",
    near_enough=lambda threshold=None, **_: threshold is not None,
)
@settled("rule.bbox_iou")
def bbox_iou(
    sample: Sample,
    *,
    frame: Frame | None = None,
    layout: Layout = "xyxy",
    threshold: float | None = None,
) -> Score:
    """Intersection over union of the completion's one box and the reference, in [0, 1].

    With `threshold` 1.0 from there on, else 0.0. Wrong: no box, several different ones, an empty
    one. The coordinate frame must be declared: by `frame`, by the reference (`{"box": [...],
    "frame": "pixels"}`) or by the sample's metadata (`frame`). Abstains on a missing or malformed
    reference, an undeclared frame, or pixels without an image.

    Args:
        sample: Its reference is `[x1, y1, x2, y2]`, as JSON or text, or an object as above.
        frame: What the coordinates of reference and completion count.
        layout: Corners, or corner with width and height.
        threshold: Least IoU of a right box.
    """
    references = _references(sample, frame, layout)
    if isinstance(references, Reason):
        return Score.abstain(references)
    answers = list(dict.fromkeys(_answers(sample, frame, layout)))
    if len(answers) != 1:
        pair = Pair.CONFLICT if answers else Pair.NO_ANSWER
        return verdict("rule.bbox_iou", 0.0, pair)
    iou = max(answers[0].iou(reference) for reference in references)
    value = iou if threshold is None else float(iou >= threshold)
    return verdict("rule.bbox_iou", value, Pair.BOX_BOX, iou=iou)


@scorer("rule.bbox_set", on_loop=True, by_text=True, self_answer="bare", near_enough=True)
@settled("rule.bbox_set")
def bbox_set(
    sample: Sample, *, frame: Frame | None = None, layout: Layout = "xyxy", threshold: float = 0.5
) -> Score:
    """F1 of matched boxes times their mean IoU, in [0, 1].

    Boxes are matched one to one for the largest total IoU (Hungarian method); pairs with IoU of at
    least `threshold` count. Wrong: no box read. Frames and abstentions as in `rule.bbox_iou`.

    Args:
        sample: Its reference is a list of boxes, as JSON or text.
        frame: What the coordinates of reference and completion count.
        layout: Corners, or corner with width and height.
        threshold: Least IoU of a matched pair.
    """
    references = _references(sample, frame, layout)
    if isinstance(references, Reason):
        return Score.abstain(references)
    answers = _answers(sample, frame, layout)
    if not answers:
        return verdict("rule.bbox_set", 0.0, Pair.NO_ANSWER)
    ious = [
        [answer.iou(reference) for reference in references[:MAX_BOXES]]
        for answer in answers[:MAX_BOXES]
    ]
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
def point_in_box(sample: Sample, *, frame: Frame | None = None, layout: Layout = "xyxy") -> Score:
    """1.0 if the completion's one point lies in a reference box, borders included, else 0.0.

    Wrong: no point, or several different ones; the centre of a box is its point. Frames and
    abstentions as in `rule.bbox_iou`.

    Args:
        sample: Its reference is a box, or a list of accepted ones.
        frame: What the coordinates of reference and completion count.
        layout: Corners, or corner with width and height.
    """
    references = _references(sample, frame, layout)
    if isinstance(references, Reason):
        return Score.abstain(references)
    points = _points(sample, frame, layout)
    if len(points) != 1:
        return verdict("rule.point_in_box", 0.0, Pair.CONFLICT if points else Pair.NO_ANSWER)
    (point,) = points
    inside = any(reference.holds(point) for reference in references)
    return verdict("rule.point_in_box", float(inside), Pair.BOX_BOX, x=point.x, y=point.y)


def _tail(sample: Sample) -> str:
    return sample.text[-TAIL_CHARS:]


def _frame(sample: Sample, declared: Frame | None) -> str | None:
    if isinstance(sample.reference, Mapping) and "frame" in sample.reference:
        return str(sample.reference["frame"])
    if declared is not None:
        return declared
    named = sample.metadata.get("frame")
    return named if isinstance(named, str) else None


_SQUARES = {"unit": Picture(1.0, 1.0), "thousand": Picture(1000.0, 1000.0)}


def _picture(sample: Sample, frame: str | None) -> Picture | None:
    """What coordinates are divided by; None where the frame is unknown or its image missing."""
    if frame == "pixels" and sample.images:
        return Picture(float(sample.images[0].width), float(sample.images[0].height))
    return _SQUARES.get(frame or "")


def _references(sample: Sample, declared: Frame | None, layout: Layout) -> list[Rectangle] | Reason:
    if sample.reference is None:
        return Reason.NO_REFERENCE
    picture = _picture(sample, _frame(sample, declared))
    if picture is None:
        return Reason.UNREADABLE_REFERENCE
    reference = sample.reference
    if isinstance(reference, Mapping):
        reference = reference.get("boxes", reference.get("box"))
    text = reference if isinstance(reference, str) else json.dumps(reference)
    quads = _QUAD.findall(text)
    references = [box for quad in quads if (box := _rectangle(quad, picture, layout))]
    if not references or len(references) < len(quads):
        return Reason.UNREADABLE_REFERENCE
    return references


def _answers(sample: Sample, declared: Frame | None, layout: Layout) -> list[Rectangle]:
    picture = _picture(sample, _frame(sample, declared))
    if picture is None:
        return []
    quads = _QUAD.findall(_tail(sample))
    return [box for quad in quads if (box := _rectangle(quad, picture, layout))]


def _points(sample: Sample, declared: Frame | None, layout: Layout) -> set[Point]:
    """The points of an answer; a box stands for its centre."""
    picture = _picture(sample, _frame(sample, declared))
    if picture is None:
        return set()
    pairs = _PAIR.findall(_tail(sample))
    points = {Point(float(x) / picture.width, float(y) / picture.height) for x, y in pairs}
    return points | {answer.centre for answer in _answers(sample, declared, layout)}


def _rectangle(quad: tuple[str, ...], picture: Picture, layout: Layout) -> Rectangle | None:
    """The rectangle of four numbers; None for an empty one."""
    x1, y1, x2, y2 = (float(number) for number in quad)
    if layout == "xywh":
        x2, y2 = x1 + x2, y1 + y2
    width, height = picture
    box = Rectangle(x1 / width, y1 / height, x2 / width, y2 / height)
    return box if box.x1 < box.x2 and box.y1 < box.y2 else None


def assign(weights: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """The pairs (row, column) of the heaviest one-to-one matching (Kuhn 1955, in O(n^2 m))."""
    if not weights or not weights[0]:
        return []
    if len(weights) > len(weights[0]):
        flipped = [list(column) for column in zip(*weights, strict=True)]
        return sorted((row, column) for column, row in assign(flipped))
    rows, columns = len(weights), len(weights[0])
    row_price, column_price = [0.0] * (rows + 1), [0.0] * (columns + 1)
    owner = [0] * (columns + 1)
    for row in range(1, rows + 1):
        _insert(weights, row, row_price, column_price, owner)
    return sorted(
        (owner[column] - 1, column - 1) for column in range(1, columns + 1) if owner[column]
    )


def _insert(
    weights: Sequence[Sequence[float]],
    row: int,
    row_price: list[float],
    column_price: list[float],
    owner: list[int],
) -> None:
    """Give `row` a column along the cheapest augmenting path; prices stay feasible."""
    columns = len(column_price) - 1
    slack, came_from = [math.inf] * (columns + 1), [0] * (columns + 1)
    done = [False] * (columns + 1)
    owner[0], at = row, 0
    while owner[at]:
        done[at] = True
        i, gap, nearest = owner[at], math.inf, 0
        for j in range(1, columns + 1):
            if done[j]:
                continue
            cost = -weights[i - 1][j - 1] - row_price[i] - column_price[j]
            if cost < slack[j]:
                slack[j], came_from[j] = cost, at
            if slack[j] < gap:
                gap, nearest = slack[j], j
        for j in range(columns + 1):
            if done[j]:
                row_price[owner[j]] += gap
                column_price[j] -= gap
            else:
                slack[j] -= gap
        at = nearest
    while at:
        owner[at] = owner[came_from[at]]
        at = came_from[at]
