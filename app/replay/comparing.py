"""The second pass of a replay: stored and new scores are combined, and compared with before."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import is_
from typing import Protocol

from harmo.app.replay.jobs import Job, Key, key
from harmo.app.replay.recombine import NeedsScoringError, standing
from harmo.app.replay.scoring import Columns
from harmo.audit.read import Reader
from harmo.audit.records import KeptGroup
from harmo.rewards.changes import Changes, Compared, Tally
from harmo.rewards.changes.pairs import Gathering
from harmo.rewards.combine import combine
from harmo.scorers.types import Reward, Score

BLOCK_COMPLETIONS, TOLD_TOGETHER = 8192, 2048

NO_TEXTS = "their texts were not kept"
NOT_SCORED = "they could not be scored"
GONE = "they left the store meanwhile"


class Sink(Protocol):
    """Takes every completion, before and after."""

    def begin(self, jobs: Sequence[Job]) -> None:
        """Told what is replayed, once and first."""
        ...

    def take(
        self, kept: Sequence[KeptGroup], rewards: Sequence[Sequence[Reward]], compared: Compared
    ) -> None:
        """The groups of a block, their rewards under the plan, and how they compare."""
        ...


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What a replay came to."""

    tally: Tally = field(default_factory=Tally)
    versions: dict[Key, Changes] = field(default_factory=dict)
    """By stored version."""
    skipped: Counter[str] = field(default_factory=Counter)
    """Groups that could not be replayed, by why."""
    skipped_completions: int = 0

    def expect(self, groups: int, completions: int) -> None:
        """Count as gone what was there at first, and never came to be compared."""
        changes = self.tally.changes
        if gone := groups - changes.groups - self.skipped.total():
            self.skipped[GONE] += gone
            self.skipped_completions = completions - changes.completions


@dataclass(slots=True)
class _Block:
    """Groups of one job that are compared together."""

    version: Key
    gathering: Gathering
    kept: list[KeptGroup] = field(default_factory=list)
    rewards: list[Sequence[Reward]] = field(default_factory=list)
    completions: int = 0


@dataclass(slots=True, kw_only=True)
class Comparison:
    """Replays groups one after the other and adds up what changes."""

    jobs: Mapping[Key, Job]
    columns: Mapping[Key, Columns]
    again: Reader
    """Reads a single group with its texts, where a length term looks into its metadata."""
    sink: Sink | None = None
    outcome: Outcome = field(default_factory=Outcome)
    _blocks: dict[tuple[Key, bool], _Block] = field(default_factory=dict)

    async def run(self, groups: Iterable[KeptGroup], tell: Callable[[int], None]) -> Outcome:
        """Replay every group.

        Args:
            groups: Their texts are not needed.
            tell: Told of completions that are done, now and then.
        """
        if self.sink is not None:
            self.sink.begin(list(self.jobs.values()))
        done = 0
        for kept in groups:
            self._add(kept)
            done += len(kept.rewards)
            if done >= TOLD_TOGETHER:
                tell(done)
                done = 0
                # Here an interrupt gets in.
                await asyncio.sleep(0)
        for block in self._blocks.values():
            self._compare(block)
        tell(done)
        return self.outcome

    def _add(self, kept: KeptGroup) -> None:
        version = key(kept.recipe)
        rewards = self._replayed(kept, self.jobs[version], self.columns[version])
        if rewards is None:
            self.outcome.skipped_completions += len(kept.rewards)
            return
        place = version, kept.interaction
        if place not in self._blocks:
            pairs = self.jobs[version].pairs(interaction=kept.interaction)
            self._blocks[place] = _Block(version, Gathering(columns=pairs))
        block, group = self._blocks[place], kept.group
        task = next((s.task for s in group.samples if s.task is not None), "")
        block.gathering.add(kept.number, kept.rewards, rewards, task=task, whole=group.complete)
        if self.sink is not None:
            block.kept.append(kept)
            block.rewards.append(rewards)
        block.completions += len(rewards)
        if block.completions >= BLOCK_COMPLETIONS:
            self._compare(block)
            del self._blocks[place]

    def _compare(self, block: _Block) -> None:
        compared = Compared.of(block.gathering.pairs())
        changes = self.outcome.tally.add(compared)
        before = self.outcome.versions.get(block.version, Changes())
        self.outcome.versions[block.version] = before.plus(changes)
        if self.sink is not None:
            self.sink.take(block.kept, block.rewards, compared)

    def _replayed(self, kept: KeptGroup, job: Job, columns: Columns) -> Sequence[Reward] | None:
        """A group's rewards under the plan, with scores as they were given; None if skipped."""
        scored: dict[int, Sequence[Score]] = {}
        for k, column in columns.items():
            found = column.scores(kept)
            if found is None:
                why = NO_TEXTS if kept.texts != "full" else NOT_SCORED
                self.outcome.skipped[why] += 1
                return None
            scored[k] = found
        try:
            group, rows = standing(job.plan, kept, job.used, scored)
        except NeedsScoringError:
            read = self.again.group(kept.number)
            if read is None or read.texts != "full":
                self.outcome.skipped[GONE if read is None else NO_TEXTS] += 1
                return None
            group, rows = standing(job.plan, read, job.used, scored)
        reward = combine(job.plan, group, rows)
        return [
            each if all(map(is_, each.scores, row)) else replace(each, scores=tuple(row))
            for each, row in zip(reward.rewards, rows, strict=True)
        ]
