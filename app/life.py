"""The life of a service: starting, then ready or failed, then draining."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from enum import StrEnum

from harmo.app.errors import ErrorType, ServiceError

RETRY_AFTER_S = 2


class Phase(StrEnum):
    """Where in its life a service is."""

    STARTING = "starting"
    READY = "ready"
    FAILED = "failed"
    DRAINING = "draining"


class Life:
    """Says whether requests may come, and ends those that outlast the drain.

    Args:
        drain_timeout_s: Time for requests in flight once draining begins.
    """

    def __init__(self, drain_timeout_s: float) -> None:
        self._drain_timeout_s = drain_timeout_s
        self._phase = Phase.STARTING
        self._failure = ""
        self._when_ready: Callable[[], None] = lambda: None
        self._when_failed: Callable[[], None] = lambda: None
        self._draining = False
        self._in_flight: set[asyncio.Timeout] = set()

    @property
    def phase(self) -> Phase:
        """Where it is now."""
        return self._phase

    @property
    def ready(self) -> bool:
        """True from `begin` until the service drains."""
        return self._phase is Phase.READY

    @property
    def failure(self) -> str:
        """Why start-up failed; empty unless it did."""
        return self._failure

    def when_ready(self, call: Callable[[], None]) -> None:
        """Have something done once everything is loaded, before the first request."""
        self._when_ready = call

    def when_failed(self, call: Callable[[], None]) -> None:
        """Have a server told to stop where start-up fails."""
        self._when_failed = call

    def begin(self) -> None:
        """Take requests: everything is loaded and warm."""
        if self._phase is Phase.STARTING:
            self._when_ready()
            self._phase = Phase.READY

    def fail(self, why: str) -> None:
        """Never take requests."""
        self._phase, self._failure = Phase.FAILED, why
        self._when_failed()

    def drain(self) -> None:
        """Take no more requests; those in flight get the drain time, once, then a 503."""
        if self._draining:
            return
        self._draining = True
        if self._phase is not Phase.FAILED:
            self._phase = Phase.DRAINING
        until_s = asyncio.get_running_loop().time() + self._drain_timeout_s
        for limit in self._in_flight:
            limit.reschedule(until_s)

    def require_ready(self) -> None:
        """Refuse with 503 what comes before the service is ready, or after."""
        if self._phase is not Phase.READY:
            raise self._not_ready(self._failure or f"the service is {self._phase}")

    @asynccontextmanager
    async def request(self) -> AsyncIterator[None]:
        """One request in flight; 503 where it outlasts the drain."""
        try:
            async with asyncio.timeout(None) as limit:
                self._in_flight.add(limit)
                try:
                    yield
                finally:
                    self._in_flight.discard(limit)
        except TimeoutError:
            raise self._not_ready(f"the service is {Phase.DRAINING}") from None

    @staticmethod
    def _not_ready(message: str) -> ServiceError:
        return ServiceError(ErrorType.NOT_READY, message, retry_after_s=RETRY_AFTER_S)
