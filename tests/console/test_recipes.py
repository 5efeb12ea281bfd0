"""Recipes and scorers as pages show them: versions, what differs, what a service says."""

from __future__ import annotations

from dataclasses import dataclass, replace

import httpx
import pytest

from harmo.app.catalogue import read, shipped_recipes
from harmo.audit.records import KeptRecipe
from harmo.console.model.recipes.differences import differences
from harmo.console.model.recipes.page import recipe_entry
from harmo.console.model.recipes.scorers import flowing, matching, ranging, scorers
from harmo.console.model.recipes.served import MOST_BYTES, ServedRecipe, served, served_page
from harmo.console.model.recipes.versions import by_name, digits, picked, versions
from harmo.console.model.whatif.bases import bases
from harmo.rewards.recipe import parse_recipe
from tests.audit.made import kept_recipe, made_plan

KEPT = kept_recipe(made_plan())
BASE = KEPT.recipe


def document(text: str):
    return parse_recipe(text, source="t").model_dump(mode="json")


ONE = document("name: a\nrule: [{scorer: rule.math, name: answer}]")


@pytest.mark.parametrize(
    ("after", "expected", "why"),
    [
        ("name: a\nrule: [{scorer: rule.math, name: answer}]", [], "the same"),
        (
            "name: a\nweights: {rule: 2}\nrule: [{scorer: rule.math, name: answer}]",
            [("weights.rule", "–", "2.0")],
            "a weight that was not there",
        ),
        (
            "name: a\nrule: [{scorer: rule.math, name: answer, params: {evaluated: true}}]",
            [("answer.params.evaluated", "–", "true")],
            "a term's param, by its column",
        ),
        (
            "name: a\nrule: [{scorer: rule.exact, name: answer}]\non_truncated: wrong",
            [("on_truncated", "score", "wrong"), ("answer.scorer", "rule.math", "rule.exact")],
            "a policy, and another scorer",
        ),
        (
            "name: a\nrule: [{scorer: rule.exact}]\nshadow: [{scorer: rule.math, name: answer}]",
            [
                ("answer.stands under", "rule", "shadow"),
                (
                    "rule.exact",
                    "–",
                    "stands under rule, scorer rule.exact, weight 1.0",
                ),
            ],
            "a column that moved, and one that came: one line, whatever it says",
        ),
    ],
)
def test_what_differs_between_two_recipes_field_by_field(after, expected, why):
    found = [(each.field, each.before, each.after) for each in differences(ONE, document(after))]
    assert sorted(found) == sorted(expected), why


def test_a_column_that_went_is_what_came_turned_round():
    there, back = differences(ONE, BASE), differences(BASE, ONE)
    assert {(d.field, d.before, d.after) for d in there} == {
        (d.field, d.after, d.before) for d in back
    }


@dataclass
class Run:
    run: str


class Store:
    """Two runs, the first under two versions."""

    OLD = replace(KEPT, version="sha256:aaaa1111bbbb2222")
    NEW = replace(KEPT, version="sha256:cccc3333dddd4444")
    OTHER = replace(KEPT, name="other", version="sha256:aaaa9999")

    def runs(self):
        return [Run("second"), Run("first")]

    def recipes(self, run: str | None = None) -> list[KeptRecipe]:
        used = {"first": [self.OLD, self.NEW], "second": [self.NEW, self.OTHER]}
        return used[run] if run else [self.OLD, self.NEW, self.OTHER]


def test_every_version_says_which_runs_used_it():
    found = versions(Store())
    assert [(each.short, each.runs) for each in found] == [
        ("aaaa1111", ("first",)),
        ("cccc3333", ("second", "first")),
        ("aaaa9999", ("second",)),
    ]
    assert {name: len(each) for name, each in by_name(found).items()} == {"kept": 2, "other": 1}


