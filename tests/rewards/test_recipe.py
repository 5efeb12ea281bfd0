"""Recipe files: what is refused, by name, and what a recipe says about itself."""

from __future__ import annotations

import pytest

from harmo.rewards.explain import formula, in_words
from harmo.rewards.options import Schedule
from harmo.rewards.plan import Plan, compile_recipe
from harmo.rewards.recipe import MAX_RECIPE_BYTES, RecipeError, load_recipe, parse_recipe
from harmo.scorers import registry

registry.load()


def plan(text: str) -> Plan:
    return compile_recipe(parse_recipe(f"name: t\n{text}", source="test.yaml"))


REFUSED = [
    ("not YAML", "rule: [", "not YAML"),
    ("a YAML tag that would run code", "x: !!python/object/apply:os.getcwd []", "not YAML"),
    ("an unknown field", "rules: []", "rules"),
    ("no terms", "", "no terms"),
    ("an unknown scorer", "rule: [{scorer: rule.maths}]", "rule.maths.*did you mean rule.math"),
    ("an unknown param", "rule: [{scorer: rule.exact, params: {x: 1}}]", "x.*takes"),
    ("a term in the wrong family", "rule: [{scorer: aspect.format}]", "belongs under aspect"),
    ("two columns of one name", "rule: [{scorer: rule.exact}, {scorer: rule.exact}]", "duplicate"),
    (
        "the interaction's name",
        "rule: [{scorer: rule.exact, name: combine.interaction}]",
        "no column may be named 'combine.interaction'",
    ),
    (
        "the reward's name, which stands among columns",
        "rule: [{scorer: rule.exact}]\nshadow: [{scorer: rule.math, name: reward}]",
        "no column may be named 'reward'; set another 'name'",
    ),
    ("a family of weight zero terms", "rule: [{scorer: rule.exact, weight: 0}]", "weight 0"),
    (
        "all weights zero",
        "weights: {rule: 0}\nrule: [{scorer: rule.exact}]",
        "all weights are zero",
    ),
    (
        "all weights zero at every step",
        "weights: {rule: {start: 0, end: 0, steps: 9}}\nrule: [{scorer: rule.exact}]",
        "all weights are zero",
    ),
    ("a negative term weight", "rule: [{scorer: rule.exact, weight: -1}]", "weight"),
    ("a negative family weight", "weights: {rule: -1}\nrule: [{scorer: rule.exact}]", "negative"),
    (
        "a schedule below zero",
        "weights: {rule: {start: 1, end: -1, steps: 9}}\nrule: [{scorer: rule.exact}]",
        "end",
    ),
    (
        "an exponential schedule to zero",
        "weights: {rule: {start: 1, end: 0, steps: 9, kind: exp}}\nrule: [{scorer: rule.exact}]",
        "above 0",
    ),
    (
        "a weight of another accuracy mode",
        "accuracy: route\nweights: {rule: 1}\nrule: [{scorer: rule.exact}]",
        "route.*takes accuracy",
    ),
    ("an unknown combiner", "combine: product\nrule: [{scorer: rule.exact}]", "combine"),
    ("an infinite weight", "weights: {rule: .inf}\nrule: [{scorer: rule.exact}]", "weights"),
    (
        "a policy for accuracy that would pay for abstaining",
        "on_abstain: {accuracy: zero}\nrule: [{scorer: rule.exact}]",
        "accuracy",
    ),
    (
        "a default task that no map has",
        "default_task: maths\nrule: [{scorer: rule.by_task}]",
        "unknown task 'maths'",
    ),
    ("too much", "# " + "x" * MAX_RECIPE_BYTES, "at most"),
]


@pytest.mark.parametrize(("why", "text", "names"), REFUSED)
def test_refused_by_name(why, text, names):
    with pytest.raises(RecipeError, match=names):
        plan(text)


def test_a_missing_file_is_a_recipe_error(tmp_path):
    with pytest.raises(RecipeError, match="No such file"):
        load_recipe(tmp_path / "none.yaml")


def test_shadow_columns_come_last_and_count_for_no_family():
    bound = plan("shadow: [{scorer: aspect.repetition}]\nrule: [{scorer: rule.exact, name: a}]")
    assert [(column.name, column.shadow) for column in bound.columns] == [
        ("a", False),
        ("aspect.repetition", True),
    ]
    assert bound.indices(*("rule", "aspect")) == [0]


def test_the_version_follows_the_content():
    one, two = (plan(f"rule: [{{scorer: rule.exact, weight: {w}}}]") for w in (1, 2))
    assert one.version != two.version
    assert one.version == plan("rule: [{scorer: rule.exact, weight: 1}]").version


SCHEDULES = [
    (Schedule(start=1.0, end=0.0, steps=10), [(None, 1.0), (5, 0.5), (10, 0.0), (99, 0.0)]),
    (Schedule(start=1.0, end=0.01, steps=2, kind="exp"), [(0, 1.0), (1, 0.1), (2, 0.01)]),
]


