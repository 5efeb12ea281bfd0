"""Adds up what changed, block by block; holds nothing of the groups but the most changed."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from harmo.rewards.changes.columns import ColumnChanges, by_column
from harmo.rewards.changes.compared import Compared
from harmo.rewards.changes.totals import Changes, by_group, summed
from harmo.scorers.types import ZERO_VARIANCE

MAX_TASKS = 100
"""Task words come with requests: more of them are counted together."""
OTHER_TASKS = "other tasks"
MOST_CHANGED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedGroup:
    """One of the groups in which most changes."""

    number: int
    task: str
    moved: float
    """Mean change of an advantage, with the group's deviation."""
    completions: int
    best_before: int | None
    """Place of the best completion, the first of equal ones; None without a reward."""
    best_after: int | None
    best_changed: bool
    flipped: int
    newly_scored: int
    newly_unscored: int
    rank_correlation: float | None


@dataclass(slots=True)
class Tally:
    """Changes of all groups seen so far."""

    changes: Changes = field(default_factory=Changes)
    columns: dict[str, ColumnChanges] = field(default_factory=dict)
    """By name."""
    _tasks: defaultdict[str, Changes] = field(default_factory=lambda: defaultdict(Changes))
    _most: list[tuple[float, int, ChangedGroup]] = field(default_factory=list)

    def add(self, compared: Compared) -> Changes:
        """Take some groups in; gives what changed in them."""
        values, tasks = by_group(compared), np.array(compared.pairs.tasks, dtype=object)
        changes = summed(values)
        self.changes = self.changes.plus(changes)
        for task in dict.fromkeys(compared.pairs.tasks):
            known = task in self._tasks or len(self._tasks) < MAX_TASKS
            name = task if known else OTHER_TASKS
            self._tasks[name] = self._tasks[name].plus(summed(values, tasks == task))
        for name, of_column in by_column(compared).items():
            self.columns[name] = self.columns.get(name, ColumnChanges()).plus(of_column)
        self._keep(compared)
        return changes

    @property
    def tasks(self) -> Mapping[str, Changes]:
        """By task, the most frequent first."""
        return dict(sorted(self._tasks.items(), key=lambda item: -item[1].groups))

    @property
    def most_changed(self) -> Sequence[ChangedGroup]:
        """At most twenty groups in which anything changes, the most changed first."""
        return [group for *_, group in sorted(self._most, reverse=True)]

    def _keep(self, compared: Compared) -> None:
        moved = compared.moved
        for g in np.argsort(-moved, kind="stable")[:MOST_CHANGED].tolist():
            key = (float(moved[g]), -compared.pairs.numbers[g])
            full = len(self._most) == MOST_CHANGED
            if key[0] < ZERO_VARIANCE or (full and key < self._most[0][:2]):
                return
            entry = (*key, _group(compared, g))
            (heapq.heappushpop if full else heapq.heappush)(self._most, entry)


def _group(compared: Compared, g: int) -> ChangedGroup:
    pairs = compared.pairs
    own = slice(*np.searchsorted(pairs.places, (g, g + 1)).tolist())
    had, has = (~np.isnan(side[own]) for side in (pairs.before, pairs.after))
    bests = [
        int(np.flatnonzero(side.best[own])[0]) if side.best[own].any() else None
        for side in (compared.before, compared.after)
    ]
    rho = float(compared.rank_correlation[g])
    return ChangedGroup(
        number=pairs.numbers[g],
        task=pairs.tasks[g],
        moved=float(compared.moved[g]),
        completions=own.stop - own.start,
        best_before=bests[0],
        best_after=bests[1],
        best_changed=bool(compared.best_changed[g]),
        flipped=int(compared.flipped[own].sum()),
        newly_scored=int((has & ~had).sum()),
        newly_unscored=int((had & ~has).sum()),
        rank_correlation=None if np.isnan(rho) else rho,
    )
