"""Groups that wait to be written, in order: the event loop adds them, one thread takes them."""

from __future__ import annotations

import threading
from collections import deque

from harmo.app.keeping.entry import Entry

BATCH_GROUPS, BATCH_BYTES = 256, 8 << 20
"""What one transaction holds at most."""


class Backlog:
    """A queue that is bounded in bytes; no lock stands between its two sides."""

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self._waiting: deque[Entry] = deque()
        self._came = threading.Event()
        # Each counter is written by one side only.
        self._added_bytes = 0
        self._gone_bytes = 0

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def bytes(self) -> int:
        """What waits, and what is being written."""
        return self._added_bytes - self._gone_bytes

    @property
    def is_full(self) -> bool:
        """True if nothing more should come."""
        return self.bytes >= self.limit_bytes

    def add(self, entry: Entry) -> None:
        """Put one at the end; on the event loop."""
        self._added_bytes += entry.bytes
        self._waiting.append(entry)
        self.wake()

    def wake(self) -> None:
        """Have the thread look, if it waits."""
        if not self._came.is_set():
            self._came.set()

    def wait(self, seconds: float) -> None:
        """Return once something came, or the time is over; in the thread."""
        self._came.wait(seconds)
        self._came.clear()

    def take(self, *, groups: int = BATCH_GROUPS) -> list[Entry]:
        """The first that still are to be written, as many as one transaction holds.

        Args:
            groups: At most so many.
        """
        taken: list[Entry] = []
        held = 0
        while self._waiting and len(taken) < groups and held < BATCH_BYTES:
            entry = self._waiting.popleft()
            if entry.withdrawn:
                self.gone(entry)
            else:
                taken.append(entry)
                held += entry.bytes
        return taken

    def gone(self, entry: Entry) -> None:
        """Let go of the memory of one that was taken; in the thread."""
        self._gone_bytes += entry.bytes
