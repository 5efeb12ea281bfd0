"""What the Run page works out of a run: curves and figures first, signals after them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harmo.console.model.asked import Steps, shown
from harmo.console.model.curves import Curves, curves
from harmo.console.model.flat import flat
from harmo.console.model.history import History, changes, chosen
from harmo.console.model.overview import Overview, overview
from harmo.console.model.run.focus import Focus, focused
from harmo.console.model.signals import Signal, signals


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was worked out of one run and one split of it."""

    name: str
    """Of the run, as pages show it."""
    curves: Curves
    focus: Focus | None = None
    """The one column that is drawn; None for all."""
    signals: Sequence[Signal] | None = None
    """None until they are worked out."""
    split: str = ""
    """Of what is drawn, where the run has several."""
    evals: Curves | None = None
    """Of the other split, to stand beside the first in the first section."""
    evals_split: str = ""
    changes: Sequence[float] = ()
    """Steps at which groups of another version of the recipe begin."""


def seen_of(history: History, split: str, steps: Steps, column: str = "") -> tuple[Seen, Overview]:
    """Curves and figures of one split and some steps; the signals are still missing.

    Args:
        history: Of the run.
        split: One of the run's; another has no groups.
        steps: First and last.
        column: The one to look at; `""` or an unknown one for all.
    """
    every = flat(history.tables)
    seen = every.where(split=split, steps=steps)
    other = next((each for each in history.splits if each != split), None)
    evals = every.where(split=other, steps=steps) if other is not None else None
    drawn = curves(seen)
    return (
        Seen(
            name=shown(history.run),
            curves=drawn,
            focus=focused(history.tables, every, seen, column, drawn.at),
            split="" if other is None else split,
            evals=curves(evals) if evals is not None and evals.groups else None,
            evals_split=other or "",
            changes=changes(history.tables, split=split, steps=steps),
        ),
        overview(seen),
    )


def signals_of(history: History, split: str, steps: Steps) -> Sequence[Signal]:
    """The signals of one split and some steps."""
    return signals(chosen(history.tables, split=split, steps=steps))
