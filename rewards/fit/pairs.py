"""Preferences as differences of scores.

A pair in which one side lacks a column's score has no say on that column: its difference counts as
0, and the other columns have to explain the preference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harmo.rewards.fit.solver import Floats
from harmo.rewards.fit.statements import Preference

Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]
_ROUNDING = 1e-9
"""Scores that are closer are equal: by their usual difference a column of noise would be scaled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Siblings:
    """Scored groups that something was said of; one row per sample, a group's stand together."""

    columns: tuple[str, ...]
    groups: Ints
    """From 0, ascending."""
    scores: Floats
    """By sample and column; NaN where there is none."""
    rewards: Floats
    """What was paid; NaN where null."""

    @property
    def count(self) -> int:
        """How many groups."""
        return int(self.groups[-1]) + 1 if len(self.groups) else 0

    def covariance(self) -> Floats:
        """By two columns how their scores go together among siblings; a missing one is as the mean.

        The quadratic form w C w is the mean square by which rewards with weights w differ from
        their group's mean.
        """
        known = ~np.isnan(self.scores)
        filled = np.where(known, self.scores, 0.0)
        sums, counts = (self._by_group(table) for table in (filled, known.astype(float)))
        means = sums / np.maximum(counts, 1.0)
        centred = np.where(known, self.scores - means[self.groups], 0.0)
        return np.asarray(centred.T @ centred / max(1, len(centred)))

    def spread(self) -> float:
        """Root mean square by which rewards differ from their group's mean."""
        paid = ~np.isnan(self.rewards)
        values = np.where(paid, self.rewards, 0.0)[:, None]
        means = self._by_group(values) / np.maximum(self._by_group(paid[:, None] * 1.0), 1.0)
        centred = np.where(paid, values[:, 0] - means[self.groups, 0], 0.0)
        return float(np.sqrt((centred**2).sum() / max(1, paid.sum())))

    def _by_group(self, table: Floats) -> Floats:
        sums = np.zeros((self.count, table.shape[1]))
        np.add.at(sums, self.groups, table)
        return sums


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Preferences between siblings, one row each."""

    columns: tuple[str, ...]
    groups: Ints
    """From 0 without a gap: what is drawn again, and held out, is whole groups."""
    differences: Floats
    """By pair and column the better one's score less the worse one's; 0 where one is missing, or
    they are equal but for rounding."""
    known: Bools
    """By pair and column whether both have a score."""
    rewards: Floats
    """Likewise of what was paid; NaN where one is null."""
    towards: Floats
    """Share of what was said that says so: 1 for all, 0.5 for a tie."""

    @classmethod
    def of(cls, siblings: Siblings, preferences: Sequence[Preference]) -> Pairs:
        """The pairs of some preferences.

        Args:
            siblings: What they are between.
            preferences: Their places are rows of `siblings`.
        """
        better = np.array([each.better for each in preferences], dtype=np.intp)
        worse = np.array([each.worse for each in preferences], dtype=np.intp)
        differences = siblings.scores[better] - siblings.scores[worse]
        known = ~np.isnan(differences)
        apart = known & (np.abs(np.where(known, differences, 0.0)) > _ROUNDING)
        named = np.array([each.group for each in preferences], dtype=np.intp)
        return cls(
            columns=siblings.columns,
            groups=np.unique(named, return_inverse=True)[1],
            differences=np.where(apart, differences, 0.0),
            known=known,
            rewards=siblings.rewards[better] - siblings.rewards[worse],
            towards=np.array([each.towards for each in preferences], dtype=float),
        )

    @property
    def count(self) -> int:
        """How many groups."""
        return int(self.groups.max()) + 1 if len(self.groups) else 0

    @property
    def differing(self) -> Ints:
        """By column in how many pairs the two scores differ."""
        return np.asarray((self.differences != 0).sum(axis=0))

    @property
    def sizes(self) -> Floats:
        """By column how far two scores that differ are apart, as a root mean square; else 1."""
        return usual(self.differences)


def usual(differences: Floats) -> Floats:
    """By column the root mean square of the differences that are not 0; 1 where all are.

    Args:
        differences: By pair and column.
    """
    differing = (differences != 0).sum(axis=0)
    squares = (differences**2).sum(axis=0) / np.maximum(differing, 1)
    return np.where(differing > 0, np.sqrt(squares), 1.0)
