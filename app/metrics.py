"""Every Prometheus metric of the service, with bounded labels."""

from __future__ import annotations

import time
from collections import Counter as Counts
from collections import OrderedDict
from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from harmo.app.distribution import Distribution
from harmo.scorers.types import ZERO_VARIANCE, Reward, Score

MAX_RUNS = 16
RUN_IDLE_S = 3600.0
OTHER = "other"
_SECONDS = (
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1,
    2.5,
    5,
    10,
    30,
    60,
    120,
    300,
)
_ITEMS = tuple(float(2**k) for k in range(13))
_TOKENS = tuple(float(2**k) for k in range(4, 21))
_REWARDS = tuple(k / 4 for k in range(-8, 13))
_SCORES = (-1.0, -0.75, -0.5, -0.25, -0.001, 0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.999, 1.0)


class Metrics:
    """One registry per application; nothing is global."""

    def __init__(self, version: str) -> None:
        self.registry = CollectorRegistry()
        self._runs: OrderedDict[str, float] = OrderedDict()
        self._add_http(self.registry)
        self._add_rewards(self.registry)
        self._add_workers_and_models(self.registry)
        build = Gauge("harmo_build_info", "Version", ["version"], registry=self.registry)
        build.labels(version).set(1)

    def _add_http(self, r: CollectorRegistry) -> None:
        self.requests = Counter(
            "harmo_http_requests", "HTTP requests", ["route", "code"], registry=r
        )
        self.request_seconds = Histogram(
            "harmo_http_request_duration_seconds",
            "Time per request",
            ["route"],
            buckets=_SECONDS,
            registry=r,
        )
        self.phase_seconds = Histogram(
            "harmo_phase_duration_seconds",
            "Time per request and phase",
            ["phase"],
            buckets=_SECONDS,
            registry=r,
        )
        self.request_items = Histogram(
            "harmo_request_completions",
            "Completions per request",
            buckets=_ITEMS,
            registry=r,
        )
        self.in_flight = Gauge(
            "harmo_completions_in_flight", "Completions being scored", registry=r
        )
        self.shed = Counter("harmo_requests_shed", "Requests answered 429 or 503", registry=r)
        self.replays = Counter("harmo_idempotent_replays", "Answers replayed by key", registry=r)
        self.ready = Gauge("harmo_ready", "1 once a warm-up group was scored", registry=r)

    def _add_rewards(self, r: CollectorRegistry) -> None:
        by_recipe = ["recipe", "run", "split"]
        self.completions = Counter(
            "harmo_completions", "Completions by outcome", [*by_recipe, "outcome"], registry=r
        )
        self.unscored = Counter(
            "harmo_unscored", "Completions without a reward", [*by_recipe, "reason"], registry=r
        )
        self.abstentions = Counter(
            "harmo_abstentions",
            "Scores a scorer did not give",
            ["scorer", "reason", "cause"],
            registry=r,
        )
        self.reference_faults = Counter(
            "harmo_reference_faults",
            "Distinct references that a scorer cannot read: faults of the dataset",
            ["scorer"],
            registry=r,
        )
        self.reward = Distribution(
            "harmo_reward", "Combined rewards", by_recipe, bounds=_REWARDS, registry=r
        )
        self.score = Distribution(
            "harmo_score", "Scores by column", ["recipe", "column"], bounds=_SCORES, registry=r
        )
        self.groups = Counter("harmo_groups", "Groups", by_recipe, registry=r)
        self.flat_groups = Counter(
            "harmo_zero_variance_groups",
            "Groups whose rewards are all equal",
            by_recipe,
            registry=r,
        )

    def _add_workers_and_models(self, r: CollectorRegistry) -> None:
        self.worker_kills = Counter(
            "harmo_worker_kills", "Worker processes killed or dead", ["reason"], registry=r
        )
        self.worker_queue = Gauge(
            "harmo_worker_queue_samples", "Samples waiting for a worker", registry=r
        )
        self.model_queue_seconds = Histogram(
            "harmo_model_queue_wait_seconds",
            "Wait before a model batch",
            ["model"],
            buckets=_SECONDS,
            registry=r,
        )
        self.model_batch_tokens = Histogram(
            "harmo_model_batch_tokens", "Tokens per batch", ["model"], buckets=_TOKENS, registry=r
        )
        self.model_forward_seconds = Histogram(
            "harmo_model_forward_seconds",
            "Time per batch",
            ["model"],
            buckets=_SECONDS,
            registry=r,
        )
        self.model_splits = Counter(
            "harmo_model_oom_splits", "Batches halved for memory", ["model"], registry=r
        )
        self.model_info = Gauge(
            "harmo_model_info", "Hosted models", ["model", "head", "rung", "device"], registry=r
        )

    def run_label(self, run: str | None) -> str:
        """The run itself while at most 16 are active, else `other`; idle runs make room."""
        if run is None:
            return ""
        now = time.monotonic()
        if run not in self._runs and len(self._runs) >= MAX_RUNS:
            oldest, seen = next(iter(self._runs.items()))
            if now - seen < RUN_IDLE_S:
                return OTHER
            del self._runs[oldest]
        self._runs[run] = now
        self._runs.move_to_end(run)
        return run

    def observe_scores(
        self, recipe: str, columns: Sequence[str], rows: Sequence[Sequence[Score]]
    ) -> None:
        """Count a group's scores, by sample and column, and the abstentions among them."""
        for k, column in enumerate(columns):
            values = [row[k].value for row in rows]
            present = [value for value in values if value is not None]
            self.score.cell(recipe, column).add(present)
            if len(present) < len(values):
                for reason, count in Counts(row[k].reason for row in rows).items():
                    if reason is not None:
                        cause = reason.cause.value
                        self.abstentions.labels(column, reason.value, cause).inc(count)

    def observe_rewards(self, labels: tuple[str, str, str], rewards: Sequence[Reward]) -> None:
        """Count one group's rewards; labels are recipe, run and split."""
        scored = [reward.value for reward in rewards if reward.value is not None]
        self.reward.cell(*labels).add(scored)
        missing = Counts(reward.reason for reward in rewards if reward.reason is not None)
        for reason, count in missing.items():
            self.unscored.labels(*labels, reason.value).inc(count)
        self.completions.labels(*labels, "scored").inc(len(scored))
        self.completions.labels(*labels, "unscored").inc(len(rewards) - len(scored))
        self.groups.labels(*labels).inc()
        if len(scored) > 1 and max(scored) - min(scored) < ZERO_VARIANCE:
            self.flat_groups.labels(*labels).inc()

    def expose(self) -> bytes:
        """The text format."""
        return generate_latest(self.registry)
