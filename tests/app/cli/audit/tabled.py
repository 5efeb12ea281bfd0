"""A table of numbers by hand: groups of samples with one rule and one model column."""

# ruff: noqa: N806 - arrays carry their shape in their names

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from harmo.audit.records import KeptColumn, KeptRecipe
from harmo.audit.tables import Table
from harmo.scorers.types import Family, Reason

RECIPE = KeptRecipe(
    name="hand",
    version="sha256:1",
    scorer_version="sha256:1",
    columns=(
        KeptColumn(name="answer", family=Family.RULE),
        KeptColumn(name="liking", family=Family.MODEL),
    ),
    recipe={},
)
NAN = math.nan
Sample = tuple[float, float, float]
"""Reward, rule's score, model's score; NaN where there is none. Right where the rule gives 1."""


def table(
    *groups: Sequence[Sample],
    steps: Sequence[float] | None = None,
    splits: Sequence[str] | None = None,
    reasons: Sequence[tuple[int, int, Reason]] = (),
    interaction: bool = False,
) -> Table:
    """Groups numbered from 1; contributions are the scores, an interaction's is what is left."""
    rows = np.array([sample for group in groups for sample in group], dtype=np.float64)
    scores_NK = rows[:, 1:]
    paid_NC = np.nan_to_num(scores_NK)
    if interaction:
        rest_N = np.nan_to_num(rows[:, 0]) - paid_NC.sum(axis=1)
        paid_NC = np.column_stack([paid_NC, rest_N])
    count = len(groups)
    return Table(
        recipe=RECIPE,
        interaction=interaction,
        numbers_G=np.arange(1, count + 1),
        runs_G=["run"] * count,
        steps_G=np.array(steps or range(count), dtype=np.float64),
        splits_G=list(splits or ["train"] * count),
        tasks_G=[None] * count,
        sizes_G=np.array([len(group) for group in groups]),
        scored_at_s_G=np.zeros(count),
        weights_GC=np.ones((count, paid_NC.shape[1])),
        group_N=np.repeat(np.arange(count), [len(group) for group in groups]),
        rewards_N=rows[:, 0],
        correct_N=rows[:, 1],
        tokens_N=np.full(len(rows), NAN),
        truncated_N=np.zeros(len(rows), dtype=bool),
        digests_N=np.zeros(len(rows), dtype=np.uint64),
        scores_NK=scores_NK,
        confidences_NK=np.ones_like(scores_NK),
        contributions_NC=paid_NC,
        reasons=list(reasons),
    )
