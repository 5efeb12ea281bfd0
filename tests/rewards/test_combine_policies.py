"""Abstention, truncation, schedules, trust and correctness."""

from __future__ import annotations

import math

import pytest

from harmo.rewards.combine import settle_correctness
from harmo.scorers.types import Reason, Score
from tests.rewards.tables import DEADLINE, NO_REF, combined, group, plan, rows, values

POLICIES = [
    ("group", [1.25, 1.0, 0.0], (1.0, 0.25, 0.0)),
    ("impute_group_mean", [1.25, 1.0625, 0.0], (1.0, 0.125, 0.125)),
    ("renormalise", [1.25, 1.0, 0.0], (1.0, 0.125, 0.125)),
]


@pytest.mark.parametrize(("policy", "rewards", "weights"), POLICIES)
def test_what_a_missing_aspect_costs(policy, rewards, weights):
    table = [[1.0, 1.0, 1.0], [1.0, 0.0, DEADLINE], [0.0, 0.0, 0.0]]
    answer = combined(table, columns="raa", on_abstain={"columns": policy})
    assert values(answer) == rewards
    assert answer.weights == pytest.approx(weights)


def test_renormalise_never_scores_an_abstention_zero():
    """A family that is missing on one completion leaves its weight to the others."""
    table = [[1.0, 0.8], [1.0, DEADLINE], [0.0, 0.2], [0.0, DEADLINE]]
    answer = combined(table, columns="ra", on_abstain={"columns": "renormalise"})
    assert values(answer) == [1.2, 1.25, 0.05, 0.0]


TRUNCATION = [
    ("score", [1.5, 0.5]),
    ("unscored", [Reason.TRUNCATED, 0.5]),
    ("wrong", [0.5, 0.5]),
]


@pytest.mark.parametrize(("policy", "rewards"), TRUNCATION)
def test_truncation(policy, rewards):
    table = [[0.5, 1.0, 1.0, 0.0], [0.5, 0.0, 1.0, 0.0]]
    answer = combined(table, truncated=(0,), on_truncated=policy)
    assert values(answer) == rewards
    asked = group(table, truncated=(0,))
    settled = settle_correctness(plan(on_truncated=policy), asked, rows(table))
    assert settled == ({"score": True, "unscored": None, "wrong": False}[policy], False)


def test_truncation_brings_no_missing_rule_back():
    """With no reference the model judges; a truncated sibling must not null the others."""
    table = [[0.5, NO_REF, 1.0, 0.0], [0.5, NO_REF, 1.0, 0.0]]
    assert values(combined(table, truncated=(0,), on_truncated="wrong")) == [0.5, 0.5]


def test_truncation_is_certain():
    """No model stands in for a verdict that the recipe itself made."""
    answer = combined(
        [[0.9, (1.0, 0.5)]], columns="mr", truncated=(0,), accuracy="fallback", on_truncated="wrong"
    )
    assert values(answer) == [0.0]


def test_truncation_does_not_judge_what_could_not_be_read():
    """An over-long completion stays null, and its siblings keep their aspects."""
    table = [[Reason.COMPLETION_TOO_LONG] * 2, [1.0, 1.0]]
    answer = combined(table, columns="ra", truncated=(0,), on_truncated="wrong")
    assert values(answer) == [Reason.COMPLETION_TOO_LONG, 1.25]


def test_truncation_is_not_judged_by_what_is_watched_only():
    table = [[DEADLINE, 0.0], [1.0, 0.0]]
    answer = combined(table, columns="rs", truncated=(0,), on_truncated="wrong")
    assert values(answer) == [DEADLINE, 1.0]


CORRECTNESS = [
    ("rule decides", {}, [0.9, 0.5], True),
    ("a rule below one half is wrong", {}, [0.9, 0.49], False),
    ("a raw model decides nothing", {"columns": "m"}, [0.9], None),
    ("P(correct) decides where no rule does", {"columns": "m", "p_correct": True}, [0.5], True),
    ("P(correct) below one half", {"columns": "m", "p_correct": True}, [0.4], False),
    ("several rules: their weighted mean", {"columns": "rr"}, [1.0, 0.0], True),
    ("one of several rules abstains", {"columns": "rr"}, [1.0, DEADLINE], True),
    ("the reward is null", {"columns": "mr"}, [DEADLINE, DEADLINE], None),
    (
        "fallback: an unsure rule gives way",
        {"accuracy": "fallback", "columns": "mr", "p_correct": True},
        [0.8, (0.0, 0.5)],
        True,
    ),
]


