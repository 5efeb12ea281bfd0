"""A combiner or accuracy mode is one record: registering it is all it takes to use it."""

from __future__ import annotations

from pkgutil import iter_modules

import pytest

from harmo.rewards import combiners, lint, modes
from harmo.rewards.combine import combine, settle_correctness
from harmo.rewards.combiners import COMBINERS, Combiner, Only, Siblings, Span, Written
from harmo.rewards.explain import formula, in_words
from harmo.rewards.modes import MODES, AccuracyMode, Judgement, Judges, Rows, Weights
from harmo.rewards.plan import Plan, compile_recipe
from harmo.rewards.recipe import RecipeError, parse_recipe
from harmo.scorers import registry
from harmo.scorers.types import Family, Reason
from tests.rewards.tables import group, rows, values

registry.load()


def least_of_families(siblings: Siblings) -> list[float]:
    families = (Family.RULE, Family.ASPECT)
    return [min(siblings.paid(s, family) for family in families) for s in siblings.samples]


def margin(span: Span) -> float:
    return -span.width(Family.ASPECT)


def written(line: Written) -> str:
    return f"min({line.accuracy}, {line.aspect})"


WEAKEST = Combiner(
    name="weakest",
    totals=least_of_families,
    margin=margin,
    words="The least counts, down to {epsilon:g}.",
    formula=written,
    correctness="needed",
    needs_group=True,
    needs_both=True,
    unit=(Family.ASPECT,),
    accuracy=Only(choices=("sum",), code="weakest_accuracy", message="use accuracy 'sum'"),
    on_abstain=Only(choices=("impute_group_mean",), code="weakest_columns", message="impute"),
    muted=(Family.ASPECT,),
    idle_weights="combine 'weakest' weighs nothing",
)


def by_certain_rules(judges: Judges, asked: Rows) -> tuple[Weights, list[Judgement]]:
    sure = [all(row[k].confidence == 1.0 for k in judges.rules) for row in asked]
    unsure = Judgement(reason=Reason.UNKNOWN_CORRECTNESS)
    judgements = judges.agree(asked, judges.rules)
    return judges.rules, [j if s else unsure for j, s in zip(judgements, sure, strict=True)]


CERTAIN = AccuracyMode(
    name="certain",
    judge=by_certain_rules,
    words="Only certain rules judge; {min_confidence:g} is not enough.",
    formula="{rules} where certain, never {models}",
    needs_both=True,
    needs_p_correct=True,
)


@pytest.fixture
def toys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(COMBINERS, "weakest", WEAKEST)
    monkeypatch.setitem(MODES, "certain", CERTAIN)


def plan(text: str) -> Plan:
    return compile_recipe(parse_recipe(f"name: t\n{text}", source="test"))


RULE, FORMAT = (
    "rule: [{scorer: rule.exact, name: r}]\n",
    "aspect: [{scorer: aspect.format, name: a}]\n",
)
MODEL = "model: [{scorer: model.reward, name: m, params: {transform: {kind: sigmoid}}}]\n"
POLICY = "on_abstain: {columns: impute_group_mean}\n"

FOUND = [
    # why, recipe, codes
    (
        "what it needs, and no margin",
        f"combine: weakest\n{RULE}{FORMAT}",
        ["no_judge", "weakest_columns", "inversion", "needs_whole_groups"],
    ),
    (
        "scores in [0, 1]",
        f"combine: weakest\n{POLICY}{RULE}{MODEL}aspect: [{{scorer: aspect.repetition}}]",
        ["needs_unit", "inversion", "needs_whole_groups"],
    ),
    (
        "no other mode, no weights",
        f"combine: weakest\naccuracy: route\nweights: {{accuracy: 2}}\n{POLICY}{RULE}{MODEL}",
        ["weakest_accuracy", "needs_whole_groups", "idle_weights"],
    ),
    (
        "nothing knows what is right",
        f"combine: weakest\n{POLICY}{MODEL}",
        ["no_judge", "needs_correctness", "needs_whole_groups"],
    ),
    ("a mode: its judges", f"accuracy: certain\n{RULE}", ["no_judge"]),
    ("a mode: none at all", f"accuracy: certain\n{FORMAT}", ["no_judge", "no_judge"]),
    ("a mode: a fitted model", f"accuracy: certain\n{RULE}{MODEL}", ["needs_p_correct"]),
]


