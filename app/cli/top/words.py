"""Numbers and names as a terminal shows them: few digits, one line, no control characters."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

NOTHING = "-"
_BARS = "▁▂▃▄▅▆▇█"
_MAX_CHARS, _MAX_MARKS = 256, 2
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def plain(text: str, most: int = _MAX_CHARS) -> str:
    """Someone else's words, harmless: what moves a cursor, hides or piles up is replaced.

    Args:
        text: Of any length.
        most: Characters of it that are read.
    """
    shown, marks = [], 0
    for char in text[:most]:
        # By category: marks that enclose have no combining class.
        marks = marks + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        if marks <= _MAX_MARKS:
            shown.append(char if char.isprintable() else "·")
    return "".join(shown)


def number(value: float | None) -> str:
    """Three digits that count: 0.42, 12.4, 796, 42.1k, 3.20M."""
    if value is None:
        return NOTHING
    size, units = abs(value), iter(("", "k", "M", "G", "T"))
    if 0 < size < 0.0995:
        return f"{value:.3f}" if size >= 0.0005 else "<0.001"
    unit = next(units)
    while size >= 999.5 and unit != "T":
        size, unit = size / 1000, next(units)
    whole = size >= 99.95 or size == int(size)
    digits = 0 if whole else 1 if size >= 9.995 else 2
    return f"{'-' if value < 0 else ''}{size:.{digits}f}{unit}"


def seconds(value: float | None) -> str:
    """A latency: 3.2 ms, 410 ms, 1.25 s, 41 s, 5 min."""
    if value is None:
        return NOTHING
    if value < 0.9995:
        return f"{number(value * 1000)} ms"
    return f"{number(value)} s" if value < 2 * _MINUTE else f"{value / _MINUTE:.0f} min"


def age(value: float) -> str:
    """How long something has run: 42 s, 12 min, 3 h 12 min, 5 d 2 h."""
    if value < _MINUTE:
        return f"{value:.0f} s"
    if value < _HOUR:
        return f"{value // _MINUTE:.0f} min"
    if value < _DAY:
        return f"{value // _HOUR:.0f} h {value % _HOUR // _MINUTE:.0f} min"
    return f"{value // _DAY:.0f} d {value % _DAY // _HOUR:.0f} h"


def percent(value: float | None) -> str:
    """A share: 0%, 0.3%, 12%; nothing that happened is called 0%."""
    if value is None:
        return NOTHING
    hundredths = value * 100
    if 0 < abs(hundredths) < 0.1:
        return "<0.1%"
    whole = abs(hundredths) >= 9.95 or hundredths == 0
    return f"{hundredths:.{0 if whole else 1}f}%"


def decimal(value: float | None) -> str:
    """A mean reward or score: 0.613, -0.021, 12.5."""
    if value is None:
        return NOTHING
    return f"{value:.3f}" if abs(value) < 9.9995 else number(value)


def mebibytes(value: float | None) -> str:
    """Bytes in MiB."""
    return NOTHING if value is None else f"{number(value / (1 << 20))}"


def sparkline(points: Sequence[float]) -> str:
    """A line of bars from the lowest point to the highest; flat is a low line.

    Their range is a tenth of their size at least: what moves less is not made to look wild.
    """
    if len(points) < 2:
        return ""
    low, high = min(points), max(points)
    span = max(high - low, 0.1 * max(abs(low), abs(high)), 1e-9)
    top = len(_BARS) - 1
    return "".join(_BARS[round((point - low) / span * top)] for point in points)
