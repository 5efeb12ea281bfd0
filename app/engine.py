"""Scores a group over a recipe's columns and combines them.

Whatever a scorer does (raise, hang, return NaN or too few scores) becomes an abstention with a
reason at one boundary (`app.boundary`); its siblings stand.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from harmo.app.cuts import Runner, Started
from harmo.app.fair import Turns
from harmo.app.hosting import Lease
from harmo.app.isolation import Isolation
from harmo.app.keeping.entry import Entry
from harmo.app.runners import Runners
from harmo.app.together import end
from harmo.rewards.combine import GroupReward, combine, settle_correctness
from harmo.rewards.plan import Plan
from harmo.scorers.spec import BoundScorer
from harmo.scorers.types import THINK_TAGS, Family, Group, Reason, Sample, Score, ThinkTags

_NOT_RUN = Score.abstain(Reason.DEADLINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One column of a program."""

    column: int
    """Its place among the plan's columns."""
    shadow: bool
    """It pays nothing: nobody asks again for its sake."""
    family: str
    runner: Runner


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A plan with everything settled that does not depend on the group."""

    plan: Plan
    columns: tuple[tuple[str, str], ...]
    """Name and scorer of each column, for metrics."""
    first: tuple[Step, ...]
    """The model, rule and aspect families: side by side."""
    then: tuple[Step, ...]
    """The length family, which reads correctness."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredGroup:
    """One group's scores by sample and column, and what they combine to."""

    group: Group
    """The samples, with the correctness that length terms saw where there are any."""
    scores: list[list[Score]]
    reward: GroupReward
    seconds: Mapping[str, float] = field(default_factory=dict)
    """Wall time by family."""
    entry: Entry | None = None
    """What is kept of it once it is answered; None where nothing is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Scores that a group has already: their columns do not run."""

    scores: Mapping[int, Sequence[Score]] = field(default_factory=dict)
    """By column, one per sample."""
    correctness: tuple[bool | None, ...] = ()
    """What the length terms among them saw: where it comes out otherwise, they run."""


NOTHING_KNOWN = Known()


