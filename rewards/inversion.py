"""How far the worst right completion stands above the best wrong one of its group."""

from __future__ import annotations

import math
from collections.abc import Callable

from harmo.rewards import combiners
from harmo.rewards.recipe import Column, Plan
from harmo.scorers.types import Family

Bounds = Callable[[Column], tuple[float, float] | None]


def margin(plan: Plan, step: int, bounds: Bounds) -> float:
    """The least R(right) - R(wrong) over a group, from declared ranges; negative: an inversion.

    Judges stand at their ends: full marks for a right completion, none for a wrong one. Every other
    column may be at its worst for the right one and at its best for the wrong one.

    Args:
        plan: The recipe.
        step: Training step, for scheduled weights.
        bounds: Range of a column's scores; None if unbounded.

    Returns:
        A number, or -inf where a column is unbounded.
    """
    recipe = plan.recipe
    if recipe.combine == "lexicographic":
        return math.inf
    span = _Span(plan=plan, step=step, bounds=bounds)
    judge = 1.0
    weight = span.weight(_judge_key(plan))
    model = span.width(Family.MODEL) if _judge_key(plan) == "rule" else 0.0
    sides = span.width(Family.ASPECT) + span.width(Family.LENGTH)
    match recipe.combine:
        case "gate":
            kept = span.low(Family.ASPECT) + span.low(Family.LENGTH)
            return weight * judge - model + kept
        case "geometric":
            return span.geometric() - span.width(Family.LENGTH)
        case "hero":
            params = recipe.combine_params
            scale = params.prompt_weight.low if params.prompt_weight else 1.0
            return scale * weight * (judge - params.alpha - params.beta) - sides
        case _:
            return weight * judge - model - sides


def _judge_key(plan: Plan) -> str:
    """The family weight of what decides: the rule, or without one the model."""
    if plan.recipe.accuracy != "sum":
        return "accuracy"
    return "rule" if plan.indices(Family.RULE) else "model"


class _Span:
    """What a recipe's families can be worth at one step."""

    def __init__(self, *, plan: Plan, step: int, bounds: Bounds) -> None:
        self._plan = plan
        self._step = step
        self._bounds = bounds

    def weight(self, key: str) -> float:
        """A family weight at this step."""
        return self._plan.family_weight(key, self._step)

    def width(self, family: Family) -> float:
        """The most by which two siblings can differ in a family's contribution."""
        ends = self._ends(family)
        if not ends or not self.weight(family.value):
            return 0.0
        if self._plan.recipe.on_abstain.columns == "group":
            widest = max(high - low for low, high in ends)
        else:  # siblings may be scored by different columns of the family
            widest = max(high for _, high in ends) - min(low for low, _ in ends)
        return self.weight(family.value) * widest

    def low(self, family: Family) -> float:
        """The least a family contributes."""
        least = min((low for low, _ in self._ends(family)), default=0.0)
        return self.weight(family.value) * min(least, 0.0) if least else 0.0

    def geometric(self) -> float:
        """The same margin for the factors of a geometric mean."""
        keys = [("aspect", Family.ASPECT)]
        if self._plan.recipe.accuracy == "sum" and self._plan.indices(Family.RULE):
            keys.append(("model", Family.MODEL))
        others = sum(self.weight(key) for key, family in keys if self._plan.indices(family))
        own = self.weight(_judge_key(self._plan))
        epsilon = self._plan.recipe.combine_params.epsilon
        right = combiners.geometric([(1.0, own), (0.0, others)], epsilon=epsilon)
        wrong = combiners.geometric([(0.0, own), (1.0, others)], epsilon=epsilon)
        return right - wrong

    def _ends(self, family: Family) -> list[tuple[float, float]]:
        columns = (self._plan.columns[k] for k in self._plan.indices(family))
        unbounded = (-math.inf, math.inf)
        return [self._bounds(column) or unbounded for column in columns if column.term.weight]
