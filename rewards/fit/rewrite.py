"""The recipe that has fitted weights: family weight x term weight / the family's terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harmo.rewards.fit.columns import ACCURACY, Weighed
from harmo.rewards.recipe import Recipe, Term
from harmo.scorers.types import Family

DIGITS = 4
"""Of a weight; more than its interval can bear."""
_SUFFIX, _LONGEST = "-fitted", 64


def rewritten(
    recipe: Recipe,
    columns: Sequence[Weighed],
    weights: Sequence[float],
    *,
    families: Sequence[Family],
    says: str,
) -> Recipe:
    """The recipe as a weighted sum with these weights; what weighs nothing goes under `shadow`.

    Args:
        recipe: The present one.
        columns: What was weighed; shadow columns that were not stay what they are.
        weights: Of each; at least one is above 0.
        families: Of every column of the recipe, in wire order.
        says: What its description says of where the weights come from.
    """
    rounded = {
        k: _rounded(weight)
        for column, weight in zip(columns, weights, strict=True)
        for k in column.members
    }
    joined = next((c for c in columns if c.key == ACCURACY and rounded[c.members[0]] > 0), None)
    judges = {} if joined is None else dict.fromkeys(joined.members)
    terms = [*(term for some in recipe.terms.values() for term in some), *recipe.shadow]
    held: dict[Family, list[Term]] = {family: [] for family in Family}
    shadow: list[Term] = []
    paid: dict[str, float] = {}
    for k, (term, family) in enumerate(zip(terms, families, strict=True)):
        weight = rounded.get(k, 0.0)
        if k in judges:
            held[family].append(term)
            paid[ACCURACY] = weight
        elif weight > 0:
            held[family].append(term.model_copy(update={"weight": weight}))
            paid[family.value] = paid.get(family.value, 0.0) + weight
        else:
            shadow.append(term)
    return _recipe(
        recipe,
        {**{f.value: some for f, some in held.items()}, "shadow": shadow},
        paid,
        joined=joined is not None,
        says=says,
    )


def _recipe(
    recipe: Recipe,
    terms: Mapping[str, Sequence[Term]],
    paid: Mapping[str, float],
    *,
    joined: bool,
    says: str,
) -> Recipe:
    fields = recipe.model_dump(exclude={"combine", "combine_params", "model_trust"})
    sections = {key: [_alone(term, some) for term in some] for key, some in terms.items()}
    name = recipe.name.removesuffix(_SUFFIX)[: _LONGEST - len(_SUFFIX)] + _SUFFIX
    changed = {
        "name": name,
        "description": f"{recipe.description.strip()} {says}".strip(),
        "accuracy": recipe.accuracy if joined else "sum",
        "weights": {key: _rounded(weight) for key, weight in paid.items()},
        "allow_inversion": False,
    }
    return Recipe.model_validate({**fields, **sections, **changed})


def _alone(term: Term, terms: Sequence[Term]) -> Mapping[str, object]:
    """A term as the file has it; the weight of a family's only one says nothing."""
    return term.model_dump(exclude={"weight"} if len(terms) == 1 else None)


def _rounded(weight: float) -> float:
    return float(f"{weight:.{DIGITS}g}")
