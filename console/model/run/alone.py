"""One column of a run alone, as panels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from harmo.console.model.panel import Panel, Section
from harmo.console.model.run.drawn import BAND, UNIT, by_reason, known, over
from harmo.console.model.run.seen import Seen
from harmo.console.model.signals import NOTE


def alone(
    both: Sequence[Seen],
    tones: Mapping[str, int],
    columns: Sequence[Panel],
    signals: Sequence[Panel],
) -> Sequence[Section]:
    """The sections of the column that is looked at.

    Args:
        both: One run or two; the first says which column.
        tones: Colours of the columns.
        columns: Panels of all columns.
        signals: Panels of all signals.
    """
    name = both[0].focus.name if both[0].focus else ""
    own = [replace(panel, title="Score") for panel in columns if panel.title == name]
    named = len(both) > 1
    missing = [
        by_reason(seen, seen.focus.missing, key="missing", title="Not scored", named=named)
        for seen in both
        if seen.focus
    ]
    looks = [_only(panel, name) for panel in signals]
    return (
        Section(
            title=name,
            note=BAND,
            panels=[
                panel for panel in (*own, *_paid(both, name, tones[name]), *missing) if known(panel)
            ],
            wide=True,
        ),
        Section(
            title="Audit signals", note=NOTE, panels=[panel for panel in looks if known(panel)]
        ),
    )


def _paid(both: Sequence[Seen], name: str, tone: int) -> Sequence[Panel]:
    """What the column paid, and how sure it was."""
    return (
        Panel(
            key="paid",
            title="What it paid",
            note="contribution to the reward",
            series=over(both, lambda s: s.focus.paid if s.focus else None, name, tone=tone),
        ),
        Panel(
            key="sure",
            title="How sure it was",
            note="confidence of its scores",
            series=over(both, lambda s: s.focus.sure if s.focus else None, name, tone=tone),
            bounds=UNIT,
        ),
    )


def _only(panel: Panel, name: str) -> Panel:
    """A signal's panel with the lines of one column."""
    return replace(panel, series=[s for s in panel.series if name in (s.name, s.legend)])
