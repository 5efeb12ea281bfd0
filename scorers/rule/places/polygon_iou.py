"""rule.polygon_iou: which part of a picture something covers."""

from __future__ import annotations

from typing import TypeAlias

from harmo.scorers.confidence.faults import settled
from harmo.scorers.confidence.verdict import Pair, verdict
from harmo.scorers.registry import scorer
from harmo.scorers.rule.places.frame import (
    Frame,
    Picture,
    pays_from_threshold,
    pictures_of,
    tries_itself,
)
from harmo.scorers.rule.places.masks import Mask, mask, mask_iou
from harmo.scorers.rule.places.outlines import (
    Ring,
    TooComplexError,
    rings,
    shape_iou,
    shape_of,
    share_of,
    shared_area,
)
from harmo.scorers.rule.places.said import field, said_places, wanted_places
from harmo.scorers.types import Reason, Sample, Score

NAME = "rule.polygon_iou"
Region: TypeAlias = Mask | list[Ring]

_REGIONS = ("segmentation", "polygons", "polygon", "mask", "points")


def reference_fault(reference: object) -> Reason | None:
    """Why a reference is no area, whatever its coordinates count; None where it is one."""
    return None if _wanted(reference, Picture(1.0, 1.0)) else Reason.UNREADABLE_REFERENCE


@scorer(
    NAME,
    isolate=True,
    timeout_s=5.0,
    by_text=True,
    reference_fault=reference_fault,
    carries=("metadata", "image_sizes"),
    self_answer="bare",
    tries=tries_itself,
    near_enough=pays_from_threshold,
)
@settled(NAME)
def polygon_iou(
    sample: Sample,
    *,
    frame: Frame | None = None,
    reference_frame: Frame | None = None,
    threshold: float | None = None,
) -> Score:
    """Intersection over union of the areas that answer and reference cover, in [0, 1].

    Either is polygons or a mask: `[[x, y], ...]`, COCO's `[x1, y1, x2, y2, x3, y3, ...]`, a list of
    several of these, COCO's `{"size": [height, width], "counts": ...}` with counts as list or text,
    or an object with one of them under `segmentation`, `polygons`, `polygon`, `mask` or `points`.
    Polygons are filled by the even-odd rule and count together, overlaps once. Two masks are
    compared by pixels; all else as exact areas, where COCO would draw polygons first. With
    `threshold` 1.0 from there on, else 0.0.

    Seg-Zero (arXiv 2503.06520) and VisionReasoner reward the box and the points from which SAM
    makes a mask: that is for `rule.bbox_iou` and `rule.point_in_box`. This is the mask IoU which
    they report (gIoU is its mean), for policies that write the outline themselves.

    Wrong: no or several values, what has no area, a box or a point, a mask of another size than
    the reference's, more than 2,000 vertices, 20,000 runs or 4,000 crossings of edges. Abstains on
    a missing or malformed reference and on frames as in `rule.bbox_iou`.

    Args:
        sample: Its reference is polygons or a mask, as JSON or text.
        frame: What the coordinates of the completion's polygons count, and of the reference's
            unless told.
        reference_frame: What those of the reference count, where that differs.
        threshold: Least IoU of a right answer.
    """
    pictures = pictures_of(sample, frame, reference_frame)
    if isinstance(pictures, Score):
        return pictures
    wanted = _wanted(sample.reference, pictures.reference)
    if wanted is None:
        return Score.abstain(Reason.UNREADABLE_REFERENCE)
    try:
        said = _region(said_places(sample), pictures.answer)
    except ValueError as error:
        return verdict(NAME, 0.0, Pair.NO_ANSWER, why=str(error))
    if said is None:
        return verdict(NAME, 0.0, Pair.WRONG_KIND)
    try:
        iou = region_iou(said, wanted)
    except TooComplexError as error:
        return verdict(NAME, 0.0, Pair.SCREENED, why=str(error))
    value = iou if threshold is None else float(iou >= threshold)
    return verdict(NAME, value, Pair.SHAPE_SHAPE, iou=iou)


def region_iou(said: Region, wanted: Region) -> float:
    """Intersection over union of two regions of one picture, in [0, 1].

    A `TooComplexError` says that an outline has too many vertices or crossings.
    """
    if isinstance(said, Mask):
        if isinstance(wanted, Mask):
            return mask_iou(said, wanted)
        return _mixed_iou(said, wanted)
    if isinstance(wanted, Mask):
        return _mixed_iou(wanted, said)
    return shape_iou(shape_of(said), shape_of(wanted))


def _mixed_iou(pixels: Mask, polygons: list[Ring]) -> float:
    """The IoU of a mask with polygons, in the mask's pixels."""
    width, height = pixels.width, pixels.height
    shape = shape_of([[(x * width, y * height) for x, y in ring] for ring in polygons])
    shared = shared_area(shape, pixels.rectangles())
    union = pixels.area + shape.area - shared
    return share_of(shared, union)


def _wanted(reference: object, picture: Picture) -> Region | None:
    """The region of a reference; None where it is malformed, too complex or has no area."""
    try:
        region = _region(wanted_places(reference), picture)
        if region is None or isinstance(region, Mask):
            return region if region and region.area else None
        return region if shape_of(region).area > 0 else None
    except ValueError:
        return None


def _region(value: object, picture: Picture) -> Region | None:
    if (inner := field(value, _REGIONS)) is not None:
        value = inner
    elif isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
        return _region(value[0], picture)
    return mask(value) or rings(value, picture)
