"""One column of a run alone: what it paid, how sure it was, and why it did not score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from harmo.audit.tables import Table
from harmo.console.model.bins import Band, Bins, Floats, band, of_groups
from harmo.console.model.curves import by_reason
from harmo.console.model.flat import Flat


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
    place = next((k for k, c in enumerate(every.columns) if c.name == name), None)
    if place is None:
        return None
    kept = np.isin(every.numbers_G, cut.numbers_G)[every.group_N]
    parts = [_column(table, name) for table in tables]
    paid, sure = (np.concatenate(each)[kept] for each in zip(*parts, strict=True))

    def spread(values_N: Floats) -> Band:
        return band(of_groups(values_N, cut.group_N, cut.groups), at)

    return Focus(
        name=name,
        paid=spread(paid),
        sure=spread(sure),
        missing=by_reason(cut, cut.missing(place), at),
    )


def _column(table: Table, name: str) -> tuple[Floats, Floats]:
    """Contributions and confidences; all unknown where it is not there."""
    k = next((k for k, c in enumerate(table.recipe.columns) if c.name == name), None)
    if k is None:
        unknown = np.full(len(table.rewards_N), np.nan)
        return unknown, unknown
    paid = np.where(np.isnan(table.rewards_N), np.nan, table.contributions_NC[:, k])
    scored = ~np.isnan(table.scores_NK[:, k])
    return paid, np.where(scored, table.confidences_NK[:, k], np.nan)
