"""The store of scored groups: what is kept, what is not, and what it costs."""

from __future__ import annotations

from enum import StrEnum

from prometheus_client import Counter, Histogram

from harmo.app.metrics.buckets import SHORT_SECONDS
from harmo.app.metrics.exposition import Reading, Registry
from harmo.audit.errors import Trouble


class DropCause(StrEnum):
    """Why a group that was answered is not kept; also the metric label."""

    BACKLOG = "backlog"
    """There was no room for it to wait."""
    UNWRITABLE = "unwritable"
    """The store does not take it, though it takes others: a bug."""
    FULL = "full"
    """Its run alone fills the store."""
    ENDED = "ended"
    """The service ended before it was written."""


class AuditMetrics:
    """What the service counts of its store. Whoever owns a gauge's value sets its `read`."""

    def __init__(self, registry: Registry) -> None:
        self.kept = Counter(
            "harmo_audit_groups", "Groups that are in the store, on the disk", registry=registry
        )
        dropped = Counter(
            "harmo_audit_dropped_groups",
            "Groups that were answered and are not kept",
            ["cause"],
            registry=registry,
        )
        self.dropped = {cause: dropped.labels(cause.value) for cause in DropCause}
        failures = Counter(
            "harmo_audit_write_failures",
            "Times the store could not be opened or written",
            ["trouble"],
            registry=registry,
        )
        self.failures = {trouble: failures.labels(trouble.value) for trouble in Trouble}
        self.pruned = Counter(
            "harmo_audit_pruned_runs", "Runs that were dropped for room or age", registry=registry
        )
        self.commit_seconds = Histogram(
            "harmo_audit_commit_seconds",
            "Time to write one batch of groups, until it is on the disk",
            buckets=SHORT_SECONDS,
            registry=registry,
        )
        self._add_gauges(registry)

    def _add_gauges(self, registry: Registry) -> None:
        self.backlog = Reading(
            "harmo_audit_backlog_bytes",
            "Memory that groups count for which wait to be written",
            registry=registry,
        )
        self.backlog_limit = Reading(
            "harmo_audit_backlog_bytes_limit", "audit_backlog_bytes", registry=registry
        )
        self.store = Reading(
            "harmo_audit_store_bytes",
            "Files of the store on the disk",
            registry=registry,
            in_thread=True,
        )
        self.store_limit = Reading(
            "harmo_audit_store_bytes_limit", "audit_max_bytes", registry=registry
        )
