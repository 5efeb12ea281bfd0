"""What coordinates count, and the points and boxes they name. Every rule of places reads with it.

Coordinates become shares of the picture's sides, so that what a reference says in pixels can be
compared with what a policy says in thousandths. A pair is a point and four numbers are a box:
neither passes for the other.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, NamedTuple, TypeVar

from harmo.scorers.spec import Tries
from harmo.scorers.types import Reason, Sample, Score

Frame = Literal["pixels", "unit", "thousand"]
"""What coordinates count: the first image's pixels, or its sides as 1 or as 1000."""
Layout = Literal["xyxy", "xywh"]
"""A box by two corners, or by its corner with width and height."""
MAX_COORDINATE = 1e7
"""No picture has a place further out; a larger number is no coordinate."""
DIGITS = 12
"""Of a share of areas: what comes after them is rounding."""

_NUMBER = r"\s{0,4}+([-+]?(?:\d{1,7}+(?>(?:\.\d{0,20}+)?)|\.\d{1,20}+))\s{0,4}+"
_QUAD = re.compile(r"[\[(<]" + ",".join([_NUMBER] * 4) + r"[\])>]")
_PAIR = re.compile(r"[\[(<]" + ",".join([_NUMBER] * 2) + r"[\])>]")
_CORNERS = re.compile(
    rf"(?<!\),)(?<!\), )\({_NUMBER},{_NUMBER}\),\({_NUMBER},{_NUMBER}\)(?!\s?,\s?\()"
)
"""`(x1,y1),(x2,y2)`, as Qwen-VL writes a box: points with a blank between, or three, are none."""


def pays_from_threshold(threshold: float | None = None, **_: object) -> bool:
    """True if a rule pays in full from a threshold on, and not only for the same place."""
    return threshold is not None


Place = TypeVar("Place")


class Point(NamedTuple):
    """In shares of the picture's sides."""

    x: float
    y: float


class Picture(NamedTuple):
    """The sides of a picture, in what coordinates count."""

    width: float
    height: float


class Pictures(NamedTuple):
    """What the coordinates of an answer and those of its reference count."""

    answer: Picture
    reference: Picture


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

    def holds(self, point: Point) -> bool:
        """True if a point lies in it, borders included."""
        return self.x1 <= point.x <= self.x2 and self.y1 <= point.y <= self.y2

    def iou(self, other: Rectangle) -> float:
        """Intersection over union, in [0, 1]; the same in every frame, so that thresholds hold."""
        width = min(self.x2, other.x2) - max(self.x1, other.x1)
        height = min(self.y2, other.y2) - max(self.y1, other.y1)
        shared = max(width, 0.0) * max(height, 0.0)
        union = self.area + other.area - shared
        return round(shared / union, DIGITS) if union > 0 else 0.0


class Frames(NamedTuple):
    """What the coordinates of an answer and those of its reference count; None for nobody knows."""

    answer: str | None
    reference: str | None


def frames_of(sample: Sample, frame: str | None, reference_frame: str | None) -> Frames:
    """Which frames hold.

    The answer's is said by the recipe, else by the metadata, else by the reference; the reference's
    by itself, else by the recipe, the metadata, or what the answer counts.

    Args:
        sample: Its metadata may declare `frame` and `reference_frame`.
        frame: The recipe's word for what the completion counts.
        reference_frame: The recipe's word for what the reference counts, if that differs.
    """
    own = _named(sample.reference, "frame")
    told = reference_frame or _named(sample.metadata, "reference_frame")
    answer = frame or _named(sample.metadata, "frame") or (None if told else own)
    return Frames(answer, own or told or answer)


def tries_itself(
    sample: Sample,
    *,
    frame: str | None = None,
    reference_frame: str | None = None,
    **_: object,
) -> Tries | None:
    """Nothing where a reference counts coordinates otherwise than its answers, else itself."""
    answer, reference = frames_of(sample, frame, reference_frame)
    return None if answer == reference else Tries(())


def pictures_of(
    sample: Sample, frame: Frame | None, reference_frame: Frame | None = None
) -> Pictures | Score:
    """What the coordinates of answer and reference are divided by, or an abstention that says why.

    Unknown: a reference that is missing, a frame that nobody declares, or pixels of a picture
    whose size nobody gives.

    Args:
        sample: Its metadata may declare frames, see `frames_of`, and the picture's size.
        frame: The recipe's word for what the completion counts.
        reference_frame: The recipe's word for what the reference counts, if that differs.
    """
    if sample.reference is None:
        return Score.abstain(Reason.NO_REFERENCE)
    answers, theirs = frames_of(sample, frame, reference_frame)
    answer, reference = picture_of(sample, answers), picture_of(sample, theirs)
    if answer is None or reference is None:
        unknown = answers if answer is None else theirs
        return Score.abstain(Reason.UNREADABLE_REFERENCE, why=_why(unknown))
    return Pictures(answer, reference)


