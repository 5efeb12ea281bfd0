"""Scores to rewards. Pure functions; nothing here centres or standardises, the trainer does."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from harmo.rewards import combiners
from harmo.rewards.accuracy import Accuracy, Rows, Weights, judge, read_truncated, shares
from harmo.rewards.correctness import settle_correctness
from harmo.rewards.recipe import Plan
from harmo.scorers.types import Family, Group, Reason, Reward, Score

__all__ = ["GroupReward", "combine", "settle_correctness"]

_SIDES = (Family.ASPECT, Family.LENGTH)
_NEEDS_CORRECTNESS = ("gate", "hero")
_NEEDS_GROUP = ("lexicographic", "hero")


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupReward:
    """What one group's scores combine to."""

    weights: tuple[float, ...]
    """What multiplies each column in this group; per-sample shares (`fallback`, `confidence`,
    `renormalise`) show in the contributions only. The interaction's entry is 0."""
    rewards: tuple[Reward, ...]
    interaction: bool
    """True if weights and contributions end in one entry more than there are columns: what a
    non-additive combiner adds or takes away, `combine.interaction`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """One scored sample's columns that count."""

    index: int
    weights: Weights
    values: Mapping[int, float]
    """Scores, with imputed means where the recipe asks for them."""

    def total(self, families: Callable[[int], bool] = lambda _: True) -> float:
        return sum((w * self.values[k] for k, w in self.weights.items() if families(k)), 0.0)


def combine(plan: Plan, group: Group, scores: Sequence[Sequence[Score]]) -> GroupReward:
    """One reward per sample, in order: a finite value whose contributions sum to it, or a reason.

    Args:
        plan: The recipe.
        group: The samples, with the correctness its length terms saw (settled here if empty).
        scores: By sample and column, in the recipe's order.

    Returns:
        What multiplied each column in this group, and the rewards.
    """
    rows = read_truncated(plan, group, scores)
    accuracy = judge(plan, group, rows)
    correctness = group.correctness or _correctness(plan, group, scores)
    asked = [k for k in plan.indices(*Family) if plan.columns[k].term.weight]
    common = _unfit_group(plan, group)
    reasons = [
        judgement.reason or common or _unfit(plan, asked, row, right=right)
        for judgement, right, row in zip(accuracy.judgements, correctness, rows, strict=True)
    ]
    scored = [i for i, reason in enumerate(reasons) if reason is None]
    sides = _side_weights(plan, group, rows, scored)
    parts = [_parts(plan, accuracy, sides, rows, scored, i) for i in scored]
    muted = _muted(plan)
    totals = _totals(plan, group, parts, correctness) if _interacts(plan) else [None] * len(parts)
    paid = {
        part.index: _reward(plan, part, total, rows[part.index], muted)
        for part, total in zip(parts, totals, strict=True)
    }
    rewards = [paid.get(i) or _null(plan, rows[i], reasons[i]) for i in range(len(rows))]
    weights = {**accuracy.weights, **sides}
    return GroupReward(
        weights=_laid_out(plan, {k: 0.0 if k in muted else w for k, w in weights.items()}),
        rewards=tuple(rewards),
        interaction=_interacts(plan),
    )


def _correctness(
    plan: Plan, group: Group, scores: Sequence[Sequence[Score]]
) -> Sequence[bool | None]:
    """Correctness where the combiner reads it; a plain sum does not."""
    if _interacts(plan):
        return settle_correctness(plan, group, scores)
    return [None] * len(group.samples)


def _interacts(plan: Plan) -> bool:
    return plan.recipe.combine != "sum"


def _unfit_group(plan: Plan, group: Group) -> Reason | None:
    """Why no sample of the group can have a reward."""
    partial = plan.recipe.combine in _NEEDS_GROUP and not group.complete
    return Reason.PARTIAL_GROUP if partial else None


