"""A run by step: reward, correctness, every column, tokens, and what has no reward or no signal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from harmo.audit.records import KeptColumn
from harmo.console.model.bins import Band, Bins, Floats, band, bins, of_groups, share
from harmo.console.model.flat import REASONS, Flat, Ints, without_signal


@dataclass(frozen=True, slots=True, kw_only=True)
class Curves:
    """What is drawn of some groups of a run; per bin of steps."""

    at: Bins
    reward: Band
    correct: Band
    """Of groups, the share that is right of what is known; the model has no say in it."""
    columns: Sequence[tuple[KeptColumn, Band]]
    """Scores, in the recipe's order."""
    tokens: Band
    truncated: Floats
    """Share of completions that were cut at the limit."""
    flat: Floats
    """Share of groups whose rewards are all equal, of those with several."""
    unscored: Mapping[str, Floats]
    """By reason the share of completions without a reward; only what occurs."""


def curves(seen: Flat) -> Curves:
    """The curves of some groups."""
    at = bins(seen.steps_G)

    def spread(values_N: Floats) -> Band:
        return band(of_groups(values_N, seen.group_N, seen.groups), at)

    ones = seen.sums(np.ones(len(seen.rewards_N)))
    return Curves(
        at=at,
        reward=spread(seen.rewards_N),
        correct=spread(seen.correct_N),
        columns=[(c, spread(seen.scores_NK[:, k])) for k, c in enumerate(seen.columns)],
        tokens=spread(seen.tokens_N),
        truncated=share(seen.sums(seen.truncated_N), ones, at),
        flat=share(*without_signal(seen), at),
        unscored=by_reason(seen, seen.reason_N, at),
    )


def sparkline(seen: Flat, points: int = 48) -> list[float | None]:
    """The mean reward over a run in few points; None where there was none."""
    steps = seen.steps_G
    if np.isnan(steps).all():
        steps = np.arange(seen.groups, dtype=float)
    values = of_groups(seen.rewards_N, seen.group_N, seen.groups)
    means = band(values, bins(steps, points)).mean_B
    return [None if np.isnan(value) else round(float(value), 5) for value in means]


def by_reason(seen: Flat, codes_N: Ints, at: Bins) -> Mapping[str, Floats]:
    """By reason the share of completions that lack something for it; only what occurs.

    Args:
        seen: Some groups.
        codes_N: Per sample a place in `REASONS`; -1 where nothing is missing.
        at: Their steps in bins.
    """
    ones = seen.sums(np.ones(len(codes_N)))
    return {
        REASONS[code].value: share(seen.sums(codes_N == code), ones, at)
        for code in np.unique(codes_N[codes_N >= 0]).tolist()
    }
