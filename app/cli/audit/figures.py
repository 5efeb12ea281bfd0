"""What a run comes to: means, shares, abstentions, steps, and the groups worth opening.

G groups, N samples, K columns, C contributions: K, and one more where a combiner adds or takes.
"""

# ruff: noqa: N803, N806 - arrays carry their shape in their names

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from harmo.audit.tables import Table
from harmo.rewards.plan import INTERACTION
from harmo.scorers.types import ZERO_VARIANCE, Family, Reason

Floats = NDArray[np.float64]
REWARD = -1
"""In place of a column: why there is no reward."""
OUTRANKED, WRONG_PAID = "wrong above right", "paid for a wrong answer"
MODEL_FOOLED, UNSCORED = "model fooled", "unscored"
WORTH = {
    OUTRANKED: "a wrong completion is paid more than every right one; by how much",
    WRONG_PAID: "a wrong completion is paid more than its group's mean; by how much",
    MODEL_FOOLED: "a model scores a wrong completion above every right one; by how much",
    UNSCORED: "completions without a reward",
}
"""Why a group is worth opening, and what its figure says."""


class Sums(NamedTuple):
    """What a mean is made of."""

    total: float = 0.0
    scored: int = 0


@dataclass(slots=True, kw_only=True)
class Column:
    """Running totals of one column."""

    name: str
    family: Family | None
    """None of what a combiner adds or takes away."""
    shadow: bool = False
    scored: int = 0
    score: float = 0.0
    paid: float = 0.0
    size: float = 0.0
    """Sum of its contributions without their signs."""
    missing: Counter[Reason] = field(default_factory=Counter)
    steps: dict[int, Sums] = field(default_factory=dict)
    """Of its scores."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Worth:
    """One group worth opening; the higher the figure the more so."""

    figure: float
    number: int
    step: float
    """NaN without a step."""


class Figures:
    """Totals of a run; their size grows with its steps and not with its groups."""

    def __init__(self, *, worth: int = 5) -> None:
        """None of anything yet.

        Args:
            worth: Groups to name for each cause.
        """
        self._worth = worth
        self.groups = self.completions = self.scored = 0
        self.total = 0.0
        self.comparable = self.flat = 0
        """Groups of more than one reward, and those whose rewards are equal."""
        self.missing: Counter[Reason] = Counter()
        """Completions without a reward."""
        self.columns: dict[str, Column] = {}
        self.steps: dict[int, Sums] = {}
        """Of its rewards."""
        self.splits: Counter[str] = Counter()
        """Groups of each."""
        self.worth: dict[str, list[Worth]] = {cause: [] for cause in WORTH}

    def add(self, table: Table) -> None:
        """Count one table."""
        rewarded_N = ~np.isnan(table.rewards_N)
        self.groups += len(table.numbers_G)
        self.splits.update(table.splits_G)
        self.completions += len(table.rewards_N)
        self.scored += int(rewarded_N.sum())
        self.total += float(table.rewards_N[rewarded_N].sum())
        self._add_columns(table, rewarded_N)
        add_steps(self.steps, table, table.rewards_N)
        self._add_groups(table, rewarded_N)

    @property
    def mean(self) -> float | None:
        """Of the rewards there are."""
        return self.total / self.scored if self.scored else None

    def share(self, column: Column) -> float | None:
        """Part of all that was paid or taken that this column paid or took, in [0, 1]."""
        whole = sum(each.size for each in self.columns.values())
        return column.size / whole if whole else None

    def _add_columns(self, table: Table, rewarded_N: NDArray[np.bool_]) -> None:
        found = [self._column(c.name, c.family, shadow=c.shadow) for c in table.recipe.columns]
        for k, column in enumerate(found):
            scores_N = table.scores_NK[:, k]
            known_N = ~np.isnan(scores_N)
            column.scored += int(known_N.sum())
            column.score += float(scores_N[known_N].sum())
            add_steps(column.steps, table, scores_N)
        paying = [*found, self._column(INTERACTION, None)] if table.interaction else found
        for c, column in enumerate(paying):
            paid_N = table.contributions_NC[rewarded_N, c]
            column.paid += float(paid_N.sum())
            column.size += float(np.abs(paid_N).sum())
        for _, k, reason in table.reasons:
            if k == REWARD:
                self.missing[reason] += 1
            elif k >= 0:
                found[k].missing[reason] += 1

    def _column(self, name: str, family: Family | None, *, shadow: bool = False) -> Column:
        if name not in self.columns:
            self.columns[name] = Column(name=name, family=family, shadow=shadow)
        return self.columns[name]

    def _add_groups(self, table: Table, rewarded_N: NDArray[np.bool_]) -> None:
        best_G, least_G = highest(table, rewarded_N), -highest(table, rewarded_N, sign=-1.0)
        counts_G = np.bincount(table.group_N[rewarded_N], minlength=len(table.numbers_G))
        comparable_G = counts_G > 1
        self.comparable += int(comparable_G.sum())
        self.flat += int((best_G - least_G < ZERO_VARIANCE)[comparable_G].sum())
        for cause, figure_G in worth_opening(table, rewarded_N).items():
            self._keep(cause, table, figure_G)

    def _keep(self, cause: str, table: Table, figure_G: Floats) -> None:
        places = [int(g) for g in np.flatnonzero(figure_G > 0)]
        found = [
            Worth(
                figure=float(figure_G[g]),
                number=int(table.numbers_G[g]),
                step=float(table.steps_G[g]),
            )
            for g in places
        ]
        self.worth[cause] = heapq.nlargest(self._worth, [*self.worth[cause], *found])


def figures(tables: Iterable[Table], *, worth: int = 5) -> Figures:
    """The figures of all of them.

    Args:
        tables: Of one run.
        worth: Groups to name for each cause.
    """
    counted = Figures(worth=worth)
    for table in tables:
        counted.add(table)
    return counted


def add_steps(steps: dict[int, Sums], table: Table, values_N: Floats) -> None:
    """Count values, NaN where there is none, to the steps that their groups came with."""
    steps_N = table.steps_G[table.group_N]
    counted_N = ~np.isnan(values_N) & ~np.isnan(steps_N)
    steps_S, place_N = np.unique(steps_N[counted_N], return_inverse=True)
    totals_S = np.bincount(place_N, values_N[counted_N], len(steps_S))
    counts_S = np.bincount(place_N, minlength=len(steps_S))
    for step, total, count in zip(steps_S, totals_S, counts_S, strict=True):
        before = steps.get(int(step), Sums())
        steps[int(step)] = Sums(before.total + float(total), before.scored + int(count))


def means(steps: Mapping[int, Sums]) -> Mapping[int, float]:
    """The mean of each step, in their order."""
    return {step: sums.total / sums.scored for step, sums in sorted(steps.items())}


def worth_opening(table: Table, rewarded_N: NDArray[np.bool_]) -> Mapping[str, Floats]:
    """By cause a figure for every group, 0 where there is nothing to see."""
    wrong_N, right_N = table.correct_N == 0, table.correct_N == 1
    wrong_G, right_G = highest(table, rewarded_N & wrong_N), highest(table, rewarded_N & right_N)
    fooled_G = np.zeros(len(table.numbers_G))
    for k, column in enumerate(table.recipe.columns):
        if column.family is Family.MODEL:
            known_N = ~np.isnan(table.scores_NK[:, k])
            lead_G = _lead(
                highest(table, known_N & wrong_N, of_N=table.scores_NK[:, k]),
                highest(table, known_N & right_N, of_N=table.scores_NK[:, k]),
            )
            fooled_G = np.maximum(fooled_G, lead_G)
    missing_G = np.bincount(table.group_N[~rewarded_N], minlength=len(table.numbers_G))
    return {
        OUTRANKED: _lead(wrong_G, right_G),
        WRONG_PAID: _above_mean(table, rewarded_N, wrong_G),
        MODEL_FOOLED: fooled_G,
        UNSCORED: missing_G.astype(np.float64),
    }


def highest(
    table: Table, among_N: NDArray[np.bool_], *, of_N: Floats | None = None, sign: float = 1.0
) -> Floats:
    """By group the highest of what is asked among some samples; minus infinity where none is.

    Args:
        table: Whose groups.
        among_N: Which samples count.
        of_N: What is compared. Rewards, if None.
        sign: -1 for the highest of the negatives.
    """
    values_N = table.rewards_N if of_N is None else of_N
    best_G = np.full(len(table.numbers_G), -math.inf)
    np.maximum.at(best_G, table.group_N[among_N], sign * values_N[among_N])
    return best_G


def _above_mean(table: Table, rewarded_N: NDArray[np.bool_], wrong_G: Floats) -> Floats:
    """How far the best wrong one is above its group's mean, 0 where it is not or none is wrong."""
    groups_N, count = table.group_N[rewarded_N], len(table.numbers_G)
    totals_G = np.bincount(groups_N, table.rewards_N[rewarded_N], count)
    means_G = totals_G / np.maximum(np.bincount(groups_N, minlength=count), 1)
    above_G = np.where(np.isfinite(wrong_G), wrong_G, means_G) - means_G
    return np.where(above_G > ZERO_VARIANCE, above_G, 0.0)


def _lead(wrong_G: Floats, right_G: Floats) -> Floats:
    """How far the best wrong one is above the best right one; 0 where it is not, or one lacks."""
    both_G = np.isfinite(wrong_G) & np.isfinite(right_G)
    lead_G = np.zeros(len(wrong_G))
    lead_G[both_G] = wrong_G[both_G] - right_G[both_G]
    return np.where(lead_G > ZERO_VARIANCE, lead_G, 0.0)
