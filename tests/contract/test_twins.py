"""A plugin that declares what a built-in scorer declares is treated as that one is, everywhere."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import pytest
from pydantic import AfterValidator

from harmo import Group, Output, Reason, Sample, Score, scorer
from harmo.models.base import Meaning, RewardModel
from harmo.rewards import lint
from harmo.rewards.combine import combine, settle_correctness
from harmo.rewards.explain import formula, in_words
from harmo.rewards.plan import Plan, compile_recipe
from harmo.rewards.recipe import RecipeError, parse_recipe
from harmo.scorers import registry
from harmo.scorers.spec import BoundScorer

registry.load()


def only_rules(tasks: dict[str, str] | None) -> dict[str, str] | None:
    for name in (tasks or {}).values():
        registry.bind(name, {})
    return tasks


def register_twins() -> None:
    """What a plugin's module does when it is imported; its params have names of their own."""

    @scorer(
        "length.twin_kimi",
        bounds=lambda shift, **_: (min(0.0, shift - 1.0), max(0.0, shift)),
        compares_siblings=True,
        scores_wrong=lambda all_of_them, **_: all_of_them,
    )
    def twin_kimi(group: Group, *, shift: float = 0.0, all_of_them: bool = False) -> list[Score]:
        """Like length.kimi."""
        return [Score(value=0.0)] * len(group.samples)

    @scorer(
        "length.twin_laser",
        bounds=(-1.0, 0.0),
        compares_siblings=lambda targets, **_: len(targets) > 1,
        scores_wrong=lambda explores, **_: explores,
    )
    def twin_laser(group: Group, *, targets: list[int], explores: bool = False) -> list[Score]:
        """Like length.laser."""
        return [Score(value=0.0)] * len(group.samples)

    @scorer("length.twin_trunc", bounds=lambda prize: (min(0.0, prize - 1.0), max(0.0, prize)))
    def twin_trunc(group: Group, *, prize: float = 0.0) -> list[Score]:
        """Like length.trunc."""
        return [Score(value=0.0)] * len(group.samples)

    @scorer("model.twin_reward", resource="reward_model", output_of=twin_output)
    async def twin_reward(
        group: Group, *, reward_model: RewardModel, squashed: bool = False
    ) -> list[Score]:
        """Like model.reward."""
        return [Score(value=0.0)] * len(group.samples)

    @scorer("rule.twin_by_task", dispatches=True)
    def twin_by_task(
        sample: Sample,
        *,
        tasks: Annotated[dict[str, str] | None, AfterValidator(only_rules)] = None,
        default_task: str | None = None,
    ) -> BoundScorer | Score:
        """Like rule.by_task."""
        name = (tasks or {}).get(sample.task or default_task or "")
        return registry.bind(name, {}) if name else Score.abstain(Reason.NO_TASK)

    @scorer("aspect.twin_format", think_tags=lambda begin, **_: (begin, "]") if begin else None)
    def twin_format(sample: Sample, *, begin: str = "") -> Score:
        """Like aspect.format."""
        return Score(value=0.0)


def twin_output(meaning: Meaning | None, *, squashed: bool) -> Output:
    return Output(bounds=(0.0, 1.0)) if squashed else Output.of_model(meaning)


@pytest.fixture(autouse=True)
def twins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_SPECS", dict(registry._SPECS))
    register_twins()


def plan(text: str, scorer_name: str, params: str, meaning: Meaning | None) -> Plan:
    filled = text.replace("TERM", f"{{scorer: {scorer_name}, name: x, params: {params}}}")
    bound = compile_recipe(parse_recipe(f"name: t\n{filled}", source="test"))
    columns = tuple(replace(c, meaning=meaning if c.name == "x" else None) for c in bound.columns)
    return Plan(recipe=bound.recipe, columns=columns)


