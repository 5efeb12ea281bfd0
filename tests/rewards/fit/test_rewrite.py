"""The fitted recipe pays each column what was fitted, and is one that services load."""

from __future__ import annotations

import pytest

from harmo.rewards import lint
from harmo.rewards.fit import rewritten, weighed
from harmo.rewards.plan import compile_recipe
from harmo.rewards.recipe import Recipe
from harmo.scorers.types import Family
from tests.rewards import tables


def fitted(plan, weights, *, shadows=False) -> Recipe:
    known = [(column.name, column.family, column.shadow) for column in plan.columns]
    found = weighed(plan.recipe, known, step=None, shadows=shadows)
    values = [weights[each.name] for each in found]
    families = [column.family for column in plan.columns]
    return rewritten(plan.recipe, found, values, families=families, says="Fitted.")


def paid(recipe: Recipe) -> dict[str, float]:
    """What multiplies each column of a group that has them all."""
    plan = compile_recipe(recipe)
    weights = {}
    for family in Family:
        weights |= plan.column_weights(family, plan.by_family[family], None)
    return {plan.columns[k].name: weight for k, weight in weights.items()}


ROWS = [
    ({"columns": "mral"}, {"m0": 0.2, "r0": 1.3, "a0": 0.1, "l0": 0.05}, "one of each family"),
    ({"columns": "rraa"}, {"r0": 1.0, "r1": 0.5, "a0": 0.1, "a1": 0.3}, "families of two"),
    ({"columns": "mraa"}, {"m0": 0.0, "r0": 1.0, "a0": 0.0, "a1": 0.3}, "some at 0"),
    ({"columns": "mr"}, {"m0": 123456.789, "r0": 1e-5}, "four digits"),
    (
        {"columns": "ra", "combine": "gate", "model_trust": False},
        {"r0": 1.0, "a0": 0.2},
        "a gate becomes a sum",
    ),
]


@pytest.mark.parametrize(("made", "weights", "why"), ROWS, ids=[row[2] for row in ROWS])
def test_columns_are_paid_what_was_fitted(made, weights, why):
    recipe = fitted(tables.plan(**made), weights)
    expected = {name: weight for name, weight in weights.items() if weight}
    assert paid(recipe) == pytest.approx(expected, rel=1e-3)
    assert recipe.combine == "sum"
    idle = {"idle_term", "idle_weight", "no_judge"}
    assert idle & {finding.code for finding in lint.check(compile_recipe(recipe))} == set()


def test_what_weighs_nothing_is_watched_from_the_shadow():
    recipe = fitted(tables.plan(columns="mras"), {"m0": 0.0, "r0": 1.0, "a0": 0.0})
    assert [term.name for term in recipe.shadow] == ["m0", "a0", "s0"]
    assert (recipe.model, recipe.aspect) == ((), ())
    assert set(recipe.weights) == {"rule"}


def test_a_shadow_column_that_is_worth_something_joins_its_family():
    recipe = fitted(tables.plan(columns="ras"), {"r0": 1.0, "a0": 0.5, "s0": 0.5}, shadows=True)
    assert [term.name for term in recipe.rule] == ["r0", "s0"]
    assert paid(recipe) == pytest.approx({"r0": 1.0, "a0": 0.5, "s0": 0.5})


def test_judges_that_share_a_weight_keep_sharing_it():
    plan = tables.plan(columns="mrra", accuracy="route")
    recipe = fitted(plan, {"accuracy": 0.8, "a0": 0.1})
    assert recipe.accuracy == "route"
    assert recipe.weights == {"accuracy": 0.8, "aspect": 0.1}
    assert [term.weight for term in recipe.rule] == [1.0, 1.0]


def test_judges_that_share_nothing_are_watched():
    plan = tables.plan(columns="mra", accuracy="route")
    recipe = fitted(plan, {"accuracy": 0.0, "a0": 0.1})
    assert recipe.accuracy == "sum"
    assert [term.name for term in recipe.shadow] == ["m0", "r0"]


def test_an_aspect_may_be_called_accuracy():
    plan = tables.plan(columns="mra", accuracy="route")
    named = plan.recipe.aspect[0].model_copy(update={"name": "accuracy"})
    plan = compile_recipe(plan.recipe.model_copy(update={"aspect": (named,)}))
    known = [(column.name, column.family, column.shadow) for column in plan.columns]
    found = weighed(plan.recipe, known, step=None)
    families = [column.family for column in plan.columns]
    recipe = rewritten(plan.recipe, found, [1.0, 0.25], families=families, says="")
    assert recipe.weights == {"accuracy": 1.0, "aspect": 0.25}


NAMES = [
    ("math", "math-fitted", "said to be fitted"),
    ("math-fitted", "math-fitted", "once"),
    ("m" * 64, "m" * 57 + "-fitted", "no longer than a name may be"),
]


@pytest.mark.parametrize(("name", "expected", "why"), NAMES)
def test_its_name_is_its_own(name, expected, why):
    plan = tables.plan(columns="r")
    plan = compile_recipe(plan.recipe.model_copy(update={"name": name, "description": "Sums."}))
    recipe = fitted(plan, {"r0": 1.0})
    assert (recipe.name, recipe.description) == (expected, "Sums. Fitted."), why
