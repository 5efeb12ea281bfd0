"""What has to be done to replay one stored recipe version under a plan."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from harmo.app.replay.lengths import reads_numbers
from harmo.app.replay.matching import Matched, matched, meant, stored_plan
from harmo.audit.records import KeptRecipe
from harmo.rewards.changes import ColumnPair
from harmo.rewards.plan import INTERACTION, Plan
from harmo.scorers.spec import ScorerSpec
from harmo.scorers.types import Family

Key = tuple[str, str, str]
"""Name, version and scorer version of a stored recipe."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """One stored recipe version, and how its groups are replayed."""

    recipe: KeptRecipe
    plan: Plan
    matched: Matched
    """Which stored scores stand for the plan's columns, whether they are used or not."""
    rescore: bool
    """True to use none of them."""

    @cached_property
    def used(self) -> Matched:
        """Which stored scores are used."""
        if not self.rescore:
            return self.matched
        count = len(self.plan.columns)
        return Matched(
            places=(None,) * count,
            missing=tuple(range(count)),
            lengths=self.matched.lengths,
            rejudged=True,
            dropped=tuple(range(len(self.recipe.columns))),
        )

    @cached_property
    def runs(self) -> tuple[int, ...]:
        """Columns of the plan that an engine has to run.

        Length terms that read numbers only are not among them: they are scored on the way.
        """
        firsts = [k for k in self.used.missing if k not in self.used.lengths]
        lengths = [
            k
            for k in self.used.lengths
            if (k in self.used.missing or self.used.rejudged)
            and not reads_numbers(self.plan.columns[k])
        ]
        return tuple(sorted([*firsts, *lengths]))

    @cached_property
    def needs_pictures(self) -> bool:
        """True if one of those may look at the pictures themselves."""
        return any(_looks(self.plan.columns[k].scorer.spec) for k in self.runs)

    @property
    def all_pairs(self) -> tuple[ColumnPair, ...]:
        """The columns of every group it may meet."""
        stored = stored_plan(self.recipe)
        return self.pairs(interaction=stored is None or stored.interacts)

    def pairs(self, *, interaction: bool) -> tuple[ColumnPair, ...]:
        """The columns before and after.

        Args:
            interaction: True if the stored contributions end in the interaction.
        """
        plan, stored = self.plan, self.recipe.columns
        left = {stored[k].name: k for k in self.matched.dropped}
        pairs = []
        for k, column in enumerate(plan.columns):
            place = self.matched.places[k]
            if place is None and stored and column.name in left:
                same = stored[left[column.name]].family is column.family
                place = left.pop(column.name) if same else None
            pairs.append(ColumnPair(name=column.name, before=place, after=k))
        names = {pair.name for pair in pairs}
        for name, k in left.items():
            shown = f"{name} (stored)" if name in names else name
            pairs.append(ColumnPair(name=shown, before=k, after=None))
        if interaction or plan.interacts:
            before = len(stored) if interaction else None
            after = len(plan.columns) if plan.interacts else None
            pairs.append(ColumnPair(name=INTERACTION, before=before, after=after))
        return tuple(pairs)


def jobs(plan: Plan, recipes: Sequence[KeptRecipe], *, rescore: bool) -> dict[Key, Job]:
    """A job per stored version.

    Args:
        plan: The recipe to replay under; hosted models have told what their outputs mean.
        recipes: The stored versions.
        rescore: True to use no stored scores.
    """
    made = {}
    for recipe in recipes:
        known = plan if rescore else meant(plan, recipe)
        made[key(recipe)] = Job(
            recipe=recipe, plan=known, matched=matched(known, recipe), rescore=rescore
        )
    return made


def key(recipe: KeptRecipe) -> Key:
    """What tells a stored version from others."""
    return recipe.name, recipe.version, recipe.scorer_version


def column_key(plan: Plan, column: int, scorer_version: str) -> str:
    """What a column's scores depend on, in hexadecimal: results of one key are interchangeable.

    Args:
        plan: The recipe.
        column: Its place; length columns depend on all of the recipe, by correctness.
        scorer_version: Of what scores.
    """
    found, recipe = plan.columns[column], plan.recipe
    told: list[object] = [scorer_version, plan.think_tags, found.term.scorer, found.term.params]
    told += [found.part, found.term.reference]
    if found.scorer.spec.dispatches:
        told += [recipe.model_dump(mode="json", include={"tasks", "default_task"})]
    if found.family is Family.LENGTH:
        told += [plan.version]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _looks(spec: ScorerSpec) -> bool:
    return spec.family is not Family.LENGTH and (spec.carries is None or "images" in spec.carries)