KIMI = ("length.kimi", "length.twin_kimi")
LASER = ("length.laser", "length.twin_laser")
TRUNC = ("length.trunc", "length.twin_trunc")
REWARD = ("model.reward", "model.twin_reward")
FORMAT = ("aspect.format", "aspect.twin_format")
BY_TASK = ("rule.by_task", "rule.twin_by_task")
RULE = "rule: [{scorer: rule.exact, name: r}]\n"
LENGTH = f"{RULE}weights: {{length: 0.5}}\nlength: [TERM]"
MIXED = f"{RULE}weights: {{model: 0.5}}\nmodel: [TERM]"
ONE, SOME, WRONG = "{target_tokens: 9}", "{target_tokens: [1, 2, 3]}", "{correct_only: false}"
EXPLORE = "{target_tokens: 9, explore_tokens: 9, alpha: 0.0}"
SQUASHED = "{transform: {kind: sigmoid}}"
TASKS = "default_task: m\ntasks: {m: rule.numeric}\n"

SAME = [
    # why, scorers, recipe, params of each, what the model's output means, codes
    ("compares siblings", KIMI, LENGTH, ("{}", "{}"), None, ["needs_whole_groups"]),
    (
        "and counts for wrong ones",
        KIMI,
        LENGTH,
        (WRONG, "{all_of_them: true}"),
        None,
        ["length_ungated", "needs_whole_groups"],
    ),
    ("compares under certain params only", LASER, LENGTH, (ONE, "{targets: [9]}"), None, []),
    (
        "such as these",
        LASER,
        LENGTH,
        (SOME, "{targets: [1, 2, 3]}"),
        None,
        ["needs_whole_groups"],
    ),
    (
        "counts for wrong ones under certain params",
        LASER,
        LENGTH,
        (EXPLORE, "{targets: [9], explores: true}"),
        None,
        ["length_ungated"],
    ),
    (
        "pays right ones",
        TRUNC,
        LENGTH,
        ("{bonus: 1.0}", "{prize: 1.0}"),
        None,
        ["pays_accuracy_twice"],
    ),
    (
        "outweighs the answer",
        TRUNC,
        f"{RULE}weights: {{length: 1.5}}\nlength: [TERM]",
        ("{}", "{}"),
        None,
        ["inversion"],
    ),
    (
        "P(correct)",
        REWARD,
        f"accuracy: fallback\n{RULE}model: [TERM]",
        ("{}",) * 2,
        "p_correct",
        [],
    ),
    (
        "not P(correct)",
        REWARD,
        f"accuracy: fallback\n{RULE}model: [TERM]",
        ("{}", "{}"),
        "unit",
        ["needs_p_correct"],
    ),
    (
        "no longer P(correct)",
        REWARD,
        f"accuracy: confidence\n{RULE}model: [TERM]",
        (SQUASHED, "{squashed: true}"),
        "p_correct",
        ["needs_p_correct"],
    ),
    ("knows what is right", REWARD, "combine: gate\nmodel: [TERM]", ("{}",) * 2, "p_correct", []),
    (
        "does not know",
        REWARD,
        "combine: gate\nmodel: [TERM]",
        ("{}", "{}"),
        "raw",
        ["needs_correctness"],
    ),
    ("unbounded", REWARD, MIXED, ("{}", "{}"), "raw", ["inversion"]),
    ("bounded by its params", REWARD, MIXED, (SQUASHED, "{squashed: true}"), "raw", []),
    (
        "not in [0, 1]",
        REWARD,
        f"combine: hero\n{RULE}model: [TERM]",
        ("{}", "{}"),
        "raw",
        ["needs_unit", "needs_whole_groups"],
    ),
    ("not hosted yet", REWARD, MIXED, ("{}", "{}"), None, ["unknown_model"]),
    ("whatever is hosted", REWARD, MIXED, (SQUASHED, "{squashed: true}"), None, []),
    ("dispatches by task", BY_TASK, f"{TASKS}rule: [TERM]", ("{}", "{}"), None, []),
]
TABLE = [[0.9, 1.0], [0.2, 0.0], [0.6, 0.0]]


