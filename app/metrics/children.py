"""A metric's series by their label values, found for the price of a dictionary."""

from __future__ import annotations

from typing import TypeVar

from prometheus_client.metrics import MetricWrapperBase

Child = TypeVar("Child", bound=MetricWrapperBase)


class Children(dict[tuple[str, ...], Child]):
    """Series that stay for as long as their metric: `labels` locks and looks at every value."""

    def __init__(self, metric: Child) -> None:
        super().__init__()
        self._metric = metric

    def __missing__(self, values: tuple[str, ...]) -> Child:
        child = self[values] = self._metric.labels(*values)
        return child
