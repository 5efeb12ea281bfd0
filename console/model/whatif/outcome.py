"""What another composition changes, as a trainer would notice it. Arrays in, numbers out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from harmo.console.model.whatif.curves import Curve, curve
from harmo.console.model.whatif.paid import Bools, Floats, Groups, Paid, Weighed
from harmo.rewards.changes import Changes, Compared, Pairs, Tally
from harmo.rewards.changes.tally import ChangedGroup
from harmo.rewards.plan import INTERACTION
from harmo.rewards.signals.samples import Samples
from harmo.rewards.signals.siblings import reward_shares


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What one composition pays."""

    mean: float | None
    """Reward of those that have one."""
    right_is_best: float | None
    """Share of what is paid most that is right, over groups of right and wrong completions."""
    shares: Mapping[str, float]
    """By column its share in what siblings' rewards differ by; empty of too few groups."""
    reasons: Mapping[str, int]
    """Samples without a reward, by reason, the most common first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A group in which much changes."""

    changed: ChangedGroup
    step: int | None
    right: tuple[bool | None, bool | None]
    """Whether what is paid most is right, before and after."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Two compositions over the same groups."""

    changes: Changes
    """The flips that a replay counts."""
    before: Side
    after: Side
    rewards: Curve
    right: Curve
    """Rewards of right completions alone."""
    wrong: Curve
    """Rewards of wrong ones: where they rise, the policy is paid for what is not an answer."""
    top: tuple[Moved, ...]
    """Where most changes, first; none that does not change."""


def outcome(weighed: Weighed) -> Outcome:
    """Compare what was paid with what would be.

    Args:
        weighed: The same groups under both.
    """
    groups, old, new = weighed.groups, weighed.before, weighed.after
    compared, tally = Compared.of(_pairs(weighed)), Tally()
    changes = tally.add(compared)
    everyone = np.ones(len(old.rewards), dtype=np.bool_)
    return Outcome(
        changes=changes,
        before=_side(groups, old, compared.before.best),
        after=_side(groups, new, compared.after.best),
        rewards=curve(groups, everyone, old.rewards, new.rewards),
        right=curve(groups, groups.right > 0, old.rewards, new.rewards),
        wrong=curve(groups, groups.right == 0, old.rewards, new.rewards),
        top=tuple(_moved(groups, changed) for changed in tally.most_changed),
    )


def right_of_best(groups: Groups, is_best: Bools) -> Floats:
    """Per group the share of what is paid most that is right; NaN where all are right or wrong.

    Args:
        groups: With what is right.
        is_best: Per sample whether it is paid most of its group.
    """
    count, known = len(groups.numbers), ~np.isnan(groups.right)
    right = known & (groups.right > 0)

    def counted(values: Bools) -> Floats:
        return np.bincount(groups.index, values, minlength=count).astype(np.float64)

    mixed = (counted(right) > 0) & (counted(known & ~right) > 0) & (counted(is_best & known) > 0)
    share = counted(is_best & right) / np.maximum(counted(is_best & known), 1)
    return np.where(mixed, share, np.nan)


def _pairs(weighed: Weighed) -> Pairs:
    """Rewards alone: what columns are worth is told by their shares."""
    groups, nothing = weighed.groups, np.zeros((len(weighed.before.rewards), 0))
    return Pairs(
        numbers=tuple(groups.numbers.tolist()),
        tasks=groups.tasks,
        whole=groups.whole,
        places=groups.index,
        before=weighed.before.rewards,
        after=weighed.after.rewards,
        columns=(),
        scores_before=nothing,
        scores_after=nothing,
        paid_before=nothing,
        paid_after=nothing,
    )


def _side(groups: Groups, paid: Paid, is_best: Bools) -> Side:
    return Side(
        mean=_mean(paid.rewards),
        right_is_best=_mean(right_of_best(groups, is_best)),
        shares=_shares(groups, paid),
        reasons=paid.reasons,
    )


def _shares(groups: Groups, paid: Paid) -> dict[str, float]:
    kept = ~np.isnan(paid.rewards) & groups.whole[groups.index]
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


def _moved(groups: Groups, changed: ChangedGroup) -> Moved:
    place = int(np.flatnonzero(groups.numbers == changed.number)[0])
    step, right = groups.steps[place], groups.right[groups.index == place]
    before, after = (
        None if best is None or np.isnan(right[best]) else bool(right[best])
        for best in (changed.best_before, changed.best_after)
    )
    return Moved(changed=changed, step=None if np.isnan(step) else int(step), right=(before, after))


def _mean(values: Floats) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else None