@pytest.mark.parametrize(("why", "names", "text", "params", "meaning", "codes"), SAME)
def test_a_twin_is_checked_explained_and_combined_alike(why, names, text, params, meaning, codes):
    ours, theirs = (
        plan(text, name, given, meaning) for name, given in zip(names, params, strict=True)
    )
    findings = lint.check(ours)
    assert [finding.code for finding in findings] == codes, why
    assert lint.check(theirs) == findings, why
    assert formula(theirs) == formula(ours)
    assert told(theirs) == told(ours)
    rows = [[Score(value=v) for v in row[-len(ours.columns) :]] for row in TABLE]
    group = Group(id="g", samples=(Sample(num_tokens=1),) * len(rows), size=len(rows))
    assert settle_correctness(theirs, group, rows) == settle_correctness(ours, group, rows)
    assert combine(theirs, group, rows) == combine(ours, group, rows)


def told(bound: Plan) -> str:
    """The recipe in words, less what is the twin's own: its name, params and docstring."""
    words = in_words(bound)
    for column in bound.columns:
        if column.name == "x":
            spec, given = column.scorer.spec, column.term.params
            words = words.replace(f"; {spec.name}", "").replace(f", {given}" if given else "", "")
            words = words.replace(spec.summary, "")
    return words


def test_a_dispatcher_is_given_the_recipes_tasks():
    ours, theirs = (plan(f"{TASKS}rule: [TERM]", name, "{}", None) for name in BY_TASK)
    for bound in (ours, theirs):
        params = bound.columns[0].scorer.params
        assert params["tasks"] == {"m": "rule.numeric"}
        assert params["default_task"] == "m"


def test_params_of_these_names_are_a_dispatchers_only():
    @scorer("rule.own_tasks")
    def own_tasks(sample: Sample, *, tasks: int = 3) -> Score:
        """1.0."""
        return Score(value=1.0)

    text = f"{TASKS}rule: [{{scorer: rule.own_tasks}}]"
    bound = compile_recipe(parse_recipe(f"name: t\n{text}", source="test"))
    assert bound.columns[0].scorer.params == {"tasks": 3}
    assert [finding.code for finding in lint.check(bound)] == ["idle_tasks"]


@pytest.mark.parametrize(
    ("ours", "theirs", "tags"),
    [
        ("{pattern: boxed}", "{}", ("<think>", "</think>")),
        ("{pattern: custom, open_tag: '[', close_tag: ']'}", "{begin: '['}", ("[", "]")),
    ],
)
def test_a_twin_says_what_stands_round_the_think_part(ours, theirs, tags):
    for name, params in zip(FORMAT, (ours, theirs), strict=True):
        assert plan(f"{RULE}aspect: [TERM]", name, params, None).think_tags == tags


REFUSED = [
    ("in the wrong family", KIMI, f"{RULE}aspect: [TERM]"),
    ("in the wrong family", REWARD, "rule: [TERM]"),
    ("a task for a scorer that is not there", BY_TASK, "tasks: {m: rule.nope}\nrule: [TERM]"),
    ("the only term, with no weight", BY_TASK, "weights: {rule: 0}\nrule: [TERM]"),
    ("twice under one name", TRUNC, "length: [TERM, TERM]"),
]


@pytest.mark.parametrize(("why", "names", "text"), REFUSED)
def test_a_twin_is_refused_alike(why, names, text):
    messages = []
    for name in names:
        with pytest.raises(RecipeError) as refused:
            plan(text, name, "{}", None)
        # The known scorers are listed from the first to the last; the twins are among them.
        messages.append(str(refused.value).replace(name, "SCORER").partition("; known")[0])
    assert messages[0] == messages[1], why


def test_a_range_is_declared_once():
    with pytest.raises(ValueError, match="leave out bounds"):
        scorer("model.both", bounds=(0.0, 1.0), output_of=twin_output)