def _why(frame: str | None) -> str:
    """Why coordinates of a frame cannot be compared."""
    if frame is None:
        return "nobody declares a frame: recipe, metadata or reference"
    if frame == "pixels":
        return "pixels of a picture whose size nobody gives"
    return f"no frame is called {frame[:40]!r}: pixels, unit and thousand are"


_SQUARES = {"unit": Picture(1.0, 1.0), "thousand": Picture(1000.0, 1000.0)}


def picture_of(sample: Sample, frame: str | None) -> Picture | None:
    """What coordinates of a frame are divided by; None for an unknown frame or size."""
    return size_of(sample) if frame == "pixels" else _SQUARES.get(frame or "")


def size_of(sample: Sample) -> Picture | None:
    """The first image's sides in pixels, else `width` and `height` of reference or metadata."""
    if sample.images:
        return Picture(float(sample.images[0].width), float(sample.images[0].height))
    for fields in (sample.reference, sample.metadata):
        if isinstance(fields, Mapping):
            width, height = coordinate(fields.get("width")), coordinate(fields.get("height"))
            if width is not None and height is not None and min(width, height) > 0:
                return Picture(width, height)
    return None


def coordinate(value: object) -> float | None:
    """A JSON number as a coordinate; None for what is none: a string, a truth value, NaN, 1e309."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return float(value) if abs(value) <= MAX_COORDINATE else None


def point(value: object, picture: Picture) -> Point | None:
    """The point that a list of exactly two numbers names; None for anything else."""
    numbers = _coordinates(value, 2)
    if numbers is None:
        return None
    return Point(numbers[0] / picture.width, numbers[1] / picture.height)


def rectangle(value: object, picture: Picture, layout: Layout = "xyxy") -> Rectangle | None:
    """The box that a list of exactly four numbers names; None for anything else or an empty one."""
    numbers = _coordinates(value, 4)
    return None if numbers is None else _rectangle(numbers, picture, layout)


class Said(NamedTuple, Generic[Place]):
    """Places that a text names, and where it does."""

    places: list[Place]
    """In order, repeats included."""
    start: int
    """Of the first one in the text; 0 for none."""
    end: int
    """Of the last one."""


def points_said(text: str, picture: Picture) -> Said[Point]:
    """The points of a text, `(x, y)` in brackets of any kind."""
    found = list(_PAIR.finditer(text))
    points = [Point(float(p[1]) / picture.width, float(p[2]) / picture.height) for p in found]
    return _said(points, found)


def quads_said(text: str) -> Said[tuple[float, ...]]:
    """Every four numbers of a text, `[a, b, c, d]` in brackets of any kind."""
    found = list(_QUAD.finditer(text))
    return _said([tuple(map(float, quad.groups())) for quad in found], found)


def rectangles_said(text: str, picture: Picture, layout: Layout = "xyxy") -> Said[Rectangle]:
    """The boxes of a text, by four numbers or two corners; empty ones are none."""
    found = [(quad, layout) for quad in _QUAD.finditer(text)]
    found += [(corners, "xyxy") for corners in _CORNERS.finditer(text)]
    found.sort(key=lambda each: each[0].start())
    boxes = [_rectangle(tuple(map(float, quad.groups())), picture, how) for quad, how in found]
    return _said([box for box in boxes if box], [quad for quad, _ in found])


def _said(places: list[Place], found: Sequence[re.Match[str]]) -> Said[Place]:
    return Said(places, found[0].start() if found else 0, found[-1].end() if found else 0)


def _named(fields: object, key: str) -> str | None:
    if not isinstance(fields, Mapping) or key not in fields:
        return None
    named = fields[key]
    return named if isinstance(named, str) else None


def _coordinates(value: object, count: int) -> list[float] | None:
    if not isinstance(value, list | tuple) or len(value) != count:
        return None
    numbers = [number for each in value if (number := coordinate(each)) is not None]
    return numbers if len(numbers) == count else None


def _rectangle(
    quad: tuple[float, ...] | list[float], picture: Picture, layout: Layout
) -> Rectangle | None:
    """The rectangle of four numbers; None for an empty one, or corners the wrong way round."""
    x1, y1, x2, y2 = quad
    if layout == "xywh":
        x2, y2 = x1 + x2, y1 + y2
    box = Rectangle(
        x1 / picture.width, y1 / picture.height, x2 / picture.width, y2 / picture.height
    )
    return box if box.x1 < box.x2 and box.y1 < box.y2 else None
