"""Compositions that are known to go wrong, found before the first reward is paid."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from harmo.rewards.inversion import margin
from harmo.rewards.options import Schedule
from harmo.rewards.recipe import Column, Plan, weight_keys
from harmo.scorers.types import Family

Level = Literal["refuse", "warn"]
_UNIT = (0.0, 1.0)
_RELATIVE = ("harmo.scorers.length.relative", "harmo.scorers.length.yardstick")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault of a recipe: `refuse` stops the service from loading it."""

    level: Level
    code: str
    """What kind of fault, in one word."""
    message: str
    """What is wrong, with the names, and what to do."""


def check(plan: Plan) -> list[Finding]:
    """Every fault of a recipe, the refused ones first; empty if there is none.

    A reward model whose output's meaning is not known yet is taken for the best kind, and named.
    """
    unknown = [column for column in plan.columns if _is_unknown(column)]
    columns = (
        replace(column, meaning="p_correct") if column in unknown else column
        for column in plan.columns
    )
    known = Plan(recipe=plan.recipe, columns=tuple(columns))
    found = [finding for rule in _RULES for finding in rule(known)]
    if unknown:
        found.append(
            _warn(
                "unknown_model",
                f"{_names(unknown)}: checked as if the model gave P(correct); the service checks "
                "again with the model it hosts",
            )
        )
    return sorted(found, key=lambda finding: finding.level != "refuse")


def _is_unknown(column: Column) -> bool:
    """True of a reward model's column that has not met its model, nor maps its output itself."""
    return (
        column.scorer.spec.resource == "reward_model"
        and column.meaning is None
        and column.scorer.params.get("transform") is None
    )


def _refuse(code: str, message: str) -> Finding:
    return Finding(level="refuse", code=code, message=message)


def _warn(code: str, message: str) -> Finding:
    return Finding(level="warn", code=code, message=message)


def _columns(plan: Plan, *families: Family) -> list[Column]:
    return [plan.columns[k] for k in plan.indices(*families)]


def _names(columns: list[Column]) -> str:
    return ", ".join(column.name for column in columns)


def knows_correctness(plan: Plan) -> bool:
    """True if anything in the recipe can say whether a completion is right."""
    models = _columns(plan, Family.MODEL)
    return bool(_columns(plan, Family.RULE)) or any(column.gives_p_correct for column in models)


def _judges(plan: Plan) -> Iterator[Finding]:
    """Accuracy modes and combiners have the judges they need."""
    recipe = plan.recipe
    models, rules = _columns(plan, Family.MODEL), _columns(plan, Family.RULE)
    if recipe.accuracy != "sum" and not (models or rules):
        yield _refuse("no_judge", f"accuracy {recipe.accuracy!r} needs a rule or a model term")
    modes = {recipe.accuracy, recipe.combine} & {"fallback", "confidence", "hero"}
    if modes and not (models and rules):
        yield _refuse("no_judge", f"{min(modes)!r} needs both a rule and a model term")
    if recipe.accuracy in ("fallback", "confidence"):
        vague = [column for column in models if not column.gives_p_correct]
        if vague:
            yield _refuse(
                "needs_p_correct",
                f"accuracy {recipe.accuracy!r} mixes the model with rule verdicts, so its output "
                f"must be a fitted P(correct): {_names(vague)} gives none; fit it with "
                "'harmo models calibrate' and put no transform on the term",
            )
    if recipe.combine in ("gate", "hero") and not knows_correctness(plan):
        yield _refuse(
            "needs_correctness",
            f"combine {recipe.combine!r} needs to know what is right: add a rule term, or a model "
            "fitted to P(correct)",
        )


def _combiners(plan: Plan) -> Iterator[Finding]:
    """Combiners get the ranges and modes they are defined for."""
    recipe = plan.recipe
    if recipe.combine == "hero" and recipe.accuracy != "sum":
        yield _refuse("hero_accuracy", "combine 'hero' shares accuracy itself: use accuracy 'sum'")
    needy = {
        "hero": (Family.MODEL,),
        "geometric": (Family.MODEL, Family.RULE, Family.ASPECT),
    }.get(recipe.combine, ())
    wide = [column for column in _columns(plan, *needy) if not _within_unit(column)]
    if wide:
        yield _refuse(
            "needs_unit",
            f"combine {recipe.combine!r} needs scores in [0, 1], a product with a negative base "
            f"pays for the penalty: {_names(wide)} is not; give it a transform, e.g. "
            "{kind: sigmoid}, or leave it out",
        )
    if recipe.combine == "lexicographic" and recipe.on_abstain.columns == "renormalise":
        yield _refuse(
            "rank_needs_columns",
            "combine 'lexicographic' ranks siblings by the same columns: use on_abstain columns "
            "'group' or 'impute_group_mean'",
        )
    if recipe.model_trust and (
        recipe.accuracy != "sum"
        or not _columns(plan, Family.MODEL)
        or not _columns(plan, Family.RULE)
    ):
        yield _refuse(
            "trust_needs_both",
            "model_trust compares the model with the rules: it needs accuracy 'sum' and both terms",
        )
    if recipe.combine_params.prompt_weight is not None:
        yield _warn(
            "prompt_weight",
            "prompt_weight scales whole groups: a trainer that divides by the group's std cancels "
            "it; train with scale_rewards none or batch",
        )


def _within_unit(column: Column) -> bool:
    bounds = bounds_of(column)
    return bounds is not None and bounds[0] >= 0 and bounds[1] <= 1


