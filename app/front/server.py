"""The server of `harmo serve`: uvicorn's frame round connections and an end of our own.

The end: a signal turns `/readyz` to 503, requests are taken for `drain_wait_s` more, the port
closes, what is in flight is answered within `drain_timeout_s`, and the process ends with 0.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from types import FrameType

import uvicorn
from fastapi import FastAPI

from harmo.app.front.connections import Connections, Limits, raise_file_limit
from harmo.app.front.http11 import Connection
from harmo.app.front.listener import Listener, bind
from harmo.app.service import Service
from harmo.app.settings import Settings

log = logging.getLogger("harmo.server")

NEW_OBJECTS = 20_000
"""About what a large request makes; to collect more often finds nothing."""
ANSWER_S = 2.0
"""Time to say 503 to what is still in flight after the drain."""
LAST_COME_S = 0.25
"""Time for what came as the port closed to say what it wants."""
CLOSE_S = 5.0
"""Time to let go of models, workers and threads; one that hangs must not keep the process."""
SWEEP_S = 0.5
FATAL = 3
"""Exit code of a service that scored and then broke for good; to start it again may mend it."""
_NUMBER_OF_SIGNALS = 128
"""A process that ends by a signal has this much more as its exit code."""


class Server(uvicorn.Server):
    """Listens, and ends in order.

    The first SIGTERM, SIGINT or SIGHUP begins the end, the second skips what is waited for, the
    third ends the process at once with 128 and the signal's number.
    """

    def __init__(self, app: FastAPI, settings: Settings) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=settings.host,
                port=settings.port,
                root_path=settings.root_path,
                loop="asyncio",  # whatever else is installed: Ray brings another
                log_config=None,
                ws="none",
                access_log=False,
                server_header=False,
            )
        )
        self._settings = settings
        service: Service = app.state.service
        self._life = service.life
        self._life.when_ready(_leave_out_of_collections)
        self._life.when_failed(self._stop)
        metrics = service.metrics.server
        self._connections = Connections(
            Limits.of(settings, raise_file_limit()),
            lambda reason: metrics.closed.labels(reason.value).inc(),
        )
        metrics.connections.read = lambda: len(self._connections)
        self._signals = 0
        self._stop_at_s = float("inf")
        self._in_a_hurry = False
        self._loop: asyncio.AbstractEventLoop | None = None

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Unlike uvicorn's, never raises a signal again: a drained service ends with 0."""
        numbers = [signal.SIGTERM, signal.SIGINT]
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            numbers.append(signal.SIGHUP)
        for number in numbers:
            signal.signal(number, self.handle_exit)
        yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        del frame
        self._signals += 1
        if self._loop is None:
            os._exit(0)
        if self._signals > 2:
            os._exit(_NUMBER_OF_SIGNALS + sig)
        now_s = time.monotonic()
        if self._signals == 1:
            wait_s = self._settings.drain_wait_s if self._life.ready else 0.0
            self._stop_at_s = now_s + wait_s
            self._loop.call_soon_threadsafe(self._leave)
        elif now_s < self._stop_at_s:
            self._stop_at_s = now_s
        else:
            self._in_a_hurry = True

    def _leave(self) -> None:
        self._life.leave()
        self._connections.leaving = True
        log.info("leaving phase=%s in_flight=%d", self._life.phase, self._connections.in_flight)

    def _stop(self) -> None:
        if self._life.began:
            log.error("failed %s", self._life.failure)
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        del sockets
        self._loop = asyncio.get_running_loop()
        await self.lifespan.startup()
        if self.lifespan.should_exit:
            sys.exit(1)
        bound = bind(self._settings.host, self._settings.port)
        self._listener = Listener(bound, self._connections, self._connection)
        self._sweeping = asyncio.ensure_future(self._sweep())
        self.started = True
        limits = self._connections.limits
        for listening in bound:
            host, port = listening.getsockname()[:2]
            log.info("listening host=%s port=%d connections=%d", host, port, limits.connections)

    def _connection(self, address: str) -> Connection:
        return Connection(
            self.config.loaded_app,
            self._connections,
            address,
            root_path=self.config.root_path,
            headers=lambda: self.server_state.default_headers,
        )

    async def _sweep(self) -> None:
        limits = self._connections.limits
        shortest_s = min(limits.head_s, limits.idle_s, limits.write_s, limits.body_s)
        while True:
            await asyncio.sleep(min(SWEEP_S, shortest_s / 4))
            self._connections.sweep()

    async def on_tick(self, counter: int) -> bool:
        return await super().on_tick(counter) or time.monotonic() >= self._stop_at_s

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        del sockets
        self._listener.close()
        self._connections.leaving = True
        self._life.drain()
        answered_s = time.monotonic() + LAST_COME_S
        until_s = time.monotonic() + self._settings.drain_timeout_s + ANSWER_S
        while time.monotonic() < (until_s if self._connections.in_flight else answered_s):
            if self._in_a_hurry:
                self._life.hurry()
                until_s = min(until_s, time.monotonic() + ANSWER_S)
                self._in_a_hurry = False
            await asyncio.sleep(0.05)
        self._connections.end()
        for task in self._connections.tasks:
            task.cancel()
        await self._until_closed(time.monotonic() + ANSWER_S)
        self._sweeping.cancel()
        _end_within(CLOSE_S, FATAL if self._life.failure else 0)
        await self.lifespan.shutdown()
        log.info("ended")

    async def _until_closed(self, until_s: float) -> None:
        """Clients take their last answers."""
        while len(self._connections) and time.monotonic() < until_s:  # noqa: ASYNC110 - at the end
            await asyncio.sleep(0.02)
        self._connections.abort()
        await asyncio.sleep(0)


def _end_within(seconds: float, code: int) -> None:
    """End the process then, if a thread that hangs keeps it: all is answered by now."""

    def end() -> None:
        time.sleep(seconds)
        log.warning("something hangs: not waited for any longer")
        time.sleep(0.2)
        os._exit(code)

    threading.Thread(target=end, name="end", daemon=True).start()


def _leave_out_of_collections() -> None:
    """What is loaded stays loaded: have the garbage collector look at what requests make only."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, 10, 10)
