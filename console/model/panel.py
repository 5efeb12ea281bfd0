"""What a chart is made of, before there is a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["lines", "stack", "bars"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One thing over steps; NaN where there is no value."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float] | None = None
    """The band's lower edge; None for no band."""
    high: Sequence[float] | None = None
    tone: int | None = None
    """Which of eight colours; None for its place."""
    dashed: bool = False
    """True for the other of two runs; such a line is left out of the legend."""
    legend: str = ""
    """Its name there, where that is not the name it has under the pointer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One chart and what is said beside it."""

    key: str
    """Names it among the page's panels."""
    title: str
    series: Sequence[Series]
    kind: Kind = "lines"
    note: str = ""
    """A word more, in grey."""
    sentence: str = ""
    """What it means, below it."""
    shares: bool = False
    """True to write values as per cent."""
    legend: bool = False
    bounds: tuple[float | None, float | None] = (None, None)
    """Of the values' axis; None leaves an end to the values."""
    looks: tuple[float, ...] = ()
    """Values beyond which to look closer."""
    marks: tuple[float, ...] = ()
    """Steps at which another version of the recipe begins."""
    stands_out: bool = False
    """True if the latest value is beyond one of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Panels under one heading."""

    title: str
    panels: Sequence[Panel]
    note: str = ""
    wide: bool = False
    """True for panels of twice the size."""
