"""A recipe's document as a composition that stands, or the words that refuse it; and as YAML."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml
from pydantic import ValidationError

from harmo.console.model.whatif.edits import Document
from harmo.models.documents import said
from harmo.rewards import lint
from harmo.rewards.plan import Plan, compile_recipe
from harmo.rewards.recipe import Recipe, RecipeError
from harmo.scorers import registry

MAX_NAME = 64
EDITED = "-edited"
"""What the name of an edited recipe ends in: a service knows the other one by its name."""

_ACCEPTABLE = frozenset({"inversion"})
"""Codes of refusals that a recipe can accept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """What an edited recipe is."""

    plan: Plan | None
    """None where there are no numbers to be had."""
    refusals: tuple[str, ...] = ()
    """Why a service would not load it, in the words of the recipe's own errors. Where all that is
    wrong can be accepted by a field of the recipe, there is a plan all the same."""
    warnings: tuple[str, ...] = ()


def composed(document: Document) -> Composed:
    """A recipe compiled and checked as a service would at its start.

    Args:
        document: A recipe's file as JSON.
    """
    load_scorers()
    try:
        plan = compile_recipe(Recipe.model_validate(document))
    except ValidationError as error:
        return Composed(plan=None, refusals=(said(error, document),))
    except RecipeError as error:
        return Composed(plan=None, refusals=(str(error),))
    found = lint.check(plan)
    refused = [each for each in found if each.level == "refuse"]
    return Composed(
        plan=plan if {each.code for each in refused} <= _ACCEPTABLE else None,
        refusals=tuple(each.message for each in refused),
        warnings=tuple(each.message for each in found if each.level == "warn"),
    )


def whole(document: Document) -> dict[str, Any]:
    """A stored recipe with every field that today's code knows.

    Args:
        document: As an older or newer service may have written it.

    Raises:
        RecipeError: If it is no recipe to today's code; the message says why.
    """
    try:
        return Recipe.model_validate(document).model_dump(mode="json")
    except ValidationError as error:
        raise RecipeError(said(error, document)) from None


def as_yaml(document: Document, *, name: str | None = None) -> str:
    """A recipe's file as people write it: what is a default is left out, a term is one line.

    Args:
        document: A valid recipe.
        name: To write in place of its own.
    """
    recipe = Recipe.model_validate({**document, **({"name": name} if name else {})})
    short: dict[str, Any] = recipe.model_dump(mode="json", exclude_defaults=True)
    return "".join(_entry(key, value) for key, value in short.items())


def _entry(key: str, value: object) -> str:
    if isinstance(value, list):
        return f"{key}:\n" + "".join(f"  - {_flow(term)}\n" for term in value)
    if isinstance(value, dict):
        return f"{key}: {_flow(value)}\n"
    return yaml.safe_dump({key: value}, allow_unicode=True, width=100)


def _flow(value: object) -> str:
    """On one line, in the order given."""
    line = yaml.safe_dump(
        value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=math.inf
    )
    return line.strip()


def edited_name(name: str) -> str:
    """What an edited recipe is called."""
    return name if name.endswith(EDITED) else name[: MAX_NAME - len(EDITED)] + EDITED


@cache
def load_scorers() -> None:
    """Every scorer that this machine has, plugins among them; once."""
    registry.load()
