r"""Figures named by their points: `\angle ABC`, `\vec{AB}`, `\overline{AB}`; no products."""

from __future__ import annotations

import re

MAX_CHARS = 40
_NAMED = re.compile(
    r"\$? ?(?:\\(angle|measuredangle|vec|overrightarrow|overline|overleftrightarrow|triangle)"
    r" ?)?\{? ?([A-Z]{2,6}) ?\}? ?\$?"
)
_TURNED = frozenset({"angle", "measuredangle", "overline", "overleftrightarrow"})
"""Named as well from the other end."""


def same_figure(left: str, right: str) -> bool | None:
    r"""True if two names are of one figure; None unless a command says that one is a figure's.

    Args:
        left: A whole text, such as `\angle ABC`; the command may be missing on one side.
        right: The other.
    """
    if len(left) > MAX_CHARS or len(right) > MAX_CHARS:
        return None
    one, other = _NAMED.fullmatch(left.strip()), _NAMED.fullmatch(right.strip())
    if one is None or other is None or not (kind := one[1] or other[1]):
        return None
    points, others = one[2], other[2]
    if kind == "triangle":
        return sorted(points) == sorted(others)
    return points == others or (kind in _TURNED and points == others[::-1])
