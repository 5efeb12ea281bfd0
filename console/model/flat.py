"""The numbers of many groups as arrays, and what siblings come to among each other.

G groups, N samples (a group's stand together), K columns, R abstentions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harmo.audit.records import KeptColumn
from harmo.audit.rows.numbers import OF_REWARD
from harmo.audit.tables import Table
from harmo.console.model.asked import Steps
from harmo.console.model.bins import of_groups
from harmo.scorers.types import ZERO_VARIANCE, Family, Reason

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Digests = NDArray[np.uint64]
Words = NDArray[np.object_]
REASONS = tuple(Reason)
"""What the codes of `reason_R` stand for."""
RIGHT = 0.5
"""A rule's score from here on is right."""
NOISE = 1e-12
"""What is smaller beside the group's mean is rounding."""
_CODES = {reason: code for code, reason in enumerate(REASONS)}


@dataclass(frozen=True, kw_only=True)
class Flat:
    """The numbers of some groups; NaN where unknown."""

    columns: tuple[KeptColumn, ...]
    """Of every version of the recipe, those of the first before what others add."""
    splits: tuple[str, ...]
    numbers_G: Ints
    steps_G: Floats
    split_G: Ints
    """Place in `splits`."""
    tasks_G: Words
    """`""` where a group came without one."""
    group_N: Ints
    """Per sample the place of its group, ascending."""
    rewards_N: Floats
    correct_N: Floats
    """Whether each is right, 1 or 0, as its group knew it."""
    rule_N: Floats
    """What the rules of its recipe say, 1 right and 0 wrong; NaN where none speaks."""
    tokens_N: Floats
    truncated_N: Bools
    digests_N: Digests
    """Equal where the texts are; 0 where nothing of them was kept."""
    scores_NK: Floats
    sample_R: Ints
    column_R: Ints
    """Place in `columns`; -1 of the reward, -2 where no scorer was asked."""
    reason_R: Ints
    """Place in `REASONS`."""

    @property
    def groups(self) -> int:
        """How many."""
        return len(self.numbers_G)

    def sums(self, values_N: Floats | Bools) -> Floats:
        """Per group the sum of its samples' values."""
        found = np.bincount(self.group_N, values_N, minlength=self.groups)
        return np.asarray(found, dtype=np.float64)

    def most(self, values_N: Floats) -> Floats:
        """Per group the largest that is known; NaN where none is."""
        return self._reduced(np.fmax, values_N)

    def least(self, values_N: Floats) -> Floats:
        """Per group the smallest that is known; NaN where none is."""
        return self._reduced(np.fmin, values_N)

    def where(
        self, *, split: str | None = None, steps: Steps = (None, None), task: str | None = None
    ) -> Flat:
        """The groups of one split, some steps and one task alone.

        Args:
            split: None for all, as of a task.
            steps: First and last, both included; None is open. A bound leaves groups without a
                step out.
            task: Its word.
        """
        mask_G = chosen_of(self.steps_G, steps)
        if split is not None:
            mask_G &= np.array([each == split for each in self.splits], dtype=bool)[self.split_G]
        if task is not None:
            mask_G &= self.tasks_G == task
        return self if mask_G.all() else self._masked(mask_G)

    @cached_property
    def reason_N(self) -> Ints:  # noqa: N802
        """Place in `REASONS` of why there is no reward; -1 where there is one."""
        return self.missing(OF_REWARD)

    def missing(self, column: int) -> Ints:
        """Per sample the place in `REASONS` of why a column did not score it; -1 where it did."""
        codes = np.full(len(self.rewards_N), -1, np.int64)
        own = self.column_R == column
        codes[self.sample_R[own]] = self.reason_R[own]
        return codes

    @cached_property
    def place_N(self) -> Ints:  # noqa: N802
        """Per sample its place in its group."""
        starts = np.searchsorted(self.group_N, np.arange(self.groups))
        return np.arange(len(self.group_N)) - starts[self.group_N]

    @cached_property
    def means_G(self) -> Floats:  # noqa: N802
        """Mean reward of each group; NaN where nothing has one."""
        return of_groups(self.rewards_N, self.group_N, self.groups)

    @cached_property
    def advantages_N(self) -> Floats:  # noqa: N802
        """Each reward less its group's mean; NaN where there is none, 0 where rounding is all."""
        means = self.means_G[self.group_N]
        over = self.rewards_N - means
        return np.where(np.abs(over) <= NOISE * np.maximum(np.abs(means), 1.0), 0.0, over)

    @cached_property
    def spreads_G(self) -> Floats:  # noqa: N802
        """Each group's largest reward less its smallest; NaN where fewer than two have one."""
        several = self.sums(~np.isnan(self.rewards_N)) > 1
        return np.where(several, self.most(self.rewards_N) - self.least(self.rewards_N), np.nan)

    @cached_property
    def right_N(self) -> Floats:  # noqa: N802
        """Whether each is right, 1 or 0: as its group knew it, else as the rules say, else NaN."""
        return np.where(np.isnan(self.correct_N), self.rule_N, self.correct_N)

    def _reduced(self, ufunc: np.ufunc, values_N: Floats) -> Floats:
        found = np.full(self.groups, np.nan)
        if len(values_N):
            starts = np.flatnonzero(np.r_[True, self.group_N[1:] != self.group_N[:-1]])
            found[self.group_N[starts]] = ufunc.reduceat(values_N, starts)
        return found

    def _masked(self, mask_G: Bools) -> Flat:
        mask_N = mask_G[self.group_N]
        masks = {"G": mask_G, "N": mask_N, "NK": mask_N, "R": mask_N[self.sample_R]}
        taken: dict[str, Any] = {}
        for name in (field.name for field in fields(self)):
            mask = masks.get(name.rpartition("_")[2])
            if mask is not None:
                taken[name] = getattr(self, name)[mask]
        for name, of in (("group_N", mask_G), ("sample_R", mask_N)):
            taken[name] = (np.cumsum(of) - 1)[taken[name]]
        return replace(self, **taken)


