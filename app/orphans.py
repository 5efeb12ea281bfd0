"""Work whose client has left, kept for the same request to come again.

Clients that retry without an idempotency key leave their first request behind. What they send
again is told by its content; but two siblings of a group may be alike as well, so only work that
nobody waits for any more is taken up again.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from harmo.app.replies import Reply
from harmo.app.together import end

KEPT_S = 300.0
MAX_KEPT = 4096

Name = tuple[str, str, bytes]
"""Whose it is, what was called, a digest of the body."""


class _Left(NamedTuple):
    name: Name
    until_s: float


class Orphans:
    """Keeps what was left behind for a while, each to be taken up once."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._left: OrderedDict[asyncio.Task[Reply], _Left] = OrderedDict()
        """The oldest first."""
        self._by_name: dict[Name, list[asyncio.Task[Reply]]] = {}

    def __len__(self) -> int:
        """How many are kept."""
        return len(self._left)

    def leave(self, name: Name, task: asyncio.Task[Reply]) -> None:
        """Keep work that goes on without its client; the oldest are given up for it.

        Args:
            name: What the same request will be told by.
            task: Ends by its own deadline.
        """
        now_s = self._clock()
        self._left[task] = _Left(name, now_s + KEPT_S)
        self._by_name.setdefault(name, []).append(task)
        oldest = next(iter(self._left))
        while len(self._left) > MAX_KEPT or self._left[oldest].until_s < now_s:
            self._forget(oldest)
            oldest.cancel()
            oldest = next(iter(self._left))

    def take(self, name: Name) -> asyncio.Task[Reply] | None:
        """Work that was left behind by the same request, unless it came to nothing."""
        for task in list(self._by_name.get(name, ())):
            self._forget(task)
            if not task.done() or _good(task):
                return task
        return None

    def _forget(self, task: asyncio.Task[Reply]) -> None:
        name = self._left.pop(task).name
        self._by_name[name].remove(task)
        if not self._by_name[name]:
            del self._by_name[name]
        task.add_done_callback(_look)

    async def close(self) -> None:
        """End what still runs."""
        tasks = list(self._left)
        self._left.clear()
        self._by_name.clear()
        await end(tasks)


def _good(task: asyncio.Task[Reply]) -> bool:
    return not task.cancelled() and task.exception() is None and task.result().final


def _look(task: asyncio.Task[Reply]) -> None:
    """Take notice of a failure that no client is there for: asyncio would log its words."""
    if not task.cancelled():
        task.exception()
