"""Scorers at work: what waits and what computes, workers, pictures, and what was known already."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

from harmo.app.images import ImageFault
from harmo.app.metrics.buckets import SHORT_SECONDS
from harmo.app.metrics.exposition import Reading, Registry
from harmo.app.workers.jobs import Timed
from harmo.scorers.types import Reason


class ScorerMetrics:
    """What is counted where scorers run; without a registry, where nobody looks."""

    def __init__(self, registry: Registry | None = None) -> None:
        registry = registry or Registry()
        self._seconds = Histogram(
            "harmo_scorer_duration_seconds",
            "Time per call of a scorer: what it waited to begin, and what it took",
            ["scorer", "stage"],
            buckets=SHORT_SECONDS,
            registry=registry,
        )
        self._timed: dict[str, Timed] = {}
        self._kills = Counter(
            "harmo_worker_kills", "Worker processes killed or dead", ["reason"], registry=registry
        )
        self.workers = Reading(
            "harmo_workers", "Worker processes that samples wait for", "state", registry=registry
        )
        self.queue = Reading(
            "harmo_worker_queue_samples", "Samples waiting for a worker", registry=registry
        )
        self.oldest_s = Reading(
            "harmo_worker_queue_oldest_age_seconds",
            "How long the sample has waited that waits longest for a worker; 0 if none does",
            registry=registry,
        )
        self._add_faults(registry)
        self._add_pictures(registry)
        remembered = Counter(
            "harmo_remembered_scores",
            "Samples for a worker whose score was looked up first",
            ["result"],
            registry=registry,
        )
        self._hits, self._misses = remembered.labels("hit"), remembered.labels("miss")

    def _add_faults(self, registry: Registry) -> None:
        self.reference_faults = Counter(
            "harmo_reference_faults",
            "Distinct references that a scorer cannot read: faults of the dataset",
            ["column", "scorer"],
            registry=registry,
        )
        self.faults = Counter(
            "harmo_scorer_faults",
            "Completions that made a rule raise and are called wrong: a bug to report",
            ["column", "scorer"],
            registry=registry,
        )

    def _add_pictures(self, registry: Registry) -> None:
        self._rejected = Counter(
            "harmo_images_rejected", "Pictures that cannot be used", ["reason"], registry=registry
        )
        for fault in ImageFault:
            self._rejected.labels(fault.value)
        self._decode_seconds = Histogram(
            "harmo_image_decode_seconds",
            "Time per picture that was decoded, in its process",
            buckets=SHORT_SECONDS,
            registry=registry,
        )

    def timed(self, scorer: str) -> Timed:
        """Counts what a scorer's calls wait for a worker, thread or queue, and what they take."""
        found = self._timed.get(scorer)
        if found is None:
            wait, compute = (self._seconds.labels(scorer, stage) for stage in ("wait", "compute"))
            found = self._timed[scorer] = Timed(waited=wait.observe, ran=compute.observe)
        return found

    def killed(self, reason: Reason) -> None:
        """Count a worker that was killed or died."""
        self._kills.labels(reason.value).inc()

    def looked_up(self, *, known: bool) -> None:
        """Count a sample whose score may be remembered."""
        (self._hits if known else self._misses).inc()

    def rejected(self, fault: ImageFault) -> None:
        """Count a picture that cannot be used."""
        self._rejected.labels(fault.value).inc()

    def decoded(self, seconds: float) -> None:
        """Count the time that a process took over a picture."""
        self._decode_seconds.observe(seconds)
