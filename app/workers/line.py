"""Jobs that no worker has: whose turn it is, and who has waited longest."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Hashable

from harmo.app.fair import FairLine
from harmo.app.workers.jobs import Job
from harmo.app.workers.reserved import Reservations


class JobLine:
    """A fair line of jobs, as long as there is time to be fair.

    Args:
        reserved: Knows whose jobs have to go first.
    """

    def __init__(self, reserved: Reservations) -> None:
        self._reserved = reserved
        self._line: FairLine[Job] = FairLine()
        self._by_age: OrderedDict[Job, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._line)

    @property
    def oldest_s(self) -> float:
        """Seconds since the one came that has waited longest; 0 if nobody waits."""
        oldest = next(iter(self._by_age), None)
        return 0.0 if oldest is None else max(0.0, time.monotonic() - oldest.queued_s)

    def push(self, job: Job, *, first: bool = False) -> None:
        """Stand in line, behind the owner's others, or before them."""
        self._line.push(job.owner, job, first=first)
        if job not in self._by_age:
            self._reserved.stand(job.owner, job.kind, 1)
        self._by_age[job] = None
        if job.unread:
            # It stood here before all that came meanwhile.
            self._by_age.move_to_end(job, last=False)

    def pop(self) -> Job | None:
        """The next for which somebody still waits; None if there is none."""
        while (job := self._next()) is not None:
            self._forget(job)
            if not job.answer.done():
                return job
        return None

    def remove(self, job: Job) -> None:
        """Leave the line; nothing where it was left before."""
        if job in self._by_age:
            self._line.remove(job.owner, job)
            self._forget(job)

    def spend(self, owner: Hashable, seconds: float) -> None:
        """Say how long a job of an owner's took in a worker."""
        self._line.spend(owner, seconds)

    def _next(self) -> Job | None:
        owner = self._reserved.first(self._line.owners)
        return self._line.pop() if owner is None else self._line.pop_of(owner)

    def _forget(self, job: Job) -> None:
        del self._by_age[job]
        self._reserved.stand(job.owner, job.kind, -1)
