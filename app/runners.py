"""How a scorer runs, settled when its recipe loads.

On the event loop, in a thread, in a worker process, or awaited. `start` gives the scores where they
are quick to have, else the work to wait for; neither raises for what a scorer did.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Generic

from harmo.app.boundary import Asked, Boundary, Reports
from harmo.app.cuts import Cut, OncePerText, Reserved, Runner, Started, length, then
from harmo.app.hosting import Lease
from harmo.app.isolation import Isolation
from harmo.app.threads import Threads
from harmo.app.together import each
from harmo.app.workers.jobs import Timed
from harmo.models.room import CLOCK, Clock
from harmo.scorers.spec import Bounds, BoundScorer
from harmo.scorers.types import Group, Part, Sample, Score

INLINE_CHARS = 16_384
"""More of a group than this, in characters times checks, leaves the event loop for a thread."""
PLUGIN_THREADS = 4
"""Per scorer that does not say it may run on the event loop."""
SAMPLE_CHARS = 64
"""What a sample costs however short it is, in characters of its text."""


class Runners:
    """Makes runners, and owns the threads they share."""

    def __init__(self, isolation: Isolation) -> None:
        self._isolation = isolation
        self._threads = Threads("scorer", places=2)
        # A plugin that hangs must not take anybody else's.
        self._plugin_threads: dict[str, Threads] = {}
        self._reports = Reports()

    def reading(
        self, bound: BoundScorer, part: Part | None, reference: str | None, bounds: Bounds
    ) -> Runner:
        """The runner of one column, which cuts samples to what its scorer reads.

        Args:
            bound: The scorer with its params.
            part: What it reads of a completion; None for the scorer's own part.
            reference: Name of another reference to read.
            bounds: Least and greatest value of its scores; None if unbounded.
        """
        boundary = Boundary(spec=bound.spec, bounds=bounds, reports=self._reports)
        if bound.spec.dispatches:
            pick = partial(bound.spec.fn, **bound.params)
            return _Dispatched(
                boundary=boundary,
                pick=pick,
                part=part,
                reference=reference,
                runners=self,
                isolation=self._isolation,
            )
        part, runner = part or bound.spec.reads, self._running(bound, boundary)
        if bound.spec.by_text:
            runner = OncePerText(bound=bound, part=part, reference=reference, runner=runner)
        elif part != "full" or reference is not None:
            runner = Cut(bound=bound, part=part, reference=reference, runner=runner)
        return Reserved(isolation=self._isolation, runner=runner) if bound.spec.isolate else runner

    def _running(self, bound: BoundScorer, boundary: Boundary) -> Runner:
        spec = bound.spec
        if spec.isolate:
            quick = None
            if spec.inline is not None:
                quick = self._plain(bound, boundary, spec.inline)
            isolation = self._isolation
            return _Isolated(bound=bound, boundary=boundary, quick=quick, isolation=isolation)
        fn = spec.fn
        if inspect.iscoroutinefunction(fn):
            timed = self._isolation.metrics.timed(spec.name)
            return _Awaited(bound=bound, boundary=boundary, call=fn, timed=timed)
        return self._plain(bound, boundary, fn)

    def _plain(self, bound: BoundScorer, boundary: Boundary, fn: Callable[..., object]) -> _Plain:
        spec, params = bound.spec, bound.params
        if not spec.on_loop and spec.name not in self._plugin_threads:
            self._plugin_threads[spec.name] = Threads(spec.name, places=PLUGIN_THREADS)
        threads = self._threads if spec.on_loop else self._plugin_threads[spec.name]
        checks = None if spec.checks is None else partial(spec.checks, **params)
        call, timed = partial(fn, **params), self._isolation.metrics.timed(spec.name)
        return _Plain(boundary=boundary, call=call, checks=checks, threads=threads, timed=timed)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dispatched:
    """Lets a dispatcher pick the scorer; siblings share what it reads, so one pick serves all."""

    boundary: Boundary
    pick: Callable[[Sample], object]
    part: Part | None
    reference: str | None
    runners: Runners
    isolation: Isolation

    def start(self, group: Group, lease: Lease) -> Started:
        pick = self.boundary.guard(self.pick, group.samples[0])
        works = isinstance(pick, BoundScorer) and pick.spec.may_ask_workers
        if not works:
            self.isolation.reserved.scored(lease.owner, len(group.samples))
        if not isinstance(pick, BoundScorer):
            return [self.boundary.score(pick)] * len(group.samples)
        runner = self.runners.reading(pick, self.part, self.reference, pick.bounds)
        started = runner.start(group, lease)
        named = {"scorer": pick.spec.name}

        def signed(scores: list[Score]) -> list[Score]:
            return [replace(score, detail={**named, **score.detail}) for score in scores]

        return then(started, signed)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plain:
    """A plain function: on the event loop if it may and the group is small, else in a thread."""

    boundary: Boundary
    call: Callable[..., object]
    checks: Callable[[Sample], int] | None
    """How often it goes over a sample's text; None for once."""
    threads: Threads
    timed: Timed

    def start(self, group: Group, lease: Lease) -> Started:
        if self.is_quick(group):
            return self.boundary.scores(self.answers(group), len(group.samples))
        return self._later(group, lease)

    def is_quick(self, group: Group) -> bool:
        """True if it may run on the event loop for this group."""
        if not self.boundary.spec.on_loop or _size(group) > INLINE_CHARS:
            return False
        checks = self.checks
        return checks is None or _size(group, checks) <= INLINE_CHARS

    def answers(self, group: Group) -> object:
        """What the function gives: one answer for the group, or a list of one per sample."""
        began_s = time.perf_counter()
        answers: object
        if self.boundary.spec.takes == "group":
            answers = self.boundary.guard(self.call, group)
        else:
            answers = [self.boundary.guard(self.call, sample) for sample in group.samples]
        self.timed.ran(time.perf_counter() - began_s)
        return answers

    async def in_thread(self, group: Group, lease: Lease) -> object:
        """The same, from a thread."""
        whole = self.boundary.spec.takes == "group"
        asked: Sequence[Sample | Group] = [group] if whole else group.samples
        watched, began_s = _Stopwatch(self.call), time.perf_counter()
        try:
            answers = await self.threads.answers(
                self.boundary, watched, asked, deadline_s=lease.deadline_s, owner=lease.owner
            )
        finally:
            ran_s = watched.seconds
            self.timed.waited(max(0.0, time.perf_counter() - began_s - ran_s))
            if ran_s:
                self.timed.ran(ran_s)
        return answers[0] if whole else answers

    async def _later(self, group: Group, lease: Lease) -> list[Score]:
        return self.boundary.scores(await self.in_thread(group, lease), len(group.samples))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Isolated:
    """The quick attempt here, if there is one; what it leaves goes to the worker processes."""

    bound: BoundScorer
    boundary: Boundary
    quick: _Plain | None
    isolation: Isolation

    def start(self, group: Group, lease: Lease) -> Started:
        if self.quick is None:
            return self._rest(group, [None] * len(group.samples), lease)
        if self.quick.is_quick(group):
            return self._finished(group, self.quick.answers(group), lease)
        return self._later(self.quick, group, lease)

    async def _later(self, quick: _Plain, group: Group, lease: Lease) -> list[Score]:
        started = self._finished(group, await quick.in_thread(group, lease), lease)
        return started if isinstance(started, list) else await started

    def _finished(self, group: Group, answers: object, lease: Lease) -> Started:
        if isinstance(answers, list) and any(answer is None for answer in answers):
            return self._rest(group, answers, lease)
        return self.boundary.scores(answers, len(group.samples))

    async def _rest(self, group: Group, answers: list[object], lease: Lease) -> list[Score]:
        left = [i for i, answer in enumerate(answers) if answer is None]
        samples = [group.samples[i] for i in left]
        asked = partial(
            self.isolation.score,
            self.bound,
            deadline_s=lease.deadline_s,
            owner=lease.owner,
            keys=None if lease.anew else self.isolation.keys(self.bound),
        )
        tasks = await each(asked(sample) for sample in samples)
        for i, sample, task in zip(left, samples, tasks, strict=True):
            answers[i] = self.boundary.outcome(task, sample)
        return self.boundary.scores(answers, len(group.samples))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Awaited:
    """A coroutine function, with the model or service it calls."""

    bound: BoundScorer
    boundary: Boundary
    call: Callable[..., Awaitable[object]]
    timed: Timed

    async def start(self, group: Group, lease: Lease) -> list[Score]:
        spec, params = self.bound.spec, dict(self.bound.params)
        if spec.resource is not None:
            resource = self.boundary.guard(lambda _: lease.resource(self.bound), group)
            if isinstance(resource, Score):
                return [resource] * len(group.samples)
            params[spec.resource] = resource
        if spec.takes == "group":
            answer = await self._answer(group, params, lease)
        else:
            works = (self._answer(sample, params, lease) for sample in group.samples)
            answer = [task.result() for task in await each(works)]
        return self.boundary.scores(answer, len(group.samples))

    async def _answer(
        self, asked: Sample | Group, params: Mapping[str, object], lease: Lease
    ) -> object:
        work, clock, began_s = self.call(asked, **params), Clock(), time.monotonic()
        limit_s = min(lease.deadline_s, began_s + self.boundary.time_for(asked))
        token = CLOCK.set(clock)
        try:
            return await self.boundary.settle(
                work, asked, limit_s=limit_s, deadline_s=lease.deadline_s
            )
        finally:
            CLOCK.reset(token)
            # What another column's call ran for it is counted there.
            if not clock.shared:
                self.timed.waited(clock.waited_s)
                self.timed.ran(max(0.0, time.monotonic() - began_s - clock.waited_s))


class _Stopwatch(Generic[Asked]):
    """A call, and how long it was at it in all, be it that it still is."""

    def __init__(self, call: Callable[[Asked], object]) -> None:
        self._call = call
        self._since_s: float | None = None
        self._spent_s = 0.0

    def __call__(self, asked: Asked) -> object:
        self._since_s = began_s = time.perf_counter()
        try:
            return self._call(asked)
        finally:
            self._since_s = None
            self._spent_s += time.perf_counter() - began_s

    @property
    def seconds(self) -> float:
        """Up to now."""
        since_s = self._since_s
        return self._spent_s + (0.0 if since_s is None else time.perf_counter() - since_s)


def _size(group: Group, checks: Callable[[Sample], int] | None = None) -> int:
    """Characters a scorer may have to look at: every text, with each accepted reference."""
    reference = group.samples[0].reference if group.samples else None
    listed = reference if isinstance(reference, list | tuple) else [reference]
    with_each = sum(len(str(one)) for one in listed if one is not None) + SAMPLE_CHARS
    times = max(1, len(listed))
    return sum(
        (times * length(sample) + with_each) * (1 if checks is None else max(1, checks(sample)))
        for sample in group.samples
    )