@pytest.mark.parametrize(("schedule", "points"), SCHEDULES)
def test_schedules(schedule, points):
    assert [schedule.at(step) for step, _ in points] == pytest.approx([w for _, w in points])


CUSTOM = "{scorer: aspect.format, name: NAME, params: {pattern: custom, open_tag: A, close_tag: B}}"
OTHER = CUSTOM.replace("NAME", "other").replace("close_tag: B", "close_tag: C")


@pytest.mark.parametrize(
    ("terms", "tags", "why"),
    [
        ("rule: [{scorer: rule.exact}]", ("<think>", "</think>"), "the usual ones"),
        (f"aspect: [{CUSTOM}]", ("A", "B"), "those of a term"),
        (f"rule: [{{scorer: rule.exact}}]\nshadow: [{CUSTOM}]", ("A", "B"), "a shadow term's too"),
        (f"aspect: [{CUSTOM}, {CUSTOM.replace('NAME', 'again')}]", ("A", "B"), "said twice"),
        (
            f"aspect: [{{scorer: aspect.format, params: {{pattern: boxed}}}}, {CUSTOM}]",
            ("A", "B"),
            "a pattern that takes any",
        ),
    ],
)
def test_terms_say_what_stands_round_the_think_part(terms, tags, why):
    bound = plan(terms)
    assert bound.think_tags == tags, why
    assert ("between A and B" in in_words(bound)) is (tags == ("A", "B"))


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        (f"aspect: [{{scorer: aspect.format}}, {CUSTOM}]", "NAME: A and B.*one pair"),
        (f"aspect: [{CUSTOM}, {OTHER}]", "other: A and C"),
        (f"aspect: [{CUSTOM.replace('open_tag: A', 'open_tag: AB')}]", "'B' stands in .*'AB'"),
        (f"aspect: [{CUSTOM.replace('open_tag: A', 'open_tag: B')}]", "'B' stands in .*'B'"),
    ],
)
def test_terms_that_leave_no_one_way_to_think_are_refused(terms, message):
    with pytest.raises(RecipeError, match=message):
        plan(terms)


def test_task_overrides_reach_rule_by_task():
    bound = plan("default_task: math\ntasks: {math: rule.numeric}\nrule: [{scorer: rule.by_task}]")
    params = bound.columns[0].scorer.params
    assert (params["default_task"], params["tasks"]) == ("math", {"math": "rule.numeric"})


TERMS = (
    "model: [{scorer: model.similarity, name: m}]\nrule: [{scorer: rule.exact, name: r}]\n"
    "aspect: [{scorer: aspect.format, name: f}, {scorer: aspect.repetition, name: p, weight: 2}]\n"
    "length: [{scorer: length.kimi, name: l}]\nshadow: [{scorer: rule.contains, name: s}]"
)
FORMULAS = [
    ("", "R = 1 * m + 1 * r + 1 * (1/3 f + 2/3 p) + 1 * l"),
    (
        "weights: {model: 0.5, aspect: {start: 0, end: 0.25, steps: 100}}",
        "R = 0.5 * m + 1 * r + [0 to 0.25 over 100 steps, linear] * (1/3 f + 2/3 p) + 1 * l",
    ),
    ("combine: gate", "R = 1 * m + 1 * r + [correct] * (1 * (1/3 f + 2/3 p) + 1 * l)"),
    ("combine: lexicographic", "R = rank of (correct, r, f, p, m, l) / (G - 1)"),
    (
        "combine: geometric",
        "R = geometric mean of (1 * m + 1 * r + 1 * (1/3 f + 2/3 p)) + 1 * l",
    ),
    ("combine: hero", "R = 1 * hero(r, m) + 1 * (1/3 f + 2/3 p) + 1 * l"),
    (
        "accuracy: route",
        "R = 1 * accuracy + 1 * (1/3 f + 2/3 p) + 1 * l\n"
        "accuracy = r where it can read the reference, else m",
    ),
    (
        "accuracy: fallback",
        "R = 1 * accuracy + 1 * (1/3 f + 2/3 p) + 1 * l\n"
        "accuracy = r where its confidence is 0.9 or more, else m",
    ),
    (
        "accuracy: confidence",
        "R = 1 * accuracy + 1 * (1/3 f + 2/3 p) + 1 * l\n"
        "accuracy = q * r + (1 - q) * m, q its confidence",
    ),
]


@pytest.mark.parametrize(("text", "expected"), FORMULAS)
def test_formula(text, expected):
    assert formula(plan(f"{text}\n{TERMS}")) == expected


def test_in_words_says_what_each_column_is_and_reads():
    words = in_words(plan(f"description: For tests.\nmodel_trust: true\n{TERMS}"))
    assert words.startswith("For tests.")
    assert "Trust-GRPO" in words
    assert "- r (rule; rule.exact; reads answer): " in words
    assert "- s (shadow, weight 0; rule.contains; reads answer): " in words