def _unfit(
    plan: Plan, asked: Sequence[int], row: Sequence[Score], *, right: bool | None
) -> Reason | None:
    """Why a sample that its judges could score has no reward all the same."""
    if right is None and plan.recipe.combine in _NEEDS_CORRECTNESS:
        return Reason.UNKNOWN_CORRECTNESS
    return _first_reason(plan, row) if all(row[k].value is None for k in asked) else None


def _first_reason(plan: Plan, row: Sequence[Score]) -> Reason | None:
    return next((row[k].reason for k in plan.indices(*Family) if row[k].value is None), None)


def _side_weights(plan: Plan, group: Group, rows: Rows, scored: Sequence[int]) -> Weights:
    """What multiplies the aspect and length columns that count in this group."""
    # A rank needs every column on every sibling: lexicographic cannot renormalise.
    everywhere = plan.recipe.on_abstain.columns == "group" or (
        plan.recipe.on_abstain.columns == "renormalise" and plan.recipe.combine == "lexicographic"
    )
    counts = all if everywhere else any
    weights: dict[int, float] = {}
    if not scored:
        return weights
    for family in _SIDES:
        columns = [
            k for k in plan.indices(family) if counts(rows[i][k].value is not None for i in scored)
        ]
        weights |= shares(plan, columns, plan.family_weight(family.value, group.step))
    return weights


def _parts(
    plan: Plan, accuracy: Accuracy, sides: Weights, rows: Rows, scored: Sequence[int], index: int
) -> _Parts:
    """One sample's columns with its own weights: `on_abstain.columns` is applied here."""
    row, judged = rows[index], accuracy.judgements[index].weights
    weights = {**judged, **sides}
    values = {k: value for k in weights if (value := row[k].value) is not None}
    if len(values) == len(weights):
        return _Parts(index=index, weights=weights, values=values)
    if plan.recipe.on_abstain.columns == "impute_group_mean":
        imputed = {k: _column_mean(rows, scored, k) for k in weights if k not in values}
        return _Parts(index=index, weights=weights, values=values | imputed)
    return _Parts(index=index, weights=_renormalised(plan, judged, sides, values), values=values)


def _column_mean(rows: Rows, scored: Sequence[int], column: int) -> float:
    present = [value for i in scored if (value := rows[i][column].value) is not None]
    return sum(present) / len(present)


def _renormalised(
    plan: Plan, judged: Weights, sides: Weights, values: Mapping[int, float]
) -> Weights:
    """Weights of one sample without the columns it lacks, their total unchanged.

    A family's weight stays with the family's other columns; where it has none left here, it is
    spread over everything else, since leaving it out would score the abstention 0.
    """
    own: dict[int, float] = dict(judged)
    for family in _SIDES:
        columns = [k for k in sides if plan.columns[k].family is family]
        present = [k for k in columns if k in values]
        own |= shares(plan, present, sum(sides[k] for k in columns))
    before, after = sum(judged.values()) + sum(sides.values()), sum(own.values())
    return {k: weight * before / after for k, weight in own.items()} if after else own


def _totals(
    plan: Plan, group: Group, parts: Sequence[_Parts], correctness: Sequence[bool | None]
) -> list[float]:
    """The rewards of the scored samples."""
    match plan.recipe.combine:
        case "gate":
            judged = _of(plan, Family.MODEL, Family.RULE)
            return [p.total() if correctness[p.index] else p.total(judged) for p in parts]
        case "lexicographic":
            return combiners.lexicographic(
                [_key(plan, p, right=correctness[p.index]) for p in parts]
            )
        case "geometric":
            return [_geometric(plan, p) for p in parts]
        case _:
            return _hero(plan, group, parts, correctness)


def _of(plan: Plan, *families: Family) -> Callable[[int], bool]:
    return lambda column: plan.columns[column].family in families


def _key(plan: Plan, part: _Parts, *, right: bool | None) -> tuple[float, ...]:
    """What siblings are ranked by: correctness, rules, aspects in turn, models, lengths.

    Where rule and model share accuracy by mode, that one number stands in the rules' place.
    """
    known = {True: 1.0, False: 0.0, None: 0.5}[right]
    aspects = [part.values[k] for k in part.weights if _of(plan, Family.ASPECT)(k)]
    length = part.total(_of(plan, Family.LENGTH))
    rule, model = part.total(_of(plan, Family.RULE)), part.total(_of(plan, Family.MODEL))
    if plan.recipe.accuracy != "sum":
        return (known, rule + model, *aspects, length)
    return (known, rule, *aspects, model, length)


