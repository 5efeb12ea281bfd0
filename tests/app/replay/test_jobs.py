"""What a stored version takes: columns that run, columns that pair up, keys of their results."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harmo.app.replay.jobs import column_key, jobs
from harmo.rewards.plan import Plan
from harmo.scorers.registry import scorer
from harmo.scorers.types import Group, Score
from tests.app.replay.groups import RECIPE, kept_recipe, plan_of


@scorer("length.threaded")
def threaded(group: Group) -> list[Score]:
    """0.0, in a thread."""
    return [Score(value=0.0)] * len(group.samples)


FORMAT, IFEVAL = RECIPE["aspect"]
THREADED = {"length": [{"scorer": "length.threaded"}]}


def job(old, new, *, rescore: bool = False):
    (found,) = jobs(new, [kept_recipe(old)], rescore=rescore).values()
    return found


RUNS = [
    ({}, {}, False, (), "nothing"),
    ({}, {"weights": {"rule": 2.0}}, False, (), "nothing for weights"),
    ({"aspect": [FORMAT]}, {}, False, (3,), "a new aspect"),
    ({"length": []}, {}, False, (), "length terms are scored from numbers"),
    ({"length": []}, THREADED, False, (4,), "unless they need a thread"),
    (THREADED, {**THREADED, "combine": "gate"}, False, (), "not where correctness stays"),
    (THREADED, {**THREADED, "on_truncated": "wrong"}, False, (4,), "but where it may not"),
    ({}, {}, True, (0, 1, 2, 3, 6), "all but length terms, asked for"),
]


@pytest.mark.parametrize(("old", "new", "rescore", "runs", "why"), RUNS, ids=[r[4] for r in RUNS])
def test_which_columns_run(old, new, rescore, runs, why):
    assert job(plan_of(**old), plan_of(**new), rescore=rescore).runs == runs, why


def pairs(old, new, *, interaction: bool = False) -> dict[str, tuple[int | None, int | None]]:
    found = job(plan_of(**old), plan_of(**new)).pairs(interaction=interaction)
    return {pair.name: (pair.before, pair.after) for pair in found}


def test_columns_pair_up_by_what_stands_and_by_name():
    cosine, _ = RECIPE["length"]
    changed = {**cosine, "params": {"max_tokens": 900}}
    found = pairs({}, {"aspect": [{**FORMAT, "name": "form"}], "length": [changed]})
    assert found == {
        "model.similarity": (0, 0),
        "answer": (1, 1),
        "form": (2, 2),
        "length.cosine": (4, 3),
        "aspect.repetition": (6, 4),
        "aspect.ifeval": (3, None),
        "length.harmo": (5, None),
    }


def test_a_stored_column_whose_name_another_took_is_told_apart():
    rule = {"scorer": "rule.exact", "name": "a"}
    found = pairs({"aspect": [{**FORMAT, "name": "a"}]}, {"aspect": [], "rule": [rule]})
    assert found["a"] == (None, 1)
    assert found["a (stored)"] == (2, None)


def test_the_interaction_pairs_up_where_either_side_has_one():
    assert "combine.interaction" not in pairs({}, {})
    assert pairs({}, {"combine": "gate"})["combine.interaction"] == (None, 7)
    assert pairs({}, {}, interaction=True)["combine.interaction"] == (7, None)


KEYS = [
    ({"weights": {"rule": 9.0}}, 1, True, "weights are not the column's"),
    ({"rule": [{"scorer": "rule.by_task", "name": "other"}]}, 1, True, "nor is its name"),
    ({"tasks": {"math": "rule.exact"}}, 1, False, "a dispatcher's tasks are"),
    ({"tasks": {"math": "rule.exact"}}, 2, True, "and nobody else's"),
    ({"combine": "gate"}, 4, False, "correctness is all of the recipe"),
]


@pytest.mark.parametrize(("fields", "column", "same", "why"), KEYS, ids=[r[3] for r in KEYS])
def test_results_are_those_of_what_a_column_depends_on(fields, column, same, why):
    before, after = (column_key(plan_of(**f), column, "v") for f in ({}, fields))
    assert (before == after) is same, why


def test_results_are_those_of_one_scorer_version():
    assert column_key(plan_of(), 1, "v") != column_key(plan_of(), 1, "w")


def with_model(meaning: str | None, **fields: object) -> Plan:
    """A plan whose model's output means this."""
    plan = plan_of(**fields, model=[{"scorer": "model.reward"}])
    first, *others = plan.columns
    return Plan(recipe=plan.recipe, columns=(replace(first, meaning=meaning), *others))


FITTED = [
    ("p_correct", None, False, {0}, "what was stored, though no model is hosted"),
    ("raw", None, False, set(), "likewise"),
    ("raw", "p_correct", False, set(), "though it was fitted since: the stored scores stand"),
    ("raw", "p_correct", True, {0}, "unless it scores again"),
]


@pytest.mark.parametrize(("stored", "hosted", "rescore", "fitted", "why"), FITTED)
def test_scores_that_stand_mean_what_they_meant(stored, hosted, rescore, fitted, why):
    old, new = with_model(stored), with_model(hosted)
    assert job(old, new, rescore=rescore).plan.fitted == fitted, why
