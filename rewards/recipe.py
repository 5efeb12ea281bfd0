"""The recipe: what a reward is made of. YAML in, validated terms out; never from a request."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import (
    Field,
    FiniteFloat,
    ValidationError,
    field_validator,
    model_validator,
)

from harmo.models.base import Meaning
from harmo.rewards.options import Closed, CombineParams, OnAbstain, Schedule
from harmo.scorers import registry
from harmo.scorers.types import Family, Part

Accuracy = Literal["sum", "route", "fallback", "confidence"]
Combine = Literal["sum", "gate", "lexicographic", "geometric", "hero"]
MAX_RECIPE_BYTES = 1 << 20
INTERACTION = "combine.interaction"
"""The extra column of non-additive combiners."""


class RecipeError(ValueError):
    """A recipe cannot be loaded; the message names the recipe, the field and the fix."""


class Term(Closed):
    """One scorer with its weight and params: one column."""

    scorer: str
    name: str = ""
    """Column name; default: the scorer."""
    weight: Annotated[FiniteFloat, Field(ge=0)] = 1.0
    """Share within the family; only ratios matter."""
    params: dict[str, object] = Field(default_factory=dict)
    part: Part | None = None
    """What of the completion it reads; default: the scorer's own."""
    reference: str | None = None
    """Name of another reference to read, from `references`."""


class Recipe(Closed):
    """A recipe file, checked field by field; `compile_recipe` binds it to scorers."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
    description: str = ""
    """What it is for and which data columns it needs."""
    accuracy: Accuracy = "sum"
    weights: dict[str, FiniteFloat | Schedule] = Field(default_factory=dict)
    """Family weights w1..w4; in modes other than `sum`: accuracy, aspect, length."""
    combine: Combine = "sum"
    combine_params: CombineParams = CombineParams()
    on_abstain: OnAbstain = OnAbstain()
    on_truncated: Literal["score", "unscored", "wrong"] = "score"
    min_confidence: Annotated[FiniteFloat, Field(ge=0, le=1)] = 0.9
    """`fallback`: a rule verdict below it gives way to the model."""
    model_trust: bool = False
    """accuracy `sum`: scale the model family, per group, by how far it agrees with the rules."""
    default_task: str | None = None
    tasks: dict[str, str] = Field(default_factory=dict)
    """Overrides of `rule.by_task`'s map from task to scorer."""
    model: tuple[Term, ...] = ()
    rule: tuple[Term, ...] = ()
    aspect: tuple[Term, ...] = ()
    length: tuple[Term, ...] = ()
    shadow: tuple[Term, ...] = ()
    """Scored and logged with weight 0: the held-out judge."""
    allow_inversion: bool = False
    """Permit a recipe in which a wrong completion can outrank a right one."""

    @field_validator("weights")
    @classmethod
    def _finite_weights(cls, weights: dict[str, float | Schedule]) -> dict[str, float | Schedule]:
        for key, weight in weights.items():
            if not isinstance(weight, Schedule) and weight < 0:
                raise ValueError(f"{key}: a family weight must not be negative, got {weight}")
        return weights

    @model_validator(mode="after")
    def _known_weights(self) -> Recipe:
        known = weight_keys(self.accuracy)
        unknown = sorted(set(self.weights) - set(known))
        if unknown:
            raise ValueError(
                f"weights: {', '.join(unknown)} unknown; "
                f"accuracy {self.accuracy!r} takes {', '.join(known)}"
            )
        return self


def weight_keys(accuracy: Accuracy) -> tuple[str, ...]:
    """The family weights a recipe may name in this accuracy mode."""
    if accuracy == "sum":
        return ("model", "rule", "aspect", "length")
    return ("accuracy", "aspect", "length")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One term, bound to its scorer."""

    name: str
    family: Family
    term: Term
    scorer: registry.BoundScorer
    shadow: bool = False
    meaning: Meaning | None = None
    """What a model column's output means; set by the service once its models are loaded."""

    @property
    def part(self) -> Part:
        """What of the completion it reads."""
        return self.term.part or self.scorer.spec.reads

    @property
    def gives_p_correct(self) -> bool:
        """True if its scores are the model's fitted P(correct), which the term leaves as it is."""
        untouched = {"transform": None, "against": None, "reduction": "mean"}
        params = self.scorer.params
        return self.meaning == "p_correct" and all(
            params.get(key, value) == value for key, value in untouched.items()
        )


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A recipe ready to run: its columns in wire order, shadow columns last."""

    recipe: Recipe
    columns: tuple[Column, ...]

    @cached_property
    def version(self) -> str:
        """sha256 of the recipe's canonical form."""
        canonical = json.dumps(self.recipe.model_dump(mode="json"), sort_keys=True)
        return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()

    @cached_property
    def _by_family(self) -> Mapping[Family, tuple[int, ...]]:
        shown = [(k, c.family) for k, c in enumerate(self.columns) if not c.shadow]
        return {family: tuple(k for k, f in shown if f is family) for family in Family}

    def indices(self, *families: Family) -> list[int]:
        """Positions of the families' columns, shadow columns excluded."""
        return sorted(k for family in families for k in self._by_family[family])

    def family_weight(self, key: str, step: int | None) -> float:
        """w1..w4 at a training step; 1 where the recipe is silent."""
        weight = self.recipe.weights.get(key, 1.0)
        return weight.at(step) if isinstance(weight, Schedule) else float(weight)


