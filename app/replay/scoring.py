"""The first pass of a replay: what has no stored scores is scored, group by group, and written."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import TypeAlias

import numpy as np

from harmo.app.engine import Known, Program
from harmo.app.replay.jobs import Job, Key, column_key, key
from harmo.app.replay.opening import Opened
from harmo.app.replay.results import Result, ResultColumn, Results
from harmo.app.together import end
from harmo.audit.read import Query, Reader
from harmo.audit.records import KeptGroup, KeptRecipe
from harmo.rewards.signals.samples import Bools, Floats, Ints
from harmo.scorers.types import Group, Message

DAY_S = 86_400.0
"""Nobody waits for an answer: scorers have their own time limits, a group has none."""
GROUPS_AT_ONCE = 32
BYTES_AT_ONCE = 256 << 20
"""Of pictures and texts of the groups in flight; one group may be larger."""
SAVED_TOGETHER = 64

Columns: TypeAlias = Mapping[int, ResultColumn]
"""The columns of one job that run, and where their results are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """What a store holds for a replay; what a service adds meanwhile is left out."""

    recipes: Mapping[Key, KeptRecipe]
    """The stored versions that scored any of it."""
    groups: Mapping[Key, int]
    completions: Mapping[Key, int]
    last: int
    """The last group's number."""

    def within(self, groups: Iterator[KeptGroup]) -> Iterator[KeptGroup]:
        """Those of the groups that are in it."""
        return takewhile(lambda kept: kept.number <= self.last, groups)


