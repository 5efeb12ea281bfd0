"""Numbers as people read them: three digits, a unit, a dash for what is not known."""

from __future__ import annotations

import math

NONE = "–"
"""What stands where there is no number."""
_MINUS = "−"
_ROUNDS_UP = 0.9995
"""From here on three digits are 1.00."""
_LARGE = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k"))


def three(value: float | None, *, sign: bool = False) -> str:
    """The value in three digits, such as `0.512`, `12.3` or `4.10M`.

    Args:
        value: NaN and None are a dash.
        sign: True to write a plus before what is above zero.
    """
    if value is None or math.isnan(value):
        return NONE
    before = _MINUS if value < 0 else "+" if sign and value > 0 else ""
    size = abs(value)
    if math.isinf(size):
        return f"{before}∞"
    return before + _digits(size)


def _digits(size: float) -> str:
    if size == 0:
        return "0"
    if size < 0.001:
        return f"{size:.1e}".replace("e-0", "e-").replace("e-", f"e{_MINUS}")
    for limit, letter in _LARGE:
        if size >= limit * _ROUNDS_UP:
            scale = limit if letter != "k" else 1e3
            return _fixed(size / scale) + letter
    return _fixed(size)


def _fixed(size: float) -> str:
    if size < _ROUNDS_UP:
        return f"{size:.3f}"
    places = 2 if size < 9.995 else 1 if size < 99.95 else 0
    return f"{size:.{places}f}"


def share(value: float | None) -> str:
    """A share of 1 in per cent, such as `12.5 %`."""
    if value is None or math.isnan(value):
        return NONE
    if value == 0:
        return "0 %"
    before, percent = _MINUS if value < 0 else "", 100 * abs(value)
    if percent < 0.1:
        return f"{before}<0.1 %"
    return f"{before}{percent:.1f} %" if percent < 99.95 else f"{before}{percent:.0f} %"


def points(change: float | None) -> str:
    """A change of a share in points of a hundred, such as `+1.20 pt`."""
    if change is None or math.isnan(change):
        return NONE
    return f"{three(100 * change, sign=True)} pt"


def count(value: float | None) -> str:
    """A whole number with thin gaps between its thousands."""
    if value is None or math.isnan(value):
        return NONE
    return f"{value:,.0f}".replace(",", "\u202f")


def size(of_bytes: float) -> str:
    """Bytes with their unit, such as `3.4 MB`."""
    for limit, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if of_bytes >= limit:
            return f"{of_bytes / limit:.3g} {unit}"
    return f"{of_bytes:.0f} B"


def ago(seconds: float) -> str:
    """How long ago something was, such as `4 min ago`."""
    return "now" if seconds < 5 else f"{lasting(seconds)} ago"


def lasting(seconds: float) -> str:
    """A time span in its two largest units, such as `2 h 10 min`."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = int(seconds // 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"
