"""Lines, bars and colours that panels of the Run page share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from harmo.audit.records import KeptColumn
from harmo.console.model.bins import Band, Floats
from harmo.console.model.curves import Curves
from harmo.console.model.panel import Panel, Series
from harmo.console.model.run.seen import Seen
from harmo.scorers.types import Family

BAND = "by step; line: mean over groups, band: eight groups in ten"
UNIT = (0.0, 1.0)
_TONES = {
    Family.MODEL: (0, 5),
    Family.RULE: (2, 7),
    Family.ASPECT: (3, 6, 5),
    Family.LENGTH: (4, 1),
}
"""Colours of a family's columns, in order, so that a column has one wherever it is drawn."""


def toned(columns: Iterable[KeptColumn]) -> Mapping[str, int]:
    """A colour for every column, and one for the reward."""
    found: dict[str, int] = {}
    taken: Counter[Family] = Counter()
    for column in columns:
        if column.name not in found:
            of_family = _TONES[column.family]
            found[column.name] = of_family[taken[column.family] % len(of_family)]
            taken[column.family] += 1
    return found


def over(
    both: Sequence[Seen],
    band: Callable[[Seen], Band | None],
    name: str,
    *,
    tone: int = 0,
) -> list[Series]:
    """A line with its band for each of the runs."""
    found = []
    for place, seen in enumerate(both):
        of = band(seen)
        if of is not None:
            named = seen.name if len(both) > 1 else seen.split or name
            line = _series(named, seen.curves, of, tone=tone)
            found.append(replace(line, low=None, high=None, dashed=True) if place else line)
    return found


def evals(both: Sequence[Seen], band: Callable[[Curves], Band]) -> list[Series]:
    """The other split of the first run, in a colour of its own."""
    first = both[0]
    if first.evals is None or len(both) > 1:
        return []
    line = _series(first.evals_split, first.evals, band(first.evals), tone=1)
    return [replace(line, low=None, high=None)] if is_drawn(line) else []


def _series(name: str, curves: Curves, of: Band, *, tone: int) -> Series:
    return Series(
        name=name,
        x=curves.at.last_B.tolist(),
        y=of.mean_B.tolist(),
        low=of.low_B.tolist(),
        high=of.high_B.tolist(),
        tone=tone,
    )


def plain(both: Sequence[Seen], values: Callable[[Curves], Floats]) -> list[Series]:
    """A line without a band for each of the runs."""
    return [
        Series(
            name=seen.name,
            x=seen.curves.at.last_B.tolist(),
            y=values(seen.curves).tolist(),
            tone=0,
            dashed=place > 0,
        )
        for place, seen in enumerate(both)
    ]


def by_reason(
    seen: Seen, shares: Mapping[str, Floats], *, key: str, title: str, named: bool
) -> Panel:
    """Bars of the shares that are missing, a colour for each reason."""
    x = seen.curves.at.last_B.tolist()
    return Panel(
        key=f"{key}-{seen.name}" if named else key,
        title=title,
        note=seen.name if named else "by reason",
        kind="bars",
        series=[
            Series(name=reason.replace("_", " "), x=x, y=values.tolist())
            for reason, values in shares.items()
        ],
        shares=True,
        legend=True,
        bounds=(0.0, None),
    )


def known(panel: Panel) -> bool:
    """True if there is a value to draw."""
    return any(map(is_drawn, panel.series))


def is_drawn(series: Series) -> bool:
    """True if it has a value; groups without a step have none."""
    return any(value == value for value in series.y)


def within_unit(series: Sequence[Series]) -> bool:
    """True if all that is drawn is in [0, 1], as most scores are by what they mean."""
    edges = [v for one in series for part in (one.y, one.low, one.high) for v in part or ()]
    return all(0.0 <= value <= 1.0 for value in edges if value == value)
