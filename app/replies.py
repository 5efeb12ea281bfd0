"""Replies kept by idempotency key, so that a retry after a lost one is not scored twice."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from harmo.app.errors import ErrorType, ServiceError

KEPT_BYTES = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The body of one 200."""

    body: bytes
    final: bool = True
    """False if a completion is unscored because of us: asking again may score it."""


class Replies:
    """The replies that are kept, oldest dropped first; one call at a time for each key."""

    def __init__(self, max_bytes: int = KEPT_BYTES) -> None:
        self._max_bytes = max_bytes
        self._kept_bytes = 0
        self._kept: OrderedDict[str, tuple[bytes, bytes]] = OrderedDict()
        self._running: dict[str, tuple[bytes, asyncio.Event]] = {}

    async def once(
        self, key: str, body: bytes, make: Callable[[], Awaitable[Reply]]
    ) -> tuple[bytes, bool]:
        """The reply for this key, and whether it was kept from before; only final ones are.

        Args:
            key: The caller's idempotency key.
            body: The request; another one under the same key is refused with 409.
            make: Scores the request.
        """
        digest = hashlib.sha256(body).digest()
        while key in self._running:
            known, done = self._running[key]
            _require_same(known, digest)
            await done.wait()
        if key in self._kept:
            known, kept = self._kept[key]
            _require_same(known, digest)
            return kept, True
        done = asyncio.Event()
        self._running[key] = (digest, done)
        try:
            reply = await make()
            if reply.final:
                self._keep(key, digest, reply.body)
        finally:
            # Whoever waited for a call that failed makes its own.
            del self._running[key]
            done.set()
        return reply.body, False

    def _keep(self, key: str, digest: bytes, reply: bytes) -> None:
        self._kept[key] = (digest, reply)
        self._kept_bytes += len(key) + len(reply)
        while self._kept_bytes > self._max_bytes:
            oldest, (_, dropped) = self._kept.popitem(last=False)
            self._kept_bytes -= len(oldest) + len(dropped)


def _require_same(known: bytes, digest: bytes) -> None:
    if known != digest:
        raise ServiceError(
            ErrorType.KEY_REUSED, "this Idempotency-Key came with another body before"
        )
