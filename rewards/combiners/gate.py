"""combine `gate`: aspects and lengths pay right completions only."""

from __future__ import annotations

from harmo.rewards.combiners.combiner import COMBINERS, Combiner, Siblings, Span, Written, plus
from harmo.scorers.types import Family


def _totals(siblings: Siblings) -> list[float]:
    return [
        siblings.paid(sample, *(Family if sample.right else (Family.MODEL, Family.RULE)))
        for sample in siblings.samples
    ]


def _margin(span: Span) -> float:
    kept = span.least[Family.ASPECT] + span.least[Family.LENGTH]
    return span.judge - span.width(Family.MODEL) + kept


def _formula(written: Written) -> str:
    gated = plus(written.aspect, written.length)
    return f"{written.accuracy} + [correct] * ({gated})" if gated else written.accuracy


COMBINERS.add(
    Combiner(
        name="gate",
        totals=_totals,
        margin=_margin,
        words=(
            "Right completions get the sum, wrong ones their accuracy only; where correctness is "
            "unknown the reward is null."
        ),
        formula=_formula,
        correctness="needed",
    )
)
