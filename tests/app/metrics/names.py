"""Every metric of the service, by name, with its labels."""

from __future__ import annotations

from prometheus_client.metrics import MetricWrapperBase

from harmo.app.metrics import Metrics
from harmo.app.signals import Signals


def labels_by_metric() -> dict[str, set[str]]:
    """What a service has before anything is counted, as the text format names it."""
    known: dict[str, set[str]] = {}
    metrics = Metrics("0")
    metrics.registry.register(Signals(metrics.runs))
    for collector in metrics.registry.collectors:
        for family in collector.describe():  # type: ignore[attr-defined] # all of ours have it
            if isinstance(collector, MetricWrapperBase):
                labels = collector._labelnames
            else:
                labels = getattr(family, "_labelnames", None) or collector.labels  # type: ignore[attr-defined]
            known[family.name + "_total" * (family.type == "counter")] = set(labels)
    return known
