"""Recipes by letters and scores by tables, for the tests of what they combine to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harmo.rewards.combine import GroupReward, combine
from harmo.rewards.plan import Plan, compile_recipe
from harmo.rewards.recipe import Recipe, Term
from harmo.scorers import registry
from harmo.scorers.types import Group, Reason, Sample, Score

registry.load()

WEIGHTS = {"model": 0.5, "rule": 1.0, "aspect": 0.25, "length": 0.25}
SHARED = {"accuracy": 1.0, "aspect": 0.25, "length": 0.25}
DEADLINE, NO_REF, NO_TASK, UNKNOWN = (
    Reason.DEADLINE,
    Reason.NO_REFERENCE,
    Reason.NO_TASK,
    Reason.UNKNOWN_TASK,
)


def plan(*, columns="mral", p_correct=False, **fields) -> Plan:
    """A recipe with one term per letter: m model, r rule, a aspect, l length, s shadow."""
    terms = {
        "model": [Term(scorer="model.reward", name=f"m{i}") for i in range(columns.count("m"))],
        "rule": [Term(scorer="rule.exact", name=f"r{i}") for i in range(columns.count("r"))],
        "aspect": [Term(scorer="aspect.format", name=f"a{i}") for i in range(columns.count("a"))],
        "length": [
            Term(scorer="length.linear", name=f"l{i}", params={"target_tokens": 10})
            for i in range(columns.count("l"))
        ],
        "shadow": [Term(scorer="rule.contains", name=f"s{i}") for i in range(columns.count("s"))],
    }
    default = WEIGHTS if fields.get("accuracy", "sum") == "sum" else SHARED
    recipe = Recipe(name="t", **{"weights": default, **terms, **fields})
    bound = compile_recipe(recipe)
    meanings = {"model": "p_correct" if p_correct else "raw"}
    named = tuple(replace(c, meaning=meanings.get(c.family)) for c in bound.columns)
    return Plan(recipe=recipe, columns=named)


def score(cell) -> Score:
    """A value, a (value, confidence) pair or a reason."""
    if isinstance(cell, Reason):
        return Score.abstain(cell)
    value, confidence = cell if isinstance(cell, tuple) else (cell, 1.0)
    return Score(value=value, confidence=confidence)


def rows(table) -> list[list[Score]]:
    return [[score(cell) for cell in row] for row in table]


def group(table, *, truncated=(), **fields) -> Group:
    samples = tuple(Sample(num_tokens=10, truncated=i in truncated) for i in range(len(table)))
    return Group(id="g", samples=samples, **{"size": len(samples), **fields})


def combined(table, *, truncated=(), group_fields=None, **fields) -> GroupReward:
    asked = group(table, truncated=truncated, **(group_fields or {}))
    return combine(plan(**fields), asked, rows(table))


def values(answer: GroupReward) -> list[float | Reason | None]:
    return [reward.reason or pytest.approx(reward.value) for reward in answer.rewards]
