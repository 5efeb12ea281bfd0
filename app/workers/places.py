"""Where a worker is, or will be again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from harmo.app.workers.forked import Done
from harmo.app.workers.jobs import Job
from harmo.app.workers.worker import Worker

READ_S = 0.25
"""Time to read what came, after the event loop was held up."""


@dataclass(eq=False, slots=True, kw_only=True)
class Place:
    """One worker's."""

    keeper: asyncio.Task[None] | None = None
    worker: Worker | None = None
    vacant_s: float = 0.0
    """`time.monotonic()` instant since which there is no worker, where there is none."""
    job: Job | None = None
    """What it does at this time."""
    silent: bool = False
    """It owes a word for too long."""
    _owes: asyncio.TimerHandle | None = None
    """Until it is."""

    def ask(self, patience_s: float) -> None:
        """A word is asked of its worker; `hear` before so many seconds are over."""
        self._owes = asyncio.get_running_loop().call_later(patience_s, self._listen)

    def hear(self) -> None:
        """The word is here, or nobody waits for it any more."""
        if self._owes is not None:
            self._owes.cancel()
        self._owes, self.silent = None, False

    def _listen(self) -> None:
        """Take what came while the event loop was held up for a word that came."""
        self._owes = asyncio.get_running_loop().call_later(READ_S, self._fall_silent)

    def _fall_silent(self) -> None:
        self._owes, self.silent = None, True

    def left(self, job: Job, answer: asyncio.Future[Done | Exception]) -> None:
        """Kill a worker whose job nobody waits for any more."""
        if answer.cancelled() and self.job is job and self.worker is not None:
            self.worker.kill()


def busy_and_idle(places: Iterable[Place]) -> Mapping[tuple[str, ...], float]:
    """How many workers there are that have a job, and that have none, by those words."""
    there = [place for place in places if place.worker is not None]
    busy = sum(place.job is not None for place in there)
    return {("busy",): busy, ("idle",): len(there) - busy}