def extent(reader: Reader, query: Query) -> Extent:
    """Count what is asked for.

    Args:
        reader: The store.
        query: Which groups.
    """
    recipes: dict[Key, KeptRecipe] = {}
    groups, completions = Counter[Key](), Counter[Key]()
    last = 0
    for table in reader.tables(query):
        version = key(table.recipe)
        recipes[version] = table.recipe
        groups[version] += len(table.numbers_G)
        completions[version] += len(table.group_N)
        last = max(last, int(table.numbers_G[-1]))
    return Extent(recipes=recipes, groups=groups, completions=completions, last=last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What has columns to run, and no results yet."""

    completions: int
    after: int
    """No group up to this number is due."""


def due(reader: Reader, query: Query, found: Extent, columns: Mapping[Key, Columns]) -> Due:
    """Count what is left to be scored.

    Args:
        reader: The store.
        query: Which groups.
        found: What of them was there.
        columns: By stored version, the results of the columns that run.
    """
    completions, first = 0, found.last + 1
    for table in reader.tables(query):
        if not (of_version := columns.get(key(table.recipe))):
            continue
        left = ~_done(of_version, table.numbers_G, table.scored_at_s_G)
        left &= table.numbers_G <= found.last
        if left.any():
            completions += int(np.bincount(table.group_N)[left].sum())
            first = min(first, int(table.numbers_G[left][0]))
    return Due(completions=completions, after=max(query.after, first - 1))


def result_columns(job: Job, results: Results, scorer_version: str) -> Columns:
    """Where the results of a job's columns are, by column of its plan."""
    return {k: results.column(column_key(job.plan, k, scorer_version)) for k in job.runs}


def _done(columns: Columns, numbers: Ints, scored_at_s: Floats) -> Bools:
    """Which groups have results of all columns."""
    done = np.ones(len(numbers), dtype=bool)
    for column in columns.values():
        done &= column.done(numbers, scored_at_s)
    return done


@dataclass(slots=True, kw_only=True)
class _Pass:
    """Groups in flight, and results on their way to the disk."""

    opened: Opened
    jobs: Mapping[Key, Job]
    columns: Mapping[Key, Columns]
    results: Results
    tell: Callable[[int], None]
    programs: dict[Key, Program] = field(default_factory=dict)
    running: dict[asyncio.Task[Sequence[Result]], int] = field(default_factory=dict)
    """By task what its group takes of memory."""
    unsaved: list[Result] = field(default_factory=list)

    async def take(self, kept: KeptGroup) -> None:
        """Begin with a group once there is room for it."""
        version, size = key(kept.recipe), _size(kept.group)
        while self.running and not self._has_room(size):
            await self._collect()
        if version not in self.programs:
            self.programs[version] = self.opened.engine.program(self.jobs[version].plan)
        self.running[asyncio.create_task(self._scored(kept, version))] = size

    async def finish(self) -> None:
        """Wait for the last ones."""
        while self.running:
            await self._collect()

    def _has_room(self, size: int) -> bool:
        few = len(self.running) < GROUPS_AT_ONCE
        return few and sum(self.running.values()) + size <= BYTES_AT_ONCE

    async def _collect(self) -> None:
        done, _ = await asyncio.wait(self.running, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            del self.running[task]
            results = task.result()
            self.unsaved += results
            self.tell(len(results[0].scores))
        if len(self.unsaved) >= SAVED_TOGETHER:
            self.save()

    def save(self) -> None:
        """Keep what is done."""
        self.results.save(self.unsaved)
        self.unsaved = []

    async def _scored(self, kept: KeptGroup, version: Key) -> Sequence[Result]:
        job, opened = self.jobs[version], self.opened
        scored = await opened.engine.score(
            self.programs[version],
            replace(kept.group, correctness=()),
            kept.faults,
            opened.hosting.lease(time.monotonic() + DAY_S),
            known(job, kept),
        )
        return [
            Result(
                column=place,
                number=kept.number,
                scored_at_s=kept.scored_at_s,
                scores=[row[k] for row in scored.scores],
            )
            for k, place in self.columns[version].items()
        ]


async def score(
    opened: Opened,
    groups: Iterator[KeptGroup],
    jobs: Mapping[Key, Job],
    columns: Mapping[Key, Columns],
    results: Results,
    tell: Callable[[int], None],
) -> None:
    """Score what is due; groups whose texts were not kept are left out.

    Args:
        opened: What scores.
        groups: With their texts, and pictures where a job needs them.
        jobs: By stored version.
        columns: By stored version, where results are.
        results: Takes them.
        tell: Told of completions that are done.
    """
    passing = _Pass(opened=opened, jobs=jobs, columns=columns, results=results, tell=tell)
    try:
        while (kept := await asyncio.to_thread(_next, groups)) is not None:
            of_version, job = columns[key(kept.recipe)], jobs[key(kept.recipe)]
            one = np.array([kept.number]), np.array([kept.scored_at_s])
            if of_version and can_be_scored(kept, job) and not _done(of_version, *one)[0]:
                await passing.take(kept)
        await passing.finish()
    finally:
        await end(passing.running)
        passing.save()


def known(job: Job, kept: KeptGroup) -> Known:
    """The stored scores that a job uses, as the engine takes them."""
    used = {k: place for k, place in enumerate(job.used.places) if place is not None}
    return Known(
        scores={
            k: [reward.scores[place] for reward in kept.rewards]
            for k, place in used.items()
            if k not in job.runs
        },
        correctness=kept.group.correctness or (None,) * len(kept.rewards),
    )


def can_be_scored(kept: KeptGroup, job: Job) -> bool:
    """True if what its columns read was kept, and read."""
    if kept.texts != "full":
        return False
    pictures = [image for sample in kept.group.samples for image in sample.images]
    return not job.needs_pictures or all(image.content for image in pictures)


def _next(groups: Iterator[KeptGroup]) -> KeptGroup | None:
    return next(groups, None)


def _size(group: Group) -> int:
    """Bytes and characters of a group; pictures are shared by its samples."""
    images = {id(i): len(i.content) for sample in group.samples for i in sample.images}
    texts = (text for s in group.samples for text in (s.prompt, s.completion))
    return sum(images.values()) + sum(_length(text) for text in texts)


def _length(text: str | tuple[Message, ...]) -> int:
    return len(text) if isinstance(text, str) else sum(len(turn.text) for turn in text)
