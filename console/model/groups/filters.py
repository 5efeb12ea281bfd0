"""The filters: which completions to look at, and how bad each is.

Each is a pure function of numbers; a filter lists nothing where what it compares is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from harmo.console.model.groups.numbers import TIE, Bools, Floats, Ints, Numbers
from harmo.scorers.types import ZERO_VARIANCE, Family, Reason

DOUBTFUL = 0.9
"""A model contradicts a rule where it ranks a wrong completion above this share of the others."""


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
    find: Callable[[Numbers, str | None], Found]
    """Given the numbers and the column that was chosen, if any."""


def _all(numbers: Numbers, column: str | None) -> Found:
    place = _place(numbers, column)
    bad = numbers.rewards_N if place is None else numbers.scores_NK[:, place]
    return Found(listed=np.ones(len(numbers.group_N), dtype=bool), bad=bad)


def _paid_wrong(numbers: Numbers, column: str | None) -> Found:
    del column
    over = numbers.advantages_N
    return Found(listed=(numbers.right_N == 0) & (over > ZERO_VARIANCE), bad=over)


def _inverted(numbers: Numbers, column: str | None) -> Found:
    del column
    right = np.where(numbers.right_N == 1, numbers.rewards_N, np.nan)
    over = numbers.rewards_N - numbers.spread(numbers.least(right))
    return Found(listed=(numbers.right_N == 0) & (over > TIE), bad=over)


def _disagree(numbers: Numbers, column: str | None) -> Found:
    models = [k for k, c in enumerate(numbers.columns) if c.family is Family.MODEL]
    place = _place(numbers, column)
    asked = [k for k in models if place is None or place not in models or k == place]
    bad = np.full(len(numbers.group_N), np.nan)
    for k in asked:
        ranks = ranked(numbers.scores_NK[:, k])
        bad = np.fmax(bad, np.where(numbers.rule_N == 0, ranks, 1.0 - ranks))
    bad[np.isnan(numbers.rule_N)] = np.nan
    return Found(listed=bad >= DOUBTFUL, bad=bad)


def _longest(numbers: Numbers, column: str | None) -> Found:
    del column
    return Found(listed=~np.isnan(numbers.tokens_N), bad=numbers.tokens_N)


def _abstained(numbers: Numbers, column: str | None) -> Found:
    place, counts = _place(numbers, column), np.zeros(len(numbers.group_N))
    if column and place is None:
        return Found(listed=counts > 0, bad=counts)
    for n, k, _ in numbers.reasons:
        counts[n] += place is None or k == place
    return Found(listed=counts > 0, bad=counts)


def _truncated(numbers: Numbers, column: str | None) -> Found:
    del column
    paid = np.where(numbers.scored_N, numbers.advantages_N, -np.inf)
    return Found(listed=numbers.truncated_N, bad=paid)


def _zero_variance(numbers: Numbers, column: str | None) -> Found:
    del column
    several = numbers.count(numbers.scored_N)
    flat = (several > 1) & (numbers.ranges_G < ZERO_VARIANCE)
    return Found(
        listed=numbers.spread(flat.astype(float)) > 0, bad=numbers.spread(several.astype(float))
    )


def _duplicates(numbers: Numbers, column: str | None) -> Found:
    del column
    alike = lots(numbers)
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
        ),
        Filter(
            name="all",
            title="all",
            says="Every completion, the best paid first; with a column, by its score.",
            measure="reward or score",
            find=_all,
        ),
    )
}
"""By name, in the order in which a page offers them."""


def with_reason(numbers: Numbers, reason: Reason, column: str | None) -> Bools:
    """Which samples lack something for a reason; with a column, that column's score."""
    place = _place(numbers, column)
    mask = np.zeros(len(numbers.group_N), dtype=bool)
    if column and place is None:
        return mask
    for n, k, why in numbers.reasons:
        if why is reason and (place is None or k == place):
            mask[n] = True
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


def lots(numbers: Numbers) -> Ints:
    """Per sample how many of its group have its tokens and scores, itself counted.

    Who wrote the same has the same numbers; who has the same numbers may have written another
    text, which only the texts' digests tell.
    """
    if not len(numbers.group_N):
        return np.zeros(0, dtype=np.int64)
    steady = [k for k, c in enumerate(numbers.columns) if c.family is not Family.MODEL]
    keys = np.column_stack(
        (
            numbers.of_group,
            numbers.truncated_N,
            np.nan_to_num(numbers.tokens_N, nan=-1.0),
            np.nan_to_num(numbers.scores_NK[:, steady].round(9), nan=-1e300) + 0.0,
        )
    )
    # One number per row: rows that meet by chance are told apart by their texts.
    odd = np.random.default_rng(0).integers(1 << 62, size=keys.shape[1], dtype=np.int64) | 1
    mixed = (np.ascontiguousarray(keys).view(np.int64) * odd).sum(axis=1)
    _, place, counts = np.unique(mixed, return_inverse=True, return_counts=True)
    return np.asarray(counts[place.reshape(-1)])


def _place(numbers: Numbers, column: str | None) -> int | None:
    names = [c.name for c in numbers.columns]
    return names.index(column) if column in names else None
