"""Worker processes for isolated scorers: killed at the deadline, replaced, never trusted.

What caused a failure decides between 0.0 and an abstention. A completion that spends its CPU
time, eats the worker's memory or crashes it twice, against a reference that can be read, is wrong:
nothing a policy writes may turn a wrong answer into an abstention. What may be ours (a worker
killed from outside, a wall clock that ran out on a busy machine) is tried once more, alone, and
then abstains.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from harmo.app.metrics.scorers import ScorerMetrics
from harmo.app.remembered import Keys, Remembered
from harmo.app.together import end, together
from harmo.app.workers.confinement import limit_cpu
from harmo.app.workers.forked import Done
from harmo.app.workers.forkserver import ForkServer
from harmo.app.workers.jobs import WALL_PER_CPU, RaisedInWorkerError, WorkerFailedError, value_of
from harmo.app.workers.places import busy_and_idle
from harmo.app.workers.pool import WorkerPool
from harmo.app.workers.reserved import Reservations
from harmo.models.base import Load
from harmo.scorers.spec import BoundScorer, ScorerFn, ScorerSpec
from harmo.scorers.types import NonFiniteError, Reason, Sample, Score

MAX_DEPTH = 8
"""Of what a detail holds; deeper is text."""
PRELOAD = ("harmo.scorers.preload",)


@dataclass(frozen=True, slots=True)
class _Asked:
    """One sample to score."""

    bound: BoundScorer
    sample: Sample
    deadline_s: float
    owner: Hashable
    key: bytes | None
    """What its score is remembered by; None where it is not."""


class Isolation:
    """A pool of worker processes, and one more worker for second tries.

    Args:
        workers: How many.
        memory_bytes: Address space of each.
        remembered_bytes: Of scores that are kept for texts that come again.
        metrics: Counts what they do.
    """

    def __init__(
        self,
        *,
        workers: int,
        memory_bytes: int,
        remembered_bytes: int = 0,
        metrics: ScorerMetrics | None = None,
    ) -> None:
        self._workers = workers
        self._forks = ForkServer(PRELOAD)
        self._pool = WorkerPool(workers, memory_bytes, self._forks)
        self._second_worker = WorkerPool(1, memory_bytes, self._forks)
        self._remembered = Remembered(remembered_bytes)
        self._going_on: set[asyncio.Task[None]] = set()
        self.metrics = metrics or ScorerMetrics()
        self.metrics.workers.read = partial(busy_and_idle, self._pool.places)
        self.metrics.queue.read = lambda: sum(load.completions for load in self._loads())
        self.metrics.oldest_s.read = lambda: max(load.oldest_s for load in self._loads())

    @property
    def reserved(self) -> Reservations:
        """The time of workers that what was let in will take."""
        return self._pool.reserved

    def load(self) -> Load:
        """How long what waits will take the workers, and why none is there."""
        return self._pool.load()

    def _loads(self) -> list[Load]:
        return [self._pool.load(), self._second_worker.load()]

    @property
    def started(self) -> int:
        """Worker processes started so far."""
        return self._pool.started + self._second_worker.started

    def keys(self, bound: BoundScorer) -> Keys:
        """Names what is remembered of one scorer's samples, siblings one after the other."""
        return self._remembered.keys(bound)

    async def score(
        self,
        bound: BoundScorer,
        sample: Sample,
        *,
        deadline_s: float,
        owner: Hashable = None,
        keys: Keys | None = None,
    ) -> Score:
        """The score from a worker, or why there is none.

        `overloaded` where the deadline came first and asking again gets on: what had begun is
        finished and remembered. `deadline` where it does not.

        Args:
            bound: An isolated scorer.
            sample: What it scores; a copy travels to the worker.
            deadline_s: `time.monotonic()` instant after which nothing more starts.
            owner: Whose sample it is; owners share the time while there is enough.
            keys: Of its siblings; None to have it worked out, whatever is remembered.
        """
        carried = _carried(bound.spec, sample)
        key = None if keys is None else keys.key(carried)
        if key is not None:
            known = self._remembered.score(key)
            self.metrics.looked_up(known=known is not None)
            if known is not None:
                return known
        asked = _Asked(bound, carried, deadline_s, owner, key)
        score = await self._score(asked)
        self._remember(asked, score)
        return score

    async def _score(self, asked: _Asked) -> Score:
        try:
            return await self._try(self._pool, asked)
        except WorkerFailedError as failure:
            first = failure
        if first.certain or time.monotonic() >= asked.deadline_s:
            return await self._judge(first, asked)
        try:
            return await self._try(self._second_worker, asked)
        except WorkerFailedError as second:
            return await self._judge(second, asked)

    async def _try(self, pool: WorkerPool, asked: _Asked) -> Score:
        spec = asked.bound.spec
        arguments = (spec.timeout_s, spec.fn, asked.sample, dict(asked.bound.params))
        try:
            score = await pool.run(
                _score_one,
                arguments,
                spec.timeout_s * WALL_PER_CPU,
                asked.deadline_s,
                owner=asked.owner,
                kind=spec.name,
                goes_on=partial(self._go_on, asked),
                timed=self.metrics.timed(spec.name),
            )
        except WorkerFailedError as failure:
            if time.monotonic() < asked.deadline_s:
                self.metrics.killed(failure.reason)
            raise
        # Built again: what is read from a worker was never checked here.
        return replace(score) if isinstance(score, Score) else score

    def _go_on(self, asked: _Asked, answer: asyncio.Future[Done | Exception]) -> None:
        """Let a worker finish what it has, for who asks again; end what nobody would find."""
        if asked.key is None:
            answer.cancel()
            return
        spec = asked.bound.spec
        until_s = time.monotonic() + spec.timeout_s * WALL_PER_CPU
        task = asyncio.create_task(self._finish(replace(asked, deadline_s=until_s), answer))
        self._going_on.add(task)
        task.add_done_callback(self._going_on.discard)

    async def _finish(self, asked: _Asked, answer: asyncio.Future[Done | Exception]) -> None:
        try:
            self._remember(asked, value_of(await answer))
        except WorkerFailedError as failure:
            self.metrics.killed(failure.reason)
            if failure.certain:
                self._remember(asked, await self._judge(failure, asked))
        except (RaisedInWorkerError, NonFiniteError):
            # Whoever asks again hears of it.
            return

    def _remember(self, asked: _Asked, score: object) -> None:
        if asked.key is not None and isinstance(score, Score):
            self._remembered.keep(asked.key, replace(score))

    async def _judge(self, failure: WorkerFailedError, asked: _Asked) -> Score:
        """0.0 where the completion did it and the reference can be read, else an abstention."""
        spec, limit_s = asked.bound.spec, asked.bound.spec.timeout_s
        if time.monotonic() >= asked.deadline_s:
            return _late(asked)
        if not failure.completions or spec.reference_fault is None:
            return Score.abstain(failure.reason, why=f"{failure}; timeout_s is {limit_s:g}")
        arguments = (limit_s, spec.reference_fault, asked.sample.reference)
        wall_s = limit_s * WALL_PER_CPU
        try:
            fault = await self._pool.run(
                _read_reference,
                arguments,
                wall_s,
                asked.deadline_s,
                owner=asked.owner,
                first=True,
            )
        except WorkerFailedError as reading:
            if time.monotonic() >= asked.deadline_s:
                return _late(asked)
            certain = reading.certain
            return Score.abstain(Reason.UNREADABLE_REFERENCE if certain else reading.reason)
        if fault is not None:
            return Score.abstain(fault)
        why = failure.reason.value
        detail = {"pair": why, "settled_by": why, why: f"{limit_s:g} s of CPU time"}
        # What it cost is a fact: no model may stand in for it.
        return Score(value=0.0, confidence=1.0, detail=detail)

    async def warm_up(self) -> None:
        """Start the workers, so that the first request does not pay for it."""
        soon_s = time.monotonic() + 60.0
        pools = [self._pool] * self._workers + [self._second_worker]
        async with together() as tasks:
            for pool in pools:
                tasks.create_task(pool.run(_ready, (), 60.0, soon_s))

    async def close(self) -> None:
        """Kill the workers."""
        await end(self._going_on)
        await self._pool.close()
        await self._second_worker.close()
        self._forks.close()


