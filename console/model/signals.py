"""The audit signals of a run by step, and what its reward differs by, as lines to be drawn."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import nan

from harmo.audit.tables import Table
from harmo.rewards.plan import REWARD
from harmo.rewards.signals import MEANINGS, Layout, Meaning, Point, series
from harmo.scorers.types import Family

SHARES, _LENGTH = "reward_share", "length_correlation"
NOTE = "They say what has happened and where to look; they give no early warning."
_LEAST_POINTS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One column's signal, or that of the whole; NaN where there were too few groups."""

    name: str
    """`""` for what is of no column."""
    x: Sequence[float]
    y: Sequence[float]

    @property
    def last(self) -> float:
        """The latest value; NaN if there is none."""
        return next((value for value in reversed(self.y) if value == value), nan)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One signal over a run."""

    name: str
    meaning: Meaning
    lines: Sequence[Line]
    watched: Collection[str] = ()
    """Columns whose latest value can ask for a look; none: all."""

    @property
    def looks(self) -> bool:
        """True if a latest value asks for a look."""
        below, above = self.meaning.look_below, self.meaning.look_above
        return any(
            (below is not None and line.last < below) or (above is not None and line.last > above)
            for line in self.lines
            if not self.watched or line.name in self.watched
        )


def signals(tables: Sequence[Table], points: int = 60) -> Sequence[Signal]:
    """Every signal that there are enough groups for, in the order to read them.

    Args:
        tables: One split of a run, with versions of its recipe in any order.
        points: At most, over all versions.
    """
    found = _points(tables, points)
    columns = [column for table in tables for column in table.recipe.columns]
    # A rule or an aspect may go with length by what it asks for.
    paid = {REWARD, *(c.name for c in columns if c.family is Family.MODEL)}
    made = []
    for name, meaning in MEANINGS.items():
        if lines := _lines(name, found):
            watched = paid if name == _LENGTH else ()
            made.append(Signal(name=name, meaning=meaning, lines=lines, watched=watched))
    return made


def _points(tables: Sequence[Table], points: int) -> list[Point]:
    """One series for each version of the recipe, one after the other."""

    def version(table: Table) -> tuple[object, ...]:
        return table.recipe.version, table.recipe.scorer_version, table.interaction

    everything = sum(len(table.numbers_G) for table in tables) or 1
    found: list[Point] = []
    for _, of_version in groupby(sorted(tables, key=version), key=version):
        blocks = list(of_version)
        share = sum(len(block.numbers_G) for block in blocks) / everything
        first = blocks[0]
        layout = Layout.stored(
            first.recipe.columns,
            first.recipe.recipe,
            contributions=first.contributions_NC.shape[1],
        )
        found += series(layout, blocks, points=max(_LEAST_POINTS, int(points * share)))
    return sorted(found, key=lambda point: point.last)


def _lines(name: str, points: Sequence[Point]) -> Sequence[Line]:
    values = [getattr(point.audit, name) for point in points]
    by_column = [v if isinstance(v, Mapping) else {} if v is None else {"": v} for v in values]
    names = dict.fromkeys(key for each in by_column for key in each)
    x = [point.last for point in points]
    return [
        Line(name=column, x=x, y=[each.get(column, nan) for each in by_column]) for column in names
    ]
