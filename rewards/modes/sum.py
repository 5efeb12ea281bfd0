"""accuracy `sum`: rule and model both pay."""

from __future__ import annotations

from harmo.rewards.modes.mode import MODES, AccuracyMode, Judgement, Judges, Rows, Weights


def _judge(judges: Judges, rows: Rows) -> tuple[Weights, list[Judgement]]:
    weights = {**judges.models, **judges.rules}
    return weights, judges.agree(rows, weights)


MODES.add(
    AccuracyMode(
        name="sum",
        judge=_judge,
        words="Rule and model both pay, each by its own weight.",
        shared=False,
    )
)
