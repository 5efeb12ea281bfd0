"""Compositions that are known to go wrong, found before the first reward is paid."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from harmo.rewards.inversion import margin
from harmo.rewards.options import Schedule
from harmo.rewards.plan import Column, Plan, task_params
from harmo.scorers.types import Family

Level = Literal["refuse", "warn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something wrong with a recipe: `refuse` stops the service from loading it."""

    level: Level
    code: str
    """What kind of finding, in one word."""
    message: str
    """What is wrong, with the names, and what to do."""


def check(plan: Plan) -> list[Finding]:
    """Everything wrong with a recipe, what is refused first; empty if nothing is.

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
    """True of a column whose scores mean what its model's do, and the model is not known yet."""
    scorer = column.scorer
    return column.meaning is None and scorer.output() != scorer.output("p_correct")


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
    return bool(plan.by_family[Family.RULE] or plan.fitted)


def _judges(plan: Plan) -> Iterator[Finding]:
    """Accuracy modes and combiners have the judges they need."""
    mode, combiner = plan.mode, plan.combiner
    models, rules = _columns(plan, Family.MODEL), _columns(plan, Family.RULE)
    if mode.shared and not (models or rules):
        yield _refuse("no_judge", f"accuracy {mode.name!r} needs a rule or a model term")
    needy = [each.name for each in (mode, combiner) if each.needs_both]
    if needy and not (models and rules):
        yield _refuse("no_judge", f"{min(needy)!r} needs both a rule and a model term")
    vague = [column for column in models if not column.output.p_correct]
    if mode.needs_p_correct and vague:
        yield _refuse(
            "needs_p_correct",
            f"accuracy {mode.name!r} mixes the model with rule verdicts, so its output "
            f"must be a fitted P(correct): {_names(vague)} gives none; fit it with "
            "'harmo models calibrate' and put no transform on the term",
        )
    if combiner.correctness == "needed" and not knows_correctness(plan):
        yield _refuse(
            "needs_correctness",
            f"combine {combiner.name!r} needs to know what is right: add a rule term, or a model "
            "fitted to P(correct)",
        )


def _combiners(plan: Plan) -> Iterator[Finding]:
    """Combiners get the ranges and modes they are defined for."""
    recipe, combiner = plan.recipe, plan.combiner
    for only, asked in (
        (combiner.accuracy, recipe.accuracy),
        (combiner.on_abstain, recipe.on_abstain.columns),
    ):
        if only is not None and asked not in only.choices:
            yield _refuse(only.code, only.message)
    wide = [column for column in _columns(plan, *combiner.unit) if not _within_unit(column)]
    if wide:
        yield _refuse(
            "needs_unit",
            f"combine {combiner.name!r} needs scores in [0, 1], a product with a negative base "
            f"pays for the penalty: {_names(wide)} is not; give it a transform, e.g. "
            "{kind: sigmoid}, or leave it out",
        )
    if recipe.model_trust and (
        plan.mode.shared or not _columns(plan, Family.MODEL) or not _columns(plan, Family.RULE)
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
    bounds = column.output.bounds
    return bounds is not None and bounds[0] >= 0 and bounds[1] <= 1


def _inversion(plan: Plan) -> Iterator[Finding]:
    """A wrong completion must not outrank a right one."""
    if not knows_correctness(plan):
        return
    step, least = min(
        ((step, margin(plan, step)) for step in _steps(plan)), key=lambda pair: pair[1]
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
    paying = [column for column in columns if _most(column) > 0]
    if paying:
        yield _warn(
            "pays_accuracy_twice",
            f"{_names(paying)} adds to correct completions what accuracy pays already",
        )
    ungated = [column for column in columns if column.scorer.scores_wrong]
    if ungated:
        yield _warn(
            "length_ungated",
            f"{_names(ungated)} scores wrong completions too: where all are wrong, a trainer that "
            "divides by the group's std makes length the whole reward, whatever its weight",
        )


def _most(column: Column) -> float:
    bounds = column.output.bounds
    return math.inf if bounds is None else bounds[1]


def _groups(plan: Plan) -> Iterator[Finding]:
    """What compares siblings only counts where the whole group is sent."""
    compare = [c.name for c in _columns(plan, *Family) if c.scorer.compares_siblings]
    if plan.combiner.needs_group:
        compare.append(f"combine {plan.combiner.name!r}")
    if plan.recipe.model_trust:
        compare.append("model_trust")
    if compare:
        yield _warn(
            "needs_whole_groups",
            f"{', '.join(compare)} compares siblings: send whole groups (or set wait_for_group_ms)",
        )
    if plan.recipe.on_abstain.columns == "renormalise":
        yield _warn(
            "renormalise",
            "on_abstain columns 'renormalise' weighs siblings differently: one that lacks a column "
            "it would do badly on gains",
        )


def _idle(plan: Plan) -> Iterator[Finding]:
    """Nothing in the recipe is without effect."""
    recipe = plan.recipe
    for key in plan.mode.weight_keys:
        weighed = [family for family in Family if plan.mode.weight_key(family) == key]
        if key in recipe.weights and not _columns(plan, *weighed):
            yield _warn("idle_weight", f"weights.{key} has no term to weigh")
    zero = [c for c in plan.columns if not c.shadow and not c.term.weight]
    if zero:
        yield _warn("idle_term", f"{_names(zero)} has weight 0: put it under shadow")
    if (recipe.tasks or recipe.default_task) and not any(
        task_params(column.scorer.spec) for column in plan.columns
    ):
        yield _warn("idle_tasks", "tasks and default_task have no term that dispatches by task")
    if plan.combiner.idle_weights and recipe.weights:
        yield _warn("idle_weights", plan.combiner.idle_weights)
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
