"""The recipes a service knows: files, shipped ones, and those that are always there."""

from __future__ import annotations

import hashlib
import inspect
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import import_module
from pathlib import Path

import harmo
from harmo.app.hosting import Hosting, MissingResourceError
from harmo.models.base import ModelCard
from harmo.rewards import lint
from harmo.rewards.plan import Column, Plan, compile_recipe
from harmo.rewards.recipe import Recipe, RecipeError, Term, load_recipe
from harmo.scorers.confidence import calibration

log = logging.getLogger("harmo.catalogue")

_RECIPES = Path(harmo.__file__).parent / "recipes"
_CODE = ("harmo.rewards", "harmo.scorers", "harmo.models")
SCALAR = "reward"
"""Name of a head's own scalar output."""


def shipped_recipes() -> Mapping[str, Path]:
    """Files of the shipped recipes, by name."""
    return {path.stem: path for path in sorted(_RECIPES.glob("*.yaml"))}


def read(source: str) -> Recipe:
    """A recipe from a file, or a shipped one by name.

    Args:
        source: Path or name.

    Raises:
        RecipeError: If there is none, or it is not valid.
    """
    shipped = shipped_recipes()
    if source in shipped:
        return load_recipe(shipped[source])
    if not Path(source).is_file():
        raise RecipeError(
            f"no recipe file {source!r} and no shipped recipe of that name; "
            f"shipped: {', '.join(shipped)}"
        )
    return load_recipe(Path(source))


def model_recipes(cards: Sequence[ModelCard]) -> list[Recipe]:
    """For each hosted model the recipe that is it alone: `model`, or `model.<name>` of several."""
    return [
        Recipe(
            name="model" if len(cards) == 1 else f"model.{card.name}",
            description=f"The reward model {card.name} alone, weight 1.",
            model=tuple(_aspect_term(card, aspect) for aspect in _counting(card)),
            shadow=tuple(_aspect_term(card, a) for a in card.aspects if a not in _counting(card)),
        )
        for card in cards
    ]


def is_of_a_model(source: str) -> bool:
    """True of `model` and `model.<name>`, which are there once the models are hosted."""
    return source.partition(".")[0] == "model" and not Path(source).is_file()


def _of_a_model(name: str, built_in: Sequence[Recipe]) -> Recipe:
    for recipe in built_in:
        if recipe.name == name:
            return recipe
    known = ", ".join(recipe.name for recipe in built_in) or "none"
    raise RecipeError(
        f"no recipe file {name!r} and no hosted model of that recipe; "
        f"of hosted models: {known}; host one with --model"
    )


def _counting(card: ModelCard) -> Sequence[str]:
    """The outputs that count: a gated head's own reward already contains its attributes."""
    return (SCALAR,) if SCALAR in card.aspects else card.aspects


def _aspect_term(card: ModelCard, aspect: str) -> Term:
    scalar = len(card.aspects) == 1
    name = f"model.{card.name}" if scalar else f"model.{card.name}.{aspect}"
    return Term(
        scorer="model.reward", name=name, params={"reward_model": card.name, "aspect": aspect}
    )


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """Recipes by name; the first is the default."""

    plans: Mapping[str, Plan]
    default: str
    hosting: Hosting

    @classmethod
    def load(cls, sources: Sequence[str], hosting: Hosting) -> Catalogue:
        """Read, compile and check every recipe.

        Args:
            sources: Files or shipped names, the first the default.
            hosting: The loaded models, whose outputs the checks know.

        Raises:
            RecipeError: If a recipe is not valid, is refused, or a name recurs.
        """
        built_in = model_recipes([model.card for model in hosting.models.values()])
        asked = [_of_a_model(s, built_in) if is_of_a_model(s) else read(s) for s in sources]
        others = [recipe for recipe in built_in if recipe not in asked]
        if not any(recipe.name == "math" for recipe in asked):
            others.append(read("math"))
        plans: dict[str, Plan] = {}
        for recipe in [*asked, *others]:
            if recipe.name in plans:
                raise RecipeError(f"two recipes are named {recipe.name!r}; rename one")
            plans[recipe.name] = plan_of(recipe, hosting)
        return cls(plans=plans, default=next(iter(plans)), hosting=hosting)

    def get(self, name: str | None) -> Plan | None:
        """The recipe of that name, the default for None, None if unknown."""
        return self.plans.get(name or self.default)

    @cached_property
    def config_sha(self) -> str:
        """12 digits of the sha256 over what is loaded: replicas that have the same agree on it.

        Neither files' places, devices nor rungs have a part in it.
        """
        recipes = sorted((name, plan.version) for name, plan in self.plans.items())
        models = sorted((card.name, card.version) for card in self.hosting.cards())
        loaded = json.dumps([self.default, recipes, models])
        return hashlib.sha256(loaded.encode()).hexdigest()[:12]

    @cached_property
    def scorer_version(self) -> str:
        """sha256 over scorer code, plugins, calibrations and model weights."""
        digest = hashlib.sha256(calibration.version().encode())
        origins = {c.scorer.spec.origin for plan in self.plans.values() for c in plan.columns}
        plugins = {origin for origin in origins if not _is_ours(origin)}
        for module in (*_CODE, *sorted(plugins)):
            digest.update(_code_digest(module))
        for card in self.hosting.cards():
            digest.update(f"{card.name} {card.version}".encode())
        return "sha256:" + digest.hexdigest()


def plan_of(recipe: Recipe, hosting: Hosting) -> Plan:
    """A recipe bound to scorers and hosted models, checked; warnings go to the log.

    Args:
        recipe: As read.
        hosting: The loaded models, whose outputs the checks know.

    Raises:
        RecipeError: If it is refused.
    """
    plan = compile_recipe(recipe)
    try:
        columns = tuple(_with_meaning(column, hosting) for column in plan.columns)
    except MissingResourceError as error:
        raise RecipeError(f"recipe {recipe.name!r}: {error}") from None
    plan = Plan(recipe=recipe, columns=columns)
    findings = lint.check(plan)
    refused = [finding.message for finding in findings if finding.level == "refuse"]
    if refused:
        raise RecipeError(f"recipe {recipe.name!r} is refused: {'; '.join(refused)}")
    for finding in findings:
        log.warning(
            "recipe_warning recipe=%s code=%s %s", recipe.name, finding.code, finding.message
        )
    return plan


def _with_meaning(column: Column, hosting: Hosting) -> Column:
    card = hosting.card(column.scorer)
    if card is None:
        return column
    aspect = column.scorer.params.get("aspect")
    if aspect is not None and aspect not in card.aspects:
        known = ", ".join(card.aspects)
        raise MissingResourceError(f"model {card.name} has no output {aspect!r}; it has {known}")
    return replace(column, meaning=card.meaning)


def _is_ours(module: str) -> bool:
    """True of the packages in `_CODE` and what is in them, not of a name that begins the same."""
    return any(module == package or module.startswith(f"{package}.") for package in _CODE)


def _code_digest(module: str) -> bytes:
    """sha256 over a module's source, or over all of a package's."""
    source = inspect.getsourcefile(import_module(module))
    if source is None:
        return b""
    path = Path(source)
    files = sorted(path.parent.rglob("*.py")) if path.name == "__init__.py" else [path]
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.digest()
