"""Every Prometheus metric of the service, with bounded labels."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from harmo.app.runs import Labels, Runs
from harmo.app.shed import ShedReason
from harmo.app.shortfall import ShortfallCause
from harmo.scorers import registry
from harmo.scorers.types import Group, Reward, Score

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


class Metrics:
    """One registry per application; nothing is global."""

    def __init__(self, version: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.registry = CollectorRegistry()
        self.runs = Runs(self.registry, clock=clock)
        self._add_http(self.registry)
        self._add_server(self.registry)
        self._add_scorers(self.registry)
        self._add_models(self.registry)
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
        self.bytes_in_flight = Gauge(
            "harmo_bytes_in_flight", "Memory that requests in flight count for", registry=r
        )
        self.waiting_members = Gauge(
            "harmo_waiting_members", "Completions that wait for their group", registry=r
        )
        self._add_answers(r)
        self.ready = Gauge("harmo_ready", "1 while /readyz answers 200", registry=r)

    def _add_answers(self, r: CollectorRegistry) -> None:
        self.shed = Counter(
            "harmo_requests_shed", "Requests answered 429 or 503", ["reason"], registry=r
        )
        for reason in ShedReason:
            self.shed.labels(reason.value)
        self.replays = Counter("harmo_idempotent_replays", "Answers replayed by key", registry=r)
        self.stand_ins = Counter(
            "harmo_stand_ins",
            "Completions without a reward that a trainer's route answered with a number",
            ["recipe", "on_unscored"],
            registry=r,
        )

    def _add_server(self, r: CollectorRegistry) -> None:
        self.connections = Gauge("harmo_connections_open", "Open connections", registry=r)
        self.closed = Counter(
            "harmo_connections_closed", "Connections closed by us", ["reason"], registry=r
        )
        self.loop_lag = Histogram(
            "harmo_event_loop_lag_seconds",
            "How late the event loop comes to what is due",
            buckets=_SECONDS,
            registry=r,
        )
        self.loop_stalls = Counter(
            "harmo_event_loop_stalls",
            "Times the event loop stood still for over a second",
            ["scorer"],
            registry=r,
        )

    def _add_scorers(self, r: CollectorRegistry) -> None:
        self.reference_faults = Counter(
            "harmo_reference_faults",
            "Distinct references that a scorer cannot read: faults of the dataset",
            ["column", "scorer"],
            registry=r,
        )
        self.scorer_faults = Counter(
            "harmo_scorer_faults",
            "Completions that made a rule raise and are called wrong: a bug to report",
            ["column", "scorer"],
            registry=r,
        )
        self.worker_kills = Counter(
            "harmo_worker_kills", "Worker processes killed or dead", ["reason"], registry=r
        )
        self.worker_queue = Gauge(
            "harmo_worker_queue_samples", "Samples waiting for a worker", registry=r
        )

    def _add_models(self, r: CollectorRegistry) -> None:
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

    def observe(
        self,
        recipe: str,
        columns: Sequence[tuple[str, str]],
        group: Group,
        scores: Sequence[Sequence[Score]],
        rewards: Sequence[Reward],
    ) -> None:
        """Count a scored group.

        Args:
            recipe: Its name.
            columns: Name and scorer of each column.
            group: For its run and split.
            scores: By sample and column.
            rewards: By sample.
        """
        labels = self._labels(recipe, group)
        for k, (column, scorer) in enumerate(columns):
            values = [value for row in scores if (value := row[k].value) is not None]
            self.runs.count_scores(labels, column, values)
            if len(values) < len(scores):
                self.runs.count_abstentions(
                    labels,
                    [
                        (column, scored_by(scorer, row[k]), reason)
                        for row in scores
                        if (reason := row[k].reason) is not None
                    ],
                )
        self.runs.count_rewards(labels, rewards)

    def count_incomplete(self, recipe: str, group: Group, cause: ShortfallCause) -> None:
        """Count a group that was scored before all of its members had come."""
        self.runs.count_incomplete(self._labels(recipe, group), cause)

    def _labels(self, recipe: str, group: Group) -> Labels:
        return recipe, self.runs.label(group.run), group.split

    def expose(self) -> bytes:
        """The text format, without the runs that are idle."""
        self.runs.evict_idle()
        return generate_latest(self.registry)

    async def scrape(self) -> bytes:
        """What `expose` gives, written in a thread: tens of thousands of series take a second."""
        self.runs.evict_idle()
        return await asyncio.to_thread(generate_latest, self.registry)


def scored_by(scorer: str, score: Score) -> str:
    """The scorer that gave a column's score: the one it was handed on to, else the column's own."""
    named = score.detail.get("scorer")
    try:
        return registry.get(named).name if isinstance(named, str) else scorer
    except registry.UnknownScorerError:
        # A label must be one of few.
        return scorer
