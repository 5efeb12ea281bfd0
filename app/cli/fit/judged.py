"""Lines and stored groups together: siblings with scores, and preferences between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from pydantic import ValidationError

from harmo.app.cli.fit.found import Found, Unknown, groups_of, place_of
from harmo.app.cli.fit.stated import Asked, Labelled, Preferred
from harmo.audit.read import Reader
from harmo.audit.records import KeptRecipe
from harmo.models import documents
from harmo.rewards.fit import ACCURACY, Settled, Siblings, Weighed, of_labels, settled, weighed
from harmo.rewards.fit.columns import family_weight
from harmo.rewards.fit.solver import Floats
from harmo.rewards.recipe import Recipe
from harmo.rewards.signals.layout import Layout
from harmo.rewards.signals.stored import truncated_wrong
from harmo.scorers.types import Family

_VERSION = "sha256:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What was said, of groups that one recipe scored."""

    kept: KeptRecipe
    """The newest version of it."""
    recipe: Recipe
    columns: Sequence[Weighed]
    siblings: Siblings
    settled: Settled
    """Places are rows of `siblings`."""
    unknown: Unknown
    both: int
    """Completions that were labelled right and wrong: they do not count."""
    others: Mapping[str, int]
    """Groups that were left out, by the recipe that scored them."""
    versions: int
    """Of the recipe and its scorers, among the groups."""

    @property
    def families(self) -> Sequence[Family]:
        """Of every column of the recipe."""
        return [column.family for column in self.kept.columns]


def judged(
    reader: Reader,
    lines: Sequence[tuple[int, Preferred | Labelled]],
    *,
    recipe: str | None,
    shadows: bool,
) -> Judged:
    """What lines say of what a store has.

    Args:
        reader: Of the store.
        lines: With their numbers, all of one kind.
        recipe: Name, or version or its beginning; None for the only one that scored these groups.
        shadows: True to weigh shadow columns, too.

    Raises:
        ValueError: If nothing that was named is there, or several recipes scored it.
    """
    found = groups_of(reader, (line.group for _, line in lines))
    said, unknown = _said(found, lines)
    if not said:
        why = f": {unknown.messages[0]}" if unknown.messages else ""
        raise ValueError(f"nothing that was said is of a completion in the store{why}")
    chosen = chosen_groups([group for group, _ in said.values()], recipe)
    kept, groups = chosen.kept, chosen.groups
    try:
        read = Recipe.model_validate(kept.recipe)
    except ValidationError as error:
        raise ValueError(
            f"recipe {kept.name!r} was stored in a form that is none any more: "
            f"{documents.said(error, kept.recipe)}"
        ) from None
    columns = weighed(
        read,
        [(column.name, column.family, column.shadow) for column in kept.columns],
        step=max((group.step for group in groups if group.step is not None), default=None),
        shadows=shadows,
    )
    labels = any(isinstance(line, Labelled) for _, line in lines)
    decided, both = _settled([said[group.number][1] for group in groups], labels=labels)
    return Judged(
        kept=kept,
        recipe=read,
        columns=columns,
        siblings=_siblings(groups, columns, read, kept),
        settled=_in_rows(decided, groups),
        unknown=unknown,
        both=both,
        others=chosen.others,
        versions=len({(g.recipe.version, g.recipe.scorer_version) for g in groups}),
    )


_OfGroup = list[tuple[int, int, bool]]
"""What was said of a group: as a line says it, by places."""


