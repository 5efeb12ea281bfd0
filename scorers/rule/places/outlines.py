"""Outlines as shapes: the polygons of a JSON value, and what area two shapes share.

GEOS, by way of shapely, does the geometry. How often the edges of two outlines cross is counted
first: what it then costs grows with that, and a zigzag can be made to cross thousands of times.
Imported at first use: only workers load GEOS.
"""

# ruff: noqa: PLC0415 - see above

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from harmo.scorers.rule.places.frame import Picture, coordinate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

MAX_VERTICES = 2_000
"""Of all polygons of a side together."""
MAX_CROSSINGS = 4_000
"""Between the edges of one outline, and between those of two."""
MAX_CLIPS = 15_000_000
"""Edges of an outline times runs of a mask: a second of work."""

Ring = list[tuple[float, float]]
"""The vertices of a polygon, the first not repeated."""


class TooComplexError(ValueError):
    """An outline has too many vertices or crossings to compare."""


def rings(value: object, picture: Picture) -> list[Ring] | None:
    """The polygons of a JSON value, in shares of the picture's sides; None for what is none.

    It is a list of points, `[[x, y], ...]`, of coordinates, `[x1, y1, x2, y2, x3, y3, ...]` as COCO
    has them, or of either: at least three vertices, so that no box or point passes for one.
    """
    one = _ring(value, picture)
    if one is not None:
        return [one]
    if not isinstance(value, list | tuple) or not value:
        return None
    found = [ring for each in value[:MAX_VERTICES] if (ring := _ring(each, picture))]
    return found if len(found) == len(value) else None


def shape_of(polygons: Sequence[Ring]) -> BaseGeometry:
    """The area of polygons together, each filled as COCO fills it: by the even-odd rule.

    A `TooComplexError` says that there are too many vertices or crossings.
    """
    import shapely

    if sum(map(len, polygons)) > MAX_VERTICES:
        raise TooComplexError(f"more than {MAX_VERTICES} vertices")
    return shapely.union_all([_filled(ring) for ring in polygons])


def shape_iou(one: BaseGeometry, other: BaseGeometry) -> float:
    """Intersection over union, in [0, 1]; a `TooComplexError` where edges cross too often."""
    if one.equals_exact(other) and one.area > 0:
        return 1.0
    _require_few_crossings(_edges(one), _edges(other))
    shared = one.intersection(other).area
    union = one.area + other.area - shared
    return share_of(shared, union)


def share_of(shared: float, union: float) -> float:
    """A part of an area, in [0, 1], to the billionth: further digits are rounding."""
    return round(min(shared / union, 1.0), 9) if union > 0 else 0.0


def shared_area(shape: BaseGeometry, boxes: Sequence[tuple[int, int, int, int]]) -> float:
    """The area of a shape that boxes cover which do not overlap.

    A `TooComplexError` says that there are too many boxes for so many edges.
    """
    import numpy as np
    import shapely

    if len(boxes) * shapely.get_num_coordinates(shape) > MAX_CLIPS:
        raise TooComplexError(f"{len(boxes)} runs of a mask for an outline of so many vertices")
    shapely.prepare(shape)
    corners = np.array(boxes, dtype=float).reshape(-1, 4)
    return float(shapely.area(shapely.intersection(shapely.box(*corners.T), shape)).sum())


def _ring(value: object, picture: Picture) -> Ring | None:
    if not isinstance(value, list | tuple) or len(value) > 2 * MAX_VERTICES:
        return None
    if value and all(isinstance(each, list | tuple) and len(each) == 2 for each in value):
        flat = [number for pair in value for number in pair]
    else:
        flat = list(value)
    numbers = [number for each in flat if (number := coordinate(each)) is not None]
    if len(numbers) != len(flat) or len(flat) % 2:
        return None
    ring = [
        (x / picture.width, y / picture.height) for x, y in zip(flat[::2], flat[1::2], strict=True)
    ]
    if ring[1:] and ring[0] == ring[-1]:
        ring.pop()
    return ring if len(ring) >= 3 else None


def _filled(ring: Ring) -> BaseGeometry:
    """A polygon by the even-odd rule; make_valid takes cubic time where it crosses itself often."""
    import numpy as np
    import shapely

    polygon = shapely.Polygon(ring)
    if shapely.is_valid(polygon):
        return polygon
    edges = _edges(polygon)
    _require_few_crossings(edges, edges)
    faces = np.array(shapely.polygonize([shapely.node(polygon.exterior)]).geoms, dtype=object)
    if not len(faces):
        return polygon.buffer(0)
    inside = _odd(shapely.get_coordinates(shapely.point_on_surface(faces)), np.array(ring))
    return shapely.union_all(faces[inside])


def _odd(points: NDArray[np.float64], ring: NDArray[np.float64]) -> NDArray[np.bool_]:
    """For each point, whether a ray from it crosses the ring an odd number of times."""
    import numpy as np

    x1, y1 = ring.T
    x2, y2 = np.roll(ring, -1, axis=0).T
    x, y = points[:, :1], points[:, 1:]
    spans = (y1 > y) != (y2 > y)
    rise = np.where(y1 == y2, 1.0, y2 - y1)
    return np.asarray((spans & (x < x1 + (y - y1) * (x2 - x1) / rise)).sum(axis=1) % 2 == 1)


def _edges(shape: BaseGeometry) -> NDArray[np.object_]:
    import numpy as np
    import shapely

    found = []
    for ring in shapely.get_rings(shapely.get_parts(shape)):
        corners = shapely.get_coordinates(ring)
        found.append(shapely.linestrings(np.stack([corners[:-1], corners[1:]], axis=1)))
    return np.concatenate(found) if found else np.array([], dtype=object)


def _require_few_crossings(ones: NDArray[np.object_], others: NDArray[np.object_]) -> None:
    import shapely

    pairs = shapely.STRtree(ones).query(others, predicate="intersects")
    if pairs.shape[1] > MAX_CROSSINGS + 3 * (len(ones) + len(others)):
        raise TooComplexError(f"edges cross more than {MAX_CROSSINGS} times")
