"""Scores to rewards. Pure functions; nothing here centres or standardises, the trainer does."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from harmo.rewards.accuracy import Accuracy, judge, read_truncated
from harmo.rewards.combiners import Counted, Siblings
from harmo.rewards.correctness import settle_correctness, settled
from harmo.rewards.modes import Row, Rows, Weights
from harmo.rewards.plan import Plan
from harmo.scorers.types import Family, Group, Reason, Reward, Score

__all__ = ["GroupReward", "combine", "settle_correctness"]

_SIDES = (Family.ASPECT, Family.LENGTH)
_Own: TypeAlias = tuple[Weights, Mapping[int, float]]
"""One sample's columns that count: what multiplies them, and their scores."""


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
    right = _correctness(plan, group, rows, accuracy)
    reasons = _reasons(plan, group, rows, accuracy, right)
    scored = [i for i, reason in enumerate(reasons) if reason is None]
    sides = _side_weights(plan, group, rows, scored)
    own = _own_columns(plan, rows, scored, accuracy, sides)
    paid = [_paid(len(plan.columns), *columns) for columns in own]
    totals = _totals(plan, group, [right[i] for i in scored], own, paid)
    rewards = {
        i: _reward(plan, rows[i], weights, cells, total)
        for i, (weights, _), cells, total in zip(scored, own, paid, totals, strict=True)
    }
    used = {k: w for k, w in {**accuracy.weights, **sides}.items() if k not in plan.muted}
    return GroupReward(
        weights=_laid_out(plan, used),
        rewards=tuple(rewards.get(i) or _null(plan, rows[i], r) for i, r in enumerate(reasons)),
        interaction=plan.interacts,
    )


def _correctness(plan: Plan, group: Group, rows: Rows, accuracy: Accuracy) -> Sequence[bool | None]:
    """Correctness where the combiner reads it; a plain sum does not."""
    if group.correctness:
        return group.correctness
    if plan.combiner.correctness == "ignored":
        return [None] * len(rows)
    return settled(plan, group, rows, accuracy)


def _reasons(
    plan: Plan, group: Group, rows: Rows, accuracy: Accuracy, right: Sequence[bool | None]
) -> list[Reason | None]:
    """Per sample why it can have no reward, None where it can."""
    partial = plan.combiner.needs_group and not group.complete
    needs_correctness = plan.combiner.correctness == "needed"
    reasons: list[Reason | None] = []
    for judgement, is_right, row in zip(accuracy.judgements, right, rows, strict=True):
        reason = judgement.reason
        if reason is None and partial:
            reason = Reason.PARTIAL_GROUP
        elif reason is None and needs_correctness and is_right is None:
            reason = Reason.UNKNOWN_CORRECTNESS
        elif reason is None and not judgement.weights and not _has_any(plan.asked, row):
            reason = _first_reason(plan, row)
        reasons.append(reason)
    return reasons


def _has_any(columns: Sequence[int], row: Row) -> bool:
    return any(row[k].value is not None for k in columns)


def _first_reason(plan: Plan, row: Row) -> Reason | None:
    return next((row[k].reason for k in plan.shown if row[k].value is None), None)


def _side_weights(plan: Plan, group: Group, rows: Rows, scored: Sequence[int]) -> Weights:
    """What multiplies the aspect and length columns that count in this group."""
    weights: dict[int, float] = {}
    if not scored:
        return weights
    counts = all if plan.on_missing == "group" else any
    for family in _SIDES:
        columns = [
            k
            for k in plan.by_family[family]
            if counts(rows[i][k].value is not None for i in scored)
        ]
        weights |= plan.column_weights(family, columns, group.step)
    return weights


def _own_columns(
    plan: Plan, rows: Rows, scored: Sequence[int], accuracy: Accuracy, sides: Weights
) -> list[_Own]:
    """Each scored sample's columns that count: `on_abstain.columns` is applied here."""
    common = {**accuracy.weights, **sides}
    own: list[_Own] = []
    for i in scored:
        row, judged = rows[i], accuracy.judgements[i].weights
        weights: Weights = common if judged is accuracy.weights else {**judged, **sides}
        values = {k: value for k in weights if (value := row[k].value) is not None}
        missing = len(values) < len(weights)
        if missing and plan.on_missing == "impute_group_mean":
            values |= {k: _column_mean(rows, scored, k) for k in weights if k not in values}
        elif missing:
            weights = _renormalised(plan, judged, sides, values)
        own.append((weights, values))
    return own


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
        columns = [k for k in plan.by_family[family] if k in sides]
        present = [k for k in columns if k in values]
        own |= plan.shares(present, sum(sides[k] for k in columns))
    before, after = sum(judged.values()) + sum(sides.values()), sum(own.values())
    return {k: weight * before / after for k, weight in own.items()} if after else own


def _paid(width: int, weights: Weights, values: Mapping[int, float]) -> list[float]:
    """Weight times score by column, 0 where one does not count."""
    paid = [0.0] * width
    for k, weight in weights.items():
        paid[k] = weight * values[k]
    return paid


def _totals(
    plan: Plan,
    group: Group,
    right: Sequence[bool | None],
    own: Sequence[_Own],
    paid: Sequence[Sequence[float]],
) -> Sequence[float | None]:
    """What the combiner makes of each scored sample; None for what its columns pay."""
    if plan.combiner.totals is None:
        return [None] * len(own)
    samples = [
        Counted(right=is_right, weights=weights, values=values, paid=cells)
        for is_right, (weights, values), cells in zip(right, own, paid, strict=True)
    ]
    siblings = Siblings(
        samples=samples,
        columns=plan.by_family,
        shared=plan.mode.shared,
        rule_weight=plan.weight(Family.RULE, group.step),
        params=plan.recipe.combine_params,
    )
    return plan.combiner.totals(siblings)


def _reward(
    plan: Plan, row: Row, weights: Weights, paid: Sequence[float], total: float | None
) -> Reward:
    """One sample's reward; null where nothing counts, or where it is too large to add up."""
    if not weights and (reason := _first_reason(plan, row)):
        return _null(plan, row, reason)
    if total is not None:
        paid = [0.0 if k in plan.muted else cell for k, cell in enumerate(paid)]
        paid.append(total - sum(paid))
    summed = sum(paid)
    value = summed if total is None else total
    if not math.isfinite(value + summed):
        return _null(plan, row, Reason.NON_FINITE)
    return Reward(value=value, reason=None, scores=tuple(row), contributions=tuple(paid))


def _null(plan: Plan, row: Row, reason: Reason | None) -> Reward:
    return Reward(value=None, reason=reason, scores=tuple(row), contributions=_laid_out(plan, {}))


def _laid_out(plan: Plan, by_column: Mapping[int, float]) -> tuple[float, ...]:
    """One entry per column, 0 where there is none, with the interaction's place last."""
    entries = [by_column.get(k, 0.0) for k in range(len(plan.columns) + plan.interacts)]
    return tuple(entries)
