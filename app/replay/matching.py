"""Which stored column stands for a column of another recipe."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pydantic import ValidationError

from harmo.audit.records import KeptRecipe
from harmo.rewards.modes import JUDGES
from harmo.rewards.options import Schedule
from harmo.rewards.plan import Column, Plan, compile_recipe
from harmo.rewards.recipe import Recipe, RecipeError
from harmo.scorers.types import Family


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """What of a stored recipe's scores stands for the columns of a plan."""

    places: tuple[int | None, ...]
    """Per column of the plan the stored column that stands for it; None where it must be scored."""
    missing: tuple[int, ...]
    """Columns of the plan that must be scored."""
    lengths: tuple[int, ...]
    """Columns of the plan that read correctness: the length family, shadow columns among it."""
    rejudged: bool
    """True if correctness may come out otherwise than the stored length terms saw it. Where it
    does, a length column's stored scores do not stand."""
    dropped: tuple[int, ...]
    """Stored columns that stand for none of the plan's."""

    @property
    def same_places(self) -> bool:
        """True if every column stands where its stored one does, and none was dropped."""
        return not self.dropped and self.places == tuple(range(len(self.places)))


def matched(plan: Plan, recipe: KeptRecipe) -> Matched:
    """Match columns by what their scores depend on: name, weight and family weight make no odds.

    Scorer, params (with the tasks of a dispatcher), part and reference must be equal, and the tags
    round the think part. Which model a column calls counts by its param only: its weights are
    the `scorer_version`'s business.

    Args:
        plan: The recipe to replay under.
        recipe: As it was stored.
    """
    kept = stored_plan(recipe)
    lengths = tuple(k for k, c in enumerate(plan.columns) if c.family is Family.LENGTH)
    every = tuple(range(len(plan.columns)))
    if kept is None or kept.think_tags != plan.think_tags:
        dropped = tuple(range(len(recipe.columns)))
        return Matched(
            places=(None,) * len(every),
            missing=every,
            lengths=lengths,
            rejudged=True,
            dropped=dropped,
        )
    free = list(enumerate(kept.columns))
    places = tuple(_take(column, free) for column in plan.columns)
    return Matched(
        places=places,
        missing=tuple(k for k in every if places[k] is None),
        lengths=lengths,
        rejudged=_judging(plan, places) != _judging(kept, tuple(range(len(kept.columns)))),
        dropped=tuple(k for k, _ in free),
    )


def stored_plan(recipe: KeptRecipe) -> Plan | None:
    """The plan of a stored recipe; None where today's code reads none, or other columns, in it."""
    try:
        plan = compile_recipe(Recipe.model_validate(dict(recipe.recipe)))
    except (RecipeError, ValidationError):
        return None
    if [column.name for column in plan.columns] != [column.name for column in recipe.columns]:
        return None
    columns = tuple(
        replace(column, meaning=stored.meaning)
        for column, stored in zip(plan.columns, recipe.columns, strict=True)
    )
    return Plan(recipe=plan.recipe, columns=columns)


def meant(plan: Plan, recipe: KeptRecipe) -> Plan:
    """The plan, each column meaning what the stored scores mean that stand for it.

    Args:
        plan: Whose models may not be hosted, or may have been fitted since.
        recipe: As it was stored.
    """
    places = matched(plan, recipe).places
    columns = tuple(
        column if place is None else replace(column, meaning=recipe.columns[place].meaning)
        for column, place in zip(plan.columns, places, strict=True)
    )
    return Plan(recipe=plan.recipe, columns=columns)


def identity(column: Column) -> tuple[object, ...]:
    """What a column's scores depend on, besides code and weights; equal columns score alike."""
    scorer = column.scorer
    return (
        scorer.spec.name,
        dict(scorer.params),
        scorer.resource_name,
        column.part,
        column.term.reference,
    )


def _take(column: Column, free: list[tuple[int, Column]]) -> int | None:
    """The place of an equal column, the one of its name first, and no longer free."""
    wanted = identity(column)
    alike = [(k, other) for k, other in free if identity(other) == wanted]
    if not alike:
        return None
    found = next((pair for pair in alike if pair[1].name == column.name), alike[0])
    free.remove(found)
    return found[0]


def _judging(plan: Plan, places: tuple[int | None, ...]) -> tuple[object, ...]:
    """All that a completion's correctness depends on besides its scores, by stored columns."""
    recipe, mode = plan.recipe, plan.mode
    shares = {
        family: sorted(
            (str(places[k]), share) for k, share in plan.shares(plan.by_family[family], 1.0).items()
        )
        for family in JUDGES
    }
    return (
        mode.name,
        recipe.on_truncated,
        recipe.min_confidence if mode.unsure_gives_way else None,
        shares,
        [_pays(plan, family) for family in JUDGES],
        [sorted(str(places[k]) for k in plan.by_family[family]) for family in JUDGES],
    )


def _pays(plan: Plan, family: Family) -> object:
    """Whether a family has a weight: of a schedule the schedule itself, as it may reach 0."""
    weight = plan.recipe.weights.get(plan.mode.weight_key(family), 1.0)
    return weight if isinstance(weight, Schedule) else weight > 0
