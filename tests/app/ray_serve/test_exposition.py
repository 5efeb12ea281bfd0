"""What several replicas count, in one exposition."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.parser import text_string_to_metric_families

pytest.importorskip("ray.serve", reason="Ray is not installed: pip install 'harmo[ray]'")

from harmo.app.ray_serve.exposition import merged

RUNS = ["plain", 'with {braces}, "quotes" and spaces', "with a\nline and a \x85 that some split at"]


def counted(times: int) -> bytes:
    """One replica's: with and without labels, and a series of several lines."""
    registry = CollectorRegistry()
    runs = Counter("harmo_groups", "Groups", ["run"], registry=registry)
    for run in RUNS:
        runs.labels(run).inc(times)
    Gauge("harmo_ready", "1 while it {is}", registry=registry).set(times)
    Histogram("harmo_seconds", "Time", buckets=(1.0,), registry=registry).observe(times)
    return generate_latest(registry)


def series(text: bytes) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    families = list(text_string_to_metric_families(text.decode()))
    names = [family.name for family in families]
    assert len(names) == len(set(names)), "a family stands in one place"
    return {
        (one.name, frozenset(one.labels.items())): one.value
        for family in families
        for one in family.samples
    }


def test_every_series_of_every_replica_is_there_under_its_name() -> None:
    alone = {name: counted(times) for times, name in enumerate(("a#1", "b#2"), 1)}
    wanted = {
        (metric, labels | {("replica", name)}): value
        for name, text in alone.items()
        for (metric, labels), value in series(text).items()
    }
    assert series(merged(alone)) == wanted


def test_what_one_alone_has_is_there_too() -> None:
    registry = CollectorRegistry()
    Gauge("harmo_alone", "Of one", registry=registry)
    got = series(merged({"a": counted(1), "b": generate_latest(registry)}))
    assert got["harmo_alone", frozenset({("replica", "b")})] == 0.0
