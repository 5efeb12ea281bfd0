"""Plain functions in threads: each call has its own time, and one that hangs is left behind."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Generic

from harmo.app.boundary import Asked, Boundary


@dataclass(slots=True, kw_only=True)
class _Walk(Generic[Asked]):
    """One thread's way from sample to sample, watched from the event loop."""

    boundary: Boundary
    call: Callable[[Asked], object]
    asked: Sequence[Asked]
    answers: list[object] = field(default_factory=list)
    began_s: tuple[int, float] = (0, math.inf)
    """Which one it is at, and since when; never, while it waits for a thread."""
    left: bool = False
    """Nobody watches any more: stop after the call that runs."""

    def run(self) -> None:
        """Answer one after the other."""
        for at, one in enumerate(self.asked):
            if self.left:
                return
            self.began_s = (at, time.monotonic())
            self.answers.append(self.boundary.guard(self.call, one))


async def answers_of(
    threads: ThreadPoolExecutor,
    boundary: Boundary,
    call: Callable[[Asked], object],
    asked: Sequence[Asked],
    *,
    deadline_s: float,
) -> list[object]:
    """What a function says of each sample (or of the one group), or an abstention where it is late.

    A thread cannot be killed. What it does not finish in time keeps it; the samples behind go to
    another one.

    Args:
        threads: The scorer's.
        boundary: The scorer's, which knows how long it may take.
        call: The scorer with its params.
        asked: What to score.
        deadline_s: `time.monotonic()` instant of the request's end.
    """
    answers: list[object] = []
    while len(answers) < len(asked):
        walk = _Walk(boundary=boundary, call=call, asked=asked[len(answers) :])
        work = asyncio.get_running_loop().run_in_executor(threads, walk.run)
        try:
            late = await _first_late(walk, work, deadline_s)
        finally:
            walk.left = True
            work.cancel()
        answers += walk.answers[:late]
        if time.monotonic() >= deadline_s:
            rest = len(asked) - len(answers)
            return answers + [boundary.late(deadline_s)] * rest
        if late is not None:
            answers.append(boundary.late(deadline_s))
    return answers


async def _first_late(
    walk: _Walk[Asked], work: asyncio.Future[None], deadline_s: float
) -> int | None:
    """Which call is not done in time; None once the walk is at its end."""
    while not work.done():
        at, began_s = walk.began_s
        now_s = time.monotonic()
        limit_s = min(deadline_s, began_s + walk.boundary.time_for(walk.asked[at]))
        if now_s >= limit_s and len(walk.answers) == at:
            return at
        pause_s = walk.boundary.time_for(walk.asked[at]) if began_s == math.inf else limit_s - now_s
        await asyncio.wait({work}, timeout=max(0.001, min(pause_s, deadline_s - now_s)))
    return None
