"""When a figure is set off: what asks for a look, no verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

REWARD = "reward"
"""The column that stands for the whole reward in a signal."""
UNSCORED, ABSTAINED, ZERO_VARIANCE = 0.01, 0.1, 0.5
"""Shares above which a figure is set off."""


@dataclass(frozen=True, slots=True)
class Zone:
    """The values of a signal that ask for no look: those that the alert on it lets pass."""

    low: float
    high: float
    written: str
    """The value and what it is, as a format of ours."""


ZONES: Mapping[str, Zone] = {
    "duplicate_siblings_ratio": Zone(0.0, 0.25, "{:.0%} duplicates"),
    "truncated_ratio": Zone(0.0, 0.25, "{:.0%} truncated"),
    "length_correlation": Zone(-0.5, 0.5, "length rho {:.2f}"),
    "model_auc": Zone(0.5, 1.0, "AUC {:.2f}"),
    "drift": Zone(0.0, 0.5, "drift {:.2f}"),
}
"""By signal. The others say something by how they move, which two looks do not show."""


def out_of_zone(signals: Mapping[str, float]) -> Iterator[str]:
    """In words, the signals that ask for a look."""
    for name, zone in ZONES.items():
        if name in signals and not zone.low <= signals[name] <= zone.high:
            yield zone.written.format(signals[name])
