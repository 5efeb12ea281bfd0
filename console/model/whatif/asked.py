"""What an address of the what-if asks for, besides edits: which groups, under which recipe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harmo.audit.read import Query, RunSummary

ALL = "all"
"""In place of a sample."""
_DIGITS = 9
"""Of a step or a number at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which groups of which run, and what they are weighed under."""

    run: str
    split: str
    steps: tuple[int | None, int | None] = (None, None)
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
    usual = "train" if "train" in summary.splits else next(iter(summary.splits), "train")
    number = _number(params.get("group", ""))
    return Asked(
        run=summary.run,
        split=split if split in summary.splits else usual,
        steps=read_steps(params.get("steps", "")),
        recipe=params.get("recipe", ""),
        everything=params.get("groups") == ALL,
        group=number,
    )


def read_steps(text: str) -> tuple[int | None, int | None]:
    """First and last step of `10:50`, `10:`, `:50` or `30`; None where an end is open."""
    first, colon, last = text.strip().partition(":")
    ends = _number(first.strip()), _number(last.strip() if colon else first.strip())
    if None not in ends and (ends[0] or 0) > (ends[1] or 0):
        return ends[1], ends[0]
    return ends


def steps_text(steps: tuple[int | None, int | None]) -> str:
    """The same as text; empty where both ends are open."""
    if steps == (None, None):
        return ""
    first, last = ("" if end is None else str(end) for end in steps)
    return first if first == last else f"{first}:{last}"


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else None
