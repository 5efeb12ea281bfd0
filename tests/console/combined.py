"""What a kept group is paid by a recipe, by the service's own steps: the definition."""

from __future__ import annotations

from dataclasses import replace

from harmo.audit.records import KeptGroup
from harmo.rewards.combine import combine, settle_correctness
from harmo.rewards.plan import Plan
from harmo.scorers.types import Family, Score


def by_combine(plan: Plan, kept: KeptGroup) -> list[float | None]:
    """What a service would answer: scores by name, correctness, length terms, combine."""
    places = [[c.name for c in kept.recipe.columns].index(c.name) for c in plan.columns]
    rows = [[reward.scores[place] for place in places] for reward in kept.rewards]
    group = replace(kept.group, correctness=())
    group = replace(group, correctness=settle_correctness(plan, group, rows))
    for k, column in enumerate(plan.columns):
        if column.family is Family.LENGTH:
            scores = column.scorer.spec.fn(group, **column.scorer.params)
            for row, score, fault in zip(rows, scores, kept.faults, strict=True):
                row[k] = score if fault is None else Score.abstain(fault)
    return [reward.value for reward in combine(plan, group, rows).rewards]
