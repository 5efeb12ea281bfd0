"""Groups as plain tuples, for the way to the process that writes, and back.

To pickle the frozen values themselves would cost the service six times as much.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Sequence
from operator import attrgetter
from typing import Any, cast

from harmo.audit.records import KeptColumn, KeptGroup, KeptRecipe, Texts
from harmo.rewards.plan import Plan
from harmo.scorers.types import Group, Reward, Sample, Score

Plain = tuple[Any, ...]

_GROUP = ("id", "size", "run", "step", "split", "correctness")
_GIVEN = ("prompt", "prefix", "images", "reference", "references", "task", "constraints")
_SAMPLE = (*_GIVEN, "metadata", "think_tags", "completion", "num_tokens", "truncated")
_BARE = ("value", "confidence", "reason")
_SCORE = (*_BARE, "detail")
_PAID = ("value", "reason", "contributions")
_RECIPE = ("name", "version", "scorer_version", "recipe")
_COLUMN = ("name", "family", "shadow", "meaning")

_of_group, _of_sample = attrgetter(*_GROUP), attrgetter(*_SAMPLE)
_of_score, _of_bare = attrgetter(*_SCORE), attrgetter(*_BARE)
_of_reward = attrgetter(*_PAID)
_of_recipe, _of_column = attrgetter(*_RECIPE), attrgetter(*_COLUMN)

# The store reads their fields and no more: to build the frozen values took four times as long.
_Sample: Any = namedtuple("_Sample", _SAMPLE)  # type: ignore[misc]  # the names stand above, once
_Score: Any = namedtuple("_Score", _SCORE, defaults=({},))  # type: ignore[misc]
_Reward: Any = namedtuple("_Reward", (*_PAID, "scores"))  # type: ignore[misc]


def kept_recipe(plan: Plan, scorer_version: str) -> KeptRecipe:
    """A recipe as the store keeps it."""
    return KeptRecipe(
        name=plan.recipe.name,
        version=plan.version,
        scorer_version=scorer_version,
        columns=tuple(
            KeptColumn(name=c.name, family=c.family, shadow=c.shadow, meaning=c.meaning)
            for c in plan.columns
        ),
        recipe=plan.recipe.model_dump(mode="json"),
    )


def plain_recipe(recipe: KeptRecipe) -> Plain:
    """A recipe, taken apart."""
    return (*_of_recipe(recipe), tuple(map(_of_column, recipe.columns)))


def recipe_of(taken: Plain) -> KeptRecipe:
    """What `plain_recipe` took apart."""
    *own, columns = taken
    return KeptRecipe(
        **_named(_RECIPE, own),
        columns=tuple(KeptColumn(**_named(_COLUMN, column)) for column in columns),
    )


def plain_group(
    group: Group,
    scores: Sequence[Sequence[Score]],
    rewards: Sequence[Reward],
    *rest: object,
    detail: bool,
) -> Plain:
    """A group and what it came to, taken apart; what siblings share goes once.

    Args:
        group: The samples, with their correctness.
        scores: By sample and column, from before `on_truncated` read them.
        rewards: By sample.
        *rest: When it was scored, ids, faults, weights, and whether there is an interaction.
        detail: True to keep the scorers' evidence.
    """
    of_score = _of_score if detail else _of_bare
    return (
        _of_group(group),
        tuple(map(_of_sample, group.samples)),
        [tuple(map(of_score, row)) for row in scores],
        tuple(map(_of_reward, rewards)),
        *rest,
    )


def kept_of(taken: Plain, recipe: KeptRecipe, texts: Texts, *, detail: bool = True) -> KeptGroup:
    """What the store keeps of a group that `plain_group` took apart; good for being written only.

    Args:
        taken: The group.
        recipe: What scored it.
        texts: How much of what was written.
        detail: False to leave out the scorers' evidence.
    """
    shown = None if detail else len(_BARE)
    own, samples, scores, rewards, scored_at_s, ids, faults, weights, interaction = taken
    return KeptGroup(
        recipe=recipe,
        scored_at_s=scored_at_s,
        group=Group(
            **_named(_GROUP, own),
            samples=cast("tuple[Sample, ...]", tuple(map(_Sample._make, samples))),
        ),
        ids=ids,
        faults=faults,
        weights=weights,
        rewards=cast(
            "tuple[Reward, ...]",
            tuple(
                _Reward._make((*reward, tuple(_Score(*score[:shown]) for score in row)))
                for reward, row in zip(rewards, scores, strict=True)
            ),
        ),
        interaction=interaction,
        texts=texts,
    )


def _named(names: Sequence[str], values: Sequence[Any]) -> dict[str, Any]:
    return dict(zip(names, values, strict=True))
