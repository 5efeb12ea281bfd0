"""Every shipped recipe compiles, is not refused, says what it needs and pays what it says."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from harmo.rewards import lint
from harmo.rewards.combine import combine, settle_correctness
from harmo.rewards.explain import formula, in_words
from harmo.rewards.plan import Plan, compile_recipe
from harmo.rewards.recipe import load_recipe, parse_recipe
from harmo.scorers import registry
from harmo.scorers.types import Family, Group, Sample, Score

registry.load()

FILES = sorted((Path(__file__).parents[1] / "recipes").glob("*.yaml"))
NAMES = {path.stem for path in FILES}
ASKED_FOR = {
    "demo",
    "harmo",
    "math",
    "visual-math",
    "vqa",
    "ocr",
    "chart",
    "grounding",
    "video",
    "gui",
    "document",
    "instruction",
    "hero",
    "gdpo-columns",
}
MAY_INVERT = {"harmo"}
"""As its paper has it."""


def plan(path: Path) -> Plan:
    bound = compile_recipe(load_recipe(path))
    columns = (
        replace(c, meaning="raw" if c.family is Family.MODEL else None) for c in bound.columns
    )
    return Plan(recipe=bound.recipe, columns=tuple(columns))


def reward(bound: Plan, *, right: bool, rest: bool) -> float:
    """What a completion gets: judges as told, every other column at its best or worst."""

    def value(column) -> float:
        low, high = column.output.bounds
        good = right if column.family is Family.RULE else rest
        if column.family is Family.LENGTH:
            return 0.0 if not right or rest else low
        return high if good else low

    rows = [[Score(value=value(column)) for column in bound.columns]]
    group = Group(id="g", samples=(Sample(num_tokens=1),), size=1)
    settled = replace(group, correctness=settle_correctness(bound, group, rows))
    return combine(bound, settled, rows).rewards[0].value


def test_all_that_were_asked_for_are_there():
    assert NAMES >= ASKED_FOR


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_shipped(path):
    bound = plan(path)
    assert bound.recipe.name == path.stem
    refused = [finding.message for finding in lint.check(bound) if finding.level == "refuse"]
    assert refused == []
    assert "Data columns:" in bound.recipe.description
    assert formula(bound).startswith("R = ")
    assert len(in_words(bound).splitlines()) > len(bound.columns)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_wrong_completion_never_outranks_a_right_one(path):
    bound = plan(path)
    if not bound.indices(Family.RULE):
        pytest.skip("nothing in it says what is right")
    worst_right, best_wrong = (
        reward(bound, right=True, rest=False),
        reward(bound, right=False, rest=True),
    )
    assert (best_wrong > worst_right + 1e-9) == (path.stem in MAY_INVERT)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_maths_answers_are_to_be_worked_out(path):
    sample = Sample(task="math")
    for column in plan(path).columns:
        spec, params = column.scorer.spec, column.scorer.params
        if spec.dispatches:
            chosen = spec.fn(sample, **params)
            spec, params = chosen.spec, chosen.params
        assert params.get("evaluated", spec.name != "rule.math"), column.name


def documented() -> list[str]:
    page = Path(__file__).parents[1] / "docs" / "recipes.md"
    return re.findall(r"^```yaml\n(.*?)^```$", page.read_text(encoding="utf-8"), re.M | re.S)


@pytest.mark.parametrize("text", documented(), ids=lambda text: text.split()[1])
def test_documented_recipes_are_fit_to_serve(text):
    bound = compile_recipe(parse_recipe(text, source="docs/recipes.md"))
    assert [finding for finding in lint.check(bound) if finding.level == "refuse"] == []


def test_every_length_term_is_documented():
    page = (Path(__file__).parents[1] / "docs" / "recipes.md").read_text(encoding="utf-8")
    ours = (spec for spec in registry.all_specs() if spec.origin.startswith("harmo."))
    names = [spec.name for spec in ours if spec.name.startswith("length.")]
    assert "length.cosine" in names
    assert [name for name in names if f"`{name}`" not in page] == []