def bounds_of(column: Column) -> tuple[float, float] | None:
    """Range of a column's scores, as its scorer, its params or its model declare it."""
    params = column.scorer.params
    if column.scorer.bounds is not None or params.get("transform") is not None:
        return column.scorer.bounds
    # The mean of numbers in [0, 1] less their variance is one too; less more than that is not.
    pessimist = params.get("reduction") == "mean_minus_variance" and params["strength"]
    within = column.meaning in ("unit", "p_correct") and not (
        isinstance(pessimist, float) and pessimist > 1
    )
    return _UNIT if within else None


def _inversion(plan: Plan) -> Iterator[Finding]:
    """A wrong completion must not outrank a right one."""
    if not knows_correctness(plan):
        return
    step, least = min(
        ((step, margin(plan, step, bounds_of)) for step in _steps(plan)), key=lambda pair: pair[1]
    )
    if least > -1e-9:
        return
    gap = "by any amount" if math.isinf(least) else f"by up to {-least:.4g}"
    message = (
        f"a wrong completion can outrank a right one {gap} (worst right less best wrong, step "
        f"{step}): lower the other families' weights, bound raw models with a transform, or use "
        "combine 'gate'"
    )
    if plan.recipe.allow_inversion:
        yield _warn("inversion", message)
    else:
        yield _refuse("inversion", f"{message}; 'allow_inversion: true' accepts it")


def _steps(plan: Plan) -> list[int]:
    """Training steps at which schedules begin, pass and end."""
    ends = [w.steps for w in plan.recipe.weights.values() if isinstance(w, Schedule)]
    last = max(ends, default=0)
    return sorted({0, *ends, *(last * i // 64 for i in range(65))})


def _lengths(plan: Plan) -> Iterator[Finding]:
    """Length terms know correctness, pay it once and leave wrong completions alone."""
    columns = _columns(plan, Family.LENGTH)
    if columns and not knows_correctness(plan):
        yield _warn(
            "length_needs_correctness",
            f"{_names(columns)}: nothing here says what is right, so a length term that reads "
            "correctness abstains always",
        )
    paying = [column for column in columns if (column.scorer.bounds or _UNIT)[1] > 0]
    if paying:
        yield _warn(
            "pays_accuracy_twice",
            f"{_names(paying)} adds to correct completions what accuracy pays already",
        )
    ungated = [column for column in columns if _ungated(column)]
    if ungated:
        yield _warn(
            "length_ungated",
            f"{_names(ungated)} scores wrong completions too: where all are wrong, a trainer that "
            "divides by the group's std makes length the whole reward, whatever its weight",
        )


def _ungated(column: Column) -> bool:
    params = column.scorer.params
    wrong = (params.get("wrong_short", 0.0), params.get("wrong_long", 0.0))
    return (
        params.get("correct_only") is False
        or params.get("applies_to") in ("wrong", "all")
        or params.get("explore_tokens") is not None
        or wrong[0] != wrong[1]
    )


def _groups(plan: Plan) -> Iterator[Finding]:
    """Group-relative parts only count where the whole group is sent."""
    relative = [c for c in _columns(plan, Family.LENGTH) if _is_relative(c)]
    parts = [*(c.name for c in relative), *_relative_parts(plan)]
    if parts:
        yield _warn(
            "needs_whole_groups",
            f"{', '.join(parts)} compares siblings: send whole groups (or set wait_for_group_ms)",
        )
    if plan.recipe.on_abstain.columns == "renormalise":
        yield _warn(
            "renormalise",
            "on_abstain columns 'renormalise' weighs siblings differently: one that lacks a column "
            "it would do badly on gains",
        )


def _is_relative(column: Column) -> bool:
    """True of the built-in terms that abstain on partial groups; laser only by solve rate."""
    return column.scorer.spec.origin in _RELATIVE and not isinstance(
        column.scorer.params.get("target_tokens"), int
    )


def _relative_parts(plan: Plan) -> list[str]:
    recipe = plan.recipe
    ranked = [f"combine {recipe.combine!r}"] if recipe.combine in ("lexicographic", "hero") else []
    return [*ranked, *(["model_trust"] if recipe.model_trust else [])]


def _idle(plan: Plan) -> Iterator[Finding]:
    """Nothing in the recipe is without effect."""
    recipe = plan.recipe
    for key in weight_keys(recipe.accuracy):
        families = ("model", "rule") if key == "accuracy" else (key,)
        if key in recipe.weights and not _columns(plan, *map(Family, families)):
            yield _warn("idle_weight", f"weights.{key} has no term to weigh")
    zero = [c for c in plan.columns if not c.shadow and not c.term.weight]
    if zero:
        yield _warn("idle_term", f"{_names(zero)} has weight 0: put it under shadow")
    if (recipe.tasks or recipe.default_task) and not any(
        column.scorer.spec.dispatches for column in plan.columns
    ):
        yield _warn("idle_tasks", "tasks and default_task have no rule.by_task term to read them")
    if recipe.combine == "lexicographic" and recipe.weights:
        yield _warn("idle_weights", "combine 'lexicographic' ranks: weights only leave terms out")
    if recipe.on_truncated == "wrong" and not _columns(plan, Family.RULE):
        yield _warn("idle_truncation", "on_truncated 'wrong' sets rule scores: there is no rule")


_RULES: tuple[Callable[[Plan], Iterator[Finding]], ...] = (
    _judges,
    _combiners,
    _inversion,
    _lengths,
    _groups,
    _idle,
)
