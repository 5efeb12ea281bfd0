"""The numbers of many groups as arrays, and what siblings come to among each other.

G groups, N samples (a group's stand together), K columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from harmo.audit.records import KeptColumn, KeptRecipe
from harmo.scorers.types import Family, Reason

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Words = NDArray[np.object_]
RIGHT = 0.5
"""A rule's score from here on is right."""
NOISE = 1e-12
"""What is smaller beside the group's mean is rounding."""
TIE = 1e-9
"""Rewards that differ by less are one reward."""


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """Groups that one version of a recipe scored, in the order of their numbers."""

    recipe: KeptRecipe
    numbers_G: Ints
    steps_G: Floats
    splits_G: Words
    tasks_G: Words
    """`""` where a group came without one."""
    group_N: Ints
    """Per sample the place of its group."""
    rewards_N: Floats
    correct_N: Floats
    tokens_N: Floats
    truncated_N: Bools
    scores_NK: Floats
    reasons: Sequence[tuple[int, int, Reason]]
    """Sample, column (-1: the reward, -2: before any scorer) and why there is nothing."""

    @property
    def columns(self) -> tuple[KeptColumn, ...]:
        """The recipe's."""
        return self.recipe.columns

    def where(self, mask_G: Bools) -> Numbers:
        """The groups for which the mask holds, with their samples."""
        if mask_G.all():
            return self
        mask_N = mask_G[self.group_N]
        group_N, place_N = np.cumsum(mask_G) - 1, np.cumsum(mask_N) - 1
        made = {
            f.name: getattr(self, f.name)[mask_G if f.name.endswith("_G") else mask_N]
            for f in fields(self)
            if f.name not in ("recipe", "reasons")
        }
        made["group_N"] = group_N[made["group_N"]]
        reasons = [(int(place_N[n]), k, why) for n, k, why in self.reasons if mask_N[n]]
        return Numbers(recipe=self.recipe, reasons=reasons, **made)

    def places(self, family: Family) -> list[int]:
        """Where a family's columns stand, without those that are only watched."""
        return [k for k, c in enumerate(self.columns) if c.family is family and not c.shadow]

    @cached_property
    def starts(self) -> Ints:
        """Per group that has samples, the first of them."""
        if not len(self.group_N):
            return np.zeros(0, dtype=np.int64)
        return np.flatnonzero(np.r_[True, self.group_N[1:] != self.group_N[:-1]])

    @cached_property
    def of_group(self) -> Ints:
        """Per sample the place of its group among those that have samples."""
        lengths = np.diff(self.starts, append=len(self.group_N))
        return np.repeat(np.arange(len(self.starts)), lengths)

    @cached_property
    def place_N(self) -> Ints:  # noqa: N802
        """Per sample its place in its group."""
        return np.arange(len(self.group_N)) - self.starts[self.of_group]

    @cached_property
    def scored_N(self) -> Bools:  # noqa: N802
        """Which samples have a reward."""
        return ~np.isnan(self.rewards_N)

    def spread(self, by_group: Floats) -> Floats:
        """A number per group, given to each of its samples."""
        return by_group[self.of_group] if len(by_group) else np.zeros(0)

    def most(self, values_N: Floats) -> Floats:
        """Per group the largest that is known; NaN where none is."""
        return _reduced(np.fmax, values_N, self.starts)

    def least(self, values_N: Floats) -> Floats:
        """Per group the smallest that is known; NaN where none is."""
        return _reduced(np.fmin, values_N, self.starts)

    def count(self, mask_N: Bools) -> Ints:
        """Per group how many samples are marked."""
        return np.bincount(self.of_group[mask_N], minlength=len(self.starts))

    @cached_property
    def means_G(self) -> Floats:  # noqa: N802
        """Mean reward of each group; NaN where nothing has one."""
        known = self.scored_N
        sums = np.bincount(self.of_group[known], self.rewards_N[known], minlength=len(self.starts))
        with np.errstate(invalid="ignore"):
            return np.asarray(sums / self.count(known))

    @cached_property
    def advantages_N(self) -> Floats:  # noqa: N802
        """Each reward less its group's mean; NaN where there is none, 0 where rounding is all."""
        means = self.spread(self.means_G)
        over = self.rewards_N - means
        return np.where(np.abs(over) <= NOISE * np.maximum(np.abs(means), 1.0), 0.0, over)

    @cached_property
    def ranges_G(self) -> Floats:  # noqa: N802
        """Each group's largest reward less its smallest."""
        return self.most(self.rewards_N) - self.least(self.rewards_N)

    @cached_property
    def rule_N(self) -> Floats:  # noqa: N802
        """What the rules say, 1 right and 0 wrong; NaN where none speaks."""
        rules = self.scores_NK[:, self.places(Family.RULE)]
        known = ~np.isnan(rules)
        said, sums = known.sum(axis=1), np.where(known, rules, 0.0).sum(axis=1)
        verdicts = np.full(len(sums), np.nan)
        spoken = said > 0
        verdicts[spoken] = sums[spoken] / said[spoken] >= RIGHT
        return verdicts

    @cached_property
    def right_N(self) -> Floats:  # noqa: N802
        """Whether each is right, 1 or 0: as its group knew it, else as the rules say, else NaN."""
        return np.where(np.isnan(self.correct_N), self.rule_N, self.correct_N)


def _reduced(ufunc: np.ufunc, values: Floats, starts: Ints) -> Floats:
    return np.asarray(ufunc.reduceat(values, starts)) if len(starts) else np.zeros(0)