def _geometric(plan: Plan, part: _Parts) -> float:
    """The geometric mean of accuracy and aspects; lengths are penalties and are added after."""
    judged, aspect = _of(plan, Family.MODEL, Family.RULE), _of(plan, Family.ASPECT)
    factors = [(part.values[k], w) for k, w in part.weights.items() if aspect(k)]
    if plan.recipe.accuracy == "sum":
        factors += [(part.values[k], w) for k, w in part.weights.items() if judged(k)]
    elif weight := sum(w for k, w in part.weights.items() if judged(k)):
        factors.append((part.total(judged) / weight, weight))
    product = combiners.geometric(factors, epsilon=plan.recipe.combine_params.epsilon)
    return product + part.total(_of(plan, Family.LENGTH))


def _hero(
    plan: Plan, group: Group, parts: Sequence[_Parts], correctness: Sequence[bool | None]
) -> list[float]:
    """The rule's strata with the model inside, times the rule's weight; the rest is added."""
    params = plan.recipe.combine_params
    right = [bool(correctness[part.index]) for part in parts]
    models = [part.total(_of(plan, Family.MODEL)) for part in parts]
    weights = [sum(w for k, w in p.weights.items() if _of(plan, Family.MODEL)(k)) for p in parts]
    model = [m / w if w else 0.0 for m, w in zip(models, weights, strict=True)]
    placed = combiners.hero(right, model, alpha=params.alpha, beta=params.beta)
    scale = plan.family_weight("rule" if plan.recipe.accuracy == "sum" else "accuracy", group.step)
    if params.prompt_weight and model:
        scale *= combiners.prompt_weight(model, **params.prompt_weight.model_dump())
    sides = [part.total(_of(plan, *_SIDES)) for part in parts]
    return [scale * place + side for place, side in zip(placed, sides, strict=True)]


def _muted(plan: Plan) -> frozenset[int]:
    """Columns whose weights the combiner does not use: they contribute through the interaction."""
    if plan.recipe.combine == "lexicographic":
        return frozenset(range(len(plan.columns)))
    return frozenset(plan.indices(Family.MODEL)) if plan.recipe.combine == "hero" else frozenset()


def _reward(
    plan: Plan, part: _Parts, total: float | None, row: Sequence[Score], muted: frozenset[int]
) -> Reward:
    """One sample's reward; null where nothing counts, or where it is too large to add up.

    Args:
        plan: The recipe.
        part: The sample's columns that count.
        total: What the combiner made of them; None for their sum.
        row: The sample's scores.
        muted: Columns that contribute through the interaction.
    """
    reason = None if part.weights else _first_reason(plan, row)
    if reason is not None:
        return _null(plan, row, reason)
    paid = [0.0] * (len(row) + _interacts(plan))
    for k, weight in part.weights.items():
        if k not in muted:
            paid[k] = weight * part.values[k]
    value = sum(paid)
    if total is not None:
        paid[-1] = total - value
        value = total
    if not math.isfinite(value + sum(paid)):
        return _null(plan, row, Reason.NON_FINITE)
    return Reward(value=value, reason=None, scores=tuple(row), contributions=tuple(paid))


def _null(plan: Plan, row: Sequence[Score], reason: Reason | None) -> Reward:
    return Reward(value=None, reason=reason, scores=tuple(row), contributions=_laid_out(plan, {}))


def _laid_out(plan: Plan, by_column: Mapping[int, float]) -> tuple[float, ...]:
    """One entry per column, 0 where there is none, with the interaction's place last."""
    entries = [float(by_column.get(k, 0.0)) for k in range(len(plan.columns))]
    return (*entries, 0.0) if _interacts(plan) else tuple(entries)
