"""Which rule judges which task."""

from __future__ import annotations

import pytest

from harmo.scorers import registry
from harmo.scorers.rule.by_task import TASKS, by_task
from harmo.scorers.spec import BoundScorer
from harmo.scorers.types import Reason, Sample


@pytest.mark.parametrize(("task", "name"), sorted(TASKS.items()))
def test_task_picks_its_rule(task, name):
    chosen = by_task(Sample(task=task))

    assert isinstance(chosen, BoundScorer)
    assert chosen.spec.name == name


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("True", "rule.yes_no"),
        ("no", "rule.yes_no"),
        (True, "rule.yes_no"),
        ("5", "rule.math"),
        ("no solution", "rule.math"),
        (["True"], "rule.math"),
    ],
)
def test_a_yes_or_no_in_a_maths_set_is_judged_as_one(reference, name):
    assert by_task(Sample(task="math", reference=reference)).spec.name == name


def test_recipe_overrides_the_map_and_fills_in():
    chosen = by_task(Sample(), tasks={"math": "rule.exact"}, default_task="math")

    assert chosen.spec.name == "rule.exact"


def test_an_override_may_bring_params():
    override = {"scorer": "rule.exact", "params": {"case_sensitive": True}}
    tasks = registry.bind("rule.by_task", {"tasks": {"math": override}}).params["tasks"]
    chosen = by_task(Sample(task="math"), tasks=tasks)

    assert (chosen.spec.name, chosen.params) == ("rule.exact", {"case_sensitive": True})
    assert by_task(Sample(task="math"), tasks=tasks) is chosen


@pytest.mark.parametrize(
    ("task", "reason"), [(None, Reason.NO_TASK), ("poetry", Reason.UNKNOWN_TASK)]
)
def test_without_a_known_task_it_abstains(task, reason):
    assert by_task(Sample(task=task)).reason is reason


@pytest.mark.parametrize(
    ("params", "why"),
    [
        ({"default_task": "math"}, "a word of the map"),
        ({"default_task": "sums", "tasks": {"sums": "rule.math"}}, "a word that the recipe adds"),
        ({}, "none"),
    ],
)
def test_a_default_task_is_a_word_of_the_map(params, why):
    assert registry.bind("rule.by_task", params).params["default_task"] == params.get(
        "default_task"
    ), why


def test_a_map_that_is_wrong_is_said_once():
    with pytest.raises(registry.ScorerParamsError) as refused:
        registry.bind("rule.by_task", {"tasks": {"sums": "rule.nope"}, "default_task": "sums"})
    assert "unknown task" not in str(refused.value)


def test_a_default_task_outside_the_map_is_refused_by_name():
    with pytest.raises(registry.ScorerParamsError, match="unknown task 'maths'; known: math, num"):
        registry.bind("rule.by_task", {"default_task": "maths"})


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("rule.nope", "not registered"),
        ("rule.by_task", "cannot judge"),
        ("aspect.format", "cannot judge"),
        ({"scorer": "rule.by_task"}, "cannot judge"),
        ({"scorer": "rule.exact", "params": {"x": 1}}, "x: there is no such field.*case_sensitive"),
        ({"scorer": "rule.exact", "weight": 1}, "weight"),
        ({"params": {}}, "scorer"),
    ],
)
def test_recipe_with_an_impossible_task_is_refused(name, fault):
    registry.load()
    with pytest.raises(registry.ScorerParamsError, match=fault):
        registry.bind("rule.by_task", {"tasks": {"math": name}})


def test_each_target_is_bound_once():
    assert by_task(Sample(task="math")) is by_task(Sample(task="math"))
