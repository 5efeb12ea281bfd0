"""From a model's outputs to one number: several outputs to one, and raw scores to a fixed range.

Maps with frozen statistics are those of `models.transform`, in manifests and recipes alike; here
is what needs more than one number. Under group-relative training an affine map of one column only
changes its weight; a sigmoid or quantile map also changes how much the tails count.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from statistics import fmean, pvariance
from typing import Literal

from harmo.models.transform import Affine, Transform, logistic
from harmo.scorers.spec import Bounds

Reduction = Literal["mean", "min", "mean_minus_variance", "soft"]
"""`min` is WCO and `mean_minus_variance` UWO (arXiv:2310.02743); `soft` is soft pessimism
(2606.09073), between the mean (strength to infinity) and the minimum (strength to 0)."""


def reduce(values: Sequence[float], how: Reduction, *, strength: float) -> float:
    """One number from an ensemble's, at most their mean: the more they disagree, the less.

    Args:
        values: At least one output.
        how: The rule.
        strength: Weight of the (population) variance, or temperature of `soft`.

    Returns:
        A finite number where the values are finite.
    """
    return _REDUCTIONS[how](values, strength)


def _soft(values: Sequence[float], temperature: float) -> float:
    """-temperature * log(mean(exp(-value / temperature))), without overflow."""
    least = min(values)
    return least - temperature * math.log(
        fmean(math.exp((least - v) / temperature) for v in values)
    )


_REDUCTIONS: Mapping[str, Callable[[Sequence[float], float], float]] = {
    "mean": lambda values, _: fmean(values),
    "min": lambda values, _: min(values),
    "mean_minus_variance": lambda values, weight: fmean(values) - weight * pvariance(values),
    "soft": _soft,
}


def par(value: float, references: Sequence[float]) -> float:
    """Preference over reference completions of the same prompt, in [0, 1] (PAR, 2502.18770).

    The mean of logistic(value - r) over their raw scores r.
    """
    return fmean(logistic(value - reference) for reference in references)


def span(*, transform: Transform | None, against: str | None) -> Bounds:
    """Range of what a transform, or else PAR, makes of a model's output; None if unbounded."""
    if transform is None:
        return None if against is None else (0.0, 1.0)
    if isinstance(transform, Affine) and transform.low is not None and transform.high is not None:
        return transform.low, transform.high
    return (0.0, 1.0) if transform.unit else None
