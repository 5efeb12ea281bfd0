"""What is counted by recipe, run and split. Runs come and go, and their series go with them."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter

from harmo.app.metrics.distribution import Cell, Distribution
from harmo.app.shortfall import ShortfallCause
from harmo.scorers import registry
from harmo.scorers.types import ZERO_VARIANCE, Reason, Reward, Score

MAX_RUNS = 16
RUN_IDLE_S = 3600.0
"""Without groups for so long, a run's series are gone."""
ROOM_IDLE_S = 60.0
"""So soon where another run needs the label."""
OTHER = "other"
_LABELS = ("recipe", "run", "split")
_REWARDS = tuple(k / 4 for k in range(-8, 13))
_SCORES = (-1.0, -0.75, -0.5, -0.25, -0.001, 0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.999, 1.0)

Labels = tuple[str, str, str]
"""Recipe, run and split."""
Abstention = tuple[str, str, Reason]
"""Column, the scorer that judged, and why it gave no score."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Series:
    """The series of one recipe, run and split: looking labels up costs more than counting."""

    rewards: Cell
    scored: Counter
    unscored: Counter
    groups: Counter
    flat_groups: Counter
    incomplete_groups: Mapping[ShortfallCause, Counter]
    reasons: dict[Reason, Counter] = field(default_factory=dict)
    """Unscored completions, by reason."""
    scores: dict[str, Cell] = field(default_factory=dict)
    """By column."""
    abstentions: dict[Abstention, Counter] = field(default_factory=dict)


class Runs:
    """The metrics with a run label: at most 16 runs have one of their own, the rest are `other`."""

    def __init__(
        self, registry: CollectorRegistry, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._seen_s: OrderedDict[str, float] = OrderedDict()
        self._series: dict[Labels, _Series] = {}

        def counter(name: str, documentation: str, *labels: str) -> Counter:
            return Counter(name, documentation, [*_LABELS, *labels], registry=registry)

        self._completions = counter("harmo_completions", "Completions by outcome", "outcome")
        self._unscored = counter("harmo_unscored", "Completions without a reward", "reason")
        self._groups = counter("harmo_groups", "Groups")
        self._flat_groups = counter(
            "harmo_zero_variance_groups", "Groups whose rewards are all equal"
        )
        self._incomplete_groups = counter(
            "harmo_incomplete_groups", "Groups scored before all of their members had come", "cause"
        )
        self._abstentions = counter(
            "harmo_abstentions",
            "Scores a scorer did not give",
            *("column", "scorer", "reason", "cause"),
        )
        self._rewards = Distribution(
            "harmo_reward", "Combined rewards", _LABELS, bounds=_REWARDS, registry=registry
        )
        self._scores = Distribution(
            "harmo_score",
            "Scores by column",
            [*_LABELS, "column"],
            bounds=_SCORES,
            registry=registry,
        )

    def label(self, run: str | None) -> str:
        """The run itself while at most 16 are active, else `other`; the longest idle makes room."""
        if not run or run == OTHER:
            return run or ""
        if run not in self._seen_s and len(self._seen_s) >= MAX_RUNS:
            longest, seen_s = next(iter(self._seen_s.items()))
            if self._clock() - seen_s < ROOM_IDLE_S:
                return OTHER
            self._forget(longest)
        self._seen_s[run] = self._clock()
        self._seen_s.move_to_end(run)
        return run

    def evict_idle(self) -> None:
        """Forget the runs that sent nothing for an hour, and remove their series."""
        idle_s = self._clock() - RUN_IDLE_S
        for run in [run for run, seen_s in self._seen_s.items() if seen_s <= idle_s]:
            self._forget(run)

    def _forget(self, run: str) -> None:
        del self._seen_s[run]
        for labels in [labels for labels in self._series if labels[1] == run]:
            self._remove(labels)

    def count(
        self,
        labels: Labels,
        columns: Sequence[tuple[str, str]],
        scores: Sequence[Sequence[Score]],
        rewards: Sequence[Reward],
    ) -> None:
        """Count a group.

        Args:
            labels: Whose it is.
            columns: Name and scorer of each column.
            scores: By sample and column.
            rewards: By sample.
        """
        series = self._of(labels)
        for (column, scorer), given in zip(columns, zip(*scores, strict=True), strict=False):
            values = [score.value for score in given if score.value is not None]
            cell = series.scores.get(column)
            if cell is None:
                cell = series.scores[column] = self._scores.cell(*labels, column)
            cell.add(values)
            if len(values) < len(given):
                self._count_abstentions(labels, series, column, scorer, given)
        self._count_rewards(labels, series, rewards)

    def _count_rewards(self, labels: Labels, series: _Series, rewards: Sequence[Reward]) -> None:
        scored = [reward.value for reward in rewards if reward.value is not None]
        series.rewards.add(scored)
        series.scored.inc(len(scored))
        series.groups.inc()
        if len(scored) > 1 and max(scored) - min(scored) < ZERO_VARIANCE:
            series.flat_groups.inc()
        if len(scored) < len(rewards):
            series.unscored.inc(len(rewards) - len(scored))
            reasons = [reward.reason for reward in rewards if reward.reason is not None]
            for reason in set(reasons):
                if reason not in series.reasons:
                    series.reasons[reason] = self._unscored.labels(*labels, reason.value)
                series.reasons[reason].inc(reasons.count(reason))

    def _count_abstentions(
        self,
        labels: Labels,
        series: _Series,
        column: str,
        scorer: str,
        given: Sequence[Score],
    ) -> None:
        found = [
            (column, scored_by(scorer, score), score.reason)
            for score in given
            if score.reason is not None
        ]
        for abstention in set(found):
            if abstention not in series.abstentions:
                _, judge, reason = abstention
                series.abstentions[abstention] = self._abstentions.labels(
                    *labels, column, judge, reason.value, reason.cause.value
                )
            series.abstentions[abstention].inc(found.count(abstention))

    def count_incomplete(self, labels: Labels, cause: ShortfallCause) -> None:
        """Count a group that was scored before all of its members had come."""
        self._of(labels).incomplete_groups[cause].inc()

    def _of(self, labels: Labels) -> _Series:
        series = self._series.get(labels)
        if series is None:
            series = self._series[labels] = _Series(
                rewards=self._rewards.cell(*labels),
                scored=self._completions.labels(*labels, "scored"),
                unscored=self._completions.labels(*labels, "unscored"),
                groups=self._groups.labels(*labels),
                flat_groups=self._flat_groups.labels(*labels),
                incomplete_groups={
                    cause: self._incomplete_groups.labels(*labels, cause.value)
                    for cause in ShortfallCause
                },
            )
        return series

    def _remove(self, labels: Labels) -> None:
        series = self._series.pop(labels)
        for reason in series.reasons:
            self._unscored.remove(*labels, reason)
        for column, scorer, reason in series.abstentions:
            self._abstentions.remove(*labels, column, scorer, reason, reason.cause)
        for column in series.scores:
            self._scores.remove(*labels, column)
        for outcome in ("scored", "unscored"):
            self._completions.remove(*labels, outcome)
        for cause in ShortfallCause:
            self._incomplete_groups.remove(*labels, cause.value)
        for metric in (self._rewards, self._groups, self._flat_groups):
            metric.remove(*labels)


def scored_by(scorer: str, score: Score) -> str:
    """The scorer that gave a column's score: the one it was handed on to, else the column's own."""
    named = score.detail.get("scorer")
    try:
        return registry.get(named).name if isinstance(named, str) else scorer
    except registry.UnknownScorerError:
        # A label must be one of few.
        return scorer
