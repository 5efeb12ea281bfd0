"""The filters: which completions to look at, and how bad each is.

Each is a pure function of numbers; a filter lists nothing where what it compares is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from harmo.console.model.flat import REASONS, Bools, Flat, Floats, Ints, without_signal
from harmo.scorers.types import ZERO_VARIANCE, Family, Reason

DOUBTFUL = 0.9
"""A model contradicts a rule where it ranks a wrong completion above this share of the others."""
TIE = 1e-9
"""Rewards that differ by less are one reward."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a filter finds among samples."""

    listed: Bools
    bad: Floats
    """How bad each is, larger first; read only where it is listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """One question that researchers ask."""

    name: str
    title: str
    says: str
    """What it lists, in one sentence."""
    measure: str
    """What is sorted by."""
    find: Callable[[Flat, str | None], Found]
    """Given the numbers and the column that was chosen, if any."""
    first: str = "worst first"
    """What stands first, in two words."""


def _all(seen: Flat, column: str | None) -> Found:
    place = _place(seen, column)
    bad = seen.rewards_N if place is None else seen.scores_NK[:, place]
    return Found(listed=np.ones(len(seen.group_N), dtype=bool), bad=bad)


def _paid_wrong(seen: Flat, column: str | None) -> Found:
    del column
    over = seen.advantages_N
    return Found(listed=(seen.right_N == 0) & (over > ZERO_VARIANCE), bad=over)


def _inverted(seen: Flat, column: str | None) -> Found:
    del column
    right = np.where(seen.right_N == 1, seen.rewards_N, np.nan)
    over = seen.rewards_N - seen.least(right)[seen.group_N]
    return Found(listed=(seen.right_N == 0) & (over > TIE), bad=over)


def _disagree(seen: Flat, column: str | None) -> Found:
    models = [k for k, c in enumerate(seen.columns) if c.family is Family.MODEL]
    place = _place(seen, column)
    asked = [k for k in models if place is None or place not in models or k == place]
    bad = np.full(len(seen.group_N), np.nan)
    for k in asked:
        ranks = ranked(seen.scores_NK[:, k])
        bad = np.fmax(bad, np.where(seen.rule_N == 0, ranks, 1.0 - ranks))
    bad[np.isnan(seen.rule_N)] = np.nan
    return Found(listed=bad >= DOUBTFUL, bad=bad)


def _longest(seen: Flat, column: str | None) -> Found:
    del column
    return Found(listed=~np.isnan(seen.tokens_N), bad=seen.tokens_N)


def _abstained(seen: Flat, column: str | None) -> Found:
    counts = np.bincount(seen.sample_R[_of(seen, column)], minlength=len(seen.group_N))
    return Found(listed=counts > 0, bad=counts.astype(float))


def _truncated(seen: Flat, column: str | None) -> Found:
    del column
    paid = np.nan_to_num(seen.advantages_N, nan=-np.inf)
    return Found(listed=seen.truncated_N, bad=paid)


def _zero_variance(seen: Flat, column: str | None) -> Found:
    del column
    even, _ = without_signal(seen)
    several = seen.sums(~np.isnan(seen.rewards_N))
    return Found(listed=even[seen.group_N] > 0, bad=several[seen.group_N])


def _duplicates(seen: Flat, column: str | None) -> Found:
    del column
    alike = alike_of(seen)
    return Found(listed=alike > 1, bad=alike.astype(float))


FILTERS: Mapping[str, Filter] = {
    each.name: each
    for each in (
        Filter(
            name="paid_wrong",
            title="paid for a wrong answer",
            says="Wrong, and paid more than the mean of its group: training pushes towards it.",
            measure="reward over the group's mean",
            find=_paid_wrong,
        ),
        Filter(
            name="inverted",
            title="wrong above right",
            says="A wrong completion is paid more than a right sibling.",
            measure="reward over the right sibling's",
            find=_inverted,
        ),
        Filter(
            name="disagree",
            title="model and rule disagree",
            says="The model ranks a wrong completion among the run's best, or a right one among "
            "its worst.",
            measure="model rank",
            find=_disagree,
        ),
        Filter(
            name="abstained",
            title="abstained",
            says="A column or the reward is missing.",
            measure="missing",
            find=_abstained,
        ),
        Filter(
            name="zero_variance",
            title="zero variance",
            says="All rewards of the group are equal: it teaches nothing.",
            measure="rewards",
            find=_zero_variance,
        ),
        Filter(
            name="duplicates",
            title="duplicate siblings",
            says="Siblings wrote the same text.",
            measure="wrote the same",
            find=_duplicates,
        ),
        Filter(
            name="truncated",
            title="truncated",
            says="Generation stopped at the token limit; what was paid most stands first.",
            measure="reward over the group's mean",
            find=_truncated,
        ),
        Filter(
            name="longest",
            title="longest",
            says="Completions by their number of tokens.",
            measure="tokens",
            find=_longest,
            first="longest first",
        ),
        Filter(
            name="all",
            title="all",
            says="Every completion, the best paid first; with a column, by its score.",
            measure="reward or score",
            find=_all,
            first="best first",
        ),
    )
}
"""By name, in the order in which a page offers them."""


def with_reason(seen: Flat, reason: Reason, column: str | None) -> Bools:
    """Which samples lack something for a reason; with a column, that column's score."""
    mask = np.zeros(len(seen.group_N), dtype=bool)
    mask[seen.sample_R[_of(seen, column) & (seen.reason_R == REASONS.index(reason))]] = True
    return mask


def ranked(values: Floats) -> Floats:
    """The share of the other known values that each lies above, in [0, 1]; ties share theirs."""
    known = ~np.isnan(values)
    ordered = np.sort(values[known])
    shares = np.full(len(values), np.nan)
    if len(ordered) > 1:
        below = np.searchsorted(ordered, values[known], side="left")
        upto = np.searchsorted(ordered, values[known], side="right")
        shares[known] = (below + upto - 1) / 2 / (len(ordered) - 1)
    return shares


def alike_of(seen: Flat) -> Ints:
    """Per sample how many of its group wrote its text, itself counted; 0 of a text not kept."""
    order = np.lexsort((seen.digests_N, seen.group_N))
    digests, groups = seen.digests_N[order], seen.group_N[order]
    new = (digests[1:] != digests[:-1]) | (groups[1:] != groups[:-1])
    lots = np.cumsum(np.r_[True, new][: len(order)]) - 1
    alike = np.zeros(len(order), dtype=np.int64)
    alike[order] = np.where(digests > 0, np.bincount(lots)[lots], 0)
    return alike


def _of(seen: Flat, column: str | None) -> Bools:
    """Which abstentions are a column's; all where none is chosen."""
    if not column:
        return np.ones(len(seen.column_R), dtype=bool)
    place = _place(seen, column)
    return np.zeros(len(seen.column_R), dtype=bool) if place is None else seen.column_R == place


def _place(seen: Flat, column: str | None) -> int | None:
    names = [c.name for c in seen.columns]
    return names.index(column) if column in names else None
