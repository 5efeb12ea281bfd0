"""What changed by column: who has a score, which score, and what it moves among siblings."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from harmo.rewards.changes.compared import Compared, differ
from harmo.rewards.signals.samples import Bools, Floats, Grouping


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnChanges:
    """One column over some groups; sums over completions."""

    completions: int = 0
    scored_before: int = 0
    scored_after: int = 0
    newly_scored: int = 0
    newly_unscored: int = 0
    other_scores: int = 0
    """Scores on both sides that differ by more than 1e-6."""
    score_before: float = 0.0
    """Sum of scores."""
    score_after: float = 0.0
    rewarded: int = 0
    """Completions with a reward before and after."""
    paid_before: float = 0.0
    """Sum of what it paid those."""
    paid_after: float = 0.0
    compared: int = 0
    """Of those, the ones whose siblings are all here."""
    moved: float = 0.0
    """Sum over these of how far it moves a reward against its siblings', up or down."""

    @property
    def mean_score_before(self) -> float | None:
        """None without a score."""
        return self.score_before / self.scored_before if self.scored_before else None

    @property
    def mean_score_after(self) -> float | None:
        """None without a score."""
        return self.score_after / self.scored_after if self.scored_after else None

    @property
    def mean_paid_before(self) -> float | None:
        """None where nobody has a reward on both sides."""
        return self.paid_before / self.rewarded if self.rewarded else None

    @property
    def mean_paid_after(self) -> float | None:
        """None where nobody has a reward on both sides."""
        return self.paid_after / self.rewarded if self.rewarded else None

    @property
    def mean_moved(self) -> float | None:
        """Mean absolute change of its contribution less the siblings' mean; None without any."""
        return self.moved / self.compared if self.compared else None

    def plus(self, other: ColumnChanges) -> ColumnChanges:
        """Of both together."""
        return ColumnChanges(
            **{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)}
        )


def by_column(compared: Compared) -> dict[str, ColumnChanges]:
    """The columns' changes, by name."""
    pairs = compared.pairs
    both = ~np.isnan(pairs.before) & ~np.isnan(pairs.after)
    whole = pairs.whole[pairs.places][both]
    within = Grouping.of(pairs.places[both][whole])
    return {
        pair.name: _changes(
            scores=(pairs.scores_before[:, k], pairs.scores_after[:, k]),
            paid=(
                np.nan_to_num(pairs.paid_before[both, k]),
                np.nan_to_num(pairs.paid_after[both, k]),
            ),
            whole=whole,
            within=within,
        )
        for k, pair in enumerate(pairs.columns)
    }


def _changes(
    *,
    scores: tuple[Floats, Floats],
    paid: tuple[Floats, Floats],
    whole: Bools,
    within: Grouping,
) -> ColumnChanges:
    had, has = (~np.isnan(side) for side in scores)
    moved = within.centred((paid[1] - paid[0])[whole])
    return ColumnChanges(
        completions=len(had),
        scored_before=int(had.sum()),
        scored_after=int(has.sum()),
        newly_scored=int((has & ~had).sum()),
        newly_unscored=int((had & ~has).sum()),
        other_scores=int((had & has & differ(*scores)).sum()),
        score_before=float(scores[0][had].sum()),
        score_after=float(scores[1][has].sum()),
        rewarded=len(paid[0]),
        paid_before=float(paid[0].sum()),
        paid_after=float(paid[1].sum()),
        compared=int(whole.sum()),
        moved=float(np.abs(moved).sum()),
    )
