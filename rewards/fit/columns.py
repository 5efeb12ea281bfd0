"""Which columns of a recipe are weighed against each other, and what they weigh now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harmo.rewards.combiners import COMBINERS
from harmo.rewards.modes import JUDGES, MODES
from harmo.rewards.options import Schedule
from harmo.rewards.recipe import Recipe
from harmo.scorers.types import Family

ACCURACY = "accuracy"
"""Name of what rule and model pay together, where they share a weight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """One weight to fit."""

    name: str
    key: str
    """Of the recipe's `weights`: its family, or `accuracy`."""
    members: tuple[int, ...]
    """Columns of the recipe that it multiplies; more than one only of `accuracy`."""
    now: float
    """What multiplies it now; 0 for a shadow column."""
    shadow: bool = False


def weighed(
    recipe: Recipe,
    columns: Sequence[tuple[str, Family, bool]],
    *,
    step: int | None,
    shadows: bool = False,
) -> list[Weighed]:
    """What can be weighed, in the recipe's order.

    Where the accuracy mode has rule and model share a weight (`route`, `fallback`, `confidence`)
    what they pay together is one: `accuracy`.

    Args:
        recipe: The present one.
        columns: Name, family, and whether it is a shadow column, in wire order.
        step: At which scheduled weights are read.
        shadows: True to weigh shadow columns, too.
    """
    terms = {
        term.name or term.scorer: term.weight for group in recipe.terms.values() for term in group
    }
    shown = [(k, name, family) for k, (name, family, shadow) in enumerate(columns) if not shadow]
    joined = shares_accuracy(recipe)
    found = []
    judges = tuple(k for k, _, family in shown if family in JUDGES)
    if joined and judges:
        now = family_weight(recipe, Family.RULE, step)
        found.append(Weighed(name=ACCURACY, key=ACCURACY, members=judges, now=now))
    for k, name, family in shown:
        if joined and family in JUDGES:
            continue
        total = sum(terms.get(other, 0.0) for _, other, f in shown if f is family)
        share = terms.get(name, 0.0) / total if total else 0.0
        now = family_weight(recipe, family, step) * share
        found.append(Weighed(name=name, key=family.value, members=(k,), now=now))
    if shadows:
        found += [
            Weighed(name=name, key=family.value, members=(k,), now=0.0, shadow=True)
            for k, (name, family, shadow) in enumerate(columns)
            if shadow and not (joined and family in JUDGES)
        ]
    return found


def shares_accuracy(recipe: Recipe) -> bool:
    """True if what rule and model pay together can be read off, and weighed as one."""
    mode, muted = MODES.named(recipe.accuracy), COMBINERS.named(recipe.combine).muted
    weight = recipe.weights.get(ACCURACY, 1.0)
    pays = weight.start * weight.end > 0 if isinstance(weight, Schedule) else weight > 0
    return mode.shared and pays and not set(JUDGES) & set(muted)


def family_weight(recipe: Recipe, family: Family, step: int | None) -> float:
    """A family's weight at a training step; 1 where the recipe is silent."""
    weight = recipe.weights.get(MODES.named(recipe.accuracy).weight_key(family), 1.0)
    return weight.at(step) if isinstance(weight, Schedule) else float(weight)


def left_behind(recipe: Recipe) -> Mapping[str, str]:
    """What of the present recipe a weighted sum does not have, by field; empty where it is one."""
    lost = {}
    if recipe.combine != "sum":
        lost["combine"] = recipe.combine
    if MODES.named(recipe.accuracy).shared and not shares_accuracy(recipe):
        lost["accuracy"] = recipe.accuracy
    if recipe.model_trust:
        lost["model_trust"] = "true"
    scheduled = [key for key, weight in recipe.weights.items() if isinstance(weight, Schedule)]
    if scheduled:
        lost["weights"] = f"a schedule of {', '.join(scheduled)}"
    return lost
