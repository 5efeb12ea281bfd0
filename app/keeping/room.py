"""When old runs are to be dropped, and which run is no longer kept as it alone is too large."""

from __future__ import annotations

from collections.abc import Sequence

from harmo.app.keeping.entry import Entry
from harmo.app.keeping.process import Trimmed

TRIM_S = 60.0
"""Between two looks for what is too old."""


class Room:
    """What the store holds of what it may hold.

    Args:
        max_bytes: Of the store.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._trim_at_s = 0.0
        self._more = False
        self._last: tuple[str, int] | None = None
        """What was written to last: it never leaves for room."""
        self._full: tuple[str, int] | None = None

    @property
    def full(self) -> str:
        """Why a run is no longer kept; empty while all are."""
        if self._full is None:
            return ""
        return f"run {self._full[0]!r} alone is over audit_max_bytes={self._max_bytes}"

    def takes(self, entry: Entry) -> bool:
        """False for the run that fills the store; another one makes room by driving it out."""
        return self._full is None or entry.unit != self._full

    def wrote(self, entries: Sequence[Entry], size: int) -> None:
        """Note a batch, and the store's bytes after it."""
        self._last, self._bytes = entries[-1].unit, size

    def is_due(self, now_s: float) -> bool:
        """True if something may have to go.

        Args:
            now_s: Monotonic.
        """
        return self._more or self._bytes > self._max_bytes or now_s >= self._trim_at_s

    def trimmed(self, done: Trimmed, now_s: float) -> None:
        """Note what was dropped.

        Args:
            done: What was.
            now_s: Monotonic.
        """
        self._more, self._trim_at_s = done.more, now_s + TRIM_S
        self._bytes = 0
        self._full = self._last if done.over else None
