"""How often a reward orders a pair as preferred: of what was fitted, and of what it must beat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from harmo.rewards.fit.pairs import Bools, Ints, Pairs
from harmo.rewards.fit.redraws import interval, redraws
from harmo.rewards.fit.solver import Floats
from harmo.rewards.fit.weights import REDRAWS, held_out

FOLDS = 5
_EQUAL = 1e-9
"""Rewards that differ by less than this share of the widest difference are equal."""

Interval = tuple[float, float] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Of one way to order siblings."""

    name: str
    share: float
    """Of the pairs that it orders as preferred; one that it cannot order counts half."""
    interval: Interval
    """Over redraws of the groups."""
    undecided: float
    """Share of pairs that it gives no order."""
    lead: float | None
    """Of the first in the list over this one; None for itself."""
    lead_interval: Interval


def agreements(
    pairs: Pairs, weights: Mapping[str, Floats], *, seed: int = 0, count: int = REDRAWS
) -> list[Agreement]:
    """The fitted weights on groups they were not fitted to, then the others, each on all pairs.

    Only pairs that `comparable` has count.

    Args:
        pairs: Of one group, what was fitted orders nothing: there is no other to fit it to.
        weights: Others to compare with, by name; nothing of them may come from these pairs.
        seed: Of folds and redraws.
        count: Of redraws.
    """
    ahead = {
        "fitted": held_out(pairs, folds=min(FOLDS, pairs.count), seed=seed),
        "present": np.nan_to_num(pairs.rewards),
        **{name: pairs.differences @ column for name, column in weights.items()},
        **{f"{c} alone": pairs.differences[:, k] for k, c in enumerate(pairs.columns)},
    }
    counted = comparable(pairs)
    verdicts = np.column_stack([_verdicts(z[counted]) for z in ahead.values()])
    return _summed_up(
        list(ahead), verdicts, pairs.groups[counted], pairs.count, seed=seed, count=count
    )


def comparable(pairs: Pairs) -> Bools:
    """Pairs that rewards can agree with: no ties, and both sides were paid.

    Where no side was ever paid, those that are no ties: the present recipe then orders none.
    """
    ordered = pairs.towards > 0.5
    paid = ordered & ~np.isnan(pairs.rewards)
    return paid if paid.any() else ordered


def _verdicts(ahead: Floats) -> Floats:
    """1 where the better side is ahead, 0 where it is behind, 0.5 where it is neither."""
    close = _EQUAL * np.abs(ahead).max(initial=0.0)
    return np.where(np.abs(ahead) <= close, 0.5, ahead > 0)


def _summed_up(
    names: Sequence[str], verdicts: Floats, of: Ints, groups: int, *, seed: int, count: int
) -> list[Agreement]:
    by_group = np.zeros((groups, len(names) + 1))
    np.add.at(by_group, of, np.column_stack([verdicts, np.ones(len(verdicts))]))
    lots = [c.T @ by_group for c in redraws(groups, count, seed=seed, rows=groups)]
    drawn = np.concatenate(lots) if lots else np.zeros((0, len(names) + 1))
    shares = drawn[:, :-1] / np.maximum(drawn[:, -1:], 1.0)
    means = verdicts.mean(axis=0)
    return [
        Agreement(
            name=name,
            share=float(means[k]),
            interval=interval(shares[:, k]),
            undecided=float((verdicts[:, k] == 0.5).mean()),
            lead=float(means[0] - means[k]) if k else None,
            lead_interval=interval(shares[:, 0] - shares[:, k]) if k else None,
        )
        for k, name in enumerate(names)
    ]
