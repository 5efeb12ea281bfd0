"""The accuracy stage: which rule and model scores count, how much, where it abstains."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from harmo.rewards.recipe import Plan
from harmo.scorers.types import Family, Group, Reason, Score

Rows = Sequence[Sequence[Score]]
"""Scores by sample and column."""
Weights = Mapping[int, float]
"""Column -> what multiplies its score; a column that does not count is absent."""

RIGHT = 0.5
"""Least rule score, or P(correct), of a right completion."""
_NO_RULE_HERE = frozenset({Reason.NO_REFERENCE, Reason.UNREADABLE_REFERENCE, Reason.NO_TASK})
"""The group brings nothing that a rule could read; a task word that is unknown is a mistake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the accuracy stage makes of one sample."""

    reason: Reason | None = None
    """Why it abstains."""
    weights: Weights = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """The accuracy stage's view of a group."""

    weights: Weights
    """What multiplies each rule and model column in this group, before `fallback` and
    `confidence` share it out per sample."""
    judgements: tuple[Judgement, ...]
    rules: tuple[int, ...]
    """Rule columns that are not missing for the whole group."""
    models: tuple[int, ...]


def read_truncated(plan: Plan, group: Group, scores: Rows) -> Rows:
    """The scores with `on_truncated: wrong` applied: a truncated sample's rule scores are 0.0.

    A rule column that is missing for the whole group stays missing, and so does a sample that
    nothing could score.
    """
    if plan.recipe.on_truncated != "wrong":
        return scores
    rules = {k for k in plan.indices(Family.RULE) if any(_has(row, k) for row in scores)}
    return [
        [
            replace(score, value=0.0, confidence=1.0, reason=None) if k in rules else score
            for k, score in enumerate(row)
        ]
        if sample.truncated and any(score.value is not None for score in row)
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
    unscored = plan.recipe.on_truncated == "unscored"
    asked = [not (unscored and sample.truncated) for sample in group.samples]
    live = [row for row, ask in zip(rows, asked, strict=True) if ask]
    rules = _remaining(plan, Family.RULE, live)
    models = _remaining(plan, Family.MODEL, live)
    stage = _Stage(plan=plan, group=group, rules=rules, models=models)
    weights = stage.group_weights(rows)
    judgement = stage.judgement(weights) if stage.asks() else lambda _row: Judgement()
    judgements = tuple(
        judgement(row) if ask else Judgement(reason=Reason.TRUNCATED)
        for row, ask in zip(rows, asked, strict=True)
    )
    if plan.recipe.model_trust:
        gamma = _trust(plan, group, rows, judgements, rules, models)
        weights = _scaled(weights, models, gamma)
        judgements = tuple(
            replace(j, weights=_scaled(j.weights, models, gamma)) for j in judgements
        )
    return Accuracy(
        weights=weights, judgements=judgements, rules=tuple(rules), models=tuple(models)
    )


def shares(plan: Plan, columns: Iterable[int], weight: float) -> dict[int, float]:
    """A family's weight over its columns, by the terms' weights; empty where nothing counts."""
    terms = {k: plan.columns[k].term.weight for k in columns}
    total = sum(terms.values())
    if not total or not weight:
        return {}
    return {k: weight * term / total for k, term in terms.items() if term}


def weighted(weights: Weights, row: Sequence[Score]) -> float | None:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stage:
    """One group before the judges the recipe gives it."""

    plan: Plan
    group: Group
    rules: Sequence[int]
    models: Sequence[int]

    def weight(self, key: str) -> float:
        """A family weight at the group's step."""
        return self.plan.family_weight(key, self.group.step)

    def group_weights(self, rows: Rows) -> Weights:
        """What multiplies each judging column in this group."""
        if self.plan.recipe.accuracy == "sum":
            models = shares(self.plan, self.models, self.weight("model"))
            return models | shares(self.plan, self.rules, self.weight("rule"))
        models = shares(self.plan, self.models, self.weight("accuracy"))
        rules = shares(self.plan, self.rules, self.weight("accuracy"))
        if self.plan.recipe.accuracy == "route":
            return models if self._no_rule_here(rows) else rules
        return models | rules

    def judgement(self, weights: Weights) -> Callable[[Sequence[Score]], Judgement]:
        """How this recipe's accuracy mode judges one sample."""
        rules = {k: weights[k] for k in self.rules if k in weights}
        models = {k: weights[k] for k in self.models if k in weights}
        match self.plan.recipe.accuracy:
            case "fallback":
                return lambda row: self._fallback(row, rules, models)
            case "confidence":
                return lambda row: self._confidence(row, rules, models)
            case _:
                return lambda row: self._settled(row, weights)

    def asks(self) -> bool:
        """True if the recipe has an accuracy stage at this step at all."""
        shared = self.plan.recipe.accuracy != "sum"
        return any(
            self.plan.indices(family) and self.weight("accuracy" if shared else family.value) > 0
            for family in (Family.MODEL, Family.RULE)
        )

    def _no_rule_here(self, rows: Rows) -> bool:
        """True if no rule can read this group's reference: the model's turn (HARMO, eq. 1)."""

        def blind(k: int) -> bool:
            return not any(_has(row, k) for row in rows) and any(
                row[k].reason in _NO_RULE_HERE for row in rows
            )

        return all(blind(k) for k in self.plan.indices(Family.RULE))

    def _settled(self, row: Sequence[Score], weights: Weights) -> Judgement:
        """A verdict that needs every column that counts."""
        for k in weights:
            if row[k].value is None:
                return Judgement(reason=row[k].reason)
        return Judgement(weights=weights) if weights else Judgement(reason=self._why_none(row))

    def _why_none(self, row: Sequence[Score]) -> Reason:
        """Why no judge is left: the rule's reason, or the model's where there is no rule."""
        columns = self.plan.indices(Family.RULE) or self.plan.indices(Family.MODEL)
        reasons = [row[k].reason for k in columns]
        return next((reason for reason in reasons if reason), Reason.NO_SCORER)

    def _fallback(self, row: Sequence[Score], rules: Weights, models: Weights) -> Judgement:
        least = self.plan.recipe.min_confidence
        if any(row[k].reason is Reason.UNKNOWN_TASK for k in rules):
            return Judgement(reason=Reason.UNKNOWN_TASK)
        if rules and all(_has(row, k) and row[k].confidence >= least for k in rules):
            return Judgement(weights=rules)
        if not models:
            return Judgement(reason=self._why_no_model(row, rules))
        return self._settled(row, models)

    def _confidence(self, row: Sequence[Score], rules: Weights, models: Weights) -> Judgement:
        if not rules:
            return self._settled(row, models)
        trusted = {k: weight * row[k].confidence for k, weight in rules.items()}
        rest = 1.0 - sum(trusted.values()) / sum(rules.values())
        if rest <= 0.0 or not all(_has(row, k) for k in rules):
            return self._settled(row, rules)
        if not models:
            return Judgement(reason=self._why_no_model(row, rules))
        stand_in = self._settled(row, models)
        if stand_in.reason:
            return stand_in
        return Judgement(weights=trusted | _scaled(models, models, rest))

    def _why_no_model(self, row: Sequence[Score], rules: Weights) -> Reason:
        """Why the model that had to stand in could not."""
        columns = [*self.plan.indices(Family.MODEL), *rules, *self.plan.indices(Family.RULE)]
        reasons = [row[k].reason for k in columns]
        return next((reason for reason in reasons if reason), Reason.NO_SCORER)


def _has(row: Sequence[Score], column: int) -> bool:
    return row[column].value is not None


def _remaining(plan: Plan, family: Family, rows: Rows) -> list[int]:
    """A family's columns less those missing for the whole group; a misspelt task never leaves."""
    return [
        k
        for k in plan.indices(family)
        if any(_has(row, k) or row[k].reason is Reason.UNKNOWN_TASK for row in rows)
    ]


def _scaled(weights: Weights, columns: Iterable[int], factor: float) -> dict[int, float]:
    chosen = set(columns)
    return {k: weight * factor if k in chosen else weight for k, weight in weights.items()}


def _trust(
    plan: Plan,
    group: Group,
    rows: Rows,
    judgements: Sequence[Judgement],
    rules: Sequence[int],
    models: Sequence[int],
) -> float:
    """This group's trust in its models; 0, so that they do not count, where it is not whole."""
    if not group.complete:
        return 0.0
    by_rule, by_model = shares(plan, rules, 1.0), shares(plan, models, 1.0)
    sides: dict[bool, list[float]] = {True: [], False: []}
    for row, judgement in zip(rows, judgements, strict=True):
        rule, model = weighted(by_rule, row), weighted(by_model, row)
        if judgement.reason is None and rule is not None and model is not None:
            sides[rule >= RIGHT].append(model)
    return trust(sides[True], sides[False])