def _late(asked: _Asked) -> Score:
    """Its request's deadline passed first."""
    reason = Reason.DEADLINE if asked.key is None else Reason.OVERLOADED
    return Score.abstain(reason, why="no worker had it done by the request's deadline")


_LEFT_BEHIND: Mapping[str, Any] = {
    "prompt": "",
    "images": (),
    "references": {},
    "constraints": None,
    "metadata": {},
}


def _carried(spec: ScorerSpec, sample: Sample) -> Sample:
    """The sample without what its scorer does not read: each job travels on the event loop."""
    if spec.carries is None:
        return sample
    left = {name: empty for name, empty in _LEFT_BEHIND.items() if name not in spec.carries}
    if "image_sizes" in spec.carries:
        left["images"] = tuple(replace(image, content=b"") for image in sample.images)
    return replace(sample, **left)


def _ready() -> None:
    """Do nothing, in a worker."""


def _score_one(limit_s: float, fn: ScorerFn, sample: Sample, params: Mapping[str, object]) -> Score:
    """Run in a worker; the function travels by name, so plugins work too."""
    limit_cpu(limit_s)
    try:
        score = fn(sample, **params)
        if not isinstance(score, Score):
            raise TypeError(f"{fn.__name__} returned {type(score).__name__}, not a Score")
        detail = {str(key): _plain(said, MAX_DEPTH) for key, said in score.detail.items()}
        return replace(score, detail=detail)
    finally:
        limit_cpu(0.0)


def _plain(said: object, depth: int) -> object:
    """Evidence without classes of a plugin's own, which the service would not read."""
    if said is None or type(said) in (bool, int, float, str, bytes):
        return said
    if isinstance(said, Mapping) and depth:
        return {_plain(key, 0): _plain(each, depth - 1) for key, each in said.items()}
    if isinstance(said, list | tuple) and depth:
        return [_plain(each, depth - 1) for each in said]
    return float(said) if isinstance(said, float) else str(said)


def _read_reference(
    limit_s: float, fault_of: Callable[[object], Reason | None], reference: object
) -> Reason | None:
    limit_cpu(limit_s)
    try:
        return fault_of(reference)
    finally:
        limit_cpu(0.0)
