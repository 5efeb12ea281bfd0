"""Where an audit signal leaves its comfort zone. Starting points to look from, not verdicts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

REWARD = "reward"
"""The column that stands for the whole reward in a signal."""


@dataclass(frozen=True, slots=True)
class Zone:
    """When a signal is worth a look, and what is said then."""

    left: Callable[[float], bool]
    says: Callable[[float], str]
    column: str | None = None
    """The one it is looked at; None for all that have it."""


def _percent(what: str) -> Callable[[float], str]:
    return lambda value: f"{value:.0%} {what}"


def _figure(what: str) -> Callable[[float], str]:
    return lambda value: f"{what} {value:.2f}"


ZONES: Mapping[str, Zone] = {
    "harmo_signal_length_correlation": Zone(lambda v: abs(v) > 0.5, _figure("length rho"), REWARD),
    "harmo_signal_duplicate_siblings_ratio": Zone(lambda v: v > 0.25, _percent("duplicates")),
    "harmo_signal_truncated_ratio": Zone(lambda v: v > 0.25, _percent("truncated")),
    "harmo_signal_model_auc": Zone(lambda v: v < 0.5, _figure("AUC")),
    "harmo_signal_fooled_ratio": Zone(lambda v: v > 0.1, _percent("fooled")),
    "harmo_signal_drift": Zone(lambda v: v > 0.2, _figure("drift")),
    "harmo_signal_shadow_correlation": Zone(lambda v: v < 0.1, _figure("shadow rho")),
}
UNSCORED, ABSTAINED, ZERO_VARIANCE = 0.01, 0.1, 0.5
"""Shares above which a figure is set off."""
