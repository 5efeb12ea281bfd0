"""How a scorer runs, settled when its recipe loads.

On the event loop, in a thread, in a worker process, or awaited. `start` gives the scores where they
are quick to have, else the work to wait for; neither raises for what a scorer did.
"""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol, TypeAlias

from harmo.app.boundary import as_score, as_scores, guard, settle
from harmo.app.hosting import Lease
from harmo.app.isolation import Isolation
from harmo.scorers.confidence.verdict import unanswered
from harmo.scorers.reading.extract import cut, cut_sample, named_reference, view
from harmo.scorers.spec import BoundScorer
from harmo.scorers.types import Family, Group, Part, Sample, Score

INLINE_CHARS = 16_384
"""More text than this in a group leaves the event loop for a thread."""
PLUGIN_THREADS = 4
"""Per scorer that does not say it may run on the event loop."""
KILL_GRACE_S = 1.0
"""Past the deadline, for a worker's own abstention to arrive."""

Started: TypeAlias = list[Score] | Awaitable[list[Score]]
"""One score per sample, in order: now, or once awaited."""


class Runner(Protocol):
    """One scorer, ready to run."""

    def start(self, group: Group, lease: Lease) -> Started:
        """Score a group's samples.

        Args:
            group: Cut to what the scorer reads, unless the runner does that itself.
            lease: The models, and the deadline after which nothing more starts.
        """
        ...