def flat(tables: Sequence[Table]) -> Flat:
    """The tables one after the other, columns of several versions by name; of none, empty."""
    columns: dict[str, KeptColumn] = {}
    for column in (column for table in tables for column in table.recipe.columns):
        columns.setdefault(column.name, column)
    names = list(columns)
    splits = tuple(dict.fromkeys(split for table in tables for split in table.splits_G))
    place = {split: i for i, split in enumerate(splits)}
    groups = np.cumsum([0, *(len(t.numbers_G) for t in tables)])
    samples = np.cumsum([0, *(len(t.group_N) for t in tables)])
    missing = [_missing(t, names, s) for t, s in zip(tables, samples, strict=False)]
    missing_R3 = np.concatenate(missing) if missing else np.zeros((0, 3), np.int64)
    return Flat(
        columns=tuple(columns.values()),
        splits=splits,
        split_G=np.array([place[s] for t in tables for s in t.splits_G], dtype=np.int64),
        tasks_G=np.array([task or "" for t in tables for task in t.tasks_G], dtype=object),
        numbers_G=_one([t.numbers_G for t in tables], np.int64),
        steps_G=_one([t.steps_G for t in tables]),
        group_N=_one([t.group_N + g for t, g in zip(tables, groups, strict=False)], np.int64),
        rewards_N=_one([t.rewards_N for t in tables]),
        correct_N=_one([t.correct_N for t in tables]),
        rule_N=_one([_ruled(t) for t in tables]),
        tokens_N=_one([t.tokens_N for t in tables]),
        truncated_N=_one([t.truncated_N for t in tables], np.bool_),
        digests_N=_one([t.digests_N for t in tables], np.uint64),
        scores_NK=_scores(tables, names),
        sample_R=missing_R3[:, 0],
        column_R=missing_R3[:, 1],
        reason_R=missing_R3[:, 2],
    )


def without_signal(seen: Flat) -> tuple[Floats, Floats]:
    """Per group 1 if its rewards are all equal, and 1 if it has several; else 0."""
    return (seen.spreads_G < ZERO_VARIANCE).astype(float), (~np.isnan(seen.spreads_G)).astype(float)


def chosen_of(steps_G: Floats, steps: Steps) -> Bools:
    """Which groups are of these steps; without a bound, those without a step are, too."""
    first, last = steps
    mask = np.ones(len(steps_G), dtype=bool)
    if first is not None:
        mask &= steps_G >= first
    if last is not None:
        mask &= steps_G <= last
    return mask


def _one(parts: Sequence[NDArray[Any]], kind: type[np.generic] = np.float64) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.zeros(0, kind)


def _scores(tables: Sequence[Table], names: Sequence[str]) -> Floats:
    parts = []
    for table in tables:
        part = np.full((len(table.rewards_N), len(names)), np.nan)
        for k, column in enumerate(table.recipe.columns):
            part[:, names.index(column.name)] = table.scores_NK[:, k]
        parts.append(part)
    return np.concatenate(parts) if parts else np.zeros((0, len(names)))


def _ruled(table: Table) -> Floats:
    """What the rules say; a column that is only watched has no say."""
    columns = table.recipe.columns
    own = [k for k, c in enumerate(columns) if c.family is Family.RULE and not c.shadow]
    means = _means(table.scores_NK[:, own])
    return np.where(np.isnan(means), np.nan, (means >= RIGHT).astype(float))


def _means(values_NK: Floats) -> Floats:
    """Per row the mean of what is known; NaN where nothing is."""
    known = ~np.isnan(values_NK)
    counts, sums = known.sum(axis=1), np.where(known, values_NK, 0.0).sum(axis=1)
    found = np.full(len(sums), np.nan)
    return np.asarray(np.divide(sums, counts, out=found, where=counts > 0), dtype=np.float64)


def _missing(table: Table, names: Sequence[str], start: int) -> Ints:
    """Sample, column and code of every abstention."""
    places = {k: names.index(c.name) for k, c in enumerate(table.recipe.columns)}
    rows = [(start + n, places.get(k, k), _CODES[reason]) for n, k, reason in table.reasons]
    return np.array(rows, dtype=np.int64).reshape(-1, 3)
