"""The audit signals of a run by step, and what its reward differs by, as lines to be drawn."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import dropwhile, groupby
from math import nan

import numpy as np

from harmo.audit.tables import Table
from harmo.console.model.flat import Floats
from harmo.console.model.history import version
from harmo.rewards.plan import REWARD
from harmo.rewards.signals import MEANINGS, Layout, Meaning, Point, series
from harmo.scorers.types import Family

SHARES, _LENGTH = "reward_share", "length_correlation"
NOTE = "They say what has happened and where to look; they give no early warning."
_LEAST_POINTS = 8
_ROUNDED_BITS = 12
"""Of a digest's 64: a float holds the others exactly."""


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
    found = _versions(tables, points)
    columns = [column for table in tables for column in table.recipe.columns]
    # A rule or an aspect may go with length by what it asks for.
    paid = {REWARD, *(c.name for c in columns if c.family is Family.MODEL)}
    made = []
    for name, meaning in MEANINGS.items():
        if lines := _lines(name, found):
            watched = paid if name == _LENGTH else ()
            made.append(Signal(name=name, meaning=meaning, lines=lines, watched=watched))
    return made


def _versions(tables: Sequence[Table], points: int) -> list[list[Point]]:
    """One series for each version of the recipe, in the order of their first steps."""
    everything = sum(len(table.numbers_G) for table in tables) or 1
    found = []
    for _, of_version in groupby(sorted(tables, key=version), key=version):
        blocks = list(of_version)
        share = sum(len(block.numbers_G) for block in blocks) / everything
        first = blocks[0]
        layout = Layout.stored(
            first.recipe.columns,
            first.recipe.recipe,
            contributions=first.contributions_NC.shape[1],
        )
        most = max(_LEAST_POINTS, int(points * share))
        found.append(series(layout, blocks, texts=_texts(blocks), points=most))
    return sorted((each for each in found if each), key=lambda points: points[0].last)


def _texts(blocks: Sequence[Table]) -> Floats:
    """Per sample a number that equal texts share; NaN where nothing of the text was kept."""
    digests = np.concatenate([block.digests_N for block in blocks])
    return np.where(digests > 0, (digests >> _ROUNDED_BITS).astype(np.float64), np.nan)


def _lines(name: str, versions: Sequence[Sequence[Point]]) -> Sequence[Line]:
    by_version = [[(point.last, _by_column(point, name)) for point in each] for each in versions]
    if name == SHARES:
        # Areas stand on each other: joined over the few steps of which a new version knows nothing.
        known = [list(dropwhile(lambda point: not point[1], each)) for each in by_version]
        by_version = by_version[:1] + known[1:]
    points = sorted((point for each in by_version for point in each), key=lambda point: point[0])
    x = [step for step, _ in points]
    names = dict.fromkeys(key for _, values in points for key in values)
    return [
        Line(name=column, x=x, y=[values.get(column, nan) for _, values in points])
        for column in names
    ]


def _by_column(point: Point, name: str) -> Mapping[str, float]:
    """A signal's values by column; `""` names what is of no column."""
    value = getattr(point.audit, name)
    return value if isinstance(value, Mapping) else {} if value is None else {"": value}