class Engine:
    """Runs programs: quick functions inline, isolated ones in workers, models through batchers."""

    def __init__(self, isolation: Isolation) -> None:
        self._runners = Runners(isolation)
        self._turns = Turns()

    def program(self, plan: Plan) -> Program:
        """The plan, ready to run."""
        steps = [
            Step(
                column=k,
                shadow=column.shadow,
                family=column.family.value,
                runner=self._runners.reading(
                    column.scorer, column.term.part, column.term.reference, column.output.bounds
                ),
            )
            for k, column in enumerate(plan.columns)
        ]
        first = tuple(step for step in steps if step.family != Family.LENGTH)
        then = tuple(step for step in steps if step.family == Family.LENGTH)
        columns = tuple((column.name, column.scorer.spec.name) for column in plan.columns)
        return Program(plan=plan, columns=columns, first=first, then=then)

    async def score(
        self,
        program: Program,
        group: Group,
        faults: Sequence[Reason | None],
        lease: Lease,
        known: Known = NOTHING_KNOWN,
    ) -> ScoredGroup:
        """Score one group.

        Args:
            program: The recipe.
            group: The samples.
            faults: Per sample, why it cannot be scored at all; only length terms see such samples,
                among their siblings.
            lease: The models, and the deadline after which nothing more starts.
            known: Scores that need not be worked out.
        """
        try:
            return await self._scored(program, group, faults, lease, known)
        finally:
            await lease.end()

    async def _scored(
        self,
        program: Program,
        group: Group,
        faults: Sequence[Reason | None],
        lease: Lease,
        known: Known,
    ) -> ScoredGroup:
        plan, seconds = program.plan, dict[str, float]()
        group = _tagged(group, plan.think_tags)
        rows = [
            [_NOT_RUN if fault is None else Score.abstain(fault)] * len(plan.columns)
            for fault in faults
        ]
        live = [i for i, fault in enumerate(faults) if fault is None]
        if live:
            members = group
            if len(live) < len(rows):
                members = replace(group, samples=tuple(group.samples[i] for i in live))
            first = _taken(program.first, known.scores, rows, live)
            columns = await self._run(first, members, lease, seconds)
            for step, scores in zip(first, columns, strict=True):
                for i, score in zip(live, scores, strict=True):
                    rows[i][step.column] = _unpaid(score) if step.shadow else score
        if live and program.then:
            # Siblings that cannot be scored are siblings all the same.
            group = replace(group, correctness=settle_correctness(plan, group, rows))
            stand = known.scores if group.correctness == known.correctness else {}
            then = _taken(program.then, stand, rows, live)
            columns = await self._run(then, group, lease, seconds)
            for step, scores in zip(then, columns, strict=True):
                for i in live:
                    rows[i][step.column] = scores[i]
        await self._turns.take(lease.owner, begun=True)
        began_s = time.perf_counter()
        reward = combine(plan, group, rows)
        self._turns.spend(time.perf_counter() - began_s)
        return ScoredGroup(group=group, scores=rows, reward=reward, seconds=seconds)

    async def _run(
        self, steps: Sequence[Step], group: Group, lease: Lease, seconds: dict[str, float]
    ) -> list[list[Score]]:
        """The columns of the given steps: what is quick one by one, what waits side by side."""
        columns: list[list[Score]] = [[]] * len(steps)
        waiting: dict[int, asyncio.Task[list[Score]]] = {}
        try:
            for k, step in enumerate(steps):
                await self._turns.take(lease.owner, begun=k > 0)
                began_s = time.perf_counter()
                started = _begun(step, group, lease)
                self._turns.spend(time.perf_counter() - began_s)
                if isinstance(started, list):
                    columns[k] = started
                    _note(seconds, step.family, began_s)
                else:
                    work = _timed(started, step.family, began_s, seconds)
                    waiting[k] = asyncio.create_task(work)
            if waiting:
                await asyncio.wait(waiting.values(), return_when=asyncio.FIRST_EXCEPTION)
            for k, task in waiting.items():
                if task.done():
                    columns[k] = task.result()
        finally:
            if waiting:
                await end(waiting.values())
        return columns

    async def verdict(self, bound: BoundScorer, sample: Sample, lease: Lease) -> Score:
        """One scorer's score of one sample, outside any recipe."""
        group = _tagged(Group(id="one", samples=(sample,), size=1), bound.think_tags)
        started = self._runners.reading(bound, None, None, bound.bounds).start(group, lease)
        try:
            (score,) = started if isinstance(started, list) else await started
        finally:
            await lease.end()
        return score


def _taken(
    steps: Sequence[Step],
    known: Mapping[int, Sequence[Score]],
    rows: list[list[Score]],
    live: Sequence[int],
) -> Sequence[Step]:
    """The steps that have to run; what is known of the others goes into the rows."""
    if not known:
        return steps
    for step in steps:
        for i in live if step.column in known else ():
            rows[i][step.column] = known[step.column][i]
    return [step for step in steps if step.column not in known]


def _tagged(group: Group, tags: ThinkTags | None) -> Group:
    """The group with the tags that stand round its think parts."""
    if tags in (None, THINK_TAGS):
        return group
    return replace(group, samples=tuple(replace(s, think_tags=tags) for s in group.samples))


def _unpaid(score: Score) -> Score:
    """A shadow column's score: `overloaded` would have the request sent again."""
    late = score.reason is Reason.OVERLOADED
    return Score.abstain(Reason.DEADLINE, **score.detail) if late else score


def _begun(step: Step, group: Group, lease: Lease) -> Started:
    """What a step gives; past the deadline only length terms run, which are quick and go last."""
    if step.family != Family.LENGTH and time.monotonic() >= lease.deadline_s:
        why = "the request's deadline passed before its turn came"
        return [Score.abstain(Reason.OVERLOADED, why=why)] * len(group.samples)
    return step.runner.start(group, lease)


async def _timed(
    work: Awaitable[list[Score]], family: str, began_s: float, seconds: dict[str, float]
) -> list[Score]:
    scores = await work
    _note(seconds, family, began_s)
    return scores


def _note(seconds: dict[str, float], family: str, began_s: float) -> None:
    """Columns of a family run side by side: the slowest counts."""
    seconds[family] = max(seconds.get(family, 0.0), time.perf_counter() - began_s)
