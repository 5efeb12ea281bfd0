"""The runs of a store, as a table has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harmo.audit.read import Reader, RunSummary


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


LIVE_S = 300.0
"""A run with a group in so many seconds is running: steps of large policies take minutes."""


def standings(reader: Reader, now_s: float) -> Sequence[Standing]:
    """Every run, the last written first."""
    return [
        Standing(summary=summary, live=now_s - summary.last_s < LIVE_S) for summary in reader.runs()
    ]
