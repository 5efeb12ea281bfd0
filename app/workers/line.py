"""Jobs that no worker has: whose turn it is, who has waited longest, and what they will take."""

from __future__ import annotations

import time
from collections import Counter, OrderedDict
from collections.abc import Hashable, Mapping

from harmo.app.fair import FairLine
from harmo.app.workers.jobs import Job
from harmo.app.workers.pace import Pace


class JobLine:
    """A fair line of jobs."""

    def __init__(self) -> None:
        self._line: FairLine[Job] = FairLine()
        self._by_age: OrderedDict[Job, None] = OrderedDict()
        self._kinds: Counter[str] = Counter()
        self._by_owner: dict[Hashable, Counter[str]] = {}
        """How many of each kind."""

    def __len__(self) -> int:
        return len(self._line)

    @property
    def oldest_s(self) -> float:
        """Seconds since the one came that has waited longest; 0 if nobody waits."""
        oldest = next(iter(self._by_age), None)
        return 0.0 if oldest is None else max(0.0, time.monotonic() - oldest.queued_s)

    def ahead_s(self, jobs: Mapping[str, int] | None, pace: Pace) -> float:
        """Seconds of work before the last of a newcomer's jobs; all that waits before None.

        Owners share the time: of each other one goes before as much as the newcomer brings.

        Args:
            jobs: How many of each kind come.
            pace: How long they take.
        """
        if jobs is None:
            return _work_s(self._kinds, {kind: pace.seconds(kind) for kind in self._kinds})
        each_s = {kind: pace.seconds(kind) for kind in {*self._kinds, *jobs}}
        own_s = _work_s(jobs, each_s)
        return sum(min(own_s, _work_s(theirs, each_s)) for theirs in self._by_owner.values())

    def push(self, job: Job, *, first: bool = False) -> None:
        """Stand in line, behind the owner's others, or before them."""
        self._line.push(job.owner, job, first=first)
        if job not in self._by_age:
            self._kinds[job.kind] += 1
            self._by_owner.setdefault(job.owner, Counter())[job.kind] += 1
        self._by_age[job] = None
        if job.unread:
            # It stood here before all that came meanwhile.
            self._by_age.move_to_end(job, last=False)

    def pop(self) -> Job | None:
        """The next for which somebody still waits; None if there is none."""
        while (job := self._line.pop()) is not None:
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

    def _forget(self, job: Job) -> None:
        del self._by_age[job]
        theirs = self._by_owner[job.owner]
        for counts in (self._kinds, theirs):
            counts[job.kind] -= 1
            if not counts[job.kind]:
                del counts[job.kind]
        if not theirs:
            del self._by_owner[job.owner]


def _work_s(jobs: Mapping[str, int], each_s: Mapping[str, float]) -> float:
    work_s = 0.0
    for kind, count in jobs.items():
        work_s += count * each_s[kind]
    return work_s
