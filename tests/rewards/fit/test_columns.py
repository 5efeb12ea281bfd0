"""What is weighed: the recipe's columns, or what rule and model pay together."""

from __future__ import annotations

import pytest

from harmo.rewards.fit import left_behind, weighed
from harmo.rewards.options import Schedule
from tests.rewards import tables


def columns(plan):
    return [(column.name, column.family, column.shadow) for column in plan.columns]


SHARED = {"accuracy": 2.0, "aspect": 0.25, "length": 0.25}
ROWS = [
    (
        {"columns": "mrral"},
        {"m0": 0.5, "r0": 0.5, "r1": 0.5, "a0": 0.25, "l0": 0.25},
        "family weight x term weight / the family's",
    ),
    (
        {"columns": "mra", "accuracy": "route", "weights": SHARED},
        {"accuracy": 2.0, "a0": 0.25},
        "one weight for both judges",
    ),
    (
        {"columns": "mra", "accuracy": "route", "weights": SHARED, "combine": "lexicographic"},
        {"m0": 2.0, "r0": 2.0, "a0": 0.25},
        "what they pay is not to be read off: apart",
    ),
    (
        {"columns": "mra", "accuracy": "route", "weights": {"accuracy": 0.0}},
        {"m0": 0.0, "r0": 0.0, "a0": 1.0},
        "they pay nothing: apart",
    ),
    (
        {"columns": "ra", "weights": {"rule": 1.0, "aspect": Schedule(start=0, end=1, steps=10)}},
        {"r0": 1.0, "a0": 0.5},
        "a schedule, at a step",
    ),
    ({"columns": "rs"}, {"r0": 1.0}, "no shadow column"),
]


@pytest.mark.parametrize(("made", "expected", "why"), ROWS, ids=[row[2] for row in ROWS])
def test_every_column_that_pays_is_weighed_with_what_it_weighs_now(made, expected, why):
    plan = tables.plan(**made)
    found = weighed(plan.recipe, columns(plan), step=5)
    assert {each.name: each.now for each in found} == pytest.approx(expected)


def test_shadow_columns_are_weighed_where_that_is_asked_for():
    plan = tables.plan(columns="ras")
    found = weighed(plan.recipe, columns(plan), step=None, shadows=True)
    assert [(each.name, each.key, each.now, each.shadow) for each in found][-1] == (
        "s0",
        "rule",
        0.0,
        True,
    )


def test_a_shadow_judge_cannot_join_judges_that_share_a_weight():
    plan = tables.plan(columns="mras", accuracy="route")
    found = weighed(plan.recipe, columns(plan), step=None, shadows=True)
    assert [each.name for each in found] == ["accuracy", "a0"]


LOST = [
    ({"columns": "mra"}, set(), "a weighted sum"),
    ({"columns": "mra", "combine": "gate"}, {"combine"}, "a gate"),
    ({"columns": "mra", "model_trust": True}, {"model_trust"}, "trust in the model"),
    ({"columns": "mra", "accuracy": "route"}, set(), "route stays"),
    (
        {"columns": "mra", "accuracy": "route", "combine": "lexicographic"},
        {"combine", "accuracy"},
        "route under ranks does not",
    ),
    (
        {"columns": "ra", "weights": {"aspect": Schedule(start=1, end=2, steps=3)}},
        {"weights"},
        "a schedule",
    ),
]


@pytest.mark.parametrize(("made", "fields", "why"), LOST, ids=[row[2] for row in LOST])
def test_what_a_weighted_sum_does_not_have_is_named(made, fields, why):
    assert set(left_behind(tables.plan(**made).recipe)) == fields
