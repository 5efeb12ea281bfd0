"""Charts over steps: what is drawn, as plain numbers; how, is in chart.js and the stylesheet."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import nicegui.elements.echart  # noqa: F401 - makes its library known to pages
from nicegui import events
from nicegui.element import Element

from harmo.console.model.panel import Kind, Series
from harmo.console.view.text import line

__all__ = ["Chart", "Series"]


class Chart(Element, component="chart.js"):
    """One chart; a click tells the step, a drag the steps it went over."""

    def __init__(
        self,
        title: str,
        series: Sequence[Series],
        *,
        kind: Kind = "lines",
        note: str = "",
        shares: bool = False,
        height: int = 150,
        linked: str = "",
        legend: bool = False,
        bounds: tuple[float | None, float | None] = (None, None),
        looks: Sequence[float] = (),
        marks: Sequence[float] = (),
        on_step: Callable[[int], object] | None = None,
        on_range: Callable[[int, int], object] | None = None,
    ) -> None:
        """Place it on the page.

        Args:
            title: What is drawn.
            series: In the order of their colours.
            kind: Lines with bands, areas that stand on each other, or bars that do.
            note: A word more, in grey.
            shares: True to write values as per cent.
            height: Of the plot, pixels.
            linked: Charts of one such name show the same step under the pointer.
            legend: True to name the series above the plot.
            bounds: Of the values' axis; None leaves an end to the values.
            looks: Values to draw a thin line at.
            marks: Steps to draw an upright line at.
            on_step: Told the step that is clicked.
            on_range: Told first and last of the steps that are dragged over.
        """
        super().__init__()
        own = {
            "title": line(title, 80),
            "note": line(note, 120),
            "kind": kind,
            "shares": shares,
            "height": height,
            "linked": linked,
            "legend": legend,
            "least": bounds[0],
            "most": bounds[1],
            "looks": list(looks),
            "marks": list(marks),
            "file": "".join(c if c.isalnum() else "-" for c in title)[:60] or "chart",
            "series": [_series(one) for one in series],
        }
        for name, value in own.items():
            self._props[name] = value
        if on_step is not None:
            self.on("step", lambda e: _tell_step(e, on_step), ["step"])
        if on_range is not None:
            self.on("range", lambda e: _tell_range(e, on_range), ["first", "last"])

    def show(self, series: Sequence[Series], marks: Sequence[float] = ()) -> None:
        """Draw other values; nothing is sent where they are the same."""
        made = {"series": [_series(one) for one in series], "marks": list(marks)}
        if any(self._props[name] != each for name, each in made.items()):
            for name, each in made.items():
                self._props[name] = each
            self.update()


def _series(one: Series) -> Mapping[str, object]:
    return {
        "name": line(one.name, 60),
        "x": [_number(v) for v in one.x],
        "y": [_number(v) for v in one.y],
        "low": None if one.low is None else [_number(v) for v in one.low],
        "high": None if one.high is None else [_number(v) for v in one.high],
        "tone": one.tone,
        "dashed": one.dashed,
        "legend": line(one.legend or one.name, 60),
    }


def _number(value: float) -> float | None:
    """A number that JSON has, in six digits: more are not seen, and all of them are sent."""
    return float(f"{value:.6g}") if math.isfinite(value) else None


def _tell_step(event: events.GenericEventArguments, told: Callable[[int], object]) -> None:
    step = event.args["step"]
    if isinstance(step, int | float):
        told(int(step))


def _tell_range(event: events.GenericEventArguments, told: Callable[[int, int], object]) -> None:
    first, last = event.args["first"], event.args["last"]
    if isinstance(first, int | float) and isinstance(last, int | float) and first <= last:
        told(int(first), int(last))
