"""Tables of several recipe versions as one: columns are those of all, by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harmo.audit.records import KeptColumn
from harmo.audit.tables import Table
from harmo.console.model.asked import Steps
from harmo.scorers.types import ZERO_VARIANCE, Reason

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_REWARD = -1
REASONS = tuple(Reason)
"""What the codes of `reason_N` stand for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flat:
    """The numbers of some groups. G groups, N samples, K columns; NaN where unknown."""

    columns: tuple[KeptColumn, ...]
    """Of every version, those of the first before what others add."""
    splits: tuple[str, ...]
    numbers_G: Ints
    steps_G: Floats
    split_G: Ints
    """Place in `splits`."""
    group_N: Ints
    rewards_N: Floats
    correct_N: Floats
    tokens_N: Floats
    truncated_N: Floats
    scores_NK: Floats
    reason_N: Ints
    """Place in `REASONS` of why there is no reward; -1 where there is one."""

    @property
    def groups(self) -> int:
        """How many."""
        return len(self.numbers_G)

    def sums(self, values_N: Floats) -> Floats:
        """Per group the sum of its samples' values."""
        found = np.bincount(self.group_N, values_N, minlength=self.groups)
        return np.asarray(found, dtype=np.float64)

    def where(self, *, split: str | None, steps: Steps) -> Flat:
        """The groups of one split and some steps alone.

        Args:
            split: None for all.
            steps: First and last, both included; None is open. A bound leaves groups without a
                step out.
        """
        mask_G = chosen_of(self.steps_G, steps)
        if split is not None:
            mask_G &= np.array([each == split for each in self.splits], dtype=bool)[self.split_G]
        if mask_G.all():
            return self
        mask_N = mask_G[self.group_N]
        taken: dict[str, Any] = {}
        for name in (field.name for field in fields(self)):
            if name.endswith(("_G", "_N", "_NK")):
                taken[name] = getattr(self, name)[mask_G if name.endswith("_G") else mask_N]
        place_G = np.cumsum(mask_G) - 1
        return replace(self, **taken | {"group_N": place_G[taken["group_N"]]})


def flat(tables: Sequence[Table]) -> Flat:
    """The tables one after the other; of none, all is empty."""
    columns = {c.name: c for table in reversed(tables) for c in reversed(table.recipe.columns)}
    names = list(reversed(columns))
    splits = tuple(dict.fromkeys(split for table in tables for split in table.splits_G))
    place = {split: i for i, split in enumerate(splits)}
    before = np.cumsum([0, *(len(t.numbers_G) for t in tables)])
    return Flat(
        columns=tuple(columns[name] for name in names),
        splits=splits,
        split_G=np.array([place[s] for t in tables for s in t.splits_G], dtype=np.int64),
        numbers_G=_whole([t.numbers_G for t in tables]),
        steps_G=_one([t.steps_G for t in tables]),
        group_N=_whole([t.group_N + b for t, b in zip(tables, before, strict=False)]),
        rewards_N=_one([t.rewards_N for t in tables]),
        correct_N=_one([t.correct_N for t in tables]),
        tokens_N=_one([t.tokens_N for t in tables]),
        truncated_N=_one([t.truncated_N.astype(np.float64) for t in tables]),
        scores_NK=_scores(tables, names),
        reason_N=_whole([_reasons(t) for t in tables]),
    )


def spreads(seen: Flat) -> Floats:
    """Per group its greatest reward less its least; NaN where fewer than two have one."""
    scored = ~np.isnan(seen.rewards_N)
    groups, rewards = seen.group_N[scored], seen.rewards_N[scored]
    found = np.full(seen.groups, np.nan)
    present, starts, counts = np.unique(groups, return_index=True, return_counts=True)
    if len(present):
        most, least = (f.reduceat(rewards, starts) for f in (np.maximum, np.minimum))
        found[present[counts > 1]] = (most - least)[counts > 1]
    return found


def without_signal(seen: Flat) -> tuple[Floats, Floats]:
    """Per group 1 if its rewards are all equal, and 1 if it has several; else 0."""
    spread = spreads(seen)
    return (spread < ZERO_VARIANCE).astype(float), (~np.isnan(spread)).astype(float)


def chosen_of(steps_G: Floats, steps: Steps) -> NDArray[np.bool_]:
    """Which groups are of these steps; without a bound, those without a step are, too."""
    first, last = steps
    mask = np.ones(len(steps_G), dtype=bool)
    if first is not None:
        mask &= steps_G >= first
    if last is not None:
        mask &= steps_G <= last
    return mask


def _one(parts: Sequence[Floats]) -> Floats:
    return np.concatenate(parts) if parts else np.zeros(0)


def _whole(parts: Sequence[Ints]) -> Ints:
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def _scores(tables: Sequence[Table], names: Sequence[str]) -> Floats:
    parts = []
    for table in tables:
        part = np.full((len(table.rewards_N), len(names)), np.nan)
        for k, column in enumerate(table.recipe.columns):
            part[:, names.index(column.name)] = table.scores_NK[:, k]
        parts.append(part)
    return np.concatenate(parts) if parts else np.zeros((0, len(names)))


def _reasons(table: Table) -> Ints:
    codes = np.full(len(table.rewards_N), -1, np.int64)
    for n, k, reason in table.reasons:
        if k == _REWARD:
            codes[n] = REASONS.index(reason)
    return codes