def _said(
    found: Mapping[int | Asked, Found], lines: Iterable[tuple[int, Preferred | Labelled]]
) -> tuple[dict[int, tuple[Found, _OfGroup]], Unknown]:
    """By number of a group what is said of its completions; and what is not in the store."""
    said: dict[int, tuple[Found, _OfGroup]] = {}
    unknown = Unknown()
    for number, line in lines:
        one, other, flag = line.says
        try:
            places = place_of(found, line.group, one), place_of(found, line.group, other)
        except KeyError as error:
            unknown.add(number, error.args[0])
        else:
            group = found[line.group]
            said.setdefault(group.number, (group, []))[1].append((*places, flag))
    return said, unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Groups that one recipe scored."""

    kept: KeptRecipe
    """Its newest version among them."""
    groups: Sequence[Found]
    """By number."""
    others: Mapping[str, int]
    """How many are left out, by what scored them."""


def chosen_groups(groups: Sequence[Found], recipe: str | None) -> Chosen:
    """The groups that a recipe scored, with the columns that its newest version has.

    Args:
        groups: At least one.
        recipe: Name, or version or its beginning; None where there is only one.

    Raises:
        ValueError: If none is of it, or it is not said which of several.
    """
    counts = Counter(group.recipe.name for group in groups)
    if recipe is None and len(counts) > 1:
        known = ", ".join(f"{name} ({count} groups)" for name, count in counts.most_common())
        raise ValueError(f"several recipes scored these groups: {known}; say which with --recipe")
    asked = [g for g in groups if recipe is None or is_named(g.recipe, recipe)]
    if not asked:
        raise ValueError(f"recipe {recipe!r} scored none of these groups; {', '.join(counts)} did")
    newest = max(asked, key=lambda group: group.number).recipe
    kept = [group for group in asked if group.recipe.columns == newest.columns]
    here = {group.number for group in kept}
    others = Counter(_why_not(g.recipe, newest) for g in groups if g.number not in here)
    return Chosen(
        kept=newest, groups=sorted(kept, key=lambda group: group.number), others=dict(others)
    )


def is_named(recipe: KeptRecipe, name: str) -> bool:
    """True if that is its name, its version, or the beginning of its version."""
    begins = name.startswith(_VERSION) and len(name) > len(_VERSION)
    return name == recipe.name or (begins and recipe.version.startswith(name))


def _why_not(recipe: KeptRecipe, chosen: KeptRecipe) -> str:
    """What scored a group that does not count; of its own name the version, too."""
    return f"{recipe.name} {recipe.version}" if recipe.name == chosen.name else recipe.name


def _settled(said: Sequence[_OfGroup], *, labels: bool) -> tuple[Settled, int]:
    """Preferences by group and place; and how many completions were labelled both ways."""
    if not labels:
        return settled((g, *each) for g, of_group in enumerate(said) for each in of_group), 0
    rights: dict[int, dict[int, set[bool]]] = {}
    for g, of_group in enumerate(said):
        for place, _, right in of_group:
            rights.setdefault(g, {}).setdefault(place, set()).add(right)
    known = {
        g: {place: min(said) for place, said in of_group.items() if len(said) == 1}
        for g, of_group in rights.items()
    }
    both = sum(len(said) > 1 for of_group in rights.values() for said in of_group.values())
    return of_labels(known), both


def _in_rows(decided: Settled, groups: Sequence[Found]) -> Settled:
    """Places of groups become rows of all of them."""
    firsts = np.cumsum([0, *(len(group.rewards) for group in groups)])
    moved = [
        replace(
            each, better=each.better + firsts[each.group], worse=each.worse + firsts[each.group]
        )
        for each in decided.preferences
    ]
    return replace(decided, preferences=moved)


def _siblings(
    groups: Sequence[Found], columns: Sequence[Weighed], recipe: Recipe, kept: KeptRecipe
) -> Siblings:
    sizes = [len(group.rewards) for group in groups]
    place = np.repeat(np.arange(len(groups)), sizes)
    scores = np.concatenate([group.scores for group in groups])
    width = groups[0].contributions.shape[1]
    cut = Layout.stored(kept.columns, kept.recipe, contributions=width).cut
    if cut:
        truncated = np.concatenate([group.truncated for group in groups])
        scores = truncated_wrong(scores, truncated, place, cut)
    return Siblings(
        columns=tuple(column.name for column in columns),
        groups=place,
        scores=np.column_stack([_values(column, scores, groups, recipe) for column in columns]),
        rewards=np.concatenate([group.rewards for group in groups]),
    )


def _values(column: Weighed, scores: Floats, groups: Sequence[Found], recipe: Recipe) -> Floats:
    """A column's scores; of `accuracy` what its members paid, by its weight then."""
    if column.key != ACCURACY:
        return np.asarray(scores[:, column.members[0]])
    members = list(column.members)
    return np.concatenate(
        [
            np.where(
                np.isnan(group.rewards),
                np.nan,
                group.contributions[:, members].sum(axis=1)
                / family_weight(recipe, Family.RULE, group.step),
            )
            for group in groups
        ]
    )
