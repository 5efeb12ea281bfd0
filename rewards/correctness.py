"""Whether completions are right, as far as known: what length terms and gates read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harmo.rewards.accuracy import RIGHT, Weights, judge, read_truncated, shares, weighted
from harmo.rewards.recipe import Plan
from harmo.scorers.types import Group, Score


def settle_correctness(
    plan: Plan, group: Group, scores: Sequence[Sequence[Score]]
) -> tuple[bool | None, ...]:
    """Per sample True, False or None (unknown): the rule >= 0.5, else a P(correct) >= 0.5.

    Several rules count as the weighted mean of those that can judge this group, and as unknown
    where one of them abstains. In `fallback` a verdict below `min_confidence` gives way to the
    model here too. A sample whose reward will be null is unknown: it has no vote among siblings.

    Args:
        plan: The recipe; model columns know by now what their output means.
        group: The samples.
        scores: By sample and column; length columns are not looked at.

    Returns:
        One entry per sample, in order.
    """
    rows = read_truncated(plan, group, scores)
    accuracy = judge(plan, group, rows)
    fitted = [k for k in accuracy.models if plan.columns[k].gives_p_correct]
    judges = _Judges(
        rules=shares(plan, accuracy.rules, 1.0),
        models=shares(plan, fitted, 1.0),
        least_confidence=plan.recipe.min_confidence if plan.recipe.accuracy == "fallback" else 0.0,
    )
    truncated_is_wrong = plan.recipe.on_truncated == "wrong"
    return tuple(
        None
        if judgement.reason
        else False
        if truncated_is_wrong and sample.truncated
        else judges.correct(row)
        for sample, row, judgement in zip(group.samples, rows, accuracy.judgements, strict=True)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judges:
    """Who decides in one group, and with what share."""

    rules: Weights
    models: Weights
    """Those whose output is a fitted P(correct)."""
    least_confidence: float

    def correct(self, row: Sequence[Score]) -> bool | None:
        """Whether one sample is right, as far as its judges know."""
        value = weighted(self.rules, row) if self._sure(row) else None
        if value is None:
            value = weighted(self.models, row)
        return None if value is None else value >= RIGHT

    def _sure(self, row: Sequence[Score]) -> bool:
        return all(row[k].confidence >= self.least_confidence for k in self.rules)
