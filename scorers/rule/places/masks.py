"""Masks as COCO writes them, by the lengths of their runs; no pixel is ever made.

A run-length encoding counts pixels down the columns, first those outside, then inside, in turn:
the intersection of two masks is one walk along both. Counts are a list, or the text of
`pycocotools`, whose decoder is C that trusts its input.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate

MAX_SIDE = 20_000
"""Of a mask, in pixels."""
MAX_RUNS = 20_000
"""An answer's mask of more runs is wrong, a reference's cannot be read."""

_SHORT = 5
"""A character of the text has five bits of a count, and one that says whether more follow."""
_MAX_CHARS_OF_COUNT = 8


@dataclass(frozen=True, slots=True)
class Mask:
    """A set of pixels."""

    height: int
    width: int
    ends: tuple[int, ...]
    """Where each run ends, of all pixels column by column; the first run is outside the mask."""

    @property
    def inside(self) -> list[tuple[int, int]]:
        """The runs of the mask, each from a pixel to before another; none is empty."""
        runs = zip(self.ends[::2], self.ends[1::2], strict=False)
        return [(start, end) for start, end in runs if start < end]

    @property
    def area(self) -> int:
        """In pixels."""
        return sum(end - start for start, end in self.inside)

    def rectangles(self) -> list[tuple[int, int, int, int]]:
        """The mask as boxes `x1, y1, x2, y2` that do not overlap; at most three for a run."""
        found = []
        for start, end in self.inside:
            column, top = divmod(start, self.height)
            last, bottom = divmod(end - 1, self.height)
            bottom += 1
            if column == last:
                found.append((column, top, column + 1, bottom))
                continue
            found.append((column, top, column + 1, self.height))
            found.append((last, 0, last + 1, bottom))
            if column + 1 < last:
                found.append((column + 1, 0, last, self.height))
        return found


def mask(value: object) -> Mask | None:
    """The mask of `{"size": [height, width], "counts": ...}`; None for what is none.

    The counts must cover the picture, no more and no less.
    """
    if not isinstance(value, Mapping):
        return None
    size, counts = value.get("size"), value.get("counts")
    if not isinstance(size, list | tuple) or len(size) != 2:
        return None
    height, width = size
    if not all(type(side) is int and 0 < side <= MAX_SIDE for side in (height, width)):
        return None
    runs = _decoded(counts) if isinstance(counts, str) else counts
    if not isinstance(runs, list | tuple) or len(runs) > MAX_RUNS:
        return None
    pixels = height * width
    if not all(type(run) is int and 0 <= run <= pixels for run in runs) or sum(runs) != pixels:
        return None
    return Mask(height, width, tuple(accumulate(runs)))


def mask_iou(one: Mask, other: Mask) -> float:
    """Intersection over union in pixels, in [0, 1]; 0.0 for masks of different pictures."""
    if (one.height, one.width) != (other.height, other.width):
        return 0.0
    ours, theirs = one.inside, other.inside
    shared = i = j = 0
    while i < len(ours) and j < len(theirs):
        shared += max(min(ours[i][1], theirs[j][1]) - max(ours[i][0], theirs[j][0]), 0)
        if ours[i][1] < theirs[j][1]:
            i += 1
        else:
            j += 1
    union = one.area + other.area - shared
    return shared / union if union else 0.0


def _decoded(text: str) -> list[int] | None:
    """The counts of COCO's text; None where it is malformed.

    A count is written in characters from "0" on, five bits each with the lowest first, and from the
    fourth count on as the difference from the last but one.
    """
    if len(text) > MAX_RUNS * _MAX_CHARS_OF_COUNT:
        return None
    counts: list[int] = []
    count = bits = 0
    for character in text:
        code = ord(character) - 48
        if not 0 <= code < 64 or bits >= _SHORT * _MAX_CHARS_OF_COUNT:
            return None
        count |= (code & 31) << bits
        bits += _SHORT
        if code & 32:
            continue
        if code & 16:
            count -= 1 << bits
        counts.append(count + counts[-2] if len(counts) > 2 else count)
        count = bits = 0
    return None if bits else counts
