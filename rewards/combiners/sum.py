"""combine `sum`: the families add up."""

from __future__ import annotations

from harmo.rewards.combiners.combiner import COMBINERS, Combiner, Span, Written, plus
from harmo.scorers.types import Family


def _margin(span: Span) -> float:
    return span.judge - span.width(Family.MODEL, Family.ASPECT, Family.LENGTH)


def _formula(written: Written) -> str:
    return plus(written.accuracy, written.aspect, written.length)


COMBINERS.add(
    Combiner(
        name="sum", totals=None, margin=_margin, words="The families add up.", formula=_formula
    )
)
