"""What changed over many groups, in all or of one task: sums that grow with nothing."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from harmo.rewards.changes.compared import Compared
from harmo.rewards.signals.samples import Bools, Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What changed over some groups."""

    groups: int = 0
    completions: int = 0
    pieces: int = 0
    """Groups of which members were scored elsewhere: no siblings are compared in them."""
    compared_groups: int = 0
    """Groups with more than one reward before and after."""
    best_changed: int = 0
    """Of those: none of the completions that were best still is."""
    other_rewards: int = 0
    """Completions whose reward differs by more than 1e-6, or is only there on one side."""
    largest_change: float = 0.0
    """Of a reward that is there on both sides."""
    scored_before: int = 0
    scored_after: int = 0
    newly_scored: int = 0
    newly_unscored: int = 0
    varied_before: int = 0
    """Groups of more than one reward before: those that could be without variance."""
    varied_after: int = 0
    zero_variance_before: int = 0
    zero_variance_after: int = 0
    advantages: int = 0
    """Completions that have one before and after."""
    flipped: int = 0
    """Advantages of the opposite sign; the same with and without the group's deviation."""
    silenced: int = 0
    """Advantages that were not 0, and are."""
    woken: int = 0
    """Advantages that were 0, and no longer are."""
    advantage_change: float = 0.0
    """Sum of absolute changes without the group's deviation (`scale_rewards: none`)."""
    scaled_advantage_change: float = 0.0
    """With it (`scale_rewards: group`)."""
    ranked_groups: int = 0
    """Groups whose siblings' order could be compared: rewards vary on both sides."""
    rank_correlation_sum: float = 0.0

    @property
    def rank_correlation(self) -> float | None:
        """Mean Spearman's rho over groups, in [-1, 1]; None where none could be compared."""
        return self.rank_correlation_sum / self.ranked_groups if self.ranked_groups else None

    @property
    def best_changed_ratio(self) -> float | None:
        """Of the groups that were compared."""
        return self.best_changed / self.compared_groups if self.compared_groups else None

    @property
    def flipped_ratio(self) -> float | None:
        """Of the advantages that are there on both sides."""
        return self.flipped / self.advantages if self.advantages else None

    @property
    def mean_advantage_change(self) -> float | None:
        """Without the group's deviation."""
        return self.advantage_change / self.advantages if self.advantages else None

    @property
    def mean_scaled_advantage_change(self) -> float | None:
        """With the group's deviation."""
        return self.scaled_advantage_change / self.advantages if self.advantages else None

    def plus(self, other: Changes) -> Changes:
        """Of both together."""
        added = {f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)}
        added["largest_change"] = max(self.largest_change, other.largest_change)
        return Changes(**added)


_COUNTS = tuple(f.name for f in fields(Changes) if f.type == "int")


def by_group(compared: Compared) -> dict[str, Floats]:
    """Per group what `Changes` sums up, by its fields."""
    pairs, before, after = compared.pairs, compared.before, compared.after
    groups = len(pairs.numbers)
    had, has = ~np.isnan(pairs.before), ~np.isnan(pairs.after)

    def counted(values: Floats | Bools) -> Floats:
        return np.bincount(pairs.places, values, minlength=groups).astype(float)

    def change(old: Floats, new: Floats) -> Floats:
        return np.nan_to_num(np.abs(new - old))

    rho = compared.rank_correlation
    largest = np.zeros(groups)
    np.maximum.at(largest, pairs.places, change(pairs.before, pairs.after))
    return {
        "groups": np.ones(groups),
        "completions": counted(np.ones(len(had))),
        "pieces": (~pairs.whole).astype(float),
        "compared_groups": compared.compared.astype(float),
        "best_changed": compared.best_changed.astype(float),
        "other_rewards": counted(compared.other_reward),
        "largest_change": largest,
        "scored_before": counted(had),
        "scored_after": counted(has),
        "newly_scored": counted(has & ~had),
        "newly_unscored": counted(had & ~has),
        "varied_before": (before.scored > 1).astype(float),
        "varied_after": (after.scored > 1).astype(float),
        "zero_variance_before": before.flat.astype(float),
        "zero_variance_after": after.flat.astype(float),
        "advantages": counted(compared.both),
        "flipped": counted(compared.flipped),
        "silenced": counted(compared.silenced),
        "woken": counted(compared.woken),
        "advantage_change": counted(change(before.advantages, after.advantages)),
        "scaled_advantage_change": counted(change(before.scaled, after.scaled)),
        "ranked_groups": (~np.isnan(rho)).astype(float),
        "rank_correlation_sum": np.nan_to_num(rho),
    }


def summed(values_by_group: dict[str, Floats], which: Bools | slice = slice(None)) -> Changes:
    """The changes of some of the groups.

    Args:
        values_by_group: From `by_group`.
        which: A mask over them; default: all.
    """
    found: dict[str, float] = {}
    for name, values in values_by_group.items():
        chosen = values[which]
        total = chosen.max(initial=0.0) if name == "largest_change" else chosen.sum()
        found[name] = int(total) if name in _COUNTS else float(total)
    return Changes(**found)  # type: ignore[arg-type]  # counts are whole, the others are not
