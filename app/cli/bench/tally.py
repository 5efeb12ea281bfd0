"""What came of the requests, in a room that does not grow with their number."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from harmo.app.cli.bench.bodies import Body

MAX_PERIODS = 128
GROWTH = 1.02
LEAST_S = 1e-5
"""Whatever is shorter counts as this."""
_LOG = math.log(GROWTH)


def bucket(seconds: float) -> int:
    """The bucket of a latency, whose bounds grow by 2%; bucket n ends at LEAST_S * GROWTH**n."""
    return max(0, math.ceil(math.log(max(seconds, LEAST_S) / LEAST_S) / _LOG))


def upper_s(number: int) -> float:
    """Where a bucket ends."""
    return LEAST_S * GROWTH**number


def quantile_s(counts: Mapping[int, int], q: float) -> float | None:
    """The latency that a share `q` of them does not exceed, 2% too long at most; None of none."""
    total = sum(counts.values())
    if not total:
        return None
    seen = 0
    for number in sorted(counts):
        seen += counts[number]
        if seen >= q * total:
            break
    return upper_s(number)


def merged(each: Iterable[Counter[int]]) -> Counter[int]:
    """All of them together."""
    total: Counter[int] = Counter()
    for counts in each:
        total.update(counts)
    return total


@dataclass(slots=True)
class Period:
    """One stretch of time: what was answered within it."""

    requests: int = 0
    completions: int = 0
    latencies: Counter[int] = field(default_factory=Counter)
    """Of successful requests, by bucket."""

    def add(self, other: Period) -> None:
        """Take another one in."""
        self.requests += other.requests
        self.completions += other.completions
        self.latencies.update(other.latencies)


class Periods:
    """Stretches of equal length; where they become too many, two are made one, throughout."""

    def __init__(self) -> None:
        self.length_s = 1.0
        self.each: list[Period] = []

    def at(self, seconds: float) -> Period:
        """The period of this moment."""
        while seconds >= MAX_PERIODS * self.length_s:
            self._halve()
        number = int(seconds / self.length_s)
        while len(self.each) <= number:
            self.each.append(Period())
        return self.each[number]

    def _halve(self) -> None:
        for first, second in zip(self.each[::2], self.each[1::2], strict=False):
            first.add(second)
        self.each = self.each[::2]
        self.length_s *= 2


@dataclass(slots=True)
class Tally:
    """What is counted after the warm-up.

    Throughput is what was answered in that time, whenever it began; all else is of the requests
    that began in it, whenever they were answered.
    """

    periods: Periods = field(default_factory=Periods)
    statuses: Counter[str] = field(default_factory=Counter)
    """Of every try: an HTTP status, or what broke."""
    unscored: Counter[str] = field(default_factory=Counter)
    """Completions without a reward, by reason."""
    requests: int = 0
    """Answered 200."""
    failed: int = 0
    """Never answered 200."""
    unsent: int = 0
    """Due in an open loop while as many as allowed were under way, and not begun before the end."""
    groups: int = 0
    completions: int = 0
    tokens: int = 0
    sent_bytes: int = 0
    received_bytes: int = 0
    retries: int = 0
    latency_sum_s: float = 0.0
    max_s: float = 0.0
    late: Counter[int] = field(default_factory=Counter)
    """How long after they were due requests began, by bucket; in an open loop."""

    def answered(self, body: Body, *, at_s: float) -> None:
        """Count for the throughput what was answered at this moment after the warm-up."""
        period = self.periods.at(at_s)
        period.requests += 1
        period.completions += body.completions
        self.requests += 1
        self.groups += body.groups
        self.completions += body.completions
        self.tokens += body.tokens

    def took(self, seconds: float, *, at_s: float) -> None:
        """Count how long a request took that was answered at this moment."""
        self.periods.at(at_s).latencies[bucket(seconds)] += 1
        self.latency_sum_s += seconds
        self.max_s = max(self.max_s, seconds)

    @property
    def latencies(self) -> Counter[int]:
        """Of successful requests, by bucket."""
        return merged(period.latencies for period in self.periods.each)
