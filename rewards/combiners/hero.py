"""combine `hero`: the rule sets two strata, the model spreads siblings within them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from harmo.rewards.combiners.combiner import (
    COMBINERS,
    Combiner,
    Only,
    Siblings,
    Span,
    Written,
    plus,
)
from harmo.scorers.types import Family

TIE = 1e-6
"""Model scores closer than this are equal: numerical noise must not fill a stratum."""


def spread(
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


def _totals(siblings: Siblings) -> list[float]:
    """The strata times the rule's weight; what the other families pay is added."""
    params = siblings.params
    right = [bool(sample.right) for sample in siblings.samples]
    model = _model_scores(siblings)
    scale = siblings.rule_weight
    if params.prompt_weight and model:
        scale *= prompt_weight(model, **params.prompt_weight.model_dump())
    placed = spread(right, model, alpha=params.alpha, beta=params.beta)
    sides = [siblings.paid(sample, Family.ASPECT, Family.LENGTH) for sample in siblings.samples]
    return [scale * place + side for place, side in zip(placed, sides, strict=True)]


def _model_scores(siblings: Siblings) -> list[float]:
    """Each sample's mean model score, by the terms' weights; 0 without a model."""
    scores = []
    for sample in siblings.samples:
        weight = sum(w for _, w in siblings.factors(sample, Family.MODEL))
        scores.append(siblings.paid(sample, Family.MODEL) / weight if weight else 0.0)
    return scores


def _margin(span: Span) -> float:
    params = span.params
    scale = params.prompt_weight.low if params.prompt_weight else 1.0
    strata = scale * span.judge * (1.0 - params.alpha - params.beta)
    return strata - span.width(Family.ASPECT, Family.LENGTH)


def _formula(written: Written) -> str:
    strata = f"{written.rule_weight} * hero({written.rules}, {written.models})"
    return plus(strata, written.aspect, written.length)


COMBINERS.add(
    Combiner(
        name="hero",
        totals=_totals,
        margin=_margin,
        words=(
            "The rule sets two strata, the model spreads siblings within them (HERO): wrong ones "
            "within {alpha:g} of 0, right ones within {beta:g} of 1. Needs the whole group."
        ),
        formula=_formula,
        correctness="needed",
        needs_group=True,
        needs_both=True,
        unit=(Family.MODEL,),
        accuracy=Only(
            choices=("sum",),
            code="hero_accuracy",
            message="combine 'hero' shares accuracy itself: use accuracy 'sum'",
        ),
        muted=(Family.MODEL,),
    )
)
