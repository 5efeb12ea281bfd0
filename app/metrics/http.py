"""Requests: how many, how large, how long, and which came to nothing."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram

from harmo.app.keys import KeyFault
from harmo.app.metrics.buckets import BYTES, COMPLETIONS, SECONDS
from harmo.app.metrics.children import Children
from harmo.app.shed import ShedReason

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER_METHOD = "other"
UNMATCHED = "unmatched"
"""The route of a request that no route takes."""
CLIENT_CLOSED = 499
"""The status of a request whose client left before its answer."""


class HttpMetrics:
    """What is counted of requests, whatever route they take."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = Children(
            Counter(
                "harmo_http_requests",
                "HTTP requests",
                ["route", "method", "code"],
                registry=registry,
            )
        )
        self._seconds = Children(
            Histogram(
                "harmo_http_request_duration_seconds",
                "Time per request",
                ["route"],
                buckets=SECONDS,
                registry=registry,
            )
        )
        self._bytes = Children(
            Histogram(
                "harmo_http_request_size_bytes",
                "Bytes of a request's body that were read",
                ["route"],
                buckets=BYTES,
                registry=registry,
            )
        )
        self._disconnects = Counter(
            "harmo_client_disconnects", "Clients that left before their answer", registry=registry
        )
        self._key_faults = Counter(
            "harmo_auth_failures", "Requests answered 401 or 403", ["reason"], registry=registry
        )
        for fault in KeyFault:
            self._key_faults.labels(fault.value)
        self._add_scoring(registry)

    def _add_scoring(self, registry: CollectorRegistry) -> None:
        self.shed = Counter(
            "harmo_requests_shed", "Requests answered 429 or 503", ["reason"], registry=registry
        )
        for reason in ShedReason:
            self.shed.labels(reason.value)
        self.replays = Counter(
            "harmo_idempotent_replays", "Answers replayed by key", registry=registry
        )
        self._completions = Histogram(
            "harmo_request_completions",
            "Completions per request",
            buckets=COMPLETIONS,
            registry=registry,
        )
        self._phase_seconds = Children(
            Histogram(
                "harmo_phase_duration_seconds",
                "Time per request and phase",
                ["phase"],
                buckets=SECONDS,
                registry=registry,
            )
        )
        self.stand_ins = Counter(
            "harmo_stand_ins",
            "Completions without a reward that a trainer's route answered with a number",
            ["recipe", "on_unscored"],
            registry=registry,
        )

    def answered(
        self, route: str, method: str, status: int, *, seconds: float, body_bytes: int
    ) -> None:
        """Count a request that is over.

        Args:
            route: Its template, never its path: a path holds what clients make up.
            method: As it came; one that HTTP does not have counts as `other`.
            status: Of the answer; 499 where the client left before it.
            seconds: From its head on.
            body_bytes: That were read; 0 where there was none.
        """
        known = method if method in METHODS else OTHER_METHOD
        self._requests[route, known, str(status)].inc()
        self._seconds[(route,)].observe(seconds)
        if body_bytes:
            self._bytes[(route,)].observe(body_bytes)
        if status == CLIENT_CLOSED:
            self._disconnects.inc()

    def refused(self, fault: KeyFault) -> None:
        """Count a request whose key was missing, wrong, or not for its recipe."""
        self._key_faults.labels(fault.value).inc()

    def asked(self, completions: int) -> None:
        """Count a request for rewards of so many completions."""
        self._completions.observe(completions)

    def spent(self, phase: str, seconds: float) -> None:
        """Count a request's time in one phase."""
        self._phase_seconds[(phase,)].observe(seconds)