def parse_recipe(text: str, *, source: str) -> Recipe:
    """Read one recipe from YAML.

    Args:
        text: The YAML document.
        source: Where it came from, for messages.

    Returns:
        The recipe, valid field by field.

    Raises:
        RecipeError: If it is not YAML, too large or not a valid recipe.
    """
    if len(text) > MAX_RECIPE_BYTES:
        raise RecipeError(
            f"{source}: {len(text)} characters; a recipe has at most {MAX_RECIPE_BYTES}"
        )
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise RecipeError(f"{source}: not YAML: {error}") from None
    if not isinstance(document, dict):
        raise RecipeError(f"{source}: a recipe is a mapping with at least a name and one term")
    try:
        return Recipe.model_validate(document)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise RecipeError(f"{source}: {faults}") from None


def load_recipe(path: Path) -> Recipe:
    """Read one recipe file; see `parse_recipe`."""
    try:
        return parse_recipe(path.read_text(encoding="utf-8"), source=str(path))
    except OSError as error:
        raise RecipeError(f"{path}: {error.strerror}") from None


def compile_recipe(recipe: Recipe) -> Plan:
    """Bind a recipe's terms to registered scorers.

    Args:
        recipe: As read from a file.

    Returns:
        Its columns in wire order; model columns do not know yet what their output means.

    Raises:
        RecipeError: If a scorer or param is unknown, a term stands in the wrong family, a column
            name recurs, or every weight is zero.
    """
    columns = tuple(_columns(recipe))
    names = [column.name for column in columns]
    if not names:
        raise RecipeError(f"recipe {recipe.name!r} has no terms; give at least one")
    if INTERACTION in names:
        raise RecipeError(f"recipe {recipe.name!r}: {INTERACTION!r} is not a name for a column")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise RecipeError(
            f"recipe {recipe.name!r}: duplicate columns {', '.join(twice)}; set 'name' on one"
        )
    plan = Plan(recipe=recipe, columns=columns)
    _require_weight(plan)
    return plan


def _columns(recipe: Recipe) -> Iterator[Column]:
    for family in Family:
        for term in getattr(recipe, family.value):
            column = _column(recipe, term, shadow=False)
            if column.family is not family:
                raise RecipeError(
                    f"recipe {recipe.name!r}: {term.scorer} belongs under "
                    f"{column.family!s}, not under {family!s}"
                )
            yield column
    for term in recipe.shadow:
        yield _column(recipe, term, shadow=True)


def _column(recipe: Recipe, term: Term, *, shadow: bool) -> Column:
    try:
        params: Mapping[str, object] = term.params
        if term.scorer == "rule.by_task":
            params = {"tasks": recipe.tasks, "default_task": recipe.default_task, **params}
        bound = registry.bind(term.scorer, params)
    except ValueError as error:
        raise RecipeError(f"recipe {recipe.name!r}: {error}") from None
    return Column(
        name=term.name or term.scorer,
        family=bound.spec.family,
        term=term,
        scorer=bound,
        shadow=shadow,
    )


def _require_weight(plan: Plan) -> None:
    for family in Family:
        terms = [c.term.weight for c in plan.columns if c.family is family and not c.shadow]
        if terms and not sum(terms):
            raise RecipeError(
                f"recipe {plan.recipe.name!r}: every {family!s} term has weight 0; "
                "use shadow for those"
            )
    weights = plan.recipe.weights
    live = {f.value for f in Family if plan.indices(f)}
    if plan.recipe.accuracy != "sum" and live & {"model", "rule"}:
        live = live - {"model", "rule"} | {"accuracy"}
    if all(_never(weights.get(key, 1.0)) for key in live):
        raise RecipeError(
            f"recipe {plan.recipe.name!r}: all weights are zero; every reward would be 0"
        )


def _never(weight: float | Schedule) -> bool:
    """True if a family weight is 0 at every step."""
    return weight.start == weight.end == 0 if isinstance(weight, Schedule) else weight == 0
