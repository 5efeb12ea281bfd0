"""What happened between two scrapes, and what stands at the second. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from harmo.app.cli.top.exposition import Samples, Scrape, labels

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """Two scrapes of one service, the second later."""

    before: Scrape
    after: Scrape
    restarted: bool = False
    """True if what only grows has fallen: a new process, or another one at that address."""

    @property
    def seconds(self) -> float:
        """From the one to the other."""
        return self.after.at_s - self.before.at_s


def between(before: Scrape, after: Scrape) -> Span:
    """The span of two scrapes; what a new process counted, it counted from zero."""
    restarted = _requests(after.samples) < _requests(before.samples)
    return Span(Scrape(before.at_s, {}) if restarted else before, after, restarted)


def since_start(scrape: Scrape) -> Span:
    """All that a service counted so far, as if in one second: for shares and means."""
    return Span(Scrape(scrape.at_s - 1.0, {}), scrape)


def _requests(samples: Samples) -> float:
    return math.fsum(samples.get("harmo_http_requests_total", {}).values())


class View:
    """One or several services over one span each; a replica's figures add up with the others'."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self.spans = spans

    def rates(self, name: str, *by: str) -> dict[Key, float]:
        """A counter's increase per second, summed by the values of these labels.

        What fell was reset, so it has grown from zero; so has a series that was not there before.
        """
        return _summed(by, self._each(name, _increase_per_s))

    def rate(self, name: str) -> float | None:
        """The same over all series; None where the service has no such counter."""
        return self.rates(name).get(())

    def levels(self, name: str, *by: str) -> dict[Key, float]:
        """A gauge as it stands, summed by the values of these labels."""
        return _summed(by, self._each(name, _as_it_stands))

    def level(self, name: str) -> float | None:
        """The same over all series; None where the service has no such gauge."""
        return self.levels(name).get(())

    def highest(self, name: str) -> float | None:
        """A gauge's highest value over all series; None where the service has no such gauge."""
        return max((value for _, value in self._each(name, _as_it_stands)), default=None)

    def counts(self, name: str, *by: str) -> dict[Key, float]:
        """How many series a gauge has, by the values of these labels."""
        return _summed(by, self._each(name, lambda *_: 1.0))

    def quantiles(
        self,
        name: str,
        q: Sequence[float],
        by: str = "",
        *,
        where: Callable[[Mapping[str, str]], bool] = lambda _: True,
    ) -> dict[str, list[float | None]]:
        """Quantiles of a histogram by the values of one label; None where nothing was counted.

        Linear within a bucket, as Prometheus does it; beyond the last bound they are that bound.
        """
        buckets: dict[str, dict[float, float]] = {}
        for found, value in self._each(f"{name}_bucket", _increase_per_s):
            if where(found):
                bounds = buckets.setdefault(found.get(by, ""), {})
                le = float(found.get("le", "inf"))
                bounds[le] = bounds.get(le, 0.0) + value
        return {key: [_quantile(bounds, each) for each in q] for key, bounds in buckets.items()}

    def _each(
        self, name: str, value_of: Callable[[Span, tuple[str, str], float], float]
    ) -> Iterator[tuple[Mapping[str, str], float]]:
        for span in self.spans:
            for written, value in span.after.samples.get(name, {}).items():
                yield labels(written), value_of(span, (name, written), value)


def _as_it_stands(_span: Span, _series: tuple[str, str], value: float) -> float:
    return value


def _increase_per_s(span: Span, series: tuple[str, str], value: float) -> float:
    name, written = series
    before = span.before.samples.get(name, {}).get(written, 0.0)
    return (value - before if value >= before else value) / span.seconds


def _summed(by: Sequence[str], each: Iterable[tuple[Mapping[str, str], float]]) -> dict[Key, float]:
    sums: dict[Key, float] = {}
    for found, value in each:
        key = tuple(found.get(label, "") for label in by)
        sums[key] = sums.get(key, 0.0) + value
    return sums


def _quantile(bounds: Mapping[float, float], q: float) -> float | None:
    ordered = sorted(bounds.items())
    total = ordered[-1][1] if ordered else 0.0
    if total <= 0.0:
        return None
    low = seen = 0.0
    for bound, count in ordered:
        if count >= q * total:
            if math.isinf(bound):
                return low
            share = (q * total - seen) / (count - seen) if count > seen else 1.0
            return low + (bound - low) * share
        low, seen = bound, count
    return low
