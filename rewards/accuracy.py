"""The accuracy stage: which rule and model scores count, how much, where it abstains."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from harmo.rewards.modes import Judgement, Row, Rows, Weights
from harmo.rewards.plan import Plan
from harmo.scorers.types import Family, Group, Reason

RIGHT = 0.5
"""Least rule score, or P(correct), of a right completion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """The accuracy stage's view of a group."""

    weights: Weights
    """What multiplies each rule and model column in this group, before a mode shares it out per
    sample."""
    judgements: Sequence[Judgement]
    rules: Sequence[int]
    """Rule columns that are not missing for the whole group."""
    models: Sequence[int]


def read_truncated(plan: Plan, group: Group, scores: Rows) -> Rows:
    """The scores with `on_truncated: wrong` applied: a truncated sample's rule scores are 0.0.

    A rule column that is missing for the whole group stays missing, and so does a sample that
    nothing could score; shadow columns have no say.
    """
    if plan.recipe.on_truncated != "wrong":
        return scores
    rules = {
        k for k in plan.by_family[Family.RULE] if any(row[k].value is not None for row in scores)
    }
    return [
        [
            replace(score, value=0.0, confidence=1.0, reason=None) if k in rules else score
            for k, score in enumerate(row)
        ]
        if sample.truncated and any(row[k].value is not None for k in plan.shown)
        else row
        for sample, row in zip(group.samples, scores, strict=True)
    ]


def judge(plan: Plan, group: Group, rows: Rows) -> Accuracy:
    """Decide how rule and model share correctness in this group (design: accuracy modes).

    Args:
        plan: The recipe.
        group: Its samples and training step.
        rows: Scores after `read_truncated`; length columns are not looked at.

    Returns:
        Per sample the columns that count and their weights, or why it has no accuracy.
    """
    left_out = _left_out(plan, group)
    live = [row for i, row in enumerate(rows) if i not in left_out] if left_out else rows
    rules = [k for k in plan.by_family[Family.RULE] if _remains(k, live)]
    models = [k for k in plan.by_family[Family.MODEL] if _remains(k, live)]
    judges = plan.judges(rules, models, group.step)
    if judges.asked:
        weights, judgements = plan.mode.judge(judges, rows)
    else:
        weights, judgements = {}, [Judgement()] * len(rows)
    for i in left_out:
        judgements[i] = Judgement(reason=Reason.TRUNCATED)
    accuracy = Accuracy(weights=weights, judgements=judgements, rules=rules, models=models)
    return _trusted(plan, group, rows, accuracy) if plan.recipe.model_trust else accuracy


def weighted(weights: Weights, row: Row) -> float | None:
    """The weighted sum of some columns of one sample; None where there is none or one abstains."""
    summed = 0.0
    for k, weight in weights.items():
        value = row[k].value
        if value is None:
            return None
        summed += weight * value
    return summed if weights else None


def trust(right: Sequence[float], wrong: Sequence[float]) -> float:
    """How far a model agrees with the rule in one group, in [0, 1].

    1 where it scores right siblings no lower than wrong ones on average, else exp of the
    difference; 0 where all are right or all are wrong (Trust-GRPO, arXiv:2505.17018).
    """
    if not right or not wrong:
        return 0.0
    gap = sum(right) / len(right) - sum(wrong) / len(wrong)
    return 1.0 if gap >= 0 else math.exp(gap)


def _left_out(plan: Plan, group: Group) -> Sequence[int]:
    """Samples that `on_truncated: unscored` leaves out."""
    if plan.recipe.on_truncated != "unscored":
        return ()
    return [i for i, sample in enumerate(group.samples) if sample.truncated]


def _remains(column: int, rows: Rows) -> bool:
    """False where a column is missing for the whole group; a misspelt task never leaves it."""
    for row in rows:
        score = row[column]
        if score.value is not None or score.reason is Reason.UNKNOWN_TASK:
            return True
    return False


def _trusted(plan: Plan, group: Group, rows: Rows, accuracy: Accuracy) -> Accuracy:
    """`model_trust`: the models' weights, times this group's trust in them."""
    gamma = _trust(plan, group, rows, accuracy)

    def scaled(weights: Weights) -> Weights:
        return {k: w * gamma if k in accuracy.models else w for k, w in weights.items()}

    return replace(
        accuracy,
        weights=scaled(accuracy.weights),
        judgements=[replace(j, weights=scaled(j.weights)) for j in accuracy.judgements],
    )


def _trust(plan: Plan, group: Group, rows: Rows, accuracy: Accuracy) -> float:
    """This group's trust in its models; 0, so that they do not count, where it is not whole."""
    if not group.complete:
        return 0.0
    by_rule, by_model = plan.shares(accuracy.rules, 1.0), plan.shares(accuracy.models, 1.0)
    right: list[float] = []
    wrong: list[float] = []
    for row, judgement in zip(rows, accuracy.judgements, strict=True):
        rule, model = weighted(by_rule, row), weighted(by_model, row)
        if judgement.reason is None and rule is not None and model is not None:
            (right if rule >= RIGHT else wrong).append(model)
    return trust(right, wrong)
