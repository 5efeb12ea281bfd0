"""From log-odds to a recipe's weights.

Preferences fix how weights compare, and how sure people are; not how large a reward is. So the
fitted reward is made to differ between siblings as much as what it replaces: a trainer that does
not divide by the group's deviation then takes steps of the same size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harmo.rewards.fit.pairs import Siblings
from harmo.rewards.fit.redraws import interval
from harmo.rewards.fit.solver import Floats
from harmo.rewards.fit.weights import Fit

Interval = tuple[float, float] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaled:
    """What multiplies each column in the fitted recipe."""

    weights: tuple[float, ...]
    """By column; one in which no pair differs keeps what it has now."""
    intervals: tuple[Interval, ...]
    """None without redraws, where no pair differs, and where a weight is unbounded."""
    at_zero: tuple[float | None, ...]
    """Share of redraws in which a weight is 0; None without redraws, or where no pair differs."""
    spread: float
    """Root mean square by which siblings' rewards differ from their mean, by the fitted columns."""


def scaled(fit: Fit, siblings: Siblings, now: Sequence[float]) -> Scaled:
    """The fitted weights at the present reward's spread; so is each redraw, by itself.

    Args:
        fit: What was fitted.
        siblings: Over which rewards spread.
        now: What multiplies each column in the present recipe; 0 for what it does not pay.
    """
    told, present = fit.told, np.asarray(now, dtype=float)
    bounded = told & ~fit.unbounded
    covariance = siblings.covariance()
    target = float(_spreads(np.where(told, present, 0.0)[:, None], covariance)[0])
    target = target or siblings.spread() or 1.0
    weights = _to(target, np.where(told, fit.weights, 0.0)[:, None], covariance)[:, 0]
    drawn = _to(target, np.nan_to_num(fit.redrawn), covariance)
    count = drawn.shape[1]
    return Scaled(
        weights=tuple(np.where(told, weights, present).tolist()),
        intervals=tuple(interval(drawn[k]) if bounded[k] else None for k in range(len(told))),
        at_zero=tuple(
            float((drawn[k] == 0).mean()) if told[k] and count else None for k in range(len(told))
        ),
        spread=target,
    )


def _to(target: float, weights: Floats, covariance: Floats) -> Floats:
    """Weights by column and draw, each draw at a spread; those of no spread stay."""
    spreads = _spreads(weights, covariance)
    return weights * np.where(spreads > 0, target / np.where(spreads > 0, spreads, 1.0), 1.0)


def _spreads(weights: Floats, covariance: Floats) -> Floats:
    squares = np.einsum("kb,kl,lb->b", weights, covariance, weights)
    return np.asarray(np.sqrt(np.maximum(squares, 0.0)))
