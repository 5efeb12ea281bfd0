"""Scores a group over a recipe's columns and combines them.

Whatever a scorer does (raise, hang, return NaN or too few scores) becomes an abstention with a
reason at one boundary (`app.boundary`); its siblings stand.
"""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from harmo.app.boundary import as_score, as_scores, guard, settle
from harmo.app.hosting import Lease
from harmo.app.isolation import Isolation
from harmo.rewards.combine import GroupReward, combine, settle_correctness
from harmo.rewards.plan import Column, Plan
from harmo.rewards.recipe import Term
from harmo.scorers.reading.extract import cut, view
from harmo.scorers.spec import BoundScorer, ScorerSpec
from harmo.scorers.types import Family, Group, Part, Reason, Sample, Score

INLINE_CHARS = 16_384
"""More text than this in a group leaves the event loop for a thread."""
PLUGIN_THREADS = 4
"""Per plugin scorer."""
KILL_GRACE_S = 1.0
"""Past the deadline, for a worker's own abstention to arrive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredGroup:
    """One group's scores by sample and column, and what they combine to."""

    scores: list[list[Score]]
    reward: GroupReward
    seconds: Mapping[str, float] = field(default_factory=dict)
    """Wall time by family."""


class Engine:
    """Runs scorers: cheap functions inline, isolated ones in workers, models through batchers."""

    def __init__(self, isolation: Isolation) -> None:
        self._isolation = isolation
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="scorer")
        # A plugin that hangs keeps its thread: it must not take anybody else's.
        self._plugin_threads: dict[str, ThreadPoolExecutor] = {}

    async def score(
        self,
        plan: Plan,
        group: Group,
        faults: Sequence[Reason | None],
        lease: Lease,
    ) -> ScoredGroup:
        """Score one group.

        Args:
            plan: The recipe.
            group: The samples.
            faults: Per sample, why it cannot be scored at all; such samples run no scorer.
            lease: The models, and the deadline after which nothing more starts.
        """
        scores = [[Score.abstain(f or Reason.DEADLINE)] * len(plan.columns) for f in faults]
        live = [i for i, fault in enumerate(faults) if fault is None]
        seconds: dict[str, float] = {}
        columns = list(enumerate(plan.columns))
        early = [(k, c) for k, c in columns if c.family is not Family.LENGTH]
        late = [(k, c) for k, c in columns if c.family is Family.LENGTH]
        await self._fill(early, group, live, scores, seconds, lease)
        if late:
            group = replace(group, correctness=settle_correctness(plan, group, scores))
            await self._fill(late, group, live, scores, seconds, lease)
        reward = combine(plan, group, scores)
        return ScoredGroup(scores=scores, reward=reward, seconds=seconds)

    async def verdict(self, bound: BoundScorer, sample: Sample, lease: Lease) -> Score:
        """One scorer's score of one sample, outside any recipe."""
        term = Term(scorer=bound.spec.name)
        column = Column(name=term.scorer, family=bound.spec.family, term=term, scorer=bound)
        group = Group(id="one", samples=(sample,), size=1)
        (score,) = await self._column(column, group, lease)
        return score

    async def _fill(
        self,
        columns: Sequence[tuple[int, Column]],
        group: Group,
        live: Sequence[int],
        scores: list[list[Score]],
        seconds: dict[str, float],
        lease: Lease,
    ) -> None:
        """Run the given columns side by side and put their scores in place."""
        if not live:
            return

        async def fill(k: int, column: Column) -> None:
            started = time.perf_counter()
            length = column.family is Family.LENGTH
            members = group if length or len(live) == len(scores) else _members(group, live)
            verdicts = await self._column(column, members, lease)
            if length:
                verdicts = [verdicts[i] for i in live]
            for i, verdict in zip(live, verdicts, strict=True):
                scores[i][k] = verdict
            family = column.family.value
            seconds[family] = max(seconds.get(family, 0.0), time.perf_counter() - started)

        # What cannot wait runs first and costs no task; the rest runs side by side.
        waiting = [(k, column) for k, column in columns if _may_wait(column)]
        for k, column in columns:
            if not _may_wait(column):
                await fill(k, column)
        if len(waiting) == 1:
            await fill(*waiting[0])
        else:
            await asyncio.gather(*(fill(k, column) for k, column in waiting))

    async def _column(self, column: Column, group: Group, lease: Lease) -> list[Score]:
        """One column's scores, in order; never raises for what a scorer did."""
        bound, term = column.scorer, column.term
        if not bound.spec.dispatches:
            return await self._read(bound, column.part, term.reference, group, lease)
        # A dispatcher reads what siblings share, so one pick stands for the group.
        pick = guard(bound, partial(bound.spec.fn, group.samples[0], **bound.params))
        if not isinstance(pick, BoundScorer):
            return [as_score(bound, pick)] * len(group.samples)
        part = term.part or pick.spec.reads
        scores = await self._read(pick, part, term.reference, group, lease)
        named = {"scorer": pick.spec.name}
        return [replace(score, detail={**named, **score.detail}) for score in scores]

    async def _read(
        self, bound: BoundScorer, part: Part, reference: str | None, group: Group, lease: Lease
    ) -> list[Score]:
        """Cut the samples to what the scorer reads, and score each distinct text once."""
        if not bound.spec.by_text:
            samples = _views(group.samples, part, reference)
            return await self._run(bound, replace(group, samples=samples), lease)
        texts = [cut(sample.text, part) for sample in group.samples]
        firsts = dict(zip(reversed(texts), reversed(group.samples), strict=True))
        distinct = replace(group, samples=_views(tuple(firsts.values()), part, reference))
        scores = dict(zip(firsts, await self._run(bound, distinct, lease), strict=True))
        return [scores[text] for text in texts]

    async def _run(self, bound: BoundScorer, group: Group, lease: Lease) -> list[Score]:
        """Scores of one bound scorer for samples already cut to its part."""
        spec, samples, params = bound.spec, group.samples, dict(bound.params)
        deadline_s = lease.deadline_s
        if spec.isolate:
            return await self._isolated(bound, group, deadline_s)
        if spec.resource is not None:
            params[spec.resource] = lease.resource(bound)
        fn: Callable[..., Any] = spec.fn
        is_async = inspect.iscoroutinefunction(fn)
        if spec.takes == "group":
            call = partial(fn, group, **params)
            answer = (
                await settle(bound, call(), deadline_s)
                if is_async
                else await self._call(bound, group, call, deadline_s)
            )
            return as_scores(bound, answer, len(samples))
        if is_async:
            work = (settle(bound, fn(s, **params), deadline_s) for s in samples)
            return [as_score(bound, answer) for answer in await asyncio.gather(*work)]

        def each() -> list[Score]:
            return [as_score(bound, guard(bound, partial(fn, s, **params))) for s in samples]

        answer = await self._call(bound, group, each, deadline_s)
        return answer if isinstance(answer, list) else [as_score(bound, answer)] * len(samples)

    async def _call(
        self, bound: BoundScorer, group: Group, call: Callable[[], object], deadline_s: float
    ) -> object:
        """Run a plain function: here where that takes no time, else in a thread."""
        on_loop = bound.spec.on_loop
        if on_loop and _size(group) <= INLINE_CHARS:
            return guard(bound, call)
        threads = self._threads if on_loop else self._threads_of(bound.spec)
        # A plugin cannot be killed; it is left behind at its own limit.
        limit_s = (
            deadline_s if on_loop else min(deadline_s, time.monotonic() + bound.spec.timeout_s)
        )
        work = asyncio.get_running_loop().run_in_executor(threads, call)
        return await settle(bound, work, limit_s)

    async def _isolated(self, bound: BoundScorer, group: Group, deadline_s: float) -> list[Score]:
        """Try the quick path in-process; send what it leaves to the workers."""
        inline, samples = bound.spec.inline, group.samples
        quick: object = [None] * len(samples)
        if inline is not None:
            tries = [partial(inline, sample, **bound.params) for sample in samples]
            quick = await self._call(
                bound, group, lambda: [guard(bound, attempt) for attempt in tries], deadline_s
            )
        if not isinstance(quick, list):
            return [as_score(bound, quick)] * len(samples)
        left = [i for i, score in enumerate(quick) if score is None]
        work = (
            settle(
                bound,
                self._isolation.score(bound, samples[i], deadline_s=deadline_s),
                deadline_s + KILL_GRACE_S,
            )
            for i in left
        )
        for i, answer in zip(left, await asyncio.gather(*work), strict=True):
            quick[i] = answer
        return [as_score(bound, answer) for answer in quick]

    def close(self) -> None:
        """Let go of the threads; one that hangs in a plugin is left behind."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for threads in self._plugin_threads.values():
            threads.shutdown(wait=False, cancel_futures=True)

    def _threads_of(self, spec: ScorerSpec) -> ThreadPoolExecutor:
        if spec.name not in self._plugin_threads:
            threads = ThreadPoolExecutor(PLUGIN_THREADS, thread_name_prefix=spec.name)
            self._plugin_threads[spec.name] = threads
        return self._plugin_threads[spec.name]


def _may_wait(column: Column) -> bool:
    """True if the column may leave the event loop: for a worker, a model, a plugin's thread."""
    spec = column.scorer.spec
    return spec.isolate or spec.dispatches or not spec.on_loop or spec.resource is not None


def _size(group: Group) -> int:
    """Characters a scorer may have to look at: every text, and the reference with each."""
    texts = sum(len(sample.text) for sample in group.samples)
    reference = group.samples[0].reference if group.samples else None
    listed = reference if isinstance(reference, list | tuple) else [reference]
    return texts + len(group.samples) * sum(len(str(each)) for each in listed if each is not None)


def _views(samples: Sequence[Sample], part: Part, reference: str | None) -> tuple[Sample, ...]:
    """The samples as one term reads them; a model reads all turns of a whole completion."""
    if part == "full":
        return tuple(
            sample
            if reference is None
            else replace(sample, reference=sample.references.get(reference))
            for sample in samples
        )
    return tuple(view(sample, part=part, reference=reference) for sample in samples)


def _members(group: Group, live: Sequence[int]) -> Group:
    return replace(group, samples=tuple(group.samples[i] for i in live))