@pytest.mark.parametrize(("why", "fields", "row", "expected"), CORRECTNESS)
def test_correctness(why, fields, row, expected):
    fields = {"columns": "mr", **fields}
    assert settle_correctness(plan(**fields), group([row]), rows([row])) == (expected,), why


def test_correctness_is_unknown_where_one_of_several_rules_abstains_on_it_alone():
    table = [[1.0, DEADLINE], [1.0, 1.0]]
    settled = settle_correctness(plan(columns="rr"), group(table), rows(table))
    assert settled == (None, True)


def test_correctness_does_not_read_length_columns():
    asked = group([[1.0, 1.0]])
    assert settle_correctness(plan(columns="rl"), asked, [[Score(value=1.0)]]) == (True,)


@pytest.mark.parametrize("combiner", ["lexicographic", "hero"])
def test_combiners_that_compare_siblings_need_them_all(combiner):
    answer = combined([[0.5, 1.0, 1.0, 0.0]], combine=combiner, group_fields={"size": 2})
    assert values(answer) == [Reason.PARTIAL_GROUP]


def test_a_schedule_moves_a_family_weight():
    weights = {"rule": 1.0, "aspect": {"start": 1.0, "end": 0.0, "steps": 10}}
    table = [[0.0, 1.0]]
    by_step = [
        combined(table, columns="ra", weights=weights, group_fields={"step": step}).weights[1]
        for step in (None, 0, 5, 10, 99)
    ]
    assert by_step == [1.0, 1.0, 0.5, 0.0, 0.0]


def test_a_family_of_weight_zero_is_not_asked():
    answer = combined([[DEADLINE, 1.0]], columns="mr", weights={"model": 0.0, "rule": 1.0})
    assert values(answer) == [1.0]


TRUST = [
    ("they agree", [[0.9, 1.0], [0.1, 0.0]], 1.0),
    ("they disagree", [[0.4, 1.0], [0.7, 0.0]], math.exp(-0.3)),
    ("all right: nothing to trust it by", [[0.4, 1.0], [0.7, 1.0]], 0.0),
]


@pytest.mark.parametrize(("why", "table", "gamma"), TRUST)
def test_model_trust_scales_the_model(why, table, gamma):
    answer = combined(table, columns="mr", model_trust=True)
    assert answer.weights == pytest.approx((0.5 * gamma, 1.0)), why
    assert values(answer) == [0.5 * gamma * m + r for m, r in table]


def test_gates_read_the_correctness_that_length_terms_saw():
    answer = combined(
        [[1.0, 1.0]], columns="ra", combine="gate", group_fields={"correctness": (False,)}
    )
    assert values(answer) == [1.0]


def test_no_column_counts_where_nobody_is_scored():
    answer = combined([[DEADLINE, 1.0], [DEADLINE, 1.0]], columns="ra")
    assert answer.weights == (0.0, 0.0)


def test_a_partial_group_does_not_trust_its_model():
    table = [[0.9, 1.0], [0.1, 0.0]]
    answer = combined(table, columns="mr", model_trust=True, group_fields={"size": 3})
    assert values(answer) == [1.0, 0.0]


def test_shadow_columns_are_shown_and_pay_nothing():
    answer = combined([[1.0, 0.5]], columns="rs")
    assert answer.weights == (1.0, 0.0)
    assert answer.rewards[0].contributions == (1.0, 0.0)
    assert answer.rewards[0].scores[1].value == 0.5


def test_too_large_to_add_is_null():
    answer = combined([[1e12]], columns="m", weights={"model": 1e308})
    assert values(answer) == [Reason.NON_FINITE]


def test_hero_prompt_weight_scales_the_whole_group():
    params = {"prompt_weight": {"mean_std": 0.5}}
    table = [[0.0, 1.0], [1.0, 1.0]]
    answer = combined(table, columns="mr", combine="hero", combine_params=params)
    assert values(answer) == [0.9 * 1.25, 1.1 * 1.25]


def test_an_empty_group_has_no_rewards():
    assert combined([]).rewards == ()
