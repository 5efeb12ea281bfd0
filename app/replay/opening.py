"""An engine for the columns that have to run, loaded as `harmo serve` loads its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from harmo.app.catalogue import Catalogue
from harmo.app.engine import Engine
from harmo.app.hosting import Hosting, MissingResourceError
from harmo.app.loading import host
from harmo.app.settings import Settings
from harmo.app.startup import build
from harmo.rewards import lint
from harmo.rewards.plan import Column, Plan, compile_recipe
from harmo.rewards.recipe import Recipe, RecipeError


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What scores."""

    engine: Engine
    hosting: Hosting
    plan: Plan
    """The recipe, with what the hosted models say of their outputs."""
    scorer_version: str


@asynccontextmanager
async def opened(
    settings: Settings, recipe: Recipe, columns: Sequence[Column], hosting: Hosting | None = None
) -> AsyncIterator[Opened]:
    """An engine that can run some columns of a recipe; what only the others need is not loaded.

    Args:
        settings: Models, device and workers.
        recipe: To replay under.
        columns: Those that have to run.
        hosting: Models that are loaded already.

    Raises:
        RecipeError: If a column needs a model that is not hosted, or the recipe is refused.
    """
    service = build(settings.model_copy(update={"audit": None, "recipes": ()}), hosting)
    try:
        wanted = any(_is_embedded(column) for column in columns)
        await host(service.settings, service.hosting, service.metrics, wants_encoder=wanted)
        for column in columns:
            _require(column, service.hosting, recipe)
        plan = plan_under(recipe, service.hosting)
        yield Opened(
            engine=service.engine,
            hosting=service.hosting,
            plan=plan,
            scorer_version=scorer_version(plan, service.hosting),
        )
    finally:
        await service.close()


def plan_under(recipe: Recipe, hosting: Hosting) -> Plan:
    """The plan, with what hosted models say of their outputs; a model need not be hosted.

    Args:
        recipe: As read.
        hosting: The loaded models.

    Raises:
        RecipeError: If it is refused, as `harmo serve` refuses it.
    """
    plan = compile_recipe(recipe)
    plan = Plan(recipe=recipe, columns=tuple(_known(column, hosting) for column in plan.columns))
    refused = [finding.message for finding in lint.check(plan) if finding.level == "refuse"]
    if refused:
        raise RecipeError(f"recipe {recipe.name!r} is refused: {'; '.join(refused)}")
    return plan


def scorer_version(plan: Plan, hosting: Hosting) -> str:
    """sha256 over scorer code, plugins, calibrations and the weights that are loaded."""
    name = plan.recipe.name
    return Catalogue(plans={name: plan}, default=name, hosting=hosting).scorer_version


def is_hosted(column: Column, hosting: Hosting) -> bool:
    """True if the model that a column calls is loaded, or it calls none."""
    try:
        hosting.card(column.scorer)
    except MissingResourceError:
        return False
    return True


def _is_embedded(column: Column) -> bool:
    scorer = column.scorer
    return scorer.spec.resource == "encoder" and scorer.resource_name is None


def _known(column: Column, hosting: Hosting) -> Column:
    card = hosting.card(column.scorer) if is_hosted(column, hosting) else None
    return column if card is None else replace(column, meaning=card.meaning)


def _require(column: Column, hosting: Hosting, recipe: Recipe) -> None:
    """Refuse a column whose model is not there, or does not give what it asks for."""
    try:
        card = hosting.card(column.scorer)
    except MissingResourceError as error:
        raise RecipeError(f"recipe {recipe.name!r}: {error}") from None
    aspect = column.scorer.params.get("aspect")
    if card is not None and aspect is not None and aspect not in card.aspects:
        known = ", ".join(card.aspects)
        raise RecipeError(f"model {card.name} has no output {aspect!r}; it has {known}")
