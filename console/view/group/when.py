"""A moment, as people write it."""

from __future__ import annotations

from datetime import UTC, datetime


def moment(unix_s: float) -> str:
    """Date and time of day in UTC, such as `2026-11-30 02:48`; "" of what is no time."""
    try:
        return datetime.fromtimestamp(unix_s, UTC).strftime("%Y-%m-%d %H:%M")
    except (ValueError, OverflowError, OSError):
        return ""
