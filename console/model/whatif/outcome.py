"""What another composition changes, as a trainer would notice it. Arrays in, numbers out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from harmo.console.model.whatif.paid import Bools, Floats, Groups, Ints, Paid
from harmo.console.model.whatif.within import (
    SAME,
    advantages,
    best,
    flipped,
    has_any,
    right_of_best,
    sums,
)
from harmo.rewards.plan import INTERACTION
from harmo.rewards.signals.samples import Samples
from harmo.rewards.signals.siblings import reward_shares, spearman
from harmo.scorers.types import ZERO_VARIANCE

TOP = 20
"""Groups that are named."""
POINTS = 120
"""Of a curve at most: steps are pooled where there are more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What one composition pays."""

    scored: int
    zero_variance: int
    """Groups of several rewards, all of them equal: they teach nothing."""
    comparable: int
    """Groups of several rewards."""
    mean: float | None
    right_is_best: float | None
    """Share of what is paid most that is right, over groups of right and wrong completions."""
    shares: Mapping[str, float]
    """By column its share in what siblings' rewards differ by; empty of too few groups."""
    reasons: Mapping[str, int]
    """Samples without a reward, by reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One number by step; None where there is none."""

    steps: tuple[int, ...]
    before: tuple[float | None, ...]
    after: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A group, and how far its advantages move."""

    number: int
    step: int | None
    task: str
    by: float
    """Mean distance between a completion's two advantages, in standard deviations of the group."""
    signs: int
    """Completions whose advantage changes sign."""
    best: tuple[int, int]
    """Place of the completion that is paid most, before and after; the first of equals, -1 where
    none is paid."""
    right: tuple[bool | None, bool | None]
    """Whether they are right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Two compositions over the same groups."""

    groups: int
    samples: int
    before: Side
    after: Side
    newly_scored: int
    newly_unscored: int
    compared: int
    """Groups of several completions that have both rewards."""
    best_changes: int
    """Of these, groups in which nothing that was paid most still is."""
    signs: int
    """Completions whose advantage changes sign; dividing by the group's deviation moves none."""
    both_scored: int
    by: float | None
    """Mean distance between a completion's two advantages, in the group's standard deviations."""
    by_unscaled: float | None
    """The same without the deviation, in units of reward."""
    rank_correlation: float | None
    """Mean in-group Spearman of the two rewards; None of too few groups."""
    rewards: Curve
    right: Curve
    """Rewards of right completions alone."""
    wrong: Curve
    """Rewards of wrong ones: where they rise, the policy is paid for what is not an answer."""
    top: tuple[Moved, ...]
    """Where most changes, first; none that does not change."""


def outcome(groups: Groups, before: Paid, after: Paid) -> Outcome:
    """Compare what was paid with what would be.

    Args:
        groups: What both are of.
        before: One reward per sample.
        after: The same of the other composition.
    """
    old, new = before.rewards, after.rewards
    was, now = ~np.isnan(old), ~np.isnan(new)
    both, count = was & now, len(groups.numbers)
    compared = sums(groups, both, count) > 1
    changed = compared & ~has_any(groups, best(groups, old) & best(groups, new) & both, count)
    apart = {
        s: advantages(groups, new, scaled=s) - advantages(groups, old, scaled=s)
        for s in (True, False)
    }
    flips = flipped(groups, old, new)
    return Outcome(
        groups=count,
        samples=len(old),
        before=_side(groups, before),
        after=_side(groups, after),
        newly_scored=int((now & ~was).sum()),
        newly_unscored=int((was & ~now).sum()),
        compared=int(compared.sum()),
        best_changes=int(changed.sum()),
        signs=int(flips.sum()),
        both_scored=int(both.sum()),
        by=_mean(np.abs(apart[True][both])),
        by_unscaled=_mean(np.abs(apart[False][both])),
        rank_correlation=_rank_correlation(groups, old, new, both),
        rewards=_curve(groups, np.ones(len(old), dtype=np.bool_), old, new),
        right=_curve(groups, groups.right > 0, old, new),
        wrong=_curve(groups, groups.right == 0, old, new),
        top=tuple(_top(groups, old, new, np.where(both, np.abs(apart[True]), 0.0), flips)),
    )


