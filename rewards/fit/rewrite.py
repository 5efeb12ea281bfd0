"""The recipe that has fitted weights: family weight x term weight / the family's terms."""

from __future__ import annotations

from collections.abc import Mapping

from harmo.rewards.fit.columns import ACCURACY
from harmo.rewards.recipe import Recipe, Term
from harmo.scorers.types import Family

DIGITS = 4
"""Of a weight; more than its interval can bear."""
_SUFFIX, _LONGEST = "-fitted", 64


def rewritten(
    recipe: Recipe,
    weights: Mapping[str, float],
    *,
    families: Mapping[str, Family],
    says: str,
) -> Recipe:
    """The recipe as a weighted sum with these weights; what weighs nothing goes under `shadow`.

    Args:
        recipe: The present one.
        weights: By column, or `accuracy` for what rule and model share; a shadow column without one
            stays what it is. At least one is above 0.
        families: Of every column.
        says: What its description says of where the weights come from.
    """
    rounded = {name: _rounded(weight) for name, weight in weights.items()}
    joined = rounded.get(ACCURACY, 0.0) > 0 and ACCURACY not in families
    judges = {Family.MODEL, Family.RULE} if joined else set()
    held: dict[Family, list[Term]] = {family: [] for family in Family}
    shadow: list[Term] = []
    for term in _all_terms(recipe):
        name = term.name or term.scorer
        family = families[name]
        pays = rounded.get(name, 0.0) > 0
        if family in judges and term not in recipe.shadow:
            held[family].append(term)
        elif pays:
            held[family].append(term.model_copy(update={"weight": rounded[name]}))
        else:
            shadow.append(term)
    sums = {
        family.value: _rounded(sum(term.weight for term in terms))
        for family, terms in held.items()
        if terms and family not in judges
    }
    alone = {f: [_alone(t) for t in ts] if len(ts) == 1 else ts for f, ts in held.items()}
    fields = recipe.model_dump(exclude={"combine", "combine_params", "model_trust"})
    terms = {family.value: tuple(terms) for family, terms in alone.items()}
    return Recipe.model_validate(
        {
            **fields,
            **{key: [term.model_dump() for term in some] for key, some in terms.items()},
            "shadow": [term.model_dump() for term in shadow],
            "name": recipe.name.removesuffix(_SUFFIX)[: _LONGEST - len(_SUFFIX)] + _SUFFIX,
            "description": f"{recipe.description.strip()} {says}".strip(),
            "accuracy": recipe.accuracy if joined else "sum",
            "weights": {ACCURACY: rounded[ACCURACY], **sums} if joined else sums,
            "allow_inversion": False,
        }
    )


def _all_terms(recipe: Recipe) -> list[Term]:
    return [*(term for terms in recipe.terms.values() for term in terms), *recipe.shadow]


def _alone(term: Term) -> Term:
    """A family's only term, whose weight says nothing."""
    return term.model_copy(update={"weight": 1.0})


def _rounded(weight: float) -> float:
    return float(f"{weight:.{DIGITS}g}")
