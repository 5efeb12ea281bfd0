"""Histograms that take a batch of values at once.

prometheus_client locks and looks up labels per value; a request brings hundreds of values, and
counting them must not cost more than scoring them.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from prometheus_client import CollectorRegistry
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector


class Cell:
    """The counts of one combination of labels."""

    __slots__ = ("_bounds", "_lock", "counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self._lock = threading.Lock()
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def add(self, values: Sequence[float]) -> None:
        """Count every value in its bucket."""
        counts, bounds = self.counts, self._bounds
        with self._lock:
            for value in values:
                counts[bisect_left(bounds, value)] += 1
            self.total += sum(values)


class Distribution(Collector):
    """A histogram with labels, in the Prometheus format of any other."""

    def __init__(
        self,
        name: str,
        documentation: str,
        labels: Sequence[str],
        *,
        bounds: Sequence[float],
        registry: CollectorRegistry,
    ) -> None:
        self._name, self._documentation, self._labels = name, documentation, tuple(labels)
        self._bounds = tuple(bounds)
        self._cells: dict[tuple[str, ...], Cell] = {}
        registry.register(self)

    def cell(self, *labels: str) -> Cell:
        """The cell of these label values, made on first use."""
        found = self._cells.get(labels)
        return found if found is not None else self._cells.setdefault(labels, Cell(self._bounds))

    def remove(self, *labels: str) -> None:
        """Forget the cell of these label values."""
        self._cells.pop(labels, None)

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """Every cell, with cumulative buckets."""
        family = HistogramMetricFamily(self._name, self._documentation, labels=self._labels)
        for labels, cell in list(self._cells.items()):
            buckets, seen = [], 0
            for bound, count in zip((*self._bounds, float("inf")), cell.counts, strict=True):
                seen += count
                buckets.append(("+Inf" if bound == float("inf") else str(bound), float(seen)))
            family.add_metric(labels, buckets, cell.total)
        yield family
