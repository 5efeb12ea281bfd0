"""Kept groups as an engine would have left them, without one."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from harmo.app.keeping import plain
from harmo.audit.records import KeptGroup, KeptRecipe
from harmo.rewards.combine import combine, settle_correctness
from harmo.rewards.plan import Plan, compile_recipe
from harmo.rewards.recipe import Recipe
from harmo.scorers import registry
from harmo.scorers.types import Family, Group, Reason, Sample, Score

RECIPE: dict[str, Any] = {
    "name": "r",
    "weights": {"model": 0.5, "rule": 1.0, "aspect": 0.25, "length": 0.25},
    "model": [{"scorer": "model.similarity", "reference": "caption"}],
    "rule": [{"scorer": "rule.by_task", "name": "answer"}],
    "aspect": [
        {"scorer": "aspect.format", "params": {"pattern": "think_answer"}},
        {"scorer": "aspect.ifeval", "weight": 2.0},
    ],
    "length": [
        {"scorer": "length.cosine", "params": {"max_tokens": 1000}},
        {"scorer": "length.harmo"},
    ],
    "shadow": [{"scorer": "aspect.repetition"}],
}


def plan_of(**fields: Any) -> Plan:
    """The plan of `RECIPE` with some fields replaced."""
    registry.load()
    return compile_recipe(Recipe.model_validate({**RECIPE, **fields}))


def kept_recipe(plan: Plan, *, scorer_version: str = "sha256:scorers") -> KeptRecipe:
    """As a service would keep it."""
    return plain.kept_recipe(plan, scorer_version)


def scored(
    plan: Plan, group: Group, rows: Sequence[Sequence[Score]], faults: Sequence[Reason | None]
) -> tuple[Group, list[list[Score]]]:
    """What an engine makes of a group whose other columns came to these scores: the definition."""
    rows = [
        [Score.abstain(fault)] * len(row) if fault is not None else list(row)
        for row, fault in zip(rows, faults, strict=True)
    ]
    columns = [k for k, c in enumerate(plan.columns) if c.family is Family.LENGTH]
    if columns and None in faults:
        group = replace(group, correctness=settle_correctness(plan, group, rows))
        for k in columns:
            bound = plan.columns[k].scorer
            answers = bound.spec.fn(group, **bound.params)
            assert isinstance(answers, list)
            for row, answer, fault in zip(rows, answers, faults, strict=True):
                row[k] = answer if fault is None else row[k]
    return group, rows


def kept(
    plan: Plan,
    group: Group,
    rows: Sequence[Sequence[Score]],
    faults: Sequence[Reason | None] = (),
    *,
    number: int = 1,
) -> KeptGroup:
    """The group with its rewards; length columns' scores are worked out here."""
    faults = tuple(faults) or (None,) * len(rows)
    group, own = scored(plan, group, rows, faults)
    reward = combine(plan, group, own)
    rewards = tuple(
        replace(each, scores=tuple(row)) for each, row in zip(reward.rewards, own, strict=True)
    )
    return KeptGroup(
        recipe=kept_recipe(plan),
        scored_at_s=0.0,
        group=group,
        ids=tuple(map(str, range(len(rows)))),
        faults=faults,
        weights=reward.weights,
        rewards=rewards,
        interaction=reward.interaction,
        number=number,
    )


def drawn(plan: Plan, draw: random.Random) -> tuple[Group, list[list[Score]], list[Reason | None]]:
    """A random group: graded and missing scores, cut completions, faults, members elsewhere."""
    count = draw.randint(1, 6)
    samples = tuple(
        Sample(
            num_tokens=None if draw.random() < 0.05 else draw.randint(0, 1200),
            truncated=draw.random() < 0.2,
        )
        for _ in range(count)
    )
    blind = {k for k in range(len(plan.columns)) if draw.random() < 0.1}

    def score(k: int) -> Score:
        if k in blind:
            return Score.abstain(Reason.NO_REFERENCE)
        if draw.random() < 0.1:
            return Score.abstain(draw.choice([Reason.DEADLINE, Reason.UNKNOWN_TASK]))
        value = draw.choice([0.0, 1.0, draw.random()])
        return Score(value=value, confidence=draw.choice([0.3, 0.95, 1.0]))

    rows = [[score(k) for k in range(len(plan.columns))] for _ in samples]
    faults = [Reason.COMPLETION_TOO_LONG if draw.random() < 0.08 else None for _ in samples]
    group = Group(
        id="g",
        samples=samples,
        size=count + (draw.random() < 0.15),
        step=draw.choice([None, 3, 100]),
    )
    return group, rows, faults
