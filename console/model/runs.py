"""The runs of a store, as a table has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harmo.audit.read import Reader, RunSummary
from harmo.audit.tables import Table
from harmo.console.model.curves import sparkline
from harmo.console.model.flat import flat
from harmo.console.model.history import TRAIN
from harmo.console.model.overview import Figure, Parting, overview

LIVE_S = 300.0
"""A run with a group in so many seconds is running: steps of large policies take minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One run as it stands."""

    summary: RunSummary
    live: bool
    """True if a group came lately."""

    @property
    def unscored(self) -> float | None:
        """Share of completions without a reward."""
        summary = self.summary
        return 1 - summary.scored / summary.completions if summary.completions else None

    @property
    def flat(self) -> float | None:
        """Share of groups whose rewards are all equal, of those with several."""
        summary = self.summary
        return summary.zero_variance / summary.comparable if summary.comparable else None

    @property
    def version(self) -> tuple[object, ...]:
        """Changes with whatever came of the run, or left the store."""
        return self.summary.groups, self.summary.last_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Glimpse:
    """What a row shows of the numbers of a run."""

    reward: Figure
    correct: Figure
    spark: Sequence[float | None]
    """Mean rewards over the run."""
    parting: Parting | None
    """Where right answers became fewer while the reward did not fall."""


def standings(reader: Reader, now_s: float) -> Sequence[Standing]:
    """Every run, the last written first."""
    return [
        Standing(summary=summary, live=now_s - summary.last_s < LIVE_S) for summary in reader.runs()
    ]


def glimpse(tables: Sequence[Table]) -> Glimpse:
    """What was trained on, in few figures; of a run that trained on nothing, all of it."""
    every = flat(tables)
    split = TRAIN if TRAIN in every.splits else None
    seen = every.where(split=split, steps=(None, None))
    figures = overview(seen)
    return Glimpse(
        reward=figures.reward,
        correct=figures.correct,
        spark=sparkline(seen),
        parting=figures.parting,
    )
