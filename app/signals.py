"""The audit signals of every run that has a label: fed as groups are scored, worked out at scrapes.

Feeding costs the event loop a row of numbers per sample. The statistics are worked out where the
metrics are written, in a thread, and kept until something new came and a few seconds went by.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from harmo.app.engine import ScoredGroup
from harmo.app.metrics.runs import OTHER, Runs
from harmo.rewards.plan import Plan
from harmo.rewards.signals import Audit, Bounds, Layout, Window, audit, recorded

MAX_BYTES = 64 << 20
"""Of memory that all windows hold together; where they are many, each holds less."""
FRESH_S = 5.0
"""So long a scrape gets what was worked out for the one before."""
_RUN = ("recipe", "run")
_GAUGES = {
    "groups": "Groups in the window of the audit signals",
    "reward_share": "Share of what siblings' rewards differ by; the columns of a run sum to 1",
    "model_auc": "Chance that the model puts a right completion above a wrong sibling",
    "fooled_ratio": "Share of completions that the model scores high and the rule calls wrong",
    "length_correlation": "Mean in-group rank correlation of score and length",
    "duplicate_siblings_ratio": "Share of completions that say what a sibling says",
    "truncated_ratio": "Share of completions that were cut at the token limit",
    "abstained_ratio": "Share of completions without a score",
    "drift": "Population stability index of a model's scores against the first of the run",
    "shadow_correlation": "Mean in-group rank correlation of a shadow column and the reward",
}
_OF_RUNS = ("groups", "duplicate_siblings_ratio", "truncated_ratio")
"""Signals that have no column."""


@dataclass(slots=True)
class _Watched:
    """One run under one recipe."""

    plan: Plan
    window: Window
    audit: Audit | None = None
    seen: int = 0
    """Groups that had come when the audit was made."""
    made_s: float = 0.0


class Signals(Collector):
    """A window per recipe and run, and what `/metrics` says of it. Training only.

    A window lives as long as its run has a label. Runs that share the label `other` have none: what
    several policies are paid for together is an answer to no question.
    """

    def __init__(
        self,
        runs: Runs,
        *,
        max_bytes: int = MAX_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._runs = runs
        self._max_bytes = max_bytes
        self._clock = clock
        self._watched: dict[tuple[str, str], _Watched] = {}
        self._lock = threading.Lock()
        """Held while audits are made: a second scrape waits and finds them."""
        runs.on_forget = self.forget

    @property
    def bytes(self) -> int:
        """What all windows hold of memory."""
        return sum(watched.window.bytes for watched in list(self._watched.values()))

    def add(self, plan: Plan, scored: ScoredGroup) -> None:
        """Keep the numbers of a group that was scored for training."""
        group = scored.group
        if group.split != "train" or not group.samples:
            return
        run = self._runs.label(group.run)
        if run != OTHER:
            window = self._window(plan, run)
            window.add(recorded(group, scored.reward.rewards))

    def forget(self, run: str) -> None:
        """Let go of a run that lost its label."""
        for key in [key for key in self._watched if key[1] == run]:
            del self._watched[key]

    def _window(self, plan: Plan, run: str) -> Window:
        key = plan.recipe.name, run
        watched = self._watched.get(key)
        if watched is None or watched.plan is not plan:
            watched = self._watched[key] = _Watched(plan, Window(Layout.of(plan)))
            share = self._max_bytes // len(self._watched)
            bounds = replace(Bounds(), bytes=min(Bounds().bytes, share))
            for each in self._watched.values():
                each.window.bound(bounds)
        return watched.window

    def describe(self) -> Iterator[Metric]:
        """Every signal, without a value."""
        yield from self._families().values()

    def collect(self) -> Iterator[Metric]:
        """The signals of every run."""
        families = self._families()
        for labels, made in self._audits():
            for signal, family in families.items():
                value = getattr(made, signal)
                if signal in _OF_RUNS:
                    if value is not None:
                        family.add_metric(labels, value)
                else:
                    for column, of_column in value.items():
                        family.add_metric((*labels, column), of_column)
        yield from families.values()

    def _audits(self) -> list[tuple[tuple[str, str], Audit]]:
        """By recipe and run what its window says, as it was a few seconds ago."""
        with self._lock:
            return [(key, self._audit(watched)) for key, watched in list(self._watched.items())]

    def _audit(self, watched: _Watched) -> Audit:
        now_s, seen = self._clock(), watched.window.seen
        fresh = seen == watched.seen or now_s - watched.made_s < FRESH_S
        if watched.audit is None or not fresh:
            watched.audit = audit(watched.window.read())
            watched.seen, watched.made_s = seen, now_s
        return watched.audit

    @staticmethod
    def _families() -> dict[str, GaugeMetricFamily]:
        return {
            signal: GaugeMetricFamily(
                f"harmo_signal_{signal}",
                documentation,
                labels=_RUN if signal in _OF_RUNS else (*_RUN, "column"),
            )
            for signal, documentation in _GAUGES.items()
        }
