"""Recipes that are refused or warned about, and recipes that are not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harmo.rewards import lint
from harmo.rewards.plan import Plan, compile_recipe
from harmo.rewards.recipe import parse_recipe
from harmo.scorers import registry

registry.load()

RULE = "rule: [{scorer: rule.exact}]"
MODEL = "model: [{scorer: model.reward}]"
SQUASHED = "model: [{scorer: model.reward, params: {transform: {kind: sigmoid}}}]"
FORMAT = "aspect: [{scorer: aspect.format}]"
LINEAR = "length: [{scorer: length.linear, params: {target_tokens: 10}}]"
BOTH = f"{RULE}\n{MODEL}"


def plan(text: str, *, meaning="raw") -> Plan:
    bound = compile_recipe(parse_recipe(f"name: t\n{text}", source="test"))
    columns = (
        replace(c, meaning=meaning if c.scorer.spec.resource == "reward_model" else None)
        for c in bound.columns
    )
    return Plan(recipe=bound.recipe, columns=tuple(columns))


def found(text: str, *, meaning="raw") -> list[tuple[str, str]]:
    return [(f.level, f.code) for f in lint.check(plan(text, meaning=meaning))]


FINDINGS = [
    # why, recipe, what its model's output means, findings
    (
        "fallback mixes verdicts with probabilities",
        f"accuracy: fallback\n{BOTH}",
        "unit",
        [("refuse", "needs_p_correct")],
    ),
    ("a fitted P(correct) will do", f"accuracy: fallback\n{BOTH}", "p_correct", []),
    ("so will it for confidence", f"accuracy: confidence\n{BOTH}", "p_correct", []),
    (
        "a transform spoils the fit",
        f"accuracy: confidence\n{RULE}\n{SQUASHED}",
        "p_correct",
        [("refuse", "needs_p_correct")],
    ),
    ("fallback from nothing", f"accuracy: fallback\n{RULE}", "raw", [("refuse", "no_judge")]),
    (
        "route without judges",
        f"accuracy: route\n{FORMAT}",
        "raw",
        [("refuse", "no_judge")],
    ),
    (
        "gate on nothing",
        f"combine: gate\n{SQUASHED}\n{FORMAT}",
        "raw",
        [("refuse", "needs_correctness")],
    ),
    ("gate on P(correct)", f"combine: gate\n{MODEL}\n{FORMAT}", "p_correct", []),
    (
        "hero with a raw model",
        f"combine: hero\n{BOTH}",
        "raw",
        [("refuse", "needs_unit"), ("warn", "needs_whole_groups")],
    ),
    (
        "hero with a squashed one",
        f"combine: hero\n{RULE}\n{SQUASHED}",
        "raw",
        [("warn", "needs_whole_groups")],
    ),
    (
        "hero shares accuracy itself",
        f"combine: hero\naccuracy: route\n{BOTH}",
        "unit",
        [("refuse", "hero_accuracy"), ("warn", "needs_whole_groups")],
    ),
    (
        "strata that overlap",
        f"combine: hero\ncombine_params: {{alpha: 0.6, beta: 0.6}}\n{BOTH}",
        "unit",
        [("refuse", "inversion"), ("warn", "needs_whole_groups")],
    ),
    (
        "a product with a negative factor",
        f"combine: geometric\n{RULE}\naspect: [{{scorer: aspect.repetition}}]\n"
        "weights: {rule: 10, aspect: 0.1}",
        "raw",
        [("refuse", "needs_unit")],
    ),
    (
        "a product with equal weights cannot tell a wrong answer from a lost format",
        f"combine: geometric\n{RULE}\n{FORMAT}\nweights: {{rule: 1, aspect: 2}}",
        "raw",
        [("refuse", "inversion")],
    ),
    (
        "a rank by columns that differ",
        f"combine: lexicographic\n{RULE}\n{FORMAT}\non_abstain: {{columns: renormalise}}",
        "raw",
        [
            ("refuse", "rank_needs_columns"),
            ("warn", "needs_whole_groups"),
            ("warn", "renormalise"),
        ],
    ),
    (
        "a rank cannot invert",
        f"combine: lexicographic\n{BOTH}\n{FORMAT}",
        "raw",
        [("warn", "needs_whole_groups")],
    ),
    ("unbounded model beside a rule", BOTH, "raw", [("refuse", "inversion")]),
    ("a model alone", MODEL, "raw", []),
    ("format as heavy as the answer", f"{RULE}\n{FORMAT}", "raw", []),
    (
        "format and length together outweigh it",
        f"{RULE}\n{FORMAT}\n{LINEAR}",
        "raw",
        [("refuse", "inversion")],
    ),
    (
        "unless that is wanted",
        f"allow_inversion: true\n{RULE}\n{FORMAT}\n{LINEAR}",
        "raw",
        [("warn", "inversion")],
    ),
    ("or gated", f"combine: gate\n{RULE}\n{FORMAT}\n{LINEAR}", "raw", []),
    (
        "a gate does not help against a length heavier than the answer",
        f"combine: gate\nweights: {{rule: 1, length: 1.5}}\n{RULE}\n{LINEAR}",
        "raw",
        [("refuse", "inversion")],
    ),
    (
        "nor does a product, after which it is added",
        f"combine: geometric\nweights: {{rule: 10, aspect: 0.1, length: 0.9}}\n"
        f"{RULE}\n{FORMAT}\n{LINEAR}",
        "raw",
        [("refuse", "inversion")],
    ),
    (
        "a product that leaves it room",
        f"combine: geometric\nweights: {{rule: 10, aspect: 0.1, length: 0.5}}\n"
        f"{RULE}\n{FORMAT}\n{LINEAR}",
        "raw",
        [],
    ),
    (
        "schedules that cross between their ends",
        f"weights: {{rule: {{start: 1, end: 0.3, steps: 9, kind: exp}}, "
        f"aspect: {{start: 1, end: 0.3, steps: 9}}}}\n{RULE}\n{FORMAT}",
        "raw",
        [("refuse", "inversion")],
    ),
    (
        "the design's weights",
        f"weights: {{model: 0.5, rule: 1, aspect: 0.25, length: 0.25}}\n{BOTH}\n{FORMAT}\n{LINEAR}",
        "unit",
        [],
    ),
    (
        "a schedule that ends too high",
        f"weights: {{rule: 1, aspect: {{start: 0.5, end: 1.5, steps: 10}}}}\n{RULE}\n{FORMAT}",
        "raw",
        [("refuse", "inversion")],
    ),
    (
        "columns that differ between siblings count from best to worst",
        f"weights: {{rule: 1, aspect: 0.6}}\n{RULE}\non_abstain: {{columns: impute_group_mean}}\n"
        "aspect: [{scorer: aspect.format}, {scorer: aspect.repetition}]",
        "raw",
        [("refuse", "inversion")],
    ),
    (
        "renormalise",
        f"on_abstain: {{columns: renormalise}}\n{RULE}\n{FORMAT}",
        "raw",
        [("warn", "renormalise")],
    ),
    (
        "length with nobody to say what is right",
        f"{SQUASHED}\n{LINEAR}",
        "raw",
        [("warn", "length_needs_correctness")],
    ),
    (
        "length that pays accuracy again",
        f"{RULE}\nweights: {{length: 0.5}}\n"
        "length: [{scorer: length.trunc, params: {bonus: 1.0}}]",
        "raw",
        [("warn", "pays_accuracy_twice")],
    ),
    (
        "length of wrong completions",
        f"{RULE}\nweights: {{length: 0.5}}\n"
        "length: [{scorer: length.kimi, params: {correct_only: false}}]",
        "raw",
        [("warn", "length_ungated"), ("warn", "needs_whole_groups")],
    ),
    (
        "the cosine's wrong end",
        f"{RULE}\nweights: {{length: 0.25}}\nlength: [{{scorer: length.cosine, params: "
        "{max_tokens: 9, wrong_short: -0.5}}]",
        "raw",
        [("warn", "length_ungated")],
    ),
    (
        "the cosine's value beyond the limit is everybody's",
        f"{RULE}\nweights: {{length: 0.25}}\nlength: [{{scorer: length.cosine, params: "
        "{max_tokens: 9, exceed: -1.0}}]",
        "raw",
        [("warn", "length_ungated")],
    ),
    (
        "wrong completions of DAST lose 1 at most",
        f"{RULE}\nweights: {{length: 0.25}}\nlength: [{{scorer: length.dast, params: "
        "{max_tokens: 9, correct_only: false}}]",
        "raw",
        [("warn", "length_ungated"), ("warn", "needs_whole_groups")],
    ),
    (
        "one target needs no group",
        f"{RULE}\nlength: [{{scorer: length.laser, params: {{target_tokens: 100}}}}]",
        "raw",
        [],
    ),
    (
        "three do",
        f"{RULE}\nlength: [{{scorer: length.laser, params: {{target_tokens: [1, 2, 3]}}}}]",
        "raw",
        [("warn", "needs_whole_groups")],
    ),
    (
        "trust in a model without rules",
        f"model_trust: true\n{MODEL}",
        "unit",
        [("refuse", "trust_needs_both"), ("warn", "needs_whole_groups")],
    ),
    (
        "a prompt weight",
        f"combine: hero\ncombine_params: {{prompt_weight: {{mean_std: 0.1}}}}\n{BOTH}",
        "unit",
        [("warn", "prompt_weight"), ("warn", "needs_whole_groups")],
    ),
    ("a weight without terms", f"weights: {{length: 1}}\n{RULE}", "raw", [("warn", "idle_weight")]),
    (
        "a term of weight zero",
        "rule: [{scorer: rule.exact}, {scorer: rule.contains, weight: 0}]",
        "raw",
        [("warn", "idle_term")],
    ),
    ("a task map nobody reads", f"default_task: math\n{RULE}", "raw", [("warn", "idle_tasks")]),
    (
        "weights in a rank",
        f"combine: lexicographic\nweights: {{rule: 2}}\n{RULE}",
        "raw",
        [("warn", "needs_whole_groups"), ("warn", "idle_weights")],
    ),
    (
        "truncation of rules that are not there",
        f"on_truncated: wrong\n{MODEL}",
        "raw",
        [("warn", "idle_truncation")],
    ),
    (
        "a pessimist beyond the unit interval",
        f"{RULE}\nmodel: [{{scorer: model.reward, params: {{reduction: mean_minus_variance, "
        "strength: 2.0}}]",
        "unit",
        [("refuse", "inversion")],
    ),
]


@pytest.mark.parametrize(("why", "text", "meaning", "expected"), FINDINGS)
def test_findings(why, text, meaning, expected):
    assert found(text, meaning=meaning) == expected, why


UNMET = [
    ("fallback", f"accuracy: fallback\n{BOTH}"),
    ("hero", f"combine: hero\n{BOTH}"),
    ("sum", f"weights: {{model: 0.5}}\n{BOTH}"),
    ("gate", f"combine: gate\n{MODEL}\n{FORMAT}"),
]


@pytest.mark.parametrize(("why", "text"), UNMET)
def test_a_model_that_is_not_hosted_yet_is_given_the_benefit_of_the_doubt(why, text):
    findings = found(text, meaning=None)
    assert ("warn", "unknown_model") in findings
    assert all(level == "warn" for level, _ in findings)


PAR = "model: [{scorer: model.reward, params: {against: reference_rewards}}]"


@pytest.mark.parametrize("model", [SQUASHED, PAR])
def test_params_that_settle_a_models_range_wait_for_no_model(model):
    assert found(f"weights: {{model: 0.5}}\n{RULE}\n{model}", meaning=None) == []


def test_messages_name_the_columns_and_the_fix():
    (finding,) = lint.check(plan(f"accuracy: fallback\n{BOTH}", meaning="unit"))
    assert "model.reward" in finding.message
    assert "harmo models calibrate" in finding.message


def test_the_inversion_says_by_how_much():
    finding = lint.check(plan(f"{RULE}\n{FORMAT}\n{LINEAR}"))[0]
    assert "by up to 1 " in finding.message
    assert "allow_inversion" in finding.message
