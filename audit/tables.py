"""The numbers of many groups at once, as arrays."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harmo.audit.records import KeptRecipe
from harmo.audit.rows import numbers, told
from harmo.audit.rows.numbers import Digests
from harmo.scorers.types import Reason

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MAX_GROUPS = 4096
MAX_SAMPLES = 1 << 17
"""Of one table, unless one group has more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The numbers of groups that one recipe scored. G groups, N samples, K columns.

    C are contributions: K, and one more where a combiner adds or takes away.
    """

    recipe: KeptRecipe
    interaction: bool
    """True if C is K + 1."""
    numbers_G: Ints
    """Ascending."""
    runs_G: list[str]
    steps_G: Floats
    """NaN where a group came without a step."""
    splits_G: list[str]
    tasks_G: list[str | None]
    sizes_G: Ints
    """How many completions a group has in all; more than are here if some were elsewhere."""
    scored_at_s_G: Floats
    weights_GC: Floats
    group_N: Ints
    """Index into G, ascending: a group's samples stand together, in order."""
    rewards_N: Floats
    """NaN where there is none."""
    correct_N: Floats
    """1 right, 0 wrong, NaN unknown."""
    tokens_N: Floats
    """NaN where nobody counted."""
    truncated_N: Bools
    digests_N: Digests
    """Equal where the texts are, as good as surely; 0 where neither texts nor hashes are kept."""
    scores_NK: Floats
    """NaN where a column abstained."""
    confidences_NK: Floats
    contributions_NC: Floats
    reasons: list[tuple[int, int, Reason]]
    """Sample, column and reason of every abstention, without order; column -1 is the reward, -2
    says why no scorer was asked."""


def table(recipe: KeptRecipe, rows: Sequence[sqlite3.Row]) -> Table:
    """The table of some rows of `groups`.

    Args:
        recipe: What scored all of them.
        rows: At least one, in the order of their numbers, all with an interaction or none.
    """
    interaction = bool(rows[0]["interaction"])
    widths = numbers.Widths(columns=len(recipe.columns), interaction=interaction)
    numbers_NR = numbers.unpacked([row["numbers"] for row in rows], widths.row)
    counts = np.array([row["samples"] for row in rows], dtype=np.int64)
    if counts.min() < 0 or counts.sum() != len(numbers_NR):
        raise ValueError(f"{counts.sum()} samples have {len(numbers_NR)} rows of numbers")
    starts = (np.cumsum(counts) - counts).tolist()
    correct_N = numbers_NR[:, numbers.CORRECT]
    paid = numbers.OWN + 2 * widths.columns
    return Table(
        recipe=recipe,
        interaction=interaction,
        numbers_G=np.array([row["number"] for row in rows], dtype=np.int64),
        runs_G=[told(row["run"]) for row in rows],
        steps_G=np.array([row["step"] for row in rows], dtype=np.float64),
        splits_G=[told(row["split"]) for row in rows],
        tasks_G=[None if row["task"] is None else told(row["task"]) for row in rows],
        sizes_G=np.array([row["size"] for row in rows], dtype=np.int64),
        scored_at_s_G=np.array([row["scored_at_s"] for row in rows], dtype=np.float64),
        weights_GC=numbers.unpacked([row["weights"] for row in rows], widths.paid),
        group_N=np.repeat(np.arange(len(rows), dtype=np.int64), counts),
        rewards_N=numbers_NR[:, numbers.REWARD],
        correct_N=np.where(correct_N < 0, np.nan, correct_N),
        tokens_N=numbers_NR[:, numbers.TOKENS],
        truncated_N=numbers_NR[:, numbers.TRUNCATED] > 0,
        digests_N=numbers.unpacked_digests([row["digests"] for row in rows], counts.tolist()),
        scores_NK=numbers_NR[:, numbers.OWN : numbers.OWN + widths.columns],
        confidences_NK=numbers_NR[:, numbers.OWN + widths.columns : paid],
        contributions_NC=numbers_NR[:, paid:],
        reasons=[
            (start + i, k, reason)
            for row, start in zip(rows, starts, strict=True)
            if row["reasons"]
            for i, k, reason in numbers.abstentions(row["reasons"])
        ],
    )
