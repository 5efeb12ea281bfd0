"""rule.keypoints: where the joints of something are in a picture."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from harmo.scorers.confidence.faults import settled
from harmo.scorers.confidence.verdict import Pair, verdict
from harmo.scorers.registry import scorer
from harmo.scorers.rule.places.frame import (
    Frame,
    Picture,
    Point,
    coordinate,
    pays_from_threshold,
    pictures_of,
    point,
    size_of,
    tries_itself,
)
from harmo.scorers.rule.places.matching import assign
from harmo.scorers.rule.places.said import field, said_places, wanted_places
from harmo.scorers.types import Reason, Sample, Score

NAME = "rule.keypoints"
MAX_FIGURES = 32
"""Of a reference, and of an answer those that may match."""
MAX_POINTS = 256
"""Of a figure."""
MAX_NAME_CHARS = 64
MIN_AREA = 1e-6
"""In square pixels: no figure is smaller."""
OF_BOX = 0.53
"""How much of its box a body covers, where nobody says: what COCO's evaluations on boxes take."""
COCO_NAMES = (
    "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder",
    "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee",
    "right_knee", "left_ankle", "right_ankle",
)  # fmt: skip
COCO_SIGMAS = (
    0.026, 0.025, 0.025, 0.035, 0.035, 0.079, 0.079, 0.072, 0.072, 0.062, 0.062, 0.107, 0.107,
    0.087, 0.087, 0.089, 0.089,
)  # fmt: skip
"""How far people put the same joint apart, in shares of the figure's scale."""

_POINTS = ("keypoints", "points", "keypoints_2d", "pose")
_BOXES = ("bbox", "bbox_2d", "box")
_LISTS = ("people", "persons", "figures", "objects", "annotations")


@dataclass(frozen=True, slots=True)
class Figure:
    """What a reference has of one body."""

    points: tuple[Point | None, ...]
    """In pixels; None for one that is not labelled."""
    names: tuple[str, ...]
    area: float
    """In square pixels: the square of its scale."""


@scorer(
    NAME,
    on_loop=True,
    by_text=True,
    self_answer="bare",
    tries=tries_itself,
    near_enough=pays_from_threshold,
)
@settled(NAME)
def keypoints(
    sample: Sample,
    *,
    frame: Frame | None = None,
    reference_frame: Frame | None = None,
    sigmas: Annotated[list[Annotated[float, Field(gt=0, le=1)]], Field(max_length=256)]
    | None = None,
    threshold: float | None = None,
) -> Score:
    """Object keypoint similarity of answer and reference, in [0, 1].

    COCO's OKS (Lin et al. 2014; `computeOks` of pycocotools): the mean, over the reference's
    labelled points, of exp(-d^2 / (2 s^2 k^2)), with d the distance in pixels, s^2 the figure's
    area and k = 2 sigma. What differs: a point that the answer leaves out gets 0, where COCO takes
    (0, 0) for it; several figures are matched one to one for the largest sum, which is divided by
    the larger of their numbers, where COCO makes AP of it. With `threshold` 1.0 from there on,
    else 0.0.

    A figure is a list of points `[x, y]` or `[x, y, v]`, COCO's flat list of triples, or an object
    of points by name; null, or v = 0, is no point. The answer has as many points as the reference,
    or names them. Wrong: anything else, boxes among it. Abstains on a missing or malformed
    reference, on one without `area` or `bbox`, on other sigmas than points, on an unknown size of
    the picture, which distances need in every frame, and on frames as in `rule.bbox_iou`.

    Args:
        sample: Its reference is `{"keypoints": ..., "area": ...}` or a list of such; instead of
            `area`, in the reference's frame, a `bbox` of corner, width and height, of which 0.53 is
            taken as the body's. `names` of the points may stand beside them.
        frame: What the coordinates of the completion count, and of the reference unless told.
        reference_frame: What those of the reference count, where that differs.
        sigmas: One for each point; those of COCO's 17 by default.
        threshold: Least OKS of a right answer.
    """
    pictures, size = pictures_of(sample, frame, reference_frame), size_of(sample)
    if isinstance(pictures, Score):
        return pictures
    if size is None:
        return Score.abstain(_UNREADABLE, why="nobody gives the picture's size, for distances")
    spread = tuple(sigmas or COCO_SIGMAS)
    wanted = _wanted(sample.reference, pictures.reference, size, len(spread))
    if not wanted:
        return Score.abstain(_UNREADABLE)
    try:
        listed = _list(said_places(sample))
    except ValueError as error:
        return verdict(NAME, 0.0, Pair.NO_ANSWER, why=str(error))
    # Read once for each order of names, not for each figure: both sides may have many.
    read = {
        names: [_points(each, pictures.answer, size, names) for each in listed[:MAX_FIGURES]]
        for names in {figure.names for figure in wanted}
    }
    similar = [
        [oks(read[figure.names][i], figure, spread) for figure in wanted]
        for i in range(len(listed[:MAX_FIGURES]))
    ]
    total = sum(similar[i][j] for i, j in assign(similar))
    value = min(total / max(len(listed), len(wanted)), 1.0)
    if threshold is not None:
        value = float(value >= threshold)
    return verdict(NAME, value, Pair.POINTS, said=len(listed), wanted=len(wanted))


