"""accuracy `route`: a group is judged by its rule, or by the model where no rule can."""

from __future__ import annotations

from harmo.rewards.modes.mode import MODES, AccuracyMode, Judgement, Judges, Rows, Weights
from harmo.scorers.types import Reason

_NO_RULE_HERE = frozenset({Reason.NO_REFERENCE, Reason.UNREADABLE_REFERENCE, Reason.NO_TASK})
"""The group brings nothing that a rule could read; a task word that is unknown is a mistake."""


def _judge(judges: Judges, rows: Rows) -> tuple[Weights, list[Judgement]]:
    blind = all(_is_blind(k, rows) for k in judges.all_rules)
    weights = judges.models if blind else judges.rules
    return weights, judges.agree(rows, weights)


def _is_blind(rule: int, rows: Rows) -> bool:
    """True if a rule cannot read this group's reference."""
    scores = [row[rule] for row in rows]
    return all(score.value is None for score in scores) and any(
        score.reason in _NO_RULE_HERE for score in scores
    )


MODES.add(
    AccuracyMode(
        name="route",
        judge=_judge,
        words=(
            "A group is judged by its rule where the rule can read the reference, else by the "
            "model (HARMO, eq. 1); without a model it is null."
        ),
        formula="{rules} where it can read the reference, else {models}",
    )
)