@pytest.mark.parametrize(
    ("asked", "version", "why"),
    [
        ("kept", "cccc3333dddd4444", "the newest of a name"),
        ("kept@aaaa", "aaaa1111bbbb2222", "a name with digits"),
        ("cccc", "cccc3333dddd4444", "digits alone"),
        ("aaaa", "aaaa9999", "digits of several: the newest"),
        ("sha256:aaaa1111bbbb2222", "aaaa1111bbbb2222", "a version as answers have it"),
        ("other@cccc", None, "digits of another name"),
        ("nothing", None, "neither"),
    ],
)
def test_a_version_is_picked_by_name_or_digits(asked, version, why):
    found = picked(versions(Store()), asked)
    assert (found and digits(found.kept.version, 64)) == version, why


def test_a_what_if_begins_with_recipes_of_the_store_or_those_that_only_the_service_has():
    served = [
        ServedRecipe(name="kept", version=Store.NEW.version, description="", default=True),
        ServedRecipe(name="kept", version="sha256:eeee5555ffff", description="", default=False),
    ]
    assert [(base.key, base.label) for base in bases(versions(Store()), served)] == [
        ("kept@aaaa1111bbbb", "kept aaaa1111"),
        ("kept@cccc3333dddd", "kept cccc3333"),
        ("other@aaaa9999", "other aaaa9999"),
        ("service:kept", "kept eeee5555, in the service"),
    ]


@pytest.mark.parametrize("name", sorted(shipped_recipes()))
def test_every_shipped_recipe_has_a_page(name):
    entry = recipe_entry(read(name).model_dump(mode="json"))
    assert entry.fault == ""
    assert entry.formula.startswith("R = ")
    assert entry.columns
    assert not any(word.startswith("- ") for word in entry.words)
    assert parse_recipe(entry.yaml, source="again").name == name
    assert not [finding for finding in entry.findings if finding.level == "refuse"]


def test_a_column_tells_what_it_reads_pays_and_how_often_its_scorer_was_right():
    columns = {column.name: column for column in recipe_entry(BASE).columns}
    model, answer = columns["model.similarity"], columns["answer"]
    assert (model.weight, model.part, model.reference) == ("0.5", "think", "caption")
    assert columns["aspect.ifeval"].weight == "0.167"
    assert columns["aspect.repetition"].weight == ""
    assert columns["length.cosine"].params == (("max_tokens", "1024"),)
    assert columns["length.cosine"].bounds == "−1 to 0"
    # It dispatches: groups without a task are maths.
    assert {row.scorer for row in answer.calibrated} == {"rule.math"}
    assert all(0 < row.lower <= row.share <= 1 for row in answer.calibrated)


@pytest.mark.parametrize(
    ("changed", "words", "why"),
    [
        ({"rule": [{"scorer": "rule.nowhere"}]}, "rule.nowhere", "a plugin that is not here"),
        ({"weights": {"rule": -1}}, "must not be negative", "no recipe at all"),
        ({"name": "<script>"}, "name", "a name that no recipe has"),
    ],
)
def test_a_recipe_that_cannot_be_read_here_says_why(changed, words, why):
    entry = recipe_entry({**BASE, **changed})
    assert words in entry.fault, why
    assert entry.columns == ()


def test_scorers_are_found_by_every_word_in_name_summary_and_params():
    every = scorers()
    assert {each.family for each in every} == {"model", "rule", "aspect", "length"}
    assert "rule.bbox_iou" in {each.name for each in matching(every, "box IOU")}
    assert matching(every, "max_tokens cosine")[0].name == "length.cosine"
    assert matching(every, "nothing says this") == []
    assert matching(every, "") == every


def test_a_calibrated_scorer_says_on_how_many_pairs():
    math = next(each for each in scorers() if each.name == "rule.math")
    assert math.pairs == sum(row.n for row in math.calibrated) > 100
    assert {row.verdict for row in math.calibrated} == {"equal", "different"}


@pytest.mark.parametrize(
    ("docstring", "text", "why"),
    [
        ("One\ntwo.\n\nThree\nfour.", "One two.\n\nThree four.", "paragraphs flow"),
        ("Args:\n    a: One\n        two.", "Args:\n    a: One\n        two.", "lists stay"),
        ("- one\n- two", "- one\n- two", "points stay"),
        ("", "", "nothing"),
    ],
)
def test_docstrings_flow(docstring, text, why):
    assert flowing(docstring) == text, why


