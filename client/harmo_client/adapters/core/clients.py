"""A client for each process and event loop: connections survive neither a fork nor their loop."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from harmo_client import wire
from harmo_client.adapters.core.settings import Settings
from harmo_client.client import AsyncRewardClient, RewardClient
from harmo_client.connection import Options, RunRecipe

Key = tuple[str, str | None, float, float, int | None]
"""What tells one client from another."""

_MOST_IN_FLIGHT = 4096


class Clients:
    """The clients of one process. The version pins are shared: a run outlives its event loops."""

    def __init__(self, pinned: Mapping[Key, dict[RunRecipe, wire.RecipeRef]] | None = None) -> None:
        self.pinned = {key: dict(pins) for key, pins in (pinned or {}).items()}
        self._lock = threading.Lock()
        self._sync: dict[Key, RewardClient] = {}
        self._by_loop: dict[tuple[asyncio.AbstractEventLoop, Key], AsyncRewardClient] = {}

    def blocking(self, settings: Settings) -> RewardClient:
        """The client for callers without an event loop; threads share it."""
        key = _key(settings)
        with self._lock:
            client = self._sync.get(key)
            if client is None:
                client = self._sync[key] = RewardClient(settings.url, **_options(settings))
                client.pinned = self.pinned.setdefault(key, {})
            return client

    def running(self, settings: Settings) -> AsyncRewardClient:
        """The client of the event loop that runs now; those of closed loops are dropped."""
        loop, key = asyncio.get_running_loop(), _key(settings)
        with self._lock:
            # Nobody can close their connections any more: they go with their last reference.
            for known in [known for known in self._by_loop if known[0].is_closed()]:
                del self._by_loop[known]
            client = self._by_loop.get((loop, key))
            if client is None:
                client = AsyncRewardClient(settings.url, **_options(settings))
                client.pinned = self.pinned.setdefault(key, {})
                self._by_loop[loop, key] = client
            return client

    @asynccontextmanager
    async def fresh(self, settings: Settings) -> AsyncIterator[AsyncRewardClient]:
        """A client for one call: where each call has an event loop that ends with it."""
        async with AsyncRewardClient(settings.url, **_options(settings)) as client:
            client.pinned = self.pinned.setdefault(_key(settings), {})
            yield client

    @property
    def loops(self) -> int:
        """How many event loops have a client."""
        return len({loop for loop, _ in self._by_loop})


def _key(settings: Settings) -> Key:
    return (
        settings.url,
        settings.api_key,
        settings.timeout_s,
        settings.retry_for_s,
        settings.in_flight,
    )


def _options(settings: Settings) -> Options:
    return Options(
        api_key=settings.api_key,
        timeout_s=settings.timeout_s,
        retry_for_s=settings.retry_for_s,
        in_flight=settings.in_flight or _most_in_flight(),
    )


def _most_in_flight() -> int:
    """As many requests as may wait for siblings, without taking the trainer's files from it."""
    if sys.platform == "win32":
        return _MOST_IN_FLIGHT
    import resource  # noqa: PLC0415 - it is not on Windows

    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _MOST_IN_FLIGHT if files == resource.RLIM_INFINITY else min(_MOST_IN_FLIGHT, files // 2)


_HELD = [Clients()]


def held() -> Clients:
    """This process's clients."""
    return _HELD[0]


def _begin_anew() -> None:
    # The parent's may be locked or in use: they are let be, not closed, the sockets are shared.
    _HELD.append(_HELD[0])
    _HELD[0] = Clients(_HELD[0].pinned)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)
