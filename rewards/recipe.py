"""The recipe: what a reward is made of. YAML in, validated terms out; never from a request."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    Field,
    FiniteFloat,
    ValidationError,
    field_validator,
    model_validator,
)

from harmo.models.documents import DocumentError, parse_yaml, read_text, said
from harmo.rewards.combiners import COMBINERS
from harmo.rewards.modes import MODES
from harmo.rewards.options import Closed, CombineParams, OnAbstain, Schedule
from harmo.scorers.types import Family, Part

MAX_RECIPE_BYTES = 1 << 20


class RecipeError(ValueError):
    """A recipe cannot be loaded; the message names the recipe, the field and the fix."""


def _known_mode(name: str) -> str:
    return MODES.named(name).name


def _known_combiner(name: str) -> str:
    return COMBINERS.named(name).name


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
    """A recipe file, checked field by field; `plan.compile_recipe` binds it to scorers."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
    description: str = ""
    """What it is for and which data columns it needs."""
    accuracy: Annotated[str, AfterValidator(_known_mode)] = "sum"
    weights: dict[str, FiniteFloat | Schedule] = Field(default_factory=dict)
    """Family weights w1..w4; in modes other than `sum`: accuracy, aspect, length."""
    combine: Annotated[str, AfterValidator(_known_combiner)] = "sum"
    combine_params: CombineParams = CombineParams()
    on_abstain: OnAbstain = OnAbstain()
    on_truncated: Literal["score", "unscored", "wrong"] = "score"
    min_confidence: Annotated[FiniteFloat, Field(ge=0, le=1)] = 0.9
    """`fallback`: a rule verdict below it gives way to the model."""
    model_trust: bool = False
    """accuracy `sum`: scale the model family, per group, by how far it agrees with the rules."""
    default_task: str | None = None
    tasks: dict[str, str | dict[str, object]] = Field(default_factory=dict)
    """For a scorer that dispatches: overrides of its map from task to scorer, or to one with params
    (`{scorer: NAME, params: {...}}`)."""
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
        known = MODES.named(self.accuracy).weight_keys
        unknown = sorted(set(self.weights) - set(known))
        if unknown:
            raise ValueError(
                f"weights: {', '.join(unknown)} unknown; "
                f"accuracy {self.accuracy!r} takes {', '.join(known)}"
            )
        return self

    @property
    def terms(self) -> Mapping[Family, tuple[Term, ...]]:
        """The terms that count, by family."""
        return {
            Family.MODEL: self.model,
            Family.RULE: self.rule,
            Family.ASPECT: self.aspect,
            Family.LENGTH: self.length,
        }


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
        document = parse_yaml(text, source=source)
    except DocumentError as error:
        raise RecipeError(str(error)) from None
    if not isinstance(document, dict):
        raise RecipeError(f"{source}: a recipe is a mapping with at least a name and one term")
    try:
        return Recipe.model_validate(document)
    except ValidationError as error:
        raise RecipeError(f"{source}: {said(error, document)}") from None


def load_recipe(path: Path) -> Recipe:
    """Read one recipe file; see `parse_recipe`."""
    try:
        text = read_text(path)
    except DocumentError as error:
        raise RecipeError(str(error)) from None
    return parse_recipe(text, source=str(path))
