"""The recipe that has the fitted weights: checked as the service would, and as a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import yaml

from harmo.app.cli.fit.judged import Judged
from harmo.app.replay.matching import meant
from harmo.rewards import lint
from harmo.rewards.fit import Agreement, Doubt, left_behind, rewritten
from harmo.rewards.plan import compile_recipe
from harmo.rewards.recipe import Recipe, RecipeError

_WIDTH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A recipe that came of a fit."""

    recipe: Recipe
    findings: Sequence[lint.Finding]
    """What `harmo recipes check` says of it."""
    left_behind: Mapping[str, str]
    """What of the present recipe it does not have, by field."""
    unchecked: str
    """Why nobody could check it: a scorer of it is not here; empty where somebody did."""

    lost_rules: Sequence[str]
    """Rules of the present recipe, where none of them pays any more."""

    @property
    def inverts(self) -> bool:
        """True if a wrong completion can outrank a right one, and it says so."""
        return self.recipe.allow_inversion


def fitted(judged: Judged, weights: Sequence[float], *, says: str) -> Fitted:
    """The present recipe with other weights.

    Where a wrong completion could outrank a right one it has `allow_inversion: true`, since
    the service would refuse it otherwise; the finding is among the others.

    Args:
        judged: Has the present recipe.
        weights: Of each of its columns that were weighed; at least one above 0.
        says: What its description says of where they come from.
    """
    recipe = rewritten(judged.recipe, judged.columns, weights, families=judged.families, says=says)
    unchecked, findings = "", list[lint.Finding]()
    try:
        findings = lint.check(meant(compile_recipe(recipe), judged.kept))
        if any(finding.code == "inversion" for finding in findings):
            recipe = recipe.model_copy(update={"allow_inversion": True})
            findings = lint.check(meant(compile_recipe(recipe), judged.kept))
    except RecipeError as error:
        unchecked = str(error)
    return Fitted(
        recipe=recipe,
        findings=findings,
        left_behind=left_behind(judged.recipe),
        unchecked=unchecked,
        lost_rules=() if recipe.rule else [term.name or term.scorer for term in judged.recipe.rule],
    )


def as_yaml(made: Fitted, agreement: Mapping[str, Agreement], found: Sequence[Doubt]) -> str:
    """The file, with what it is worth in comments before it."""
    fields = made.recipe.model_dump(mode="json", exclude_defaults=True)
    written = yaml.safe_dump(
        fields, sort_keys=False, allow_unicode=True, width=_WIDTH, default_flow_style=None
    )
    return "".join(f"# {line}\n" for line in _comments(made, agreement, found)) + written


def _comments(
    made: Fitted, agreement: Mapping[str, Agreement], found: Sequence[Doubt]
) -> Iterator[str]:
    ours, present = agreement["fitted"], agreement["present"]
    yield f"Held-out agreement {share(ours)}; of the recipe before it {share(present)}."
    yield "Scale: siblings' rewards differ as much as before; pairs fix only how weights compare."
    if found:
        yield f"Doubts: {', '.join(dict.fromkeys(doubt.code for doubt in found))}."
    if made.lost_rules:
        yield "Nothing in it pays for being right: its rules are under shadow."
    if made.inverts:
        yield "allow_inversion: these weights let a wrong completion outrank a right one."


def share(agreement: Agreement) -> str:
    """A share of pairs with its interval: 81.2% (78.0% to 84.1%)."""
    within = agreement.interval
    return f"{agreement.share:.1%}" + (f" ({within[0]:.1%} to {within[1]:.1%})" if within else "")