_UNREADABLE = Reason.UNREADABLE_REFERENCE


def oks(said: Sequence[Point | None] | None, wanted: Figure, sigmas: Sequence[float]) -> float:
    """Object keypoint similarity of points in pixels, in [0, 1]; 0.0 for another number of them."""
    if said is None or len(said) != len(wanted.points):
        return 0.0
    labelled = [each for each in zip(said, wanted.points, sigmas, strict=True) if each[1]]
    return sum(_near(place, right, sigma, wanted.area) for place, right, sigma in labelled) / len(
        labelled
    )


def _near(place: Point | None, right: Point | None, sigma: float, area: float) -> float:
    if place is None or right is None:
        return 0.0
    squared = (place.x - right.x) ** 2 + (place.y - right.y) ** 2
    return math.exp(-squared / (2 * area * (2 * sigma) ** 2))


def _wanted(reference: object, picture: Picture, size: Picture, count: int) -> list[Figure] | None:
    """The figures of a reference; None where one is malformed."""
    try:
        listed = _list(wanted_places(reference))
    except ValueError:
        return None
    figures = [_figure(each, picture, size) for each in listed[: MAX_FIGURES + 1]]
    sound = [
        figure
        for figure in figures
        if figure and len(figure.points) == count and any(figure.points)
    ]
    return sound if len(sound) == len(listed) <= MAX_FIGURES else None


def _figure(value: object, picture: Picture, size: Picture) -> Figure | None:
    names = _names(value)
    points = _points(value, picture, size, names)
    area = _area(value, picture, size)
    if points is None or area is None:
        return None
    if not names and len(points) == len(COCO_NAMES):
        names = COCO_NAMES
    return Figure(tuple(points), names, area)


def _names(figure: object) -> tuple[str, ...]:
    """What a reference calls its points, in order; none where it does not say."""
    named = field(figure, ("names",))
    if named is None and isinstance(points := field(figure, _POINTS), Mapping):
        named = list(points)
    listed = named if isinstance(named, list | tuple) else ()
    return tuple(_spelled(name) for name in listed)


def _spelled(name: object) -> str:
    return str(name)[:MAX_NAME_CHARS].lower().replace(" ", "_").replace("-", "_")


def _area(figure: object, picture: Picture, size: Picture) -> float | None:
    """The area of a reference's figure in square pixels."""
    area = field(figure, ("area",))
    if area is None:
        box = field(figure, ("bbox",))
        sides = [coordinate(side) for side in box] if isinstance(box, list | tuple) else []
        if len(sides) != 4 or sides[2] is None or sides[3] is None:
            return None
        area = OF_BOX * sides[2] * sides[3]
    if isinstance(area, bool) or not isinstance(area, int | float):
        return None
    pixels = float(area) / (picture.width * picture.height) * (size.width * size.height)
    return pixels if MIN_AREA <= pixels < math.inf else None


def _list(value: object) -> Sequence[object]:
    """The figures of a JSON value; `ValueError` where it is a text or a number."""
    if (inner := field(value, _LISTS)) is not None:
        value = inner
    if isinstance(value, Mapping):
        return [value]
    if not isinstance(value, list | tuple):
        raise ValueError("no list of points")  # noqa: TRY004 - as what is no JSON
    several = bool(value) and all(
        isinstance(each, Mapping) or (isinstance(each, list) and each and isinstance(each[0], list))
        for each in value
    )
    return value if several else [value]


def _points(
    figure: object, picture: Picture, size: Picture, names: Sequence[str]
) -> list[Point | None] | None:
    """The points of a figure in pixels, None where it has none; None for what is no figure."""
    value = figure
    if isinstance(figure, Mapping):
        inner = field(figure, _POINTS)
        value = figure if inner is None else inner
    if isinstance(value, Mapping):
        named = {_spelled(name): place for name, place in value.items()}
        if len(named) < len(value):
            # One point twice, in different spellings of its name.
            return None
        value = [named.get(name) for name in names]
    if not isinstance(value, list | tuple):
        return None
    if value and not any(isinstance(each, list | tuple | None) for each in value):
        value = [value[at : at + 3] for at in range(0, len(value), 3)]
    if len(value) > MAX_POINTS:
        return None
    try:
        return [_place(each, picture, size) for each in value]
    except ValueError:
        return None


def _place(value: object, picture: Picture, size: Picture) -> Point | None:
    """A point in pixels, None for one that is not there; `ValueError` for what is no point."""
    if value is None:
        return None
    if not isinstance(value, list | tuple) or not 2 <= len(value) <= 3:
        raise ValueError("no point")
    shares = point(value[:2], picture)
    seen = coordinate(value[2]) if len(value) == 3 else 2.0
    if shares is None or seen is None:
        raise ValueError("no point")
    return Point(shares.x * size.width, shares.y * size.height) if seen > 0 else None
