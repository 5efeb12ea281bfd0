"""How far the worst right completion stands above the best wrong one of its group."""

from __future__ import annotations

import math

from harmo.rewards.combiners import Span
from harmo.rewards.plan import Plan
from harmo.scorers.types import Family


def margin(plan: Plan, step: int) -> float:
    """The least R(right) - R(wrong) over a group, from declared ranges; negative: an inversion.

    Judges stand at their ends: full marks for a right completion, none for a wrong one. Every other
    column may be at its worst for the right one and at its best for the wrong one.

    Args:
        plan: The recipe.
        step: Training step, for scheduled weights.

    Returns:
        A number, or -inf where a column is unbounded.
    """
    judge = Family.RULE if plan.by_family[Family.RULE] else Family.MODEL
    beside = [Family.ASPECT, Family.LENGTH]
    if judge is Family.RULE and not plan.mode.shared:
        beside.append(Family.MODEL)
    counts = [family for family in beside if plan.by_family[family]]
    ends = {family: _ends(plan, family) for family in Family}
    weights = {f: plan.weight(f, step) if f in counts else 0.0 for f in Family}
    span = Span(
        judge=plan.weight(judge, step),
        weights=weights,
        widths={f: _times(weights[f], _width(plan, ends[f])) for f in Family},
        least={f: _times(weights[f], min([0.0, *(low for low, _ in ends[f])])) for f in Family},
        params=plan.recipe.combine_params,
    )
    return plan.combiner.margin(span)


def _ends(plan: Plan, family: Family) -> list[tuple[float, float]]:
    """Ranges of the family's columns that count."""
    columns = (plan.columns[k] for k in plan.by_family[family])
    unbounded = (-math.inf, math.inf)
    return [column.output.bounds or unbounded for column in columns if column.term.weight]


def _width(plan: Plan, ends: list[tuple[float, float]]) -> float:
    """The most by which two siblings can differ in the mean of a family's columns."""
    if not ends:
        return 0.0
    if plan.on_missing == "group":
        return max(high - low for low, high in ends)
    # Siblings may be scored by different columns of the family.
    return max(high for _, high in ends) - min(low for low, _ in ends)


def _times(weight: float, value: float) -> float:
    """The product; 0 where the weight is, though the value be infinite."""
    return weight * value if weight else 0.0