@pytest.mark.parametrize(("why", "text", "codes"), FOUND)
def test_the_check_reads_the_record(toys, why, text, codes):
    assert [finding.code for finding in lint.check(plan(text))] == codes, why


def test_a_combiner_pays_and_is_explained(toys):
    bound = plan(f"combine: weakest\n{POLICY}{RULE}{FORMAT}")
    assert formula(bound) == "R = min(1 * r, 1 * a)"
    assert "The least counts, down to 1e-06." in in_words(bound)
    table = [[1.0, 0.5], [0.0, 1.0], [1.0, Reason.DEADLINE]]
    answer = combine(bound, group(table), rows(table))
    assert values(answer) == [0.5, 0.0, 0.75]
    assert answer.weights == (1.0, 0.0, 0.0)
    assert [reward.contributions for reward in answer.rewards] == [
        (1.0, 0.0, -0.5),
        (0.0, 0.0, 0.0),
        (1.0, 0.0, -0.25),
    ]
    alone = combine(bound, group(table, size=4), rows(table))
    assert values(alone) == [Reason.PARTIAL_GROUP] * 3


def test_a_combiner_that_cannot_go_with_a_policy_gets_one_it_can(toys):
    bound = plan(f"combine: weakest\n{RULE}{FORMAT}")
    table = [[1.0, 0.5], [1.0, Reason.DEADLINE]]
    assert values(combine(bound, group(table), rows(table))) == [0.5, 0.5]


def test_a_mode_judges_and_is_explained(toys):
    bound = plan(f"accuracy: certain\nweights: {{accuracy: 2, aspect: 0.5}}\n{RULE}{FORMAT}")
    assert formula(bound) == ("R = 2 * accuracy + 0.5 * a\naccuracy = r where certain, never null")
    assert "Only certain rules judge; 0.9 is not enough." in in_words(bound)
    table = [[1.0, 0.5], [(1.0, 0.99), 1.0], [0.0, 1.0]]
    answer = combine(bound, group(table), rows(table))
    assert values(answer) == [2.25, Reason.UNKNOWN_CORRECTNESS, 0.5]
    assert settle_correctness(bound, group(table), rows(table)) == (True, None, False)


@pytest.mark.parametrize(
    ("package", "records", "type_"), [(combiners, COMBINERS, "combiner"), (modes, MODES, "mode")]
)
def test_a_module_in_the_folder_is_all_that_a_record_needs(package, records, type_):
    assert {module.name for module in iter_modules(package.__path__)} == {*records, type_}


UNKNOWN = [
    ("combine: weakest", "'weakest'; known: gate, geometric, hero, lexicographic, sum"),
    ("accuracy: certain", "'certain'; known: confidence, fallback, route, sum"),
]


@pytest.mark.parametrize(("text", "message"), UNKNOWN)
def test_one_that_is_not_registered_is_named_beside_those_that_are(text, message):
    with pytest.raises(RecipeError, match=message):
        plan(f"{text}\n{RULE}")


def test_a_mode_says_which_weights_it_takes(toys):
    with pytest.raises(RecipeError, match="'certain' takes accuracy, aspect, length"):
        plan(f"accuracy: certain\nweights: {{rule: 1}}\n{RULE}")


@pytest.mark.parametrize(("records", "record"), [(COMBINERS, WEAKEST), (MODES, CERTAIN)])
def test_a_name_is_taken_once(toys, records, record):
    with pytest.raises(ValueError, match=f"{record.name!r} is already registered"):
        records.add(record)
