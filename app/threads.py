"""Functions in threads: each call has its own time, and one that hangs is left behind."""

from __future__ import annotations

import asyncio
import contextlib
import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Generic

from harmo.app.boundary import Asked, Boundary
from harmo.app.fair import Places
from harmo.scorers.types import Reason, Score

MAX_HUNG = 32
"""So many calls of one scorer that never came back are enough: it is not called again."""
SHARE_S = 0.25
"""A group has a place for so long, or for one sample, before the next in line has it."""
RETRY_S = 0.1
"""Until the next try to start a thread."""


@dataclass(slots=True, kw_only=True)
class _Walk(Generic[Asked]):
    """One thread's way from sample to sample, watched from the event loop."""

    boundary: Boundary
    call: Callable[[Asked], object]
    asked: Sequence[Asked]
    answers: list[object] = field(default_factory=list)
    at: tuple[int, float] = (0, math.inf)
    """Which one it answers, and since when; never, before the thread runs."""
    left: bool = False
    """Nobody watches any more: stop after the call that runs."""
    paused: bool = False
    """It was long enough at it: others may have a turn before it goes on."""
    hangs: bool = False
    """The call that runs is past its time: its place is somebody else's."""
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def run(self, ended: Callable[[], object]) -> None:
        """Answer one after the other, in a thread."""
        until_s = time.monotonic() + SHARE_S
        try:
            for number, one in enumerate(self.asked):
                self.paused = number > 0 and time.monotonic() >= until_s
                if self.left or self.paused:
                    break
                self.at = (number, time.monotonic())
                self.answers.append(self.boundary.guard(self.call, one))
        finally:
            # The event loop may be gone before a call that hung.
            with contextlib.suppress(RuntimeError):
                ended()

    @property
    def until_s(self) -> float:
        """`time.monotonic()` instant at which the call that runs is past its own time."""
        number, since_s = self.at
        return since_s + self.boundary.time_for(self.asked[number])

    async def first_late(self, deadline_s: float) -> int | None:
        """Which call is not back in time; None once all are."""
        while not self.over.is_set():
            (number, since_s), now_s = self.at, time.monotonic()
            if now_s >= min(deadline_s, self.until_s) and len(self.answers) == number:
                return number
            next_s = self.until_s
            if since_s == math.inf:
                next_s = now_s + self.boundary.time_for(self.asked[number])
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.001, min(deadline_s, next_s) - now_s)):
                    await self.over.wait()
        return None


class Threads:
    """The threads of one scorer, so many at a time; a plugin's call that hangs loses its place."""

    def __init__(self, name: str, *, places: int) -> None:
        self._name = name
        self._places = Places(places)
        self._hung: Counter[str] = Counter()

    async def answers(
        self,
        boundary: Boundary,
        call: Callable[[Asked], object],
        asked: Sequence[Asked],
        *,
        deadline_s: float,
        owner: Hashable = None,
    ) -> list[object]:
        """What a function says of each sample, or of the one group; an abstention where it is late.

        Args:
            boundary: The scorer's, which knows how long it may take.
            call: The scorer with its params.
            asked: What to score.
            deadline_s: `time.monotonic()` instant of the request's end.
            owner: Whose samples they are; owners take turns.
        """
        name = boundary.spec.name
        answers: list[object] = []
        while (left := len(asked) - len(answers)) and time.monotonic() < deadline_s:
            if self._hung[name] >= MAX_HUNG:
                why = f"{self._hung[name]} calls of it hang; mend it and restart the service"
                return answers + [Score.abstain(Reason.DEADLINE, why=why)] * left
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(deadline_s - time.monotonic()):
                    await self._places.take(owner)
                walk = _Walk(boundary=boundary, call=call, asked=asked[len(answers) :])
                answers += await self._walked(walk, deadline_s)
        if left:
            answers += [boundary.late(deadline_s)] * left
        return answers

    async def _walked(self, walk: _Walk[Asked], deadline_s: float) -> list[object]:
        """The answers up to the first that is late, and its abstention; takes over a place."""
        loop = asyncio.get_running_loop()

        def ended() -> None:
            loop.call_soon_threadsafe(self._end, walk)

        # A daemon: one that hangs must not keep the process from its end.
        thread = threading.Thread(target=walk.run, args=(ended,), name=self._name, daemon=True)
        try:
            thread.start()
        except RuntimeError:
            # The machine has no more at this time; the samples wait, as for a place.
            self._places.release()
            await asyncio.sleep(RETRY_S)
            return []
        try:
            late = await walk.first_late(deadline_s)
        finally:
            walk.left = True
            self._leave(walk, loop)
        if late is None and len(walk.answers) < len(walk.asked) and not walk.paused:
            # An interrupt alone passes the boundary; the sample must not be asked about again.
            return [*walk.answers, Score.abstain(Reason.SCORER_ERROR, why="its thread died")]
        if late is None:
            return walk.answers
        return [*walk.answers[:late], walk.boundary.late(deadline_s)]

    def _leave(self, walk: _Walk[Asked], loop: asyncio.AbstractEventLoop) -> None:
        """Watch no more: a call that runs on has its place for the rest of its own time."""
        rest_s = walk.until_s - time.monotonic()
        if rest_s <= 0.0:
            self._give_up(walk)
        elif rest_s < math.inf and not walk.over.is_set():
            loop.call_later(rest_s, self._give_up, walk)

    def _end(self, walk: _Walk[Asked]) -> None:
        walk.over.set()
        if walk.hangs:
            self._hung[walk.boundary.spec.name] -= 1
        else:
            self._places.release()

    def _give_up(self, walk: _Walk[Asked]) -> None:
        """Let others have the place of a call that is past its time."""
        if not walk.over.is_set():
            walk.hangs = True
            self._hung[walk.boundary.spec.name] += 1
            self._places.release()
