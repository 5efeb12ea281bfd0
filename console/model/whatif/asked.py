"""What an address of the what-if asks for, besides edits: which groups, under which recipe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harmo.audit.read import Query, RunSummary
from harmo.console.model.asked import Steps, steps_of, whole
from harmo.console.model.history import TRAIN

ALL = "all"
"""In place of a sample."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which groups of which run, and what they are weighed under."""

    run: str
    split: str
    steps: Steps = (None, None)
    """First and last, both included."""
    recipe: str = ""
    """A name, digits of a version, or `NAME@DIGITS`; empty for the run's newest."""
    everything: bool = False
    """False for a sample where there are many."""
    group: int | None = None
    """Whose completions are shown; None for the one that moves most."""

    @property
    def query(self) -> Query:
        """The groups, for a store."""
        return Query(run=self.run, split=self.split, steps=self.steps)


def asked(params: Mapping[str, str], summary: RunSummary) -> Asked:
    """What an address asks for of a run; what it does not say, or says wrongly, is the usual.

    Args:
        params: By name.
        summary: Of the run.
    """
    split = params.get("split", "")
    usual = TRAIN if TRAIN in summary.splits else next(iter(summary.splits), TRAIN)
    return Asked(
        run=summary.run,
        split=split if split in summary.splits else usual,
        steps=steps_of(params.get("steps", "")),
        recipe=params.get("recipe", ""),
        everything=params.get("groups") == ALL,
        group=whole(params.get("group", "")),
    )
