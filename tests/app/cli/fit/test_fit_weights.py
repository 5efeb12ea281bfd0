"""`harmo fit-weights`: from lines about stored completions to a recipe that services load."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from harmo.audit.query import Query
from harmo.audit.read import Reader
from harmo.audit.records import KeptGroup
from harmo.audit.write import Writer
from harmo.rewards import lint
from harmo.rewards.plan import compile_recipe
from harmo.rewards.recipe import parse_recipe
from tests.app.cli.fit.lines import LIKED, named, preferences
from tests.audit.made import RECIPE, kept_recipe, made_groups, made_plan


def test_it_finds_what_is_liked_and_prints_a_recipe_that_services_load(fitted, groups):
    code, out, err = fitted(preferences(groups), "--json")
    assert (code, err) == (0, "")
    result = json.loads(out)
    columns = {column["name"]: column for column in result["columns"]}
    for name, weight in LIKED.items():
        low, high = columns[name]["log_odds_interval"]
        assert low <= weight <= high
    recipe = parse_recipe(result["fitted"], source="fitted")
    findings = lint.check(compile_recipe(recipe))
    assert [f for f in findings if f.level == "refuse"] == []
    assert recipe.name == "kept-fitted"
    assert result["agreement"][0]["name"] == "fitted"
    assert result["agreement"][0]["share"] > 0.7


def test_groups_may_be_named_as_trainers_name_them(fitted, groups):
    lines = preferences(groups)
    by_number, by_name = (
        json.loads(fitted(ls, "--json")[1]) for ls in (lines, named(lines, groups))
    )
    assert by_number == by_name


def test_people_read_a_table_the_doubts_and_the_recipe(fitted, groups):
    code, out, err = fitted(preferences(groups))
    assert (code, err) == (0, "")
    for said in (
        "fitted, held out",
        "the present recipe",
        "equal weights",
        "answer alone",
        "aspect.ifeval: both completions have a score in only",
        "name: kept-fitted",
        "shadow:",
    ):
        assert said in " ".join(out.split()), out


def test_the_recipe_is_written_and_the_command_that_checks_takes_it(
    fitted, typed, groups, tmp_path
):
    to = tmp_path / "fitted.yaml"
    code, out, _ = fitted(preferences(groups), "--to", str(to))
    assert code == 0
    assert "name: kept-fitted" not in out
    assert typed(f"recipes check {to}")[0] == 0
    assert "Held-out agreement" in to.read_text().splitlines()[0]


def test_only_the_recipe_goes_to_standard_output_where_that_is_asked_for(fitted, groups):
    _, out, err = fitted(preferences(groups), "--to", "-")
    assert parse_recipe(out, source="out").name == "kept-fitted"
    assert "fitted, held out" in err


def test_labels_put_right_above_wrong(fitted, groups):
    lines = [
        {"group": kept.number, "id": kept.ids[i], "right": bool(right)}
        for kept in groups
        for i, right in enumerate(kept.group.correctness)
        if right is not None
    ]
    code, out, _ = fitted(lines, "--json", kind="labels")
    result = json.loads(out)
    assert code == 0
    assert {doubt["code"] for doubt in result["doubts"]} >= {"unbounded", "one_is_enough"}
    assert result["columns"][1]["interval"] is None
    twice = [{**line, "right": not line["right"]} for line in lines[:5]]
    contradicted = json.loads(fitted([*lines, *twice], "--json", kind="labels")[1])
    assert contradicted["labelled_both"] == 5


def test_weights_that_let_wrong_outrank_right_say_so(fitted, groups):
    lines = preferences(groups, liked={"model.similarity": 6.0, "answer": 1.0}, each=8)
    result = json.loads(fitted(lines, "--json")[1])
    assert "allow_inversion: true" in result["fitted"]
    assert "inversion" in {finding["code"] for finding in result["findings"]}
    said = " ".join(fitted(lines)[1].split())
    assert "a wrong completion can outrank a right one" in said
    assert "It has allow_inversion: true" in said


def test_a_recipe_that_does_not_pay_for_being_right_says_so(fitted, groups):
    lines = preferences(groups, liked={"model.similarity": 6.0, "answer": -4.0})
    said = " ".join(fitted(lines)[1].split())
    assert "no rule pays any more (answer)" in said
    assert "# Nothing in it pays for being right" in said


def test_what_nobody_likes_makes_no_recipe(fitted, groups):
    against = [
        {
            "group": kept.number,
            "better": kept.ids[min(range(8), key=lambda i: total(kept, i))],
            "worse": kept.ids[max(range(8), key=lambda i: total(kept, i))],
        }
        for kept in groups
        if all(s.value is not None for reward in kept.rewards for s in reward.scores)
        and min_of_all(kept)
    ]
    code, out, _ = fitted([*against])
    assert code == 1, out
    assert "no column is liked" in out


def total(kept: KeptGroup, i: int) -> float:
    return sum(score.value or 0.0 for score in kept.rewards[i].scores[:5])


def min_of_all(kept: KeptGroup) -> bool:
    """True if what pays least overall is another, and no better in any column than the most."""
    low, high = (f(range(8), key=lambda i: total(kept, i)) for f in (min, max))
    if low == high:
        return False
    pairs = zip(kept.rewards[low].scores[:5], kept.rewards[high].scores[:5], strict=True)
    return all((a.value or 0.0) <= (b.value or 0.0) for a, b in pairs)


def test_shadow_columns_are_offered_a_weight_where_that_is_asked_for(fitted, groups):
    plain, offered = (
        json.loads(fitted(preferences(groups), "--json", *words)[1])["columns"]
        for words in ((), ("--shadows",))
    )
    assert [column["name"] for column in offered[len(plain) :]] == ["aspect.repetition"]


UNKNOWN = [
    ({"group": 99999, "better": "0", "worse": "1"}, "group 99999 is not in the store"),
    (
        {"group": {"run": "exp-1", "step": 0, "id": "gone"}, "better": "0", "worse": "1"},
        "group 'gone' of run 'exp-1', step 0 is not in the store",
    ),
    (
        {"group": {"run": "exp-9", "step": 0, "id": "0"}, "better": "0", "worse": "1"},
        "group '0' of run 'exp-9', step 0 is not in the store",
    ),
    (
        {"group": 1, "better": "0", "worse": "eight"},
        "group 1 has no completion 'eight'; it has '0', '1'",
    ),
    ({"group": 1, "better": "0", "worse": "\x1b[31m" + "w" * 999}, "no completion '\\x1b[31mw"),
]


@pytest.mark.parametrize(("line", "message"), UNKNOWN)
def test_what_is_not_in_the_store_is_named_and_does_not_count(fitted, groups, line, message):
    lines = preferences(groups)
    code, out, _ = fitted([*lines, line], "--json")
    unknown = json.loads(out)["unknown"]
    assert (code, unknown["lines"]) == (0, 1)
    assert message in unknown["first"][0]
    assert f"line {len(lines) + 1}:" in unknown["first"][0]
    code, _, err = fitted([line])
    assert (code, "nothing that was said is of a completion in the store" in err) == (2, True)


def test_repeats_contradictions_and_circles_are_counted(fitted, groups):
    number, ids = groups[0].number, groups[0].ids
    extra = [
        {"group": number, "better": ids[0], "worse": ids[1]},
        {"group": number, "better": ids[0], "worse": ids[1]},
        {"group": number, "better": ids[2], "worse": ids[3]},
        {"group": number, "better": ids[3], "worse": ids[2]},
        {"group": number, "better": ids[4], "worse": ids[5]},
        {"group": number, "better": ids[5], "worse": ids[6]},
        {"group": number, "better": ids[6], "worse": ids[4]},
        {"group": number, "better": ids[0], "worse": ids[7], "tie": True, "by": "me"},
    ]
    others = preferences(groups[1:], each=1)
    result = json.loads(fitted([*others, *extra], "--json")[1])
    counted = (result["repeated"], result["contradicted"], result["circles"], result["ties"])
    assert counted == (1, 1, 1, 2)


MISTAKES = [
    ("{", "prefer.jsonl:1: not JSON"),
    ('{"group": 1, "better": "0"}', "prefer.jsonl:1: worse: Field required"),
    ('{"group": 1, "better": [], "worse": "0"}', "prefer.jsonl:1: better"),
    ('{"group": "one", "better": "0", "worse": "1"}', "prefer.jsonl:1: group"),
    ('{"group": 1.5, "better": "0", "worse": "1"}', "prefer.jsonl:1: group"),
    ('{"group": 1, "better": "0", "worse": "1", "tie": "yes"}', "prefer.jsonl:1: tie"),
    ("[" * 10_000, "prefer.jsonl:1: not JSON"),
    (json.dumps({"group": 1, "better": "x" * 70_000, "worse": "1"}), "over 65536 bytes"),
    ("", "nothing that was said"),
    ('{"group": 1, "better": "0", "worse": 0}', "jsonl:1: better and worse are the same"),
    ('{"group": 1, "better": "0", "worse": "1", "tie": true}', "orders no two completions"),
]


@pytest.mark.parametrize(("line", "message"), MISTAKES)
def test_a_line_that_does_not_fit_is_named(fitted, line, message):
    code, out, err = fitted([line])
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


def test_one_kind_of_lines_and_a_store_are_asked_for(typed, store, tmp_path):
    for words in ("", f" --prefer {tmp_path}/a --labels {tmp_path}/b"):
        code, _, err = typed(f"fit-weights {store}{words}")
        assert (code, "one of the two" in err) == (2, True)
    lines = tmp_path / "lines.jsonl"
    lines.write_text('{"group": 1, "better": "0", "worse": "1"}')
    code, _, err = typed(f"fit-weights {tmp_path} --prefer {lines}")
    assert (code, "audit.sqlite" in err) == (2, True)


def test_a_recipe_is_asked_for_where_several_scored_the_groups(typed, tmp_path):
    made = list(made_groups(groups=60, runs=("exp-1",)))
    other = replace(made[0].recipe, name="second", version="sha256:2")
    writer = Writer(tmp_path / "kept")
    writer.write([*made[:30], *(replace(kept, recipe=other) for kept in made[30:])])
    writer.close()
    groups = list(Reader(tmp_path / "kept").groups(Query()))
    lines = tmp_path / "lines.jsonl"
    lines.write_text("\n".join(map(json.dumps, preferences(groups))))
    command = f"fit-weights {tmp_path / 'kept'} --prefer {lines} --redraws 40 --json"
    code, _, err = typed(command)
    assert code == 2
    assert "second (30 groups)" in err
    for name in ("second", "sha256:2"):
        result = json.loads(typed(f"{command} --recipe {name}")[1])
        assert (result["groups"], result["other_recipes"]) == (30, {"kept": 30})
    assert typed(f"{command} --recipe third")[0] == 2


def test_models_that_were_fitted_when_they_scored_are_not_objected_to(typed, tmp_path, groups):
    """`fallback` needs a fitted P(correct), which the stored column says it was."""
    source = RECIPE.replace("weights: {model: 0.5, rule: 1.0, ", "accuracy: fallback\nweights: {")
    source = source.replace("model.similarity, reference: caption", "model.reward, name: judge")
    recipe = kept_recipe(made_plan(source))
    judge, *others = recipe.columns
    file = tmp_path / "lines.jsonl"
    file.write_text("\n".join(map(json.dumps, preferences(groups))))
    said = {}
    for meaning in ("raw", "p_correct"):
        told = replace(recipe, columns=(replace(judge, meaning=meaning), *others))
        writer = Writer(tmp_path / meaning)
        writer.write([replace(kept, recipe=told) for kept in groups])
        writer.close()
        line = f"fit-weights {tmp_path / meaning} --prefer {file} --redraws 40 --json"
        said[meaning] = {f["code"] for f in json.loads(typed(line)[1])["findings"]}
    doubtful = {"needs_p_correct", "unknown_model"}
    assert (said["raw"] & doubtful, said["p_correct"] & doubtful) == ({"needs_p_correct"}, set())


def test_pairs_of_one_group_say_that_nothing_could_be_held_out(fitted, groups):
    said = " ".join(fitted(preferences(groups[:1], each=1))[1].split())
    assert "pairs: 1, groups: 1" in said
    assert "held out, they order nothing" in said


def test_groups_of_other_recipes_are_left_out_and_named(typed, tmp_path):
    store = tmp_path / "store"
    ours, theirs = (list(made_groups(groups=40, seed=seed)) for seed in (0, 1))
    named = [replace(g, recipe=replace(g.recipe, name="theirs")) for g in theirs]
    writer = Writer(store)
    writer.write([*ours, *named])
    writer.close()
    kept = list(Reader(store).groups(Query()))
    lines = tmp_path / "prefer.jsonl"
    lines.write_text("\n".join(json.dumps(line) for line in preferences(kept)))
    begins = kept[0].recipe.version[:19]
    by_name = typed(f"fit-weights {store} --prefer {lines} --redraws 40 --recipe theirs")[1]
    assert f"{len(ours)} groups were scored by recipe {kept[0].recipe.name}" in by_name
    by_version = typed(f"fit-weights {store} --prefer {lines} --redraws 40 --recipe {begins}")
    assert by_version[0] == 0, "the beginning of a version, as it is printed"
