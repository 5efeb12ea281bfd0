"""accuracy `confidence`: rule and model are mixed by how sure the rule is."""

from __future__ import annotations

from harmo.rewards.modes.mode import MODES, AccuracyMode, Judgement, Judges, Row, Rows, Weights


def _judge(judges: Judges, rows: Rows) -> tuple[Weights, list[Judgement]]:
    by_rule = judges.agree(rows, judges.rules or judges.models)
    mixed = by_rule
    if judges.rules:
        by_model = judges.stand_ins(rows)
        mixed = [_mixed(judges, *each) for each in zip(rows, by_rule, by_model, strict=True)]
    return {**judges.models, **judges.rules}, mixed


def _mixed(judges: Judges, row: Row, by_rule: Judgement, by_model: Judgement) -> Judgement:
    """The two by the rule's confidence; a rule that abstains or is certain needs no model."""
    trusted = {k: weight * row[k].confidence for k, weight in judges.rules.items()}
    rest = 1.0 - sum(trusted.values()) / sum(judges.rules.values())
    if by_rule.reason or rest <= 0.0:
        return by_rule
    if by_model.reason:
        return by_model
    return Judgement(weights=trusted | {k: w * rest for k, w in by_model.weights.items()})


MODES.add(
    AccuracyMode(
        name="confidence",
        judge=_judge,
        words="Accuracy is q * rule + (1 - q) * model, q being the rule's confidence.",
        formula="q * {rules} + (1 - q) * {models}, q its confidence",
        needs_both=True,
        needs_p_correct=True,
    )
)
