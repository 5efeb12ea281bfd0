"""Histograms that take a batch of values at once, and whose values may be negative.

prometheus_client locks and looks up labels per value; a request brings hundreds of values, and
counting them must not cost more than scoring them.

A sum of values that may be negative falls, and Prometheus takes a counter that falls for one that
was reset. So two counters stand beside the histogram, of what was above and what was below zero:
the mean of an interval is the increase of the one less the other's, over that of `_count`. A third
one sums the squares: the standard deviation is the root of their mean less the mean's square.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from operator import mul

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

MAX_ADDED = 1e200
"""More at a time would soon make a sum infinite, for good."""


class Cell:
    """The counts of one combination of labels; added to on one thread."""

    __slots__ = ("_bounds", "above", "below", "counts", "squares")

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.above = self.below = self.squares = 0.0

    def add(self, values: Sequence[float]) -> None:
        """Count every value in its bucket, and add it and its square up."""
        if not values:
            return
        if values.count(values[0]) == len(values):
            self._add_alike(values[0], len(values))
        else:
            self._add_each(values)

    def _add_alike(self, value: float, times: int) -> None:
        """What siblings often have: one look does for all."""
        self.counts[bisect_left(self._bounds, value)] += times
        above, below = (value, 0.0) if value > 0.0 else (0.0, -value)
        self._sum_up(times * above, times * below, times * value * value)

    def _add_each(self, values: Sequence[float]) -> None:
        counts, bounds = self.counts, self._bounds
        for value in values:
            counts[bisect_left(bounds, value)] += 1
        above, below = sum(values), 0.0
        if min(values) < 0.0:
            above = sum([value for value in values if value > 0.0])
            below = -sum([value for value in values if value < 0.0])
        self._sum_up(above, below, sum(map(mul, values, values)))

    def _sum_up(self, above: float, below: float, squares: float) -> None:
        self.above += min(above, MAX_ADDED)
        self.below += min(below, MAX_ADDED)
        self.squares += min(squares, MAX_ADDED)


class Distribution(Collector):
    """A histogram with labels, in the format of any other, and the counters for its mean."""

    def __init__(
        self,
        name: str,
        documentation: str,
        labels: Sequence[str],
        *,
        bounds: Sequence[float],
        registry: CollectorRegistry,
    ) -> None:
        self._name, self._documentation, self.labels = name, documentation, tuple(labels)
        self._bounds = tuple(bounds)
        self._les = [*map(floatToGoString, self._bounds), "+Inf"]
        self._cells: dict[tuple[str, ...], Cell] = {}
        registry.register(self)

    def cell(self, *labels: str) -> Cell:
        """The cell of these label values, made on first use."""
        found = self._cells.get(labels)
        return found if found is not None else self._cells.setdefault(labels, Cell(self._bounds))

    def remove(self, *labels: str) -> None:
        """Forget the cell of these label values."""
        self._cells.pop(labels, None)

    def describe(
        self,
    ) -> tuple[Metric, CounterMetricFamily, CounterMetricFamily, CounterMetricFamily]:
        """The histogram and its counters, without values."""
        # The client library's own family leaves out `_sum` and `_count` where a bound is negative.
        hint = f"its sum may fall: for means take {self._name}_above_zero and _below_zero"
        return (
            Metric(self._name, f"{self._documentation}; {hint}", "histogram"),
            self._counter("above_zero", "Sum of the values above zero"),
            self._counter("below_zero", "Sum of the values below zero, without the sign"),
            self._counter("squares", "Sum of the values' squares"),
        )

    def collect(self) -> Iterator[Metric]:
        """Every cell: cumulative buckets with `_count` and `_sum`, and the counters beside it."""
        family, above, below, squares = self.describe()
        for values, cell in list(self._cells.items()):
            labels, seen = dict(zip(self.labels, values, strict=True)), 0
            for le, count in zip(self._les, cell.counts, strict=True):
                seen += count
                family.add_sample(f"{self._name}_bucket", {**labels, "le": le}, seen)
            family.add_sample(f"{self._name}_count", labels, seen)
            family.add_sample(f"{self._name}_sum", labels, cell.above - cell.below)
            above.add_metric(values, cell.above)
            below.add_metric(values, cell.below)
            squares.add_metric(values, cell.squares)
        yield from (family, above, below, squares)

    def _counter(self, what: str, documentation: str) -> CounterMetricFamily:
        return CounterMetricFamily(f"{self._name}_{what}", documentation, labels=self.labels)
