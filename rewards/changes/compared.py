"""Per completion and per group what a trainer would notice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from harmo.rewards.advantages import EPSILON
from harmo.rewards.changes.pairs import Pairs
from harmo.rewards.signals.samples import Bools, Floats, Grouping, Ints
from harmo.scorers.types import ZERO_VARIANCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """The rewards of one side, before or after."""

    advantages: Floats
    """Rewards less their group's mean; NaN without a reward."""
    scaled: Floats
    """Divided by the group's deviation, too."""
    scored: Floats
    """How many have a reward."""
    span: Floats
    """Greatest less least reward; 0 where there are not two."""
    best: Bools
    """True of those within 1e-6 of their group's greatest reward."""

    @property
    def flat(self) -> Bools:
        """Groups of more than one reward, all of them equal."""
        return (self.scored > 1) & (self.span < ZERO_VARIANCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Both sides of some groups, and what differs.

    A piece of a group has neither best nor advantages: its siblings stand elsewhere.
    """

    pairs: Pairs
    before: Side
    after: Side
    both: Bools
    """Those that have an advantage before and after."""
    compared: Bools
    """Groups of more than one reward before and after."""
    best_changed: Bools
    """Of those: none that was best still is."""
    sign_before: Ints
    sign_after: Ints
    """Of the advantage: -1, 0 or 1; 0 without a reward, within 1e-6 of the mean, or where all
    siblings' rewards are equal. Dividing by the deviation changes no sign."""
    rank_correlation: Floats
    """Spearman's rho; NaN where either side is constant."""
    moved: Floats
    """Mean change of an advantage, scaled, completions without a reward counting as 0: TRL's."""

    @classmethod
    def of(cls, pairs: Pairs) -> Compared:
        """Compare."""
        groups, whole = len(pairs.numbers), pairs.whole[pairs.places]
        old, new = (np.where(whole, each, np.nan) for each in (pairs.before, pairs.after))
        before, after = (side(pairs.places, each, groups) for each in (old, new))
        compared = (before.scored > 1) & (after.scored > 1)
        still = _counts(pairs.places, before.best & after.best, groups)
        change = np.abs(np.nan_to_num(after.scaled) - np.nan_to_num(before.scaled))
        members = np.maximum(np.bincount(pairs.places, minlength=groups), 1)
        moved = np.bincount(pairs.places, change, minlength=groups) / members
        return cls(
            pairs=pairs,
            before=before,
            after=after,
            both=~np.isnan(old) & ~np.isnan(new),
            compared=compared,
            best_changed=compared & (still == 0),
            sign_before=_signs(pairs.places, before),
            sign_after=_signs(pairs.places, after),
            rank_correlation=rank_correlations(pairs.places, old, new, groups),
            moved=moved,
        )

    @property
    def flipped(self) -> Bools:
        """Those whose advantage is of the opposite sign."""
        return np.asarray(self.sign_before * self.sign_after < 0)

    @property
    def silenced(self) -> Bools:
        """Those whose advantage was not 0, and is; both are known."""
        return np.asarray(self.both & (self.sign_before != 0) & (self.sign_after == 0))

    @property
    def woken(self) -> Bools:
        """Those whose advantage was 0, and no longer is; both are known."""
        return np.asarray(self.both & (self.sign_before == 0) & (self.sign_after != 0))

    @property
    def other_reward(self) -> Bools:
        """Those whose reward is another, or there on one side only."""
        return differ(self.pairs.before, self.pairs.after)


def differ(before: Floats, after: Floats) -> Bools:
    """Where values differ by more than 1e-6, of those over 1 relative, or only one is there."""
    size = np.maximum(1.0, np.maximum(np.abs(before), np.abs(after)))
    close = np.abs(after - before) <= ZERO_VARIANCE * size
    return np.asarray(~(close | (np.isnan(before) & np.isnan(after))))


def side(places: Ints, rewards: Floats, groups: int) -> Side:
    """What a trainer makes of the rewards of some groups.

    Args:
        places: Each completion's group, ascending.
        rewards: NaN where there is none.
        groups: How many groups.
    """
    known = ~np.isnan(rewards)
    advantages, scaled = (np.full(len(rewards), np.nan) for _ in range(2))
    scored, span = np.zeros(groups), np.zeros(groups)
    best = np.zeros(len(rewards), dtype=bool)
    if known.any():
        rewards, of = rewards[known], places[known]
        within = Grouping.of(of)
        # Squares of large numbers would overflow; a power of two takes nothing from precision.
        greatest = np.maximum.reduceat(np.abs(rewards), within.starts)
        scale = np.ldexp(1.0, np.maximum(np.frexp(greatest)[1] - 1, 0))
        small = within.centred(rewards / scale[within.index])
        small[(within.sizes == 1)[within.index]] = 0.0
        spread = np.sqrt(within.sums(small * small) / np.maximum(within.sizes - 1, 1))
        advantages[known] = small * scale[within.index]
        scaled[known] = small / (spread + EPSILON / scale)[within.index]
        ids = of[within.starts]
        scored[ids], span[ids] = within.sizes, within.spans(rewards)
        most = np.maximum.reduceat(rewards, within.starts)
        best[known] = rewards > most[within.index] - ZERO_VARIANCE
        best[known] |= rewards == most[within.index]
    return Side(
        advantages=advantages,
        scaled=scaled,
        scored=scored,
        span=span,
        best=best,
    )


def rank_correlations(places: Ints, x: Floats, y: Floats, groups: int) -> Floats:
    """Per group Spearman's rho of two values of its completions, in [-1, 1]; NaN for none.

    Pearson's correlation of the ranks, equal values sharing their mean rank, as do those that lie
    within 1e-6 of their neighbour; a completion that lacks either is left out, and a group in which
    either is constant has none.

    Args:
        places: Each completion's group, ascending.
        x: A value per completion, or NaN.
        y: As x.
        groups: How many groups.
    """
    rho = np.full(groups, np.nan)
    known = ~(np.isnan(x) | np.isnan(y))
    if known.any():
        of = places[known]
        within = Grouping.of(of)
        rank_x, rank_y = (within.centred(within.ranks(_equalled(within, v[known]))) for v in (x, y))
        var_x, var_y = within.sums(rank_x * rank_x), within.sums(rank_y * rank_y)
        varied = (var_x > 0) & (var_y > 0)
        covariance = within.sums(rank_x * rank_y)[varied]
        ids = of[within.starts][varied]
        rho[ids] = np.clip(covariance / np.sqrt(var_x[varied] * var_y[varied]), -1.0, 1.0)
    return rho


def _equalled(within: Grouping, values: Floats) -> Floats:
    """The values, runs of siblings' that lie within 1e-6 of the next as the least of the run.

    Sums of the same terms in another order differ by rounding: that is no order.
    """
    order = np.lexsort((values, within.index))
    value, group = values[order], within.index[order]
    begins = np.ones(len(values), dtype=bool)
    begins[1:] = (group[1:] != group[:-1]) | (np.diff(value) >= ZERO_VARIANCE)
    equalled = np.empty(len(values))
    equalled[order] = value[begins][np.cumsum(begins) - 1]
    return equalled


def _signs(places: Ints, of: Side) -> Ints:
    gaps = np.nan_to_num(of.advantages)
    signs = np.where(np.abs(gaps) < ZERO_VARIANCE, 0, np.sign(gaps))
    return np.asarray(np.where(of.flat[places], 0, signs), dtype=np.intp)


def _counts(places: Ints, which: Bools, groups: int) -> Floats:
    return np.bincount(places, which, minlength=groups).astype(float)
