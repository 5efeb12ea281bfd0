"""What waits for a device: room for work that is made ready ahead of it, and all that came."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TypeVar

from harmo.models.base import Load, Observer
from harmo.models.threads import Caller

CHARACTERS_PER_TOKEN = 4
"""Of text that waits to be tokenised; for an estimate of the backlog only."""
LATELY = 256
"""Completions: so many new ones count as much as all before."""

T = TypeVar("T")


class Room:
    """So much room; who finds none waits as long as they like, and leaving costs nothing.

    It belongs to no event loop.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._used = 0
        self._asked = 0
        self._waiting: OrderedDict[asyncio.Future[None], int] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def waiting(self) -> int:
        """How much room those ask for who wait."""
        return self._asked

    @asynccontextmanager
    async def taken(self, amount: int) -> AsyncIterator[None]:
        """Hold so much room, once everybody who came before has had their turn.

        Args:
            amount: What is larger than all there is has it for itself.
        """
        await self._take(amount)
        try:
            yield
        finally:
            self._give_back(amount)

    async def _take(self, amount: int) -> None:
        turn = asyncio.get_running_loop().create_future()
        with self._lock:
            if not self._waiting and self._fits(amount):
                self._used += amount
                return
            self._waiting[turn] = amount
            self._asked += amount
        try:
            await turn
        except asyncio.CancelledError:
            self._leave(turn, amount)
            raise

    def _fits(self, amount: int) -> bool:
        return not self._used or self._used + amount <= self._size

    def _leave(self, turn: asyncio.Future[None], amount: int) -> None:
        """Take back what was asked for, be it that the turn has just come."""
        with self._lock:
            if turn in self._waiting:
                del self._waiting[turn]
                self._asked -= amount
            else:
                self._used -= amount
        self._call()

    def _give_back(self, amount: int) -> None:
        with self._lock:
            self._used -= amount
        self._call()

    async def in_turn(
        self, amount: int, work: Callable[[Caller], Awaitable[T]], *, deadline_s: float | None
    ) -> T | None:
        """What the work comes to, once there is room for it; None past its deadline.

        Args:
            amount: Room it holds while it runs.
            work: Called with who waits for it, who may leave before it is done.
            deadline_s: `time.monotonic()` instant; None to wait for as long as it takes.
        """
        caller = Caller(deadline_s=deadline_s)
        left_s = None if deadline_s is None else deadline_s - time.monotonic()
        try:
            async with asyncio.timeout(left_s) as limit, self.taken(amount):
                return await work(caller)
        except TimeoutError:
            if not limit.expired():
                raise
            return None
        finally:
            caller.left = True

    def _call(self) -> None:
        """Let in those whose turn it is."""
        with self._lock:
            while self._waiting:
                turn, amount = next(iter(self._waiting.items()))
                if not self._fits(amount):
                    break
                del self._waiting[turn]
                self._asked -= amount
                self._used += amount
                turn.get_loop().call_soon_threadsafe(_let_in, turn)


def _let_in(turn: asyncio.Future[None]) -> None:
    # Who left meanwhile has given the room back.
    if not turn.done():
        turn.set_result(None)


@dataclass(slots=True)
class Clock:
    """How a caller learns what of a call's time was waiting."""

    waited_s: float = 0.0
    """In queues of models."""
    shared: bool = False
    """True where the answer is that of another call's run."""


CLOCK: ContextVar[Clock | None] = ContextVar("clock", default=None)
"""Set by a caller who wants to know."""


class Backlog:
    """The groups that have come to a model and that no device has begun; for any thread."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self._waiting: OrderedDict[Waiting, None] = OrderedDict()
        # Added up as groups come and go: every request that is let in asks for the load.
        self._completions = self._tokens = 0
        self._each_tokens = 0.0
        self._lock = threading.Lock()

    @property
    def each_tokens(self) -> float:
        """Of one completion with its share of the prompt, lately; 0.0 before the first."""
        return self._each_tokens

    def load(self) -> Load:
        """How much waits, and for how long; says nothing of how long it will."""
        with self._lock:
            oldest = next(iter(self._waiting), None)
            return Load(
                completions=self._completions,
                tokens=self._tokens,
                oldest_s=0.0 if oldest is None else time.monotonic() - oldest.since_s,
            )

    def enter(self, completions: int, characters: int) -> Waiting:
        """A group that has come; `with` it, for as long as it is wanted.

        Args:
            completions: How many.
            characters: How long, for as long as nobody knows its tokens.
        """
        tokens = characters // CHARACTERS_PER_TOKEN
        return Waiting(backlog=self, completions=completions, tokens=tokens)

    def _add(self, one: Waiting) -> None:
        with self._lock:
            self._waiting[one] = None
            self._completions += one.completions
            self._tokens += one.tokens

    def _counted(self, one: Waiting, tokens: int) -> None:
        """Take in how many tokens a group has."""
        with self._lock:
            if one in self._waiting:
                self._tokens += tokens - one.tokens
            one.tokens = tokens
            if one.completions:
                each, known = tokens / one.completions, self._each_tokens
                share = one.completions / (one.completions + LATELY) if known else 1.0
                self._each_tokens += share * (each - known)

    def _remove(self, one: Waiting) -> bool:
        with self._lock:
            if one not in self._waiting:
                return False
            del self._waiting[one]
            self._completions -= one.completions
            self._tokens -= one.tokens
            return True


@dataclass(slots=True, kw_only=True, eq=False)
class Waiting:
    """One group, from its coming until a device begins it or nobody wants it any more."""

    backlog: Backlog
    completions: int
    tokens: int
    since_s: float = field(default_factory=time.monotonic)
    _prepared_s: float = 0.0
    _clock: Clock | None = field(default_factory=CLOCK.get)

    def tokenised(self, seconds: float, tokens: int) -> None:
        """Say what making it ready took, which is no waiting, and how many tokens it has."""
        self._prepared_s = seconds
        self.backlog._counted(self, tokens)
        self.backlog._observer.tokenised(seconds)

    def begin(self) -> None:
        """It waits no more; nothing where it was over before."""
        if self.backlog._remove(self):
            waited_s = max(0.0, time.monotonic() - self.since_s - self._prepared_s)
            self.backlog._observer.waited(waited_s)
            if self._clock is not None:
                self._clock.waited_s = max(self._clock.waited_s, waited_s)

    def __enter__(self) -> Waiting:
        self.backlog._add(self)
        return self

    def __exit__(self, *exc: object) -> None:
        self.begin()