def _side(groups: Groups, paid: Paid) -> Side:
    count, known = len(groups.numbers), ~np.isnan(paid.rewards)
    most, least = np.full(count, -np.inf), np.full(count, np.inf)
    np.maximum.at(most, groups.index[known], paid.rewards[known])
    np.minimum.at(least, groups.index[known], paid.rewards[known])
    comparable = sums(groups, known, count) > 1
    flat = comparable & (most - least < ZERO_VARIANCE)
    return Side(
        scored=int(known.sum()),
        zero_variance=int(flat.sum()),
        comparable=int(comparable.sum()),
        mean=_mean(paid.rewards[known]),
        right_is_best=_mean(right_of_best(groups, paid.rewards)),
        shares=_shares(groups, paid, known),
        reasons=paid.reasons,
    )


def _shares(groups: Groups, paid: Paid, known: Bools) -> dict[str, float]:
    kept = known & groups.whole[groups.index]
    nothing = np.zeros(int(kept.sum()))
    samples = Samples(
        groups=groups.index[kept],
        whole=np.ones(len(nothing), dtype=np.bool_),
        scores=nothing[:, None],
        contributions=paid.contributions[kept],
        rewards=paid.rewards[kept],
        lengths=nothing,
        truncated=nothing > 0,
        texts=nothing,
    )
    found = reward_shares(samples, dict(enumerate(paid.columns)))
    return {name: share for name, share in found.items() if share or name != INTERACTION}


def _rank_correlation(groups: Groups, old: Floats, new: Floats, both: Bools) -> float | None:
    kept = old[both]
    nothing = np.zeros(len(kept))
    samples = Samples(
        groups=groups.index[both],
        whole=np.ones(len(kept), dtype=np.bool_),
        scores=nothing[:, None],
        contributions=nothing[:, None],
        rewards=kept,
        lengths=nothing,
        truncated=nothing > 0,
        texts=nothing,
    )
    return spearman(samples, kept, new[both])


def _curve(groups: Groups, those: Bools, before: Floats, after: Floats) -> Curve:
    """Mean rewards of some samples by step; pooled over steps where there are many.

    Args:
        groups: Whose steps count.
        those: Which samples.
        before: NaN where there is none.
        after: The same.
    """
    steps = groups.steps[groups.index]
    known = ~np.isnan(steps)
    found = np.unique(steps[known])
    if not len(found):
        return Curve(steps=(), before=(), after=())
    pools = np.arange(len(found)) * POINTS // max(len(found), POINTS)
    _, starts, pool_of = np.unique(pools, return_index=True, return_inverse=True)
    known &= those
    place = pool_of[np.searchsorted(found, steps[known])]
    return Curve(
        steps=tuple(int(step) for step in found[starts]),
        before=_means(place, before[known], len(starts)),
        after=_means(place, after[known], len(starts)),
    )


def _means(place: Ints, values: Floats, count: int) -> tuple[float | None, ...]:
    known = ~np.isnan(values)
    totals = np.bincount(place[known], values[known], minlength=count)
    sizes = np.bincount(place[known], minlength=count)
    return tuple(float(s / n) if n else None for s, n in zip(totals, sizes, strict=True))


def _top(groups: Groups, old: Floats, new: Floats, apart: Floats, flips: Bools) -> list[Moved]:
    """The groups that move most, the most moved first."""
    count = len(groups.numbers)
    by = sums(groups, apart, count) / np.maximum(sums(groups, apart > 0, count), 1)
    signs = sums(groups, flips, count)
    bests = best(groups, old), best(groups, new)
    order = [int(g) for g in np.argsort(-by, kind="stable")[:TOP] if by[g] > SAME]
    found = []
    for g in order:
        own = np.flatnonzero(groups.index == g)
        before, after = (_first(is_best[own]) for is_best in bests)
        step = groups.steps[g]
        found.append(
            Moved(
                number=int(groups.numbers[g]),
                step=None if np.isnan(step) else int(step),
                task=groups.tasks[g],
                by=float(by[g]),
                signs=int(signs[g]),
                best=(before, after),
                right=(_right(groups.right[own], before), _right(groups.right[own], after)),
            )
        )
    return found


def _first(is_best: Bools) -> int:
    places = np.flatnonzero(is_best)
    return int(places[0]) if len(places) else -1


def _right(right: Floats, place: int) -> bool | None:
    known = right[place] if place >= 0 else np.nan
    return None if np.isnan(known) else bool(known)


def _mean(values: Floats) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else None
