"""One recipe as its page shows it, from its document: what it pays, by what, and what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import ValidationError

from harmo.console.model.recipes.differences import Document
from harmo.console.model.recipes.scorers import (
    Calibrated,
    ScorerEntry,
    calibrated,
    entry,
    ranging,
)
from harmo.console.model.whatif.composed import as_yaml, load_scorers
from harmo.models.documents import said
from harmo.rewards import lint
from harmo.rewards.explain import formula, in_words
from harmo.rewards.lint import Finding
from harmo.rewards.plan import Column, Plan, compile_recipe
from harmo.rewards.recipe import Recipe, RecipeError
from harmo.scorers.spec import BoundScorer
from harmo.scorers.types import Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnEntry:
    """One column of a recipe."""

    name: str
    family: str
    shadow: bool
    weight: str
    """The most that multiplies it, at the first step; empty for a shadow column."""
    part: str
    """What of the completion it reads."""
    reference: str
    """The name of the reference it reads; empty for the sample's own."""
    params: tuple[tuple[str, str], ...]
    """Those that the recipe sets."""
    bounds: str
    scorer: ScorerEntry
    calibrated: tuple[Calibrated, ...]
    """Of its scorer, or where it dispatches of those that the recipe sends tasks to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeEntry:
    """A recipe, as far as this machine knows its scorers."""

    name: str
    description: str
    formula: str = ""
    words: tuple[str, ...] = ()
    columns: tuple[ColumnEntry, ...] = ()
    findings: tuple[Finding, ...] = ()
    yaml: str = ""
    fault: str = ""
    """Why it cannot be compiled here, in the words of the error."""


def recipe_entry(document: Document) -> RecipeEntry:
    """What a page says of a recipe.

    Args:
        document: Its file as JSON, as a store or a service gives it.
    """
    load_scorers()
    name, description = str(document.get("name", "")), str(document.get("description", ""))
    try:
        plan = compile_recipe(Recipe.model_validate(document))
    except ValidationError as error:
        return RecipeEntry(name=name, description=description, fault=said(error, document))
    except RecipeError as error:
        return RecipeEntry(
            name=name, description=description, yaml=as_yaml(document), fault=str(error)
        )
    return RecipeEntry(
        name=name,
        description=description,
        formula=formula(plan),
        words=tuple(_sentences(plan)),
        columns=tuple(_column(plan, column) for column in plan.columns),
        findings=tuple(lint.check(plan)),
        yaml=as_yaml(document),
    )


def _sentences(plan: Plan) -> Iterator[str]:
    """What `in_words` says, without the description and the columns, which stand apart."""
    description = plan.recipe.description.strip()
    for line in in_words(plan).removeprefix(description).strip().split("\n"):
        if line == "Columns:":
            return
        yield line


def _column(plan: Plan, column: Column) -> ColumnEntry:
    spec = column.scorer.spec
    asked = {spec.name} | (_dispatched(plan.recipe, column) if spec.dispatches else set())
    return ColumnEntry(
        name=column.name,
        family=column.family.value,
        shadow=column.shadow,
        weight="" if column.shadow else f"{_weight(plan, column):.3g}",
        part=column.part,
        reference=column.term.reference or "",
        params=tuple((key, str(value)) for key, value in column.term.params.items()),
        bounds=ranging(column.output.bounds),
        scorer=entry(spec),
        calibrated=tuple(row for name in sorted(asked) for row in calibrated(name)),
    )


def _weight(plan: Plan, column: Column) -> float:
    shares = plan.shares(plan.by_family[column.family], plan.weight(column.family, None))
    return shares.get(plan.columns.index(column), 0.0)


def _dispatched(recipe: Recipe, column: Column) -> set[str]:
    """The scorers that a dispatcher hands the recipe's tasks to, and groups without a task."""
    scorer = column.scorer
    asked = (scorer.spec.fn(Sample(task=task), **scorer.params) for task in (None, *recipe.tasks))
    return {found.spec.name for found in asked if isinstance(found, BoundScorer)}
