"""Whether completions are right, as far as known: what length terms and gates read."""

from __future__ import annotations

from collections.abc import Sequence

from harmo.rewards.accuracy import RIGHT, Accuracy, judge, read_truncated, weighted
from harmo.rewards.modes import Row, Rows, Weights
from harmo.rewards.plan import Plan
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
    return settled(plan, group, rows, judge(plan, group, rows))


def settled(plan: Plan, group: Group, rows: Rows, accuracy: Accuracy) -> tuple[bool | None, ...]:
    """`settle_correctness` for scores whose accuracy is judged already.

    Args:
        plan: The recipe.
        group: The samples.
        rows: Scores after `read_truncated`.
        accuracy: What `judge` made of them.
    """
    rules = plan.shares(accuracy.rules, 1.0)
    models = plan.shares([k for k in accuracy.models if k in plan.fitted], 1.0)
    least = plan.recipe.min_confidence if plan.mode.unsure_gives_way else 0.0
    truncated_is_wrong = plan.recipe.on_truncated == "wrong"
    right: list[bool | None] = []
    for sample, row, judgement in zip(group.samples, rows, accuracy.judgements, strict=True):
        if judgement.reason is not None:
            right.append(None)
        elif truncated_is_wrong and sample.truncated:
            right.append(False)
        else:
            right.append(_correct(row, rules, models, least))
    return tuple(right)


def _correct(row: Row, rules: Weights, models: Weights, least_confidence: float) -> bool | None:
    """Whether one sample is right by its rules, or where they do not know by its models."""
    sure = not least_confidence or all(row[k].confidence >= least_confidence for k in rules)
    value = weighted(rules, row) if sure else None
    if value is None:
        value = weighted(models, row)
    return None if value is None else value >= RIGHT
