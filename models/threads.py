"""Daemon threads for native code: what hangs in them holds up neither others nor the exit."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Generic, TypeVar

from harmo.models.base import Load

STUCK_AFTER_S = 60.0
"""A call that has run for longer has hung, as far as one can tell."""
REPLACED = 3
"""So many times over a pool replaces threads that hang."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Failure:
    """What a call raised, for whoever waits for it on another thread."""

    error: Exception


def attempt(call: Callable[[], T]) -> T | Failure:
    """What a call returns, or how it failed; nothing that it raises ends the thread."""
    try:
        return call()
    except BaseException as error:  # noqa: BLE001 - native code panics past Exception
        if isinstance(error, Exception):
            return Failure(error)
        # As it is, it would end the event loop of whoever waits for it.
        wrapped = RuntimeError(f"{type(error).__name__}: {error}")
        wrapped.__cause__ = error
        return Failure(wrapped)


@dataclass(slots=True, kw_only=True)
class Caller:
    """Who waits for a piece of work: until an instant, or until they leave."""

    deadline_s: float | None
    """`time.monotonic()` instant; None to wait for as long as it takes."""
    left: bool = False

    @property
    def waits(self) -> bool:
        """False once nobody wants the work any more."""
        return not self.left and (self.deadline_s is None or time.monotonic() < self.deadline_s)


@dataclass(slots=True, kw_only=True, eq=False)
class _Call(Generic[T]):
    make: Callable[[], T]
    answer: Future[T]


class Threads:
    """Makes calls in order of arrival; one that is cancelled before its turn is never made.

    A thread whose call has hung gives its place to a new one, up to a bound.
    """

    def __init__(self, name: str, *, places: int, stuck_after_s: float = STUCK_AFTER_S) -> None:
        """Start nothing yet.

        Args:
            name: Of the threads.
            places: How many calls run at a time.
            stuck_after_s: See `STUCK_AFTER_S`.
        """
        self._name = name
        self._places = places
        self._stuck_after_s = stuck_after_s
        self._changed = threading.Condition()
        self._queue: OrderedDict[object, _Call[object]] = OrderedDict()
        self._began_s: dict[threading.Thread, float] = {}
        self._threads: set[threading.Thread] = set()
        self._idle = 0
        self._closed = False

    def submit(self, make: Callable[[], T]) -> Future[T]:
        """What a call makes, later; cancel the future to drop one that has not begun.

        Raises RuntimeError after `close`.
        """
        call = _Call(make=make, answer=Future[T]())
        with self._changed:
            if self._closed:
                raise RuntimeError(f"{self._name} is closed")
            self._queue[call] = call  # type: ignore[assignment] # of any T
            if len(self._queue) > self._idle and self._may_grow():
                thread = threading.Thread(target=self._serve, name=self._name, daemon=True)
                try:
                    thread.start()
                except RuntimeError:
                    # The threads there are take it; with none nobody would.
                    if not self._threads:
                        del self._queue[call]
                        raise
                else:
                    self._threads.add(thread)
            self._changed.notify()
        call.answer.add_done_callback(lambda _: self._forget(call))
        return call.answer

    def load(self) -> Load:
        """A fault while every thread there may be hangs; says nothing of the backlog."""
        with self._changed:
            stuck = self._stuck()
            free = len(self._threads) < self._most or stuck < len(self._threads)
        if free:
            return Load()
        return Load(
            fault=f"{self._name}: all {stuck} threads have been at one call for over"
            f" {self._stuck_after_s:g} s"
        )

    def close(self) -> None:
        """Cancel what waits; what runs is left to itself."""
        with self._changed:
            self._closed = True
            waiting = list(self._queue.values())
            self._queue.clear()
            self._changed.notify_all()
        for call in waiting:
            call.answer.cancel()

    @property
    def _most(self) -> int:
        return self._places * (1 + REPLACED)

    def _stuck(self) -> int:
        since_s = time.monotonic() - self._stuck_after_s
        return sum(1 for began_s in self._began_s.values() if began_s < since_s)

    def _may_grow(self) -> bool:
        return len(self._threads) < min(self._places + self._stuck(), self._most)

    def _forget(self, call: object) -> None:
        with self._changed:
            self._queue.pop(call, None)

    def _serve(self) -> None:
        own = threading.current_thread()
        while (call := self._next(own)) is not None:
            made = attempt(call.make)
            # Before the answer: whoever gets it may ask for more at once.
            with self._changed:
                del self._began_s[own]
            if isinstance(made, Failure):
                call.answer.set_exception(made.error)
            else:
                call.answer.set_result(made)

    def _next(self, own: threading.Thread) -> _Call[object] | None:
        """The next call that is still wanted, once there is one; None after `close`."""
        with self._changed:
            while not self._closed:
                while self._queue:
                    _, call = self._queue.popitem(last=False)
                    if call.answer.set_running_or_notify_cancel():
                        self._began_s[own] = time.monotonic()
                        return call
                self._idle += 1
                self._changed.wait()
                self._idle -= 1
            self._threads.discard(own)
            return None
