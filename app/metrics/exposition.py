"""What a scrape reads and how: each metric by itself, and what the event loop owns on the loop.

Writing the text takes a thread up to a second; by then the loop's own state has moved on under it.
So gauges of that state are read on the loop, all at once, just before.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TypeAlias

from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

log = logging.getLogger("harmo.metrics")

Values: TypeAlias = float | Mapping[tuple[str, ...], float]
"""A gauge's value; by label values where it has labels."""


class Reading(Collector):
    """A gauge that is read at a scrape; without series until `read` is set."""

    def __init__(
        self,
        name: str,
        documentation: str,
        *labels: str,
        registry: Registry,
        in_thread: bool = False,
    ) -> None:
        """Register it.

        Args:
            name: With its unit.
            documentation: What it says.
            *labels: Names.
            registry: Where.
            in_thread: True for what any thread may read and what may take its time.
        """
        self.name, self.labels = name, labels
        self.read: Callable[[], Values] = dict
        self._documentation = documentation
        self._in_thread = in_thread
        self._values: Values = {}
        registry.register(self)

    def refresh(self) -> None:
        """Read it, on the event loop, unless a thread may."""
        if self._in_thread:
            return
        values: Values = {}
        try:
            values = self.read()
        finally:
            # At once: another scrape may be writing in its thread.
            self._values = values

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """The gauge without values."""
        yield GaugeMetricFamily(self.name, self._documentation, labels=self.labels)

    def collect(self) -> Iterator[Metric]:
        """The gauge with what was read, or what is read now."""
        values = self.read() if self._in_thread else self._values
        (family,) = self.describe()
        for of, value in (values if isinstance(values, Mapping) else {(): values}).items():
            family.add_metric(of, value)
        yield family


class Registry(CollectorRegistry):
    """The metrics of one service; one that cannot be read costs its own series, not the scrape."""

    def __init__(self) -> None:
        super().__init__()
        self.collectors: list[Collector] = []
        self._failed: set[str] = set()
        self._faults = Counter(
            "harmo_scrape_faults",
            "Metrics that a scrape could not read: a bug to report",
            ["metric"],
            registry=self,
        )

    def register(self, collector: Collector) -> None:
        super().register(collector)
        self.collectors.append(collector)

    def unregister(self, collector: Collector) -> None:
        super().unregister(collector)
        self.collectors.remove(collector)

    def collect(self) -> Iterator[Metric]:
        """Every metric that can be read."""
        for collector in tuple(self.collectors):
            families: list[Metric] = []
            self._attempt(collector, partial(_gather, collector, families))
            yield from families

    def expose(self) -> bytes:
        """The text format; on the event loop, which it holds up."""
        self.refresh()
        return generate_latest(self)

    async def scrape(self) -> bytes:
        """The same, written in a thread."""
        self.refresh()
        return await asyncio.to_thread(generate_latest, self)

    def refresh(self) -> None:
        """Read what the event loop owns, on the loop."""
        for collector in self.collectors:
            if isinstance(collector, Reading):
                self._attempt(collector, collector.refresh)

    def _attempt(self, collector: Collector, read: Callable[[], object]) -> None:
        try:
            read()
        except Exception as error:  # noqa: BLE001 - whoever watches needs the other metrics all the more
            name = _name_of(collector)
            self._faults.labels(name).inc()
            if name not in self._failed:
                self._failed.add(name)
                log.error("scrape_fault metric=%s %s", name, type(error).__name__)  # noqa: TRY400 - words may quote


def _gather(collector: Collector, into: list[Metric]) -> None:
    families = list(collector.collect())
    for family in families:
        # When each series began: as many lines again, which Prometheus makes nothing of.
        family.samples = [one for one in family.samples if not one.name.endswith("_created")]
    into += families


def _name_of(collector: Collector) -> str:
    """Its metric's, the first where it gives several."""
    describe = getattr(collector, "describe", None)
    return next(iter(describe())).name if describe else type(collector).__name__
