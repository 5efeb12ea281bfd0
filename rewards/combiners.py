"""Ways to turn one group's parts into rewards that are not a sum. Plain numbers, no scores."""

from __future__ import annotations

import math
from collections.abc import Sequence

TIE = 1e-6
"""Model scores closer than this are equal: numerical noise must not fill a stratum."""


def lexicographic(keys: Sequence[tuple[float, ...]]) -> list[float]:
    """Rank of each key, in [0, 1]; ties share their mean rank, one alone gets 0.5."""
    if len(keys) == 1:
        return [0.5]
    below = [sum(other < key for other in keys) for key in keys]
    equal = [sum(other == key for other in keys) - 1 for key in keys]
    return [(b + e / 2) / (len(keys) - 1) for b, e in zip(below, equal, strict=True)]


def geometric(factors: Sequence[tuple[float, float]], *, epsilon: float) -> float:
    """Weighted geometric mean of (value, weight) pairs, in [epsilon, 1] for values in [0, 1].

    prod of max(value, epsilon) ** (weight / total); 1.0 without factors.
    """
    total = sum(weight for _, weight in factors)
    if not total:
        return 1.0
    return math.exp(sum(w / total * math.log(max(value, epsilon)) for value, w in factors))


def hero(
    right: Sequence[bool], model: Sequence[float], *, alpha: float, beta: float
) -> list[float]:
    """Model scores spread within the rule's strata (HERO, arXiv:2510.07242).

    Wrong ones fill [-alpha, alpha], right ones [1 - beta, 1 + beta]; a stratum of one, or of equal
    scores, stands in its middle (the paper's formula would put it at its low end).
    """
    placed = [0.0] * len(right)
    for stratum, low, half in ((False, -alpha, alpha), (True, 1.0 - beta, beta)):
        members = [i for i, is_right in enumerate(right) if is_right is stratum]
        for i, place in zip(members, _places([model[i] for i in members]), strict=True):
            placed[i] = low + 2.0 * half * place
    return placed


def _places(values: Sequence[float]) -> list[float]:
    """Where each value stands between the least (0) and the greatest (1)."""
    if not values or max(values) - min(values) < TIE:
        return [0.5] * len(values)
    least, width = min(values), max(values) - min(values)
    return [(value - least) / width for value in values]


def prompt_weight(
    model: Sequence[float], *, mean_std: float, low: float, high: float, slope: float
) -> float:
    """HERO's weight of a whole group, in [low, high]: high where its model scores disagree.

    low + (high - low) * logistic(slope * (std - mean_std)); 2510.07242 uses 0.5, 2 and 5. Group
    standardisation in the trainer cancels it.
    """
    centre = sum(model) / len(model)
    std = math.sqrt(sum((value - centre) ** 2 for value in model) / len(model))
    return low + (high - low) / (1.0 + math.exp(-slope * (std - mean_std)))
