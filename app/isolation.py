"""Worker processes for isolated scorers: killed at the deadline, replaced, never trusted.

What caused a failure decides between 0.0 and an abstention. A completion that spends its CPU
time, eats the worker's memory or crashes it twice, against a reference that can be read, is wrong:
nothing a policy writes may turn a wrong answer into an abstention. What may be ours (a worker
killed from outside, a wall clock that ran out on a busy machine) is tried once more, alone, and
then abstains.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Mapping

from harmo.app.workers import WorkerFailedError, WorkerPool
from harmo.models.base import Load
from harmo.scorers.confidence import calibration
from harmo.scorers.spec import BoundScorer, ScorerFn
from harmo.scorers.types import Reason, Sample, Score

WALL_PER_CPU = 10.0
"""Wall time a task may take for each second of its CPU time: neighbours slow it down."""


class Isolation:
    """A pool of worker processes, and one more worker for second tries."""

    def __init__(self, *, workers: int, memory_bytes: int, max_queue: int) -> None:
        self._workers = workers
        self._pool = WorkerPool(workers, memory_bytes)
        self._second_worker = WorkerPool(1, memory_bytes)
        self._second_try = asyncio.Lock()
        self._max_queue = max_queue
        self._waiting = 0
        self.kills: Callable[[str], None] = lambda _reason: None
        """Told the reason whenever a worker was killed or died."""

    @property
    def waiting(self) -> int:
        """Samples that wait for or run in a worker."""
        return self._waiting

    def load(self) -> Load:
        """How long a sample that comes now would wait for a worker."""
        return Load()

    async def score(self, bound: BoundScorer, sample: Sample, *, deadline_s: float) -> Score:
        """The score from a worker, or why there is none.

        Args:
            bound: An isolated scorer.
            sample: What it scores; a copy travels to the worker.
            deadline_s: `time.monotonic()` instant after which nothing more starts.
        """
        if self._waiting >= self._max_queue:
            return Score.abstain(Reason.OVERLOADED)
        self._waiting += 1
        try:
            return await self._score(bound, sample, deadline_s)
        finally:
            self._waiting -= 1

    async def _score(self, bound: BoundScorer, sample: Sample, deadline_s: float) -> Score:
        try:
            return await self._try(self._pool, bound, sample, deadline_s)
        except WorkerFailedError as failure:
            first = failure
        if first.certain:
            return await self._judge(first, bound, sample, deadline_s)
        async with self._second_try:
            try:
                return await self._try(self._second_worker, bound, sample, deadline_s)
            except WorkerFailedError as second:
                return await self._judge(second, bound, sample, deadline_s)

    async def _try(
        self, pool: WorkerPool, bound: BoundScorer, sample: Sample, deadline_s: float
    ) -> Score:
        limit_s = bound.spec.timeout_s
        arguments = (limit_s, bound.spec.fn, sample, dict(bound.params))
        try:
            return await pool.run(_score_one, arguments, limit_s * WALL_PER_CPU, deadline_s)
        except WorkerFailedError as failure:
            if time.monotonic() < deadline_s:
                self.kills(failure.reason.value)
            raise

    async def _judge(
        self, failure: WorkerFailedError, bound: BoundScorer, sample: Sample, deadline_s: float
    ) -> Score:
        """0.0 where the completion did it and the reference can be read, else an abstention."""
        if time.monotonic() >= deadline_s:
            return Score.abstain(Reason.DEADLINE)
        limit_s = bound.spec.timeout_s
        if not failure.completions or bound.spec.reference_fault is None:
            return Score.abstain(failure.reason, why=f"{failure}; timeout_s is {limit_s:g}")
        arguments = (limit_s, bound.spec.reference_fault, sample.reference)
        try:
            fault = await self._pool.run(
                _read_reference, arguments, limit_s * WALL_PER_CPU, deadline_s
            )
        except WorkerFailedError as reading:
            certain = reading.certain and time.monotonic() < deadline_s
            return Score.abstain(Reason.UNREADABLE_REFERENCE if certain else reading.reason)
        if fault is not None:
            return Score.abstain(fault)
        confidence = calibration.confidence(bound.spec.name, "different", failure.reason.value)
        why = failure.reason.value
        detail = {"pair": why, "settled_by": why, why: f"{limit_s:g} s of CPU time"}
        return Score(value=0.0, confidence=confidence, detail=detail)

    async def warm_up(self) -> None:
        """Start the workers, so that the first request does not pay for it."""
        soon_s = time.monotonic() + 60.0
        pools = [self._pool] * self._workers + [self._second_worker]
        await asyncio.gather(*(pool.run(_ready, (), 60.0, soon_s) for pool in pools))

    async def close(self) -> None:
        """Kill the workers."""
        await asyncio.gather(self._pool.close(), self._second_worker.close())


def _ready() -> None:
    """Do nothing, in a worker."""


def _limit_cpu(seconds: float) -> None:
    """Let the kernel kill this worker after so much CPU time; a C loop ignores anything softer."""
    signal.setitimer(signal.ITIMER_PROF, seconds)


def _score_one(limit_s: float, fn: ScorerFn, sample: Sample, params: Mapping[str, object]) -> Score:
    """Run in a worker; the function travels by name, so plugins work too."""
    _limit_cpu(limit_s)
    try:
        score = fn(sample, **params)
    finally:
        _limit_cpu(0.0)
    if not isinstance(score, Score):
        raise TypeError(f"{fn.__name__} returned {type(score).__name__}, not a Score")
    return score


def _read_reference(
    limit_s: float, fault_of: Callable[[object], Reason | None], reference: object
) -> Reason | None:
    _limit_cpu(limit_s)
    try:
        return fault_of(reference)
    finally:
        _limit_cpu(0.0)
