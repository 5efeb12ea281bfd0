"""The life of a service: starting, then ready or failed, then leaving, then draining."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from enum import StrEnum

from harmo.app.errors import ErrorType, ServiceError

RETRY_AFTER_S = 2
_CAME_IN_TIME = ContextVar("came_in_time", default=False)
"""True in what answers a request that came while requests were taken."""


class Phase(StrEnum):
    """Where in its life a service is."""

    STARTING = "starting"
    READY = "ready"
    FAILED = "failed"
    LEAVING = "leaving"
    """Probes are told to send nobody; whoever comes all the same is served."""
    DRAINING = "draining"


_TAKING = (Phase.READY, Phase.LEAVING)


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
        self._began = False
        self._draining = False
        self._until_s: float | None = None
        """When what is in flight ends, on the event loop's clock."""
        self._in_flight: set[asyncio.Timeout] = set()

    @property
    def phase(self) -> Phase:
        """Where it is now."""
        return self._phase

    @property
    def ready(self) -> bool:
        """True from `begin` until the service leaves."""
        return self._phase is Phase.READY

    @property
    def leaving(self) -> bool:
        """True from the first signal to stop."""
        return self._phase in (Phase.LEAVING, Phase.DRAINING)

    @property
    def failure(self) -> str:
        """Why it takes no requests for good; empty unless it does."""
        return self._failure

    @property
    def began(self) -> bool:
        """True if it was ready once."""
        return self._began

    def when_ready(self, call: Callable[[], None]) -> None:
        """Have something done once everything is loaded, before the first request."""
        self._when_ready = call

    def when_failed(self, call: Callable[[], None]) -> None:
        """Have a server told to stop where start-up, or a part beyond repair, fails."""
        self._when_failed = call

    def begin(self) -> None:
        """Take requests: everything is loaded and warm."""
        if self._phase is Phase.STARTING:
            self._when_ready()
            self._phase, self._began = Phase.READY, True

    def fail(self, why: str) -> None:
        """Never take requests."""
        self._phase, self._failure = Phase.FAILED, why
        self._when_failed()

    def leave(self) -> None:
        """Have probes send nobody; one that is not ready yet has nobody to tell."""
        if self._phase is Phase.READY:
            self._phase = Phase.LEAVING
        elif self._phase is Phase.STARTING:
            self.drain()

    def drain(self) -> None:
        """Take no more requests; those in flight get the drain time, once, then a 503."""
        if self._draining:
            return
        self._draining = True
        if self._phase is not Phase.FAILED:
            self._phase = Phase.DRAINING
        self._end_in(self._drain_timeout_s)

    def hurry(self) -> None:
        """Drain, with no more time for requests in flight."""
        self.drain()
        self._end_in(0.0)

    def _end_in(self, seconds: float) -> None:
        self._until_s = asyncio.get_running_loop().time() + seconds
        for limit in self._in_flight:
            limit.reschedule(self._until_s)

    @contextmanager
    def arrival(self) -> Iterator[None]:
        """One request, from its head on: if it came in time, it is in flight once it drains."""
        token = _CAME_IN_TIME.set(self._phase in _TAKING)
        try:
            yield
        finally:
            _CAME_IN_TIME.reset(token)

    def require_ready(self) -> None:
        """Refuse with 503 what comes before the service takes requests, or after."""
        in_flight = self._phase is Phase.DRAINING and _CAME_IN_TIME.get()
        if self._phase not in _TAKING and not in_flight:
            raise self.not_ready(self._failure or f"the service is {self._phase}")

    @asynccontextmanager
    async def request(self) -> AsyncIterator[None]:
        """One request in flight; 503 where it outlasts the drain."""
        try:
            async with asyncio.timeout_at(self._until_s) as limit:
                self._in_flight.add(limit)
                try:
                    yield
                finally:
                    self._in_flight.discard(limit)
        except TimeoutError:
            if not limit.expired():
                raise
            raise self.not_ready(f"the service is {Phase.DRAINING}") from None

    @staticmethod
    def not_ready(message: str) -> ServiceError:
        """A 503 with `Retry-After`."""
        return ServiceError(ErrorType.NOT_READY, message, retry_after_s=RETRY_AFTER_S)
