"""What is counted by recipe, run and split. Runs come and go, and their series go with them."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter

from harmo.app.distribution import Cell, Distribution
from harmo.scorers.types import ZERO_VARIANCE, Reason, Reward

MAX_RUNS = 16
RUN_IDLE_S = 3600.0
OTHER = "other"
_LABELS = ("recipe", "run", "split")
_REWARDS = tuple(k / 4 for k in range(-8, 13))

Labels = tuple[str, str, str]
"""Recipe, run and split."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Series:
    """The series of one recipe, run and split: looking labels up costs more than counting."""

    rewards: Cell
    scored: Counter
    unscored: Counter
    groups: Counter
    flat_groups: Counter
    reasons: dict[Reason, Counter] = field(default_factory=dict)
    """Unscored completions, by reason."""


class Runs:
    """The metrics with a run label: at most 16 runs have one of their own, the rest are `other`."""

    def __init__(
        self, registry: CollectorRegistry, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._seen_s: OrderedDict[str, float] = OrderedDict()
        self._series: dict[Labels, _Series] = {}
        self._completions = Counter(
            "harmo_completions", "Completions by outcome", [*_LABELS, "outcome"], registry=registry
        )
        self._unscored = Counter(
            "harmo_unscored",
            "Completions without a reward",
            [*_LABELS, "reason"],
            registry=registry,
        )
        self._rewards = Distribution(
            "harmo_reward", "Combined rewards", _LABELS, bounds=_REWARDS, registry=registry
        )
        self._groups = Counter("harmo_groups", "Groups", _LABELS, registry=registry)
        self._flat_groups = Counter(
            "harmo_zero_variance_groups",
            "Groups whose rewards are all equal",
            _LABELS,
            registry=registry,
        )

    def label(self, run: str | None) -> str:
        """The run itself while at most 16 are active, else `other`; idle runs make room."""
        if not run or run == OTHER:
            return run or ""
        if run not in self._seen_s and len(self._seen_s) >= MAX_RUNS:
            self.evict_idle()
            if len(self._seen_s) >= MAX_RUNS:
                return OTHER
        self._seen_s[run] = self._clock()
        self._seen_s.move_to_end(run)
        return run

    def evict_idle(self) -> None:
        """Forget the runs that sent nothing for an hour, and remove their series."""
        idle_s = self._clock() - RUN_IDLE_S
        while self._seen_s:
            run, seen_s = next(iter(self._seen_s.items()))
            if seen_s > idle_s:
                return
            del self._seen_s[run]
            for labels in [labels for labels in self._series if labels[1] == run]:
                self._remove(labels)

    def observe(self, labels: Labels, rewards: Sequence[Reward]) -> None:
        """Count one group's rewards."""
        series = self._series.get(labels)
        if series is None:
            series = self._series[labels] = self._add(labels)
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

    def _add(self, labels: Labels) -> _Series:
        return _Series(
            rewards=self._rewards.cell(*labels),
            scored=self._completions.labels(*labels, "scored"),
            unscored=self._completions.labels(*labels, "unscored"),
            groups=self._groups.labels(*labels),
            flat_groups=self._flat_groups.labels(*labels),
        )

    def _remove(self, labels: Labels) -> None:
        for reason in self._series.pop(labels).reasons:
            self._unscored.remove(*labels, reason)
        for outcome in ("scored", "unscored"):
            self._completions.remove(*labels, outcome)
        for metric in (self._rewards, self._groups, self._flat_groups):
            metric.remove(*labels)
