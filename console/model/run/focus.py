"""One column of a run alone: what it paid, how sure it was, and why it did not score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from harmo.audit.tables import Table
from harmo.console.model.bins import Band, Bins, Floats, band, of_groups
from harmo.console.model.curves import unscored
from harmo.console.model.flat import REASONS, Flat, Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Focus:
    """One column by step."""

    name: str
    paid: Band
    """Contributions to the reward."""
    sure: Band
    """Confidences."""
    missing: Mapping[str, Floats]
    """By reason the share of completions that it did not score."""


def focused(tables: Sequence[Table], every: Flat, cut: Flat, name: str, at: Bins) -> Focus | None:
    """The column by step; None where no version of the recipe has it.

    Args:
        tables: The run.
        every: All of them as one.
        cut: What is drawn of it.
        name: Of the column.
        at: The bins of that.
    """
    if all(name != column.name for column in every.columns):
        return None
    kept = np.isin(every.numbers_G, cut.numbers_G)[every.group_N]
    parts = [_column(table, name) for table in tables]
    paid, sure, codes = (np.concatenate([part[i] for part in parts])[kept] for i in range(3))

    def spread(values_N: Floats) -> Band:
        return band(of_groups(values_N, cut.group_N, cut.groups), at)

    return Focus(
        name=name,
        paid=spread(paid),
        sure=spread(sure),
        missing=unscored(replace(cut, reason_N=codes.astype(np.int64)), at),
    )


def _column(table: Table, name: str) -> tuple[Floats, Floats, Ints]:
    """Contributions, confidences and codes of reasons; all unknown where it is not there."""
    count = len(table.rewards_N)
    codes = np.full(count, -1, np.int64)
    k = next((k for k, c in enumerate(table.recipe.columns) if c.name == name), None)
    if k is None:
        return np.full(count, np.nan), np.full(count, np.nan), codes
    for n, column, reason in table.reasons:
        if column == k:
            codes[n] = REASONS.index(reason)
    scored = ~np.isnan(table.scores_NK[:, k])
    paid = np.where(np.isnan(table.rewards_N), np.nan, table.contributions_NC[:, k])
    return paid, np.where(scored, table.confidences_NK[:, k], np.nan), codes
