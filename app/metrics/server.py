"""The process: what it is, whether it takes requests, how full and how late it is."""

from __future__ import annotations

from prometheus_client import Counter, Histogram, ProcessCollector

from harmo.app.metrics.buckets import SECONDS
from harmo.app.metrics.exposition import Reading, Registry


class ServerMetrics:
    """What is counted of the service as a process. Whoever owns a gauge's value sets its `read`."""

    def __init__(self, version: str, registry: Registry) -> None:
        build = Reading(
            "harmo_build_info",
            "Version, and a digest of the loaded recipes and models",
            *("version", "config_sha"),
            registry=registry,
        )
        self.config_sha = ""
        """Of what is loaded; empty before that."""
        build.read = lambda: {(version, self.config_sha): 1.0}

        def gauge(name: str, documentation: str) -> Reading:
            return Reading(name, documentation, registry=registry)

        self.ready = gauge("harmo_ready", "1 while /readyz answers 200")
        self.draining = gauge("harmo_draining", "1 from the first signal to stop until the end")
        self.completions = gauge("harmo_completions_in_flight", "Completions being scored")
        self.completions_limit = gauge(
            "harmo_completions_in_flight_limit", "max_in_flight_completions"
        )
        self.bytes = gauge(
            "harmo_bytes_in_flight", "Memory that requests in flight count for, in bytes"
        )
        self.bytes_limit = gauge("harmo_bytes_in_flight_limit", "max_in_flight_bytes")
        self.waiting_members = gauge(
            "harmo_waiting_members", "Completions that wait for their group"
        )
        self.waiting_members_limit = gauge("harmo_waiting_members_limit", "max_waiting_members")
        self.connections = gauge("harmo_connections_open", "Open connections")
        self._add_loop(registry)
        # Reads /proc, in the thread that writes the scrape.
        ProcessCollector(registry=registry)

    def _add_loop(self, registry: Registry) -> None:
        self.closed = Counter(
            "harmo_connections_closed", "Connections closed by us", ["reason"], registry=registry
        )
        self.loop_lag = Histogram(
            "harmo_event_loop_lag_seconds",
            "How late the event loop comes to what is due",
            buckets=SECONDS,
            registry=registry,
        )
        self.loop_stalls = Counter(
            "harmo_event_loop_stalls",
            "Times the event loop stood still for over a second",
            ["scorer"],
            registry=registry,
        )