def test_ranges_in_words():
    assert (ranging(None), ranging((-0.5, 1.0))) == ("unbounded", "−0.5 to 1")


RECIPES = [{"name": "math", "version": "sha256:1", "description": "x", "default": True}]
SCORERS = [{"name": "rule.own", "family": "rule", "summary": "s", "params": ["a"]}]
PAGE = {"version": "sha256:1", "scorer_version": "sha256:2", "recipe": dict(BASE), "words": "w"}


def client(answers) -> httpx.AsyncClient:
    def answer(request: httpx.Request) -> httpx.Response:
        found = answers.get(request.url.path)
        return found if isinstance(found, httpx.Response) else httpx.Response(200, json=found)

    return httpx.AsyncClient(
        base_url="http://service/", transport=httpx.MockTransport(answer), trust_env=False
    )


async def test_a_service_says_its_recipes_and_scorers():
    ready = {"models": {"embedded": "padded"}}
    answers = {"/recipes": RECIPES, "/scorers": SCORERS, "/readyz": ready}
    async with client(answers) as service:
        found = await served(service)
    assert found.fault == ""
    assert found.models == {"embedded": "padded"}
    assert (found.recipes[0].name, found.recipes[0].default) == ("math", True)
    assert (found.scorers[0].name, found.scorers[0].params) == ("rule.own", ("a",))


async def test_a_service_that_is_not_ready_hosts_nothing_yet():
    answers = {"/recipes": RECIPES, "/scorers": SCORERS, "/readyz": httpx.Response(503)}
    async with client(answers) as service:
        found = await served(service)
    assert (found.fault, found.models) == ("", {})


@pytest.mark.parametrize(
    ("answers", "words", "why"),
    [
        ({"/recipes": httpx.Response(401)}, "it answered 401", "a wrong key"),
        ({"/recipes": httpx.Response(200, text="<html>")}, "could not be read", "no JSON"),
        ({"/recipes": {"a": 1}}, "could not be read", "no list"),
        ({"/recipes": [{"version": 1}]}, "could not be read", "an entry without a name"),
        ({"/recipes": ["a"]}, "could not be read", "an entry that is no object"),
        (
            {"/recipes": httpx.Response(200, content=b" " * (MOST_BYTES + 1))},
            "could not be read",
            "more than is looked at",
        ),
        (
            {"/recipes": httpx.Response(200, content=b"[" * 100_000)},
            "could not be read",
            "lists in lists that no reader follows",
        ),
    ],
)
async def test_a_service_that_answers_something_else_is_a_sentence(answers, words, why):
    async with client(answers) as service:
        found = await served(service)
    assert words in found.fault, why
    assert found.recipes == ()


async def test_an_answer_without_an_end_is_left():
    async def endless():
        while True:
            yield b" " * 65_536

    async with client({"/recipes": httpx.Response(200, content=endless())}) as service:
        assert "could not be read: more than" in (await served(service)).fault


async def test_a_service_that_is_not_there_is_a_sentence():
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    transport = httpx.MockTransport(refuse)
    async with httpx.AsyncClient(base_url="http://service/", transport=transport) as service:
        assert (await served(service)).fault == "it cannot be reached"
        assert await served_page(service, "math") == "it cannot be reached"


@pytest.mark.parametrize(
    ("name", "known", "why"),
    [
        ("math", True, "as it is"),
        ("nope", False, "it has none"),
        ("../livez", False, "a way out of the recipes is not asked for"),
        ("..", False, "the same"),
        ("é", False, "no name that a recipe has"),
    ],
)
async def test_a_recipe_of_a_service(name, known, why):
    answers = {"/recipes/math": PAGE, "/recipes/nope": httpx.Response(404), "/livez": PAGE}
    async with client(answers) as service:
        found = await served_page(service, name)
    assert (found is not None) is known, why
    if known:
        assert found.recipe["name"] == "kept"
