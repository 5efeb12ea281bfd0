"""accuracy `fallback`: the model stands in, per completion, where the rule is not sure."""

from __future__ import annotations

from harmo.rewards.modes.mode import MODES, AccuracyMode, Judgement, Judges, Row, Rows, Weights
from harmo.scorers.types import Reason


def _judge(judges: Judges, rows: Rows) -> tuple[Weights, list[Judgement]]:
    by_rule = Judgement(weights=judges.rules)
    judgements = []
    for row, stand_in in zip(rows, judges.stand_ins(rows), strict=True):
        if any(row[k].reason is Reason.UNKNOWN_TASK for k in judges.rules):
            judgements.append(Judgement(reason=Reason.UNKNOWN_TASK))
        else:
            judgements.append(by_rule if _is_sure(judges, row) else stand_in)
    return {**judges.models, **judges.rules}, judgements


def _is_sure(judges: Judges, row: Row) -> bool:
    """True if every rule has a verdict and is sure enough of it."""
    scores = [row[k] for k in judges.rules]
    return bool(scores) and all(
        score.value is not None and score.confidence >= judges.min_confidence for score in scores
    )


MODES.add(
    AccuracyMode(
        name="fallback",
        judge=_judge,
        words=(
            "The rule judges; where it abstains, or its confidence is below {min_confidence:g}, "
            "the model's P(correct) stands in."
        ),
        formula="{rules} where its confidence is {min_confidence:g} or more, else {models}",
        needs_both=True,
        needs_p_correct=True,
        unsure_gives_way=True,
    )
)
