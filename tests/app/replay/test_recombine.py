"""Stored scores under another recipe: what stands, what does not, and what they come to."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from harmo.app.replay.recombine import NeedsScoringError, matched, recombined, standing
from harmo.rewards.combine import combine
from harmo.scorers.registry import scorer
from harmo.scorers.types import Group, Reason, Sample, Score
from tests.app.replay.groups import RECIPE, drawn, kept, kept_recipe, plan_of, scored

COSINE, HARMO = RECIPE["length"]
FORMAT, IFEVAL = RECIPE["aspect"]
(ANSWER,) = RECIPE["rule"]

STANDS = [
    ({}, (0, 1, 2, 3, 4, 5, 6), "the same recipe"),
    ({"weights": {"rule": 3.0}}, (0, 1, 2, 3, 4, 5, 6), "weights make no odds"),
    ({"rule": [{**ANSWER, "name": "verdict"}]}, (0, 1, 2, 3, 4, 5, 6), "nor does a name"),
    ({"aspect": [IFEVAL, FORMAT]}, (0, 1, 3, 2, 4, 5, 6), "nor does the order"),
    ({"aspect": [FORMAT], "shadow": [IFEVAL]}, (0, 1, 2, 4, 5, 3), "nor what it pays"),
    ({"combine": "gate", "on_truncated": "wrong"}, (0, 1, 2, 3, 4, 5, 6), "a mode runs no scorer"),
    ({"rule": [{**ANSWER, "part": "full"}]}, (0, None, 2, 3, 4, 5, 6), "another part is read"),
    ({"rule": [{**ANSWER, "part": "answer"}]}, (0, 1, 2, 3, 4, 5, 6), "its own part, spelt out"),
    ({"model": [{"scorer": "model.similarity"}]}, (None, 1, 2, 3, 4, 5, 6), "another reference"),
    ({"tasks": {"math": "rule.exact"}}, (0, None, 2, 3, 4, 5, 6), "a dispatcher has other tasks"),
    ({"default_task": "math"}, (0, None, 2, 3, 4, 5, 6), "or another default"),
    (
        {"length": [{**COSINE, "params": {"max_tokens": 900}}, HARMO]},
        (0, 1, 2, 3, None, 5, 6),
        "another param",
    ),
    (
        {"length": [COSINE, {**HARMO, "params": {"tau": 0.0}}]},
        (0, 1, 2, 3, 4, 5, 6),
        "a param's default, spelt out",
    ),
    (
        {"aspect": [FORMAT, {**FORMAT, "name": "again"}, IFEVAL]},
        (0, 1, 2, None, 3, 4, 5, 6),
        "one stored column does not stand for two",
    ),
]


@pytest.mark.parametrize(("fields", "places", "why"), STANDS, ids=[row[2] for row in STANDS])
def test_a_stored_column_stands_where_its_scores_would_be_the_same(fields, places, why):
    found = matched(plan_of(**fields), kept_recipe(plan_of()))
    assert found.places == places, why
    assert found.missing == tuple(k for k, place in enumerate(places) if place is None)


def test_of_two_equal_columns_the_one_of_that_name_stands():
    twins = [{**FORMAT, "name": "a"}, {**FORMAT, "name": "b"}]
    found = matched(plan_of(aspect=twins[::-1]), kept_recipe(plan_of(aspect=twins)))
    assert found.places[2:4] == (3, 2)


def test_what_is_dropped_is_named():
    assert matched(plan_of(aspect=[IFEVAL]), kept_recipe(plan_of())).dropped == (2,)


def test_other_tags_round_the_think_part_leave_nothing_standing():
    tagged = {**FORMAT, "params": {"pattern": "custom", "open_tag": "<r>", "close_tag": "</r>"}}
    found = matched(plan_of(aspect=[tagged, IFEVAL]), kept_recipe(plan_of()))
    assert set(found.places) == {None}


UNREADABLE = [
    ({"rule": [{"scorer": "rule.gone"}]}, "a scorer that is no longer there"),
    ({"colour": "red"}, "a field of another time"),
    ({"aspect": []}, "columns that the recipe does not give"),
]


@pytest.mark.parametrize(("fields", "why"), UNREADABLE, ids=[row[1] for row in UNREADABLE])
def test_a_stored_recipe_that_cannot_be_read_leaves_nothing_standing(fields, why):
    recipe = kept_recipe(plan_of())
    recipe = replace(recipe, recipe={**recipe.recipe, **fields})
    found = matched(plan_of(), recipe)
    assert set(found.places) == {None}, why
    assert found.dropped == tuple(range(7))


REJUDGED = [
    ({"weights": {"rule": 2.0}}, False, "how much correctness pays is not what it is"),
    ({"weights": {"rule": 0.0}}, True, "a rule without a weight is not asked"),
    ({"weights": {"rule": {"start": 1.0, "end": 0.0, "steps": 9}}}, True, "one that reaches 0"),
    ({"combine": "gate"}, False, "the combiner reads it, no more"),
    ({"on_truncated": "wrong"}, True, "a cut completion is wrong"),
    ({"on_truncated": "unscored"}, True, "a cut completion is unknown"),
    ({"model_trust": True}, False, "trust moves the model's weight only"),
    ({"on_abstain": {"columns": "renormalise"}}, False, "for aspects and lengths only"),
    ({"accuracy": "route", "weights": {}}, True, "another judge"),
    ({"rule": [ANSWER, {"scorer": "rule.exact"}]}, True, "one more judge"),
    ({"min_confidence": 0.5}, False, "read in `fallback` only"),
    ({"aspect": []}, False, "aspects judge nobody"),
]


@pytest.mark.parametrize(("fields", "rejudged", "why"), REJUDGED, ids=[r[2] for r in REJUDGED])
def test_it_is_known_whether_correctness_may_come_out_otherwise(fields, rejudged, why):
    assert matched(plan_of(**fields), kept_recipe(plan_of())).rejudged is rejudged, why


def test_the_share_of_two_judges_may_change_a_verdict():
    rules = [ANSWER, {"scorer": "rule.exact"}]
    other = plan_of(rule=[ANSWER, {"scorer": "rule.exact", "weight": 3.0}])
    assert matched(other, kept_recipe(plan_of(rule=rules))).rejudged


MODES = [
    {},
    {"weights": {"rule": 2.0, "aspect": 0.0}},
    {"weights": {"length": {"start": 0.0, "end": 1.0, "steps": 50}}},
    {"weights": {"rule": {"start": 1.0, "end": 0.0, "steps": 50}}},
    {"accuracy": "route", "weights": {"accuracy": 2.0}},
    {"accuracy": "fallback", "weights": {}},
    {"accuracy": "confidence", "weights": {}},
    {"combine": "gate"},
    {"combine": "lexicographic"},
    {"combine": "geometric"},
    {"combine": "hero"},
    {"model_trust": True},
    {"on_truncated": "wrong"},
    {"on_truncated": "unscored", "combine": "gate"},
    {"on_abstain": {"columns": "impute_group_mean"}},
    {"on_abstain": {"columns": "renormalise"}},
    {"model": []},
    {"length": [HARMO]},
    {"length": []},
    {"length": [{"scorer": "length.kimi"}, COSINE], "on_truncated": "wrong"},
    {"rule": [], "combine": "sum"},
]


STORED = [{}, *(MODES[k] for k in (4, 7, 12, 17, 19))]


@pytest.mark.parametrize("before", STORED, ids=str)
@pytest.mark.parametrize("after", MODES, ids=str)
def test_recombined_is_what_an_engine_would_have_combined(before, after):
    """From the same first scores, with lengths scored on the correctness of the other recipe."""
    old, new = plan_of(**before), plan_of(**after)
    places = {column.name: k for k, column in enumerate(old.columns)}
    match = matched(new, kept_recipe(old))
    draw = random.Random(f"{before}{after}")
    for _ in range(12):
        group, rows, faults = drawn(old, draw)
        stored = kept(old, group, rows, faults)
        if set(match.missing) - set(match.lengths):
            with pytest.raises(NeedsScoringError):
                recombined(new, stored, match)
            continue
        first = [[row[places.get(c.name, 0)] for c in new.columns] for row in rows]
        whole, wanted = scored(new, group, first, faults)
        found, standing_rows = standing(new, stored, match)
        assert recombined(new, stored, match) == combine(new, whole, wanted)
        assert [list(row) for row in standing_rows] == wanted
        if match.lengths and None in faults:
            assert found.correctness == whole.correctness


def test_what_only_a_length_term_could_score_has_no_correctness():
    """It is cut, and `on_truncated: wrong` makes wrong only what somebody could score."""
    overlong = {
        "scorer": "length.soft_overlong",
        "params": {"max_tokens": 900, "correct_only": False},
    }
    old, new = plan_of(length=[overlong]), plan_of(length=[overlong, HARMO], on_truncated="wrong")
    missing = [[Score.abstain(Reason.DEADLINE)] * 6]
    stored = kept(old, one(truncated=True), missing)
    assert stored.rewards[0].scores[4].value == 0.0
    group, _ = standing(new, stored, matched(new, stored.recipe))
    assert group.correctness == (None,)


def one(truncated: bool = False, **fields: object) -> Group:
    sample = Sample(num_tokens=500, truncated=truncated)
    return Group(id="g", samples=(sample,), size=1)


def row(*values: float) -> list[Score]:
    return [Score(value=value) for value in values]


def test_a_length_score_is_not_reused_where_correctness_changed():
    stored = kept(plan_of(), one(truncated=True), [row(0.5, 1.0, 1.0, 1.0, 9.0, 9.0, 0.0)])
    assert stored.rewards[0].scores[4].value == pytest.approx(-0.5)
    new = plan_of(on_truncated="wrong")
    (reward,) = recombined(new, stored, matched(new, stored.recipe)).rewards
    assert reward.scores[4].value == 0.0
    assert reward.scores[4].detail["correct"] is False


def test_a_length_score_is_reused_where_it_did_not():
    stored = kept(plan_of(), one(), [row(0.5, 1.0, 1.0, 1.0, 9.0, 9.0, 0.0)])
    marked = replace(stored.rewards[0].scores[4], detail={"kept": True})
    scores = (*stored.rewards[0].scores[:4], marked, *stored.rewards[0].scores[5:])
    stored = replace(stored, rewards=(replace(stored.rewards[0], scores=scores),))
    new = plan_of(on_truncated="wrong")
    (reward,) = recombined(new, stored, matched(new, stored.recipe)).rewards
    assert reward.scores[4].detail == {"kept": True}


def test_a_new_length_term_needs_numbers_only():
    old, new = (
        plan_of(length=[]),
        plan_of(length=[{"scorer": "length.linear", "params": {"target_tokens": 400}}]),
    )
    stored = kept(old, one(), [row(0.5, 1.0, 1.0, 1.0, 0.0)])
    (reward,) = recombined(new, stored, matched(new, stored.recipe)).rewards
    assert reward.scores[4].value == pytest.approx(-0.25)


def test_a_length_term_that_looks_into_metadata_needs_it_read():
    """Else it would abstain, and nobody would know why."""
    target = [{"scorer": "length.l1_exact"}]
    stored = kept(plan_of(length=[]), one(), [row(0.5, 1.0, 1.0, 1.0, 0.0)])
    new = plan_of(length=target)
    match = matched(new, stored.recipe)
    with pytest.raises(NeedsScoringError, match=r"length\.l1_exact"):
        recombined(new, stored, match)
    sample = replace(stored.group.samples[0], metadata={"target_tokens": 400})
    read = replace(stored, group=replace(stored.group, samples=(sample,)))
    assert recombined(new, read, match).rewards[0].scores[4].value == pytest.approx(-0.25)


@scorer("length.counts_letters", on_loop=True)
def counts_letters(group: Group) -> list[Score]:
    """Minus the letters of each text: no count of tokens will do."""
    return [Score(value=-float(len(sample.text))) for sample in group.samples]


@scorer("length.off_the_loop")
def off_the_loop(group: Group) -> list[Score]:
    """0.0, in a thread."""
    return [Score(value=0.0)] * len(group.samples)


@scorer("length.breaks", on_loop=True)
def breaks(group: Group) -> list[Score]:
    """Raises."""
    raise ZeroDivisionError


@pytest.mark.parametrize("name", ["length.counts_letters", "length.off_the_loop"])
def test_a_length_term_that_takes_more_than_numbers_is_an_engines_work(name):
    stored = kept(plan_of(length=[]), one(), [row(0.5, 1.0, 1.0, 1.0, 0.0)])
    new = plan_of(length=[{"scorer": name}])
    with pytest.raises(NeedsScoringError, match=name):
        recombined(new, stored, matched(new, stored.recipe))


def test_a_length_term_that_raises_abstains():
    stored = kept(plan_of(length=[]), one(), [row(0.5, 1.0, 1.0, 1.0, 0.0)])
    new = plan_of(length=[{"scorer": "length.breaks"}])
    (reward,) = recombined(new, stored, matched(new, stored.recipe)).rewards
    assert reward.scores[4].reason is Reason.SCORER_ERROR


def test_scores_that_were_made_anew_are_taken():
    new = plan_of(rule=[{"scorer": "rule.exact"}])
    stored = kept(plan_of(), one(), [row(0.5, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0)])
    match = matched(new, stored.recipe)
    (reward,) = recombined(new, stored, match, {1: row(0.0)}).rewards
    assert reward.contributions[1] == 0.0
    assert reward.scores[4].value == 0.0, "it is wrong now, and loses nothing for its length"
