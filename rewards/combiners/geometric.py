"""combine `geometric`: accuracy and aspects multiply."""

from __future__ import annotations

import math
from collections.abc import Sequence

from harmo.rewards.combiners.combiner import (
    COMBINERS,
    Combiner,
    Counted,
    Siblings,
    Span,
    Written,
    plus,
)
from harmo.scorers.types import Family

_JUDGES = (Family.MODEL, Family.RULE)


def mean(factors: Sequence[tuple[float, float]], *, epsilon: float) -> float:
    """Weighted geometric mean of (value, weight) pairs, in [epsilon, 1] for values in [0, 1].

    prod of max(value, epsilon) ** (weight / total); 1.0 without factors.
    """
    total = sum(weight for _, weight in factors)
    if not total:
        return 1.0
    return math.exp(sum(w / total * math.log(max(value, epsilon)) for value, w in factors))


def _totals(siblings: Siblings) -> list[float]:
    return [_total(siblings, sample) for sample in siblings.samples]


def _total(siblings: Siblings, sample: Counted) -> float:
    """The mean of accuracy and aspects; lengths are penalties and are added after."""
    factors = siblings.factors(sample, Family.ASPECT)
    judges = siblings.factors(sample, *_JUDGES)
    if not siblings.shared:
        factors += judges
    elif weight := sum(weight for _, weight in judges):
        factors.append((siblings.paid(sample, *_JUDGES) / weight, weight))
    product = mean(factors, epsilon=siblings.params.epsilon)
    return product + siblings.paid(sample, Family.LENGTH)


def _margin(span: Span) -> float:
    others = span.weights[Family.MODEL] + span.weights[Family.ASPECT]
    right = mean([(1.0, span.judge), (0.0, others)], epsilon=span.params.epsilon)
    wrong = mean([(0.0, span.judge), (1.0, others)], epsilon=span.params.epsilon)
    return right - wrong - span.width(Family.LENGTH)


def _formula(written: Written) -> str:
    product = f"geometric mean of ({plus(written.accuracy, written.aspect)})"
    return plus(product, written.length)


COMBINERS.add(
    Combiner(
        name="geometric",
        totals=_totals,
        margin=_margin,
        words=(
            "Accuracy and aspects multiply (weighted geometric mean); lengths are added afterwards."
        ),
        formula=_formula,
        unit=(*_JUDGES, Family.ASPECT),
    )
)
