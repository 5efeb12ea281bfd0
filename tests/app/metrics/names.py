"""Every metric of the service, by name, with its labels."""

from __future__ import annotations

from prometheus_client.metrics import MetricWrapperBase

from harmo.app.settings import Settings
from harmo.app.startup import build


def labels_by_metric() -> dict[str, set[str]]:
    """What a service has before anything is counted, as the text format names it."""
    known: dict[str, set[str]] = {}
    for collector in build(Settings(workers=1)).metrics.registry.collectors:
        for family in getattr(collector, "describe", collector.collect)():
            if isinstance(collector, MetricWrapperBase):
                labels = collector._labelnames
            elif hasattr(family, "_labelnames"):
                labels = family._labelnames
            else:
                labels = collector.labels  # type: ignore[attr-defined]
            known[family.name + "_total" * (family.type == "counter")] = set(labels)
    return known
