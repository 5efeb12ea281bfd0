"""Replies kept by idempotency key, so that a retry after a lost one is not scored twice.

The work behind a key belongs to the key, not to the request that began it: it goes on when that
client leaves, until the deadline it began with, and whoever asks again joins it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from harmo.app.errors import ErrorType, ServiceError
from harmo.app.together import end

log = logging.getLogger("harmo.replies")

KEPT_BYTES = 64 << 20
ENTRY_BYTES = 512
"""What a kept reply takes besides its key and its body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The body of one 200."""

    body: bytes
    final: bool = True
    """False if a completion is unscored because of us: asking again may score it."""
    stand_ins: int = 0
    """Completions without a reward for which a number stands."""
    joined: bool | None = None
    """Of members whose siblings come elsewhere: whether all were here; None where none do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One call with an idempotency key."""

    owner: str
    """Whose it is: keys of different callers have nothing to do with each other."""
    key: str
    digest: bytes
    """Of the body; another one under the same key is refused."""
    deadline_s: float
    """`time.monotonic()` instant after which this caller waits no longer."""


@dataclass(slots=True)
class _Kept:
    """One caller's replies, the oldest first."""

    replies: OrderedDict[str, tuple[bytes, Reply]] = field(default_factory=OrderedDict)
    """Digest and reply, by key."""
    held: int = 0
    """Their bytes."""

    def add(self, asked: Asked, reply: Reply) -> None:
        self.replies[asked.key] = (asked.digest, reply)
        self.held += _size(asked.key, reply)

    def drop_oldest(self) -> int:
        key, (_, reply) = self.replies.popitem(last=False)
        self.held -= _size(key, reply)
        return _size(key, reply)


class Replies:
    """The replies that are kept; one call at a time for each key.

    Where they are too many, whoever has most loses the oldest: nobody drives out another's.
    """

    def __init__(self, max_bytes: int = KEPT_BYTES) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._kept: dict[str, _Kept] = {}
        self._running: dict[tuple[str, str], tuple[bytes, asyncio.Task[Reply]]] = {}

    async def once(
        self, asked: Asked, make: Callable[[], Coroutine[Any, Any, Reply]]
    ) -> tuple[Reply, bool]:
        """The reply for this key, and whether another call made it; only final ones are kept.

        Args:
            asked: Whose call it is, and of what.
            make: Scores the request; goes on when nobody waits for it any more.

        Raises:
            ServiceError: What `make` raises; 409 for another body, 504 where the call that is
                waited for outlasts this one's deadline.
        """
        name = (asked.owner, asked.key)
        while True:
            if (kept := self._find(asked)) is not None:
                return kept, True
            if name not in self._running:
                return await self._made(asked, make), False
            digest, running = self._running[name]
            _require_same(digest, asked.digest)
            await asyncio.wait({running}, timeout=max(0.0, asked.deadline_s - time.monotonic()))
            if not running.done():
                message = "the deadline passed while another call with this Idempotency-Key ran"
                raise ServiceError(ErrorType.DEADLINE, message)
            reply = final_of(running)
            if reply is not None:
                return reply, True
            # Whoever waited for a call that failed makes its own.

    def _find(self, asked: Asked) -> Reply | None:
        kept = self._kept.get(asked.owner)
        if kept is None or asked.key not in kept.replies:
            return None
        digest, reply = kept.replies[asked.key]
        _require_same(digest, asked.digest)
        return reply

    async def _made(self, asked: Asked, make: Callable[[], Coroutine[Any, Any, Reply]]) -> Reply:
        running = self._begin(asked, make)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            running.add_done_callback(report_bug)
            raise

    def _begin(
        self, asked: Asked, make: Callable[[], Coroutine[Any, Any, Reply]]
    ) -> asyncio.Task[Reply]:
        name = (asked.owner, asked.key)
        running = asyncio.create_task(make())
        self._running[name] = (asked.digest, running)

        def over(task: asyncio.Task[Reply]) -> None:
            del self._running[name]
            reply = final_of(task)
            if reply is not None:
                self._keep(asked, reply)

        running.add_done_callback(over)
        return running

    def _keep(self, asked: Asked, reply: Reply) -> None:
        self._kept.setdefault(asked.owner, _Kept()).add(asked, reply)
        self._bytes += _size(asked.key, reply)
        while self._bytes > self._max_bytes:
            owner, most = max(self._kept.items(), key=lambda each: each[1].held)
            self._bytes -= most.drop_oldest()
            if not most.replies:
                del self._kept[owner]

    async def close(self) -> None:
        """End the calls that still run."""
        await end([task for _, task in self._running.values()])


def _size(key: str, reply: Reply) -> int:
    return len(key) + len(reply.body) + ENTRY_BYTES


def final_of(task: asyncio.Task[Reply]) -> Reply | None:
    """The reply of a call that is over, if asking again would give no better one."""
    if task.cancelled() or task.exception() is not None:
        return None
    reply = task.result()
    return reply if reply.final else None


def report_bug(task: asyncio.Task[Reply]) -> None:
    """Log a bug that no client is there to be told of; asyncio would log its words."""
    if not task.cancelled() and not isinstance(task.exception(), ServiceError | None):
        log.error("bug after the client had left: %s", type(task.exception()).__name__)


def _require_same(known: bytes, digest: bytes) -> None:
    if known != digest:
        raise ServiceError(
            ErrorType.KEY_REUSED, "this Idempotency-Key came with another body before"
        )
