"""Two results side by side: ratios, each with how far noise alone could move it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harmo.app.cli.bench.result import QUANTILES, Result
from harmo.app.cli.bench.tally import upper_s

_DRAWS, _SEED = 1000, 0
_LEAST_STRETCHES = 5
COMPLETIONS = "completions/s"
_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """One figure of two benches."""

    name: str
    first: float
    second: float
    low: float | None
    high: float | None
    """Where 95 in 100 ratios lie when each bench's stretches of time are drawn anew; None where
    one of them had too few."""

    @property
    def value(self) -> float:
        """The second to the first."""
        return self.second / self.first

    @property
    def is_noise(self) -> bool | None:
        """True if the stretches differ so much that there may be no difference at all."""
        return None if self.low is None or self.high is None else self.low <= 1.0 <= self.high


def ratios(first: Result, second: Result) -> list[Ratio]:
    """Throughput and latency, the second's to the first's, where both have them."""
    rng = np.random.default_rng(_SEED)
    one, other = _figures(first), _figures(second)
    draws = [_drawn(each, rng) for each in (first, second)]
    found = []
    for name in one.keys() & other.keys():
        low = high = None
        if all(name in each for each in draws):
            spread = draws[1][name] / draws[0][name]
            low, high = (float(each) for each in np.quantile(spread, (0.025, 0.975)))
        found.append(Ratio(name=name, first=one[name], second=other[name], low=low, high=high))
    order = [COMPLETIONS, *QUANTILES]
    return sorted(found, key=lambda ratio: order.index(ratio.name))


def spread(result: Result) -> Mapping[str, tuple[float, float]]:
    """Where 95 in 100 values of each figure lie when its stretches are drawn anew."""
    drawn = _drawn(result, np.random.default_rng(_SEED))
    return {
        name: (float(np.quantile(each, 0.025)), float(np.quantile(each, 0.975)))
        for name, each in drawn.items()
    }


def _figures(result: Result) -> dict[str, float]:
    figures = {name: result.latency_s.get(name) for name in QUANTILES}
    figures[COMPLETIONS] = result.per_s(result.completions)
    return {name: value for name, value in figures.items() if value}


def _drawn(result: Result, rng: np.random.Generator) -> dict[str, _Floats]:
    """Figures of as many stretches drawn from those there are, again and again."""
    # The last one may have been cut short.
    stretches = result.stretches[: int(result.measured_s / result.stretch_s)]
    buckets = sorted({bucket for stretch in stretches for bucket in stretch.latencies})
    if len(stretches) < _LEAST_STRETCHES or not buckets:
        return {}
    counts = np.array([[s.latencies.get(b, 0) for b in buckets] for s in stretches], float)
    completions = np.array([stretch.completions for stretch in stretches], float)
    even = np.full(len(stretches), 1 / len(stretches))
    weights = rng.multinomial(len(stretches), even, _DRAWS).astype(float)
    seen = np.cumsum(weights @ counts, axis=1)
    uppers = np.array([upper_s(bucket) for bucket in buckets])
    drawn = {COMPLETIONS: weights @ completions / (len(stretches) * result.stretch_s)}
    for name, q in QUANTILES.items():
        drawn[name] = uppers[np.argmax(seen >= q * seen[:, -1:], axis=1)]
    return drawn if all((each > 0).all() for each in drawn.values()) else {}
