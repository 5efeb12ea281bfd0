"""Edits of a recipe: read from an address, made, refused in the recipe's own words, written."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from harmo.app.cli.recipes import commands
from harmo.console.model.whatif.composed import as_yaml, composed, edited_name
from harmo.console.model.whatif.edits import edited, needed, read, values, written
from harmo.console.model.whatif.knobs import knobs
from harmo.rewards.recipe import parse_recipe
from tests.audit.made import made_plan

BASE = made_plan().recipe.model_dump(mode="json")
SCHEDULED = {
    **BASE,
    "weights": {"aspect": {"start": 0.5, "end": 0.1, "steps": 9, "kind": "linear"}},
}


@pytest.mark.parametrize(
    ("params", "edits", "why"),
    [
        ({"w.rule": "2"}, {"w.rule": 2.0}, "a family's weight"),
        ({"t.aspect.ifeval": "0.5"}, {"t.aspect.ifeval": 0.5}, "a term's, by its column"),
        ({"accuracy": "route", "run": "a"}, {"accuracy": "route"}, "what is no edit is left alone"),
        ({"model_trust": "1"}, {"model_trust": True}, "a flag"),
        ({"min_confidence": "1e-1"}, {"min_confidence": 0.1}, "any way to write a number"),
        ({"t." + "x" * 300: "1"}, {}, "a key that no page wrote"),
        ({"accuracy": "y" * 300}, {}, "a text that no page wrote"),
    ],
)
def test_edits_are_read_from_an_address(params, edits, why):
    assert read(params).edits == edits, why
    assert read(params).faults == ()
    assert read(written(edits)).edits == edits


@pytest.mark.parametrize("text", ["abc", "-1", "nan", "inf", "", "1;2"])
def test_a_weight_that_is_no_number_is_a_fault_that_names_it(text):
    found = read({"w.rule": text})
    assert found.edits == {}
    assert found.faults == (f"w.rule={text}: a number of 0 or more is expected",)


def test_an_edit_that_says_what_the_recipe_says_is_none():
    assert needed(BASE, {"w.rule": 1.0, "w.model": 0.6, "accuracy": "sum"}) == {"w.model": 0.6}
    assert needed(BASE, {"accuracy": "route", "w.accuracy": 1.0}) == {"accuracy": "route"}


def test_without_edits_the_recipe_stays_as_it_is():
    assert edited(BASE, {}) == BASE
    assert values(BASE)["t.aspect.repetition"] == 0.0


def test_a_term_of_weight_0_moves_under_shadow_and_a_shadow_term_with_one_under_its_family():
    made = edited(BASE, {"t.aspect.format": 0.0, "t.aspect.repetition": 0.5})
    aspects = [(term["scorer"], term["weight"]) for term in made["aspect"]]
    assert aspects == [("aspect.ifeval", 2.0), ("aspect.repetition", 0.5)]
    assert [term["scorer"] for term in made["shadow"]] == ["aspect.format"]


@pytest.mark.parametrize(
    ("edits", "weights", "why"),
    [
        ({}, {"model": 0.5, "rule": 1.0, "aspect": 0.25, "length": 0.25}, "as it was"),
        (
            {"accuracy": "route"},
            {"accuracy": 1.0, "aspect": 0.25, "length": 0.25},
            "the rule's weight is the shared one",
        ),
        (
            {"accuracy": "route", "w.accuracy": 2.0, "w.rule": 9.0},
            {"accuracy": 2.0, "aspect": 0.25, "length": 0.25},
            "a weight that the mode does not know does nothing",
        ),
    ],
)
def test_weights_follow_the_accuracy_mode(edits, weights, why):
    assert edited(BASE, edits)["weights"] == weights, why


def test_a_scheduled_weight_is_edited_to_a_number_and_says_what_it_was():
    slider = knobs(SCHEDULED, {}).weights[2].family
    assert (slider.base, slider.value, slider.note) == (None, 0.5, "0.5 to 0.1 over 9 steps")
    assert edited(SCHEDULED, {"w.aspect": 0.2})["weights"] == {"aspect": 0.2}


@pytest.mark.parametrize(
    ("edits", "words", "why"),
    [
        ({"w.rule": 0.2}, "a wrong completion can outrank a right one", "the linter's words"),
        ({"combine": "median"}, "there is no combiner 'median'", "the recipe's own words"),
        ({"accuracy": "fair"}, "there is no accuracy mode 'fair'", "the same of a mode"),
        ({"combine": "lexicographic", "missing": "renormalise"}, "ranks siblings", "linter"),
        ({"w.model": 0.0, "w.rule": 0.0, "w.aspect": 0.0, "w.length": 0.0}, "zero", "no reward"),
    ],
)
def test_a_refused_composition_is_refused_in_the_words_of_its_error(edits, words, why):
    assert any(words in each for each in composed(edited(BASE, edits)).refusals), why


def test_an_inversion_has_numbers_all_the_same_and_none_other_has():
    assert composed(edited(BASE, {"w.rule": 0.2})).plan is not None
    assert composed(edited(BASE, {"combine": "median"})).plan is None
    accepted = composed(edited(BASE, {"w.rule": 0.2, "allow_inversion": True}))
    assert accepted.refusals == ()
    assert any("outrank" in each for each in accepted.warnings)


@pytest.mark.parametrize(
    "edits",
    [
        {},
        {"w.rule": 2.0, "t.aspect.ifeval": 0.5},
        {"accuracy": "route", "w.aspect": 0.1},
        {"combine": "gate", "truncated": "wrong", "missing": "impute_group_mean"},
        {"t.aspect.repetition": 0.1, "t.length.cosine": 0.0},
        {"w.rule": 0.3, "allow_inversion": True},
        {"combine": "hero", "alpha": 0.05, "beta": 0.2, "w.length": 0.05, "w.aspect": 0.05},
    ],
)
def test_what_is_copied_is_accepted_by_recipes_check_and_says_the_same(edits, tmp_path):
    document = edited(BASE, edits)
    text = as_yaml(document, name=edited_name("kept"))
    again = parse_recipe(text, source="copied")
    assert again.model_dump(mode="json") == {**document, "name": "kept-edited"}
    file = tmp_path / "copied.yaml"
    file.write_text(text, encoding="utf-8")
    checked = CliRunner().invoke(commands, ["check", str(file)])
    assert checked.exit_code == 0, checked.output


def test_an_edited_name_is_one_that_a_recipe_may_have():
    assert edited_name("a" * 64) == "a" * 57 + "-edited"
    assert edited_name("math-edited") == "math-edited"


HOSTILE = (
    "<script>alert(1)</script> {{7*7}} \u202e\n- !!python/object/apply:os.system ['x'] # 'a\"b'"
)


def test_a_hostile_description_stays_a_text_of_the_file():
    text = as_yaml({**BASE, "description": HOSTILE})
    assert parse_recipe(text, source="x").description == HOSTILE


def test_a_term_alone_in_its_family_has_no_slider_and_a_raised_shadow_has_its_family_s():
    shown = {weights.family.name: len(weights.terms) for weights in knobs(BASE, {}).weights}
    assert shown == {"model": 0, "rule": 0, "aspect": 2, "length": 0}
    only = {**BASE, "aspect": []}
    raised = knobs(only, {"t.aspect.repetition": 0.4}).weights
    assert "aspect" in {weights.family.name for weights in raised}
    assert "aspect" not in {weights.family.name for weights in knobs(only, {}).weights}


@pytest.mark.parametrize(
    ("edits", "numbers"),
    [
        ({}, ()),
        ({"accuracy": "fallback"}, ("min_confidence",)),
        ({"combine": "hero"}, ("alpha", "beta")),
        ({"combine": "geometric"}, ("epsilon",)),
        ({"combine": "median", "accuracy": "sum"}, ()),
    ],
)
def test_numbers_are_offered_where_the_mode_or_the_combiner_reads_them(edits, numbers):
    assert tuple(slider.key for slider in knobs(BASE, edits).numbers) == numbers