class Runners:
    """Makes runners, and owns the threads they share."""

    def __init__(self, isolation: Isolation) -> None:
        self._isolation = isolation
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="scorer")
        # A plugin that hangs keeps its thread: it must not take anybody else's.
        self._plugin_threads: dict[str, ThreadPoolExecutor] = {}

    def reading(self, bound: BoundScorer, part: Part | None, reference: str | None) -> Runner:
        """The runner of one column, which cuts samples to what its scorer reads.

        Args:
            bound: The scorer with its params.
            part: What it reads of a completion; None for the scorer's own part.
            reference: Name of another reference to read.
        """
        if bound.spec.dispatches:
            pick = partial(bound.spec.fn, **bound.params)
            return _Dispatched(bound=bound, pick=pick, part=part, reference=reference, runners=self)
        part, runner = part or bound.spec.reads, self._running(bound)
        if bound.spec.by_text:
            return _OncePerText(bound=bound, part=part, reference=reference, runner=runner)
        if part == "full" and reference is None:
            return runner
        return _Cut(bound=bound, part=part, reference=reference, runner=runner)

    def _running(self, bound: BoundScorer) -> Runner:
        spec = bound.spec
        if spec.isolate:
            quick = None
            if spec.inline is not None:
                quick = self._plain(bound, partial(spec.inline, **bound.params))
            return _Isolated(bound=bound, quick=quick, isolation=self._isolation)
        fn = spec.fn
        if inspect.iscoroutinefunction(fn):
            return _Awaited(bound=bound, call=fn)
        return self._plain(bound, partial(spec.fn, **bound.params))

    def _plain(self, bound: BoundScorer, call: Callable[..., object]) -> _Plain:
        spec = bound.spec
        if not spec.on_loop and spec.name not in self._plugin_threads:
            threads = ThreadPoolExecutor(PLUGIN_THREADS, thread_name_prefix=spec.name)
            self._plugin_threads[spec.name] = threads
        threads = self._threads if spec.on_loop else self._plugin_threads[spec.name]
        return _Plain(bound=bound, call=call, threads=threads)

    def close(self) -> None:
        """Let go of the threads; one that hangs in a plugin is left behind."""
        for threads in (self._threads, *self._plugin_threads.values()):
            threads.shutdown(wait=False, cancel_futures=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cut:
    """Cuts every sample to the part a scorer reads."""

    bound: BoundScorer
    part: Part
    reference: str | None
    runner: Runner

    def start(self, group: Group, lease: Lease) -> Started:
        samples = tuple(self._cut(sample) for sample in group.samples)
        started = self.runner.start(replace(group, samples=samples), lease)
        return _answered(self.bound, samples, started)

    def _cut(self, sample: Sample) -> Sample:
        if self.part == "full":
            # A model reads all turns of a whole completion.
            return replace(sample, reference=named_reference(sample, self.reference))
        return view(sample, part=self.part, reference=self.reference)


@dataclass(frozen=True, slots=True, kw_only=True)
class _OncePerText:
    """Cuts samples likewise, and has every distinct text scored once."""

    bound: BoundScorer
    part: Part
    reference: str | None
    runner: Runner

    def start(self, group: Group, lease: Lease) -> Started:
        texts = [cut(sample.text, self.part, sample.think_tags) for sample in group.samples]
        firsts = dict(zip(reversed(texts), reversed(group.samples), strict=True))
        samples = tuple(
            cut_sample(sample, text, reference=self.reference) for text, sample in firsts.items()
        )
        started = self.runner.start(replace(group, samples=samples), lease)
        started = _answered(self.bound, samples, started)

        def dealt(scores: list[Score]) -> list[Score]:
            by_text = dict(zip(firsts, scores, strict=True))
            return [by_text[text] for text in texts]

        return _then(started, dealt)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dispatched:
    """Lets a dispatcher pick the scorer; siblings share what it reads, so one pick serves all."""

    bound: BoundScorer
    pick: Callable[[Sample], object]
    part: Part | None
    reference: str | None
    runners: Runners

    def start(self, group: Group, lease: Lease) -> Started:
        pick = guard(self.bound, self.pick, group.samples[0])
        if not isinstance(pick, BoundScorer):
            return [as_score(self.bound, pick)] * len(group.samples)
        started = self.runners.reading(pick, self.part, self.reference).start(group, lease)
        named = {"scorer": pick.spec.name}

        def signed(scores: list[Score]) -> list[Score]:
            return [replace(score, detail={**named, **score.detail}) for score in scores]

        return _then(started, signed)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plain:
    """A plain function: on the event loop if it may and the group is small, else in a thread."""

    bound: BoundScorer
    call: Callable[..., object]
    threads: ThreadPoolExecutor

    def start(self, group: Group, lease: Lease) -> Started:
        if self.is_quick(group):
            return as_scores(self.bound, self.answers(group), len(group.samples))
        return self._later(group, lease)

    def is_quick(self, group: Group) -> bool:
        """True if it may run on the event loop for this group."""
        return self.bound.spec.on_loop and _size(group) <= INLINE_CHARS

    def answers(self, group: Group) -> object:
        """What the function gives: one answer for the group, or a list of one per sample."""
        if self.bound.spec.takes == "group":
            return guard(self.bound, self.call, group)
        return [guard(self.bound, self.call, sample) for sample in group.samples]

    async def in_thread(self, group: Group, lease: Lease) -> object:
        """The same, from a thread; a plugin cannot be killed, it is left behind at its limit."""
        limit_s = lease.deadline_s
        if not self.bound.spec.on_loop:
            limit_s = min(limit_s, time.monotonic() + self.bound.spec.timeout_s)
        work = asyncio.get_running_loop().run_in_executor(self.threads, self.answers, group)
        return await settle(self.bound, work, limit_s)

    async def _later(self, group: Group, lease: Lease) -> list[Score]:
        return as_scores(self.bound, await self.in_thread(group, lease), len(group.samples))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Isolated:
    """The quick attempt here, if there is one; what it leaves goes to the worker processes."""

    bound: BoundScorer
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
        return as_scores(self.bound, answers, len(group.samples))

    async def _rest(self, group: Group, answers: list[object], lease: Lease) -> list[Score]:
        left = [i for i, answer in enumerate(answers) if answer is None]
        asked = (self._in_worker(group.samples[i], lease) for i in left)
        for i, answer in zip(left, await asyncio.gather(*asked), strict=True):
            answers[i] = answer
        return as_scores(self.bound, answers, len(group.samples))

    async def _in_worker(self, sample: Sample, lease: Lease) -> object:
        work = self.isolation.score(self.bound, sample, deadline_s=lease.deadline_s)
        return await settle(self.bound, work, lease.deadline_s + KILL_GRACE_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Awaited:
    """A coroutine function, with the model or service it calls."""

    bound: BoundScorer
    call: Callable[..., Awaitable[object]]

    async def start(self, group: Group, lease: Lease) -> list[Score]:
        spec, params = self.bound.spec, dict(self.bound.params)
        if spec.resource is not None:
            resource = guard(self.bound, lease.resource, self.bound)
            if isinstance(resource, Score):
                return [resource] * len(group.samples)
            params[spec.resource] = resource
        asked = [group] if spec.takes == "group" else group.samples
        work = (settle(self.bound, self.call(one, **params), lease.deadline_s) for one in asked)
        answers: list[object] = await asyncio.gather(*work)
        answer = answers[0] if spec.takes == "group" else answers
        return as_scores(self.bound, answer, len(group.samples))


def _answered(bound: BoundScorer, samples: Sequence[Sample], started: Started) -> Started:
    """The scores, but of a rule 0.0 for every sample that has no answer part for it to read."""
    whys = [sample.unanswered for sample in samples]
    if bound.spec.family is not Family.RULE or not any(whys):
        return started

    def settled(scores: list[Score]) -> list[Score]:
        pairs = zip(scores, whys, strict=True)
        return [unanswered(bound.spec.name, score, why) if why else score for score, why in pairs]

    return _then(started, settled)


def _then(started: Started, finish: Callable[[list[Score]], list[Score]]) -> Started:
    """What `finish` makes of the scores, now or once they are there."""
    return finish(started) if isinstance(started, list) else _then_later(started, finish)


async def _then_later(
    work: Awaitable[list[Score]], finish: Callable[[list[Score]], list[Score]]
) -> list[Score]:
    return finish(await work)


def _size(group: Group) -> int:
    """Characters a scorer may have to look at: every text, and the reference with each."""
    texts = sum(len(sample.text) for sample in group.samples)
    reference = group.samples[0].reference if group.samples else None
    listed = reference if isinstance(reference, list | tuple) else [reference]
    return texts + len(group.samples) * sum(len(str(each)) for each in listed if each is not None)
