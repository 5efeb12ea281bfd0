"""Work whose client has left, kept for the same request to come again.

Clients that retry without an idempotency key leave their first request behind. What they send
again is told by its content; but two siblings of a group may be alike as well, so only work that
nobody waits for any more is taken up again. An answer that was lost after it went out is not told
from one that came; but its retry, as a member of a group in pieces, finds no sibling to wait for.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from harmo.app.errors import ErrorType, ServiceError
from harmo.app.replies import ENTRY_BYTES, Reply, final_of, report_bug
from harmo.app.together import end

KEPT_S = 300.0
MAX_KEPT = 4096
MAX_BYTES = 64 << 20
"""Of answers; what still runs counts for its memory as every request does."""

LOST_S = 60.0
"""A request whose answer was lost on its way comes again so soon: no step is over as soon."""
MAX_GIVEN = 16_384
"""Answers that may be lost; each is of one member or a few."""
MAX_GIVEN_BYTES = 4096

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
        self._sizes: dict[asyncio.Task[Reply], int] = {}
        """Of those that have an answer."""
        self._bytes = 0
        self._given: OrderedDict[Name, tuple[Reply, float]] = OrderedDict()
        """What went out lately to members of whole groups, and when."""

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
        task.add_done_callback(self._over)
        self._expire(now_s)
        while len(self._left) > MAX_KEPT:
            self._give_up(next(iter(self._left)))

    def take(self, name: Name) -> asyncio.Task[Reply] | None:
        """Work that was left behind by the same request, unless it came to nothing."""
        self._expire(self._clock())
        for task in list(self._by_name.get(name, ())):
            self._forget(task)
            if not task.done() or final_of(task) is not None:
                return task
        return None

    def give(self, name: Name, reply: Reply) -> None:
        """Remember what goes out to members of a group in pieces: only once are they all here."""
        if reply.joined and reply.final and len(reply.body) <= MAX_GIVEN_BYTES:
            self._given[name] = reply, self._clock()
            self._given.move_to_end(name)
            if len(self._given) > MAX_GIVEN:
                self._given.popitem(last=False)

    def lost(self, name: Name, task: asyncio.Task[Reply], came_s: float) -> Reply | None:
        """What the same request was answered just before, if now its siblings were missing.

        Args:
            name: What it is told by.
            task: What it came to.
            came_s: When it came.
        """
        reply, given_s = self._given.get(name, (None, 0.0))
        return reply if _short(task) and came_s - given_s <= LOST_S else None

    def _expire(self, now_s: float) -> None:
        while self._left and (oldest := next(iter(self._left))):
            if self._left[oldest].until_s >= now_s:
                return
            self._give_up(oldest)

    def _over(self, task: asyncio.Task[Reply]) -> None:
        """Keep an answer while there is room for it, and nothing of what failed."""
        if task not in self._left or task in self._sizes:
            return
        reply = final_of(task)
        if reply is None:
            report_bug(task)
            self._forget(task)
            return
        self._sizes[task] = len(reply.body) + ENTRY_BYTES
        self._bytes += self._sizes[task]
        while self._bytes > MAX_BYTES:
            self._forget(next(iter(self._sizes)))

    def _give_up(self, task: asyncio.Task[Reply]) -> None:
        self._forget(task)
        task.add_done_callback(report_bug)
        task.cancel()

    def _forget(self, task: asyncio.Task[Reply]) -> None:
        name = self._left.pop(task).name
        self._bytes -= self._sizes.pop(task, 0)
        self._by_name[name].remove(task)
        if not self._by_name[name]:
            del self._by_name[name]

    async def close(self) -> None:
        """End what still runs."""
        tasks = list(self._left)
        for task in tasks:
            self._forget(task)
        await end(tasks)


def _short(task: asyncio.Task[Reply]) -> bool:
    """True if siblings were missing, or it has no reward, which may be for that."""
    error = task.exception()
    if error is None:
        return task.result().joined is False
    return isinstance(error, ServiceError) and error.type is ErrorType.UNSCORED
