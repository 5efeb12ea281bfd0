"""Jobs that no worker has, in whose turn it is; it knows which of them has waited longest."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Hashable

from harmo.app.fair import FairLine
from harmo.app.workers.jobs import Job


class JobLine:
    """A fair line of jobs."""

    def __init__(self) -> None:
        self._line: FairLine[Job] = FairLine()
        self._by_age: OrderedDict[Job, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._line)

    @property
    def oldest_s(self) -> float:
        """Seconds since the one came that has waited longest; 0 if nobody waits."""
        oldest = next(iter(self._by_age), None)
        return 0.0 if oldest is None else max(0.0, time.monotonic() - oldest.queued_s)

    def ahead(self, jobs: int | None) -> int:
        """How many come before the last of so many of a newcomer; all of them before None."""
        return len(self) if jobs is None else self._line.ahead(jobs)

    def push(self, job: Job, *, first: bool = False) -> None:
        """Stand in line, behind the owner's others, or before them."""
        self._line.push(job.owner, job, first=first)
        self._by_age[job] = None
        if job.unread:
            # It stood here before all that came meanwhile.
            self._by_age.move_to_end(job, last=False)

    def pop(self) -> Job | None:
        """The next for which somebody still waits; None if there is none."""
        while (job := self._line.pop()) is not None:
            del self._by_age[job]
            if not job.answer.done():
                return job
        return None

    def remove(self, job: Job) -> None:
        """Leave the line; nothing where it was left before."""
        self._line.remove(job.owner, job)
        self._by_age.pop(job, None)

    def spend(self, owner: Hashable, seconds: float) -> None:
        """Say how long a job of an owner's took in a worker."""
        self._line.spend(owner, seconds)
