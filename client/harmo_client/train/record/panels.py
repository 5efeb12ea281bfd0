"""What one panel of curves.png shows, and how it is drawn."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING

from harmo_client.train.record.metrics import Metrics
from harmo_client.train.record.progress import UNSCORED, ZERO_VARIANCE
from harmo_client.train.record.tally import CONTRIBUTION_KEY

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, QUIET, FAINT, OUTAGE = "#22262b", "#5b636e", "#c9ced6", "#e39a2d"
FAMILY_COLOURS = {
    "reward": INK,
    "rule": "#2f6fb4",
    "model": "#2e8b57",
    "aspect": "#8256a8",
    "length": "#c8553d",
    "tokens": "#c8553d",
}
INTERACTION = "combine.interaction"
"""What a combiner that does not add up gives or takes: a contribution without a score."""
LONGEST_TITLE, LONGEST_LABEL = 30, 18
STEPS_A_REACH = 40
"""The mean is taken over one step in this many, to either side."""
MOST_NAMED = 6
"""Columns that a legend names one by one; more are named by family."""
LEGEND_ROOM = 0.4
"""Height left above the values for a legend, as a share of theirs."""

Points = tuple[list[float], list[float]]
"""Steps, and a value at each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel(ABC):
    """One place in the figure."""

    title: str

    def draw(self, area: Axes, metrics: Sequence[Metrics], outages: Sequence[int]) -> None:
        """Draw what it shows, its scale, and where the service was waited for."""
        values = self.draw_values(area, metrics)
        for step in outages:
            area.axvline(step, color=OUTAGE, alpha=0.6, linewidth=1.4, zorder=0)
        steps = {row["step"] or 0 for row in metrics}
        if len(steps) == 1:
            area.set_xticks(list(steps))
        else:
            area.locator_params(axis="x", integer=True, nbins=6)
        _set_scale(area, values, room=LEGEND_ROOM if area.get_legend() else 0.0)
        title = shortened(self.title, LONGEST_TITLE)
        # Names are a user's: a dollar sign in one is no formula.
        area.set_title(title, fontsize=9.5, color=INK, loc="left", parse_math=False)

    @abstractmethod
    def draw_values(self, area: Axes, metrics: Sequence[Metrics]) -> Sequence[float]:
        """Draw the values and return them, for the scale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve(Panel):
    """One number by step: each step, the mean over its neighbours, and evaluations as circles."""

    key: str
    """Its key in metrics.jsonl."""
    family: str
    best: float | None = None
    """The best possible value, drawn as a dotted line."""
    marks: Mapping[int, float] = field(default_factory=dict)
    """Step to a value measured apart from training, drawn as circles."""

    def draw_values(self, area: Axes, metrics: Sequence[Metrics]) -> Sequence[float]:
        colour = FAMILY_COLOURS.get(self.family, INK)
        shown = _draw_line(area, metrics, self.key, colour)
        if self.best is not None:
            area.axhline(self.best, color=INK, linestyle=(0, (1, 3)), linewidth=1.0, zorder=1)
            shown.append(self.best)
        if self.marks:
            _draw_circles(area, (list(self.marks), list(self.marks.values())), colour)
        return [*shown, *self.marks.values()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares(Panel):
    """Shares that should be small: completions without a reward, groups that teach nothing."""

    title: str = "unscored and zero variance"

    def draw_values(self, area: Axes, metrics: Sequence[Metrics]) -> Sequence[float]:
        for key, colour, label in (
            (UNSCORED, FAMILY_COLOURS["length"], "unscored"),
            (ZERO_VARIANCE, QUIET, "zero variance"),
        ):
            _draw_line(area, metrics, key, colour, label=label)
        _draw_legend(area, columns=2)
        area.set_yticks([0.0, 0.5, 1.0])
        return [1.0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack(Panel):
    """What each column gave to the reward: gains stacked upwards, losses downwards."""

    title: str = "contributions to the reward"
    columns: Sequence[tuple[str, str]]
    """Name and family, in the recipe's order."""

    def draw_values(self, area: Axes, metrics: Sequence[Metrics]) -> Sequence[float]:
        columns = [*self.columns, (INTERACTION, "interaction")]
        columns = [
            (n, f) for n, f in columns if any(CONTRIBUTION_KEY.format(n) in m for m in metrics)
        ]
        keys = [CONTRIBUTION_KEY.format(name) for name, _ in columns]
        rows = [row for row in metrics if any(row.get(key) is not None for key in keys)]
        if len(rows) == 1:  # an area over one step has no width
            rows = [{**rows[0], "step": (rows[0]["step"] or 0) + side} for side in (-0.4, 0.4)]
        steps = [row["step"] or 0 for row in rows]
        given = [smooth([row.get(key) or 0.0 for row in rows]) for key in keys]
        above, below = [0.0] * len(rows), [0.0] * len(rows)
        named: list[str] = []
        for (name, family), alpha, values in zip(columns, _shades(columns), given, strict=True):
            top = [sum(pair) for pair in zip(above, (max(v, 0.0) for v in values), strict=True)]
            bottom = [sum(pair) for pair in zip(below, (min(v, 0.0) for v in values), strict=True)]
            colour = FAMILY_COLOURS.get(family, QUIET)
            for near, far in ((above, top), (below, bottom)):
                area.fill_between(steps, near, far, color=colour, alpha=alpha, linewidth=0)
            label = name if len(columns) <= MOST_NAMED else family
            if label not in named:
                named.append(label)
                area.fill_between([], [], color=colour, alpha=alpha, linewidth=0, label=label)
            above, below = top, bottom
        total = [sum(parts) for parts in zip(*given, strict=True)]
        area.plot(steps, total, color=INK, linewidth=1.2)
        if keys:
            _draw_legend(area, columns=2)
        return [*above, *below]


def reach(count: int) -> int:
    """How many steps to either side a mean takes in: it grows with the run."""
    return count // STEPS_A_REACH


def smooth(values: Sequence[float]) -> list[float]:
    """Mean over the neighbours within reach, on either side."""
    span = reach(len(values))
    sums = list(accumulate(values, initial=0.0))
    windows = ((max(0, i - span), min(len(values), i + span + 1)) for i in range(len(values)))
    return [(sums[end] - sums[start]) / (end - start) for start, end in windows]


def points(metrics: Sequence[Metrics], key: str) -> Points:
    """The steps that have a value, and the values."""
    found = [(row["step"] or 0, value) for row in metrics if (value := row.get(key)) is not None]
    return [step for step, _ in found], [value for _, value in found]


def shortened(text: str, longest: int) -> str:
    """The text, cut where it is longer."""
    return text if len(text) <= longest else text[: longest - 1] + "\N{HORIZONTAL ELLIPSIS}"


def _draw_line(
    area: Axes, metrics: Sequence[Metrics], key: str, colour: str, label: str | None = None
) -> list[float]:
    steps, values = points(metrics, key)
    # A line through one point is nothing to see.
    marker = "o" if len(steps) == 1 else ""
    area.plot(steps, values, color=colour, alpha=0.22, linewidth=0.9)
    area.plot(steps, smooth(values), color=colour, linewidth=2.0, label=label, marker=marker)
    held_out = points(metrics, f"eval_{key}")
    if held_out[0]:
        _draw_circles(area, held_out, colour, joined=True)
    return [*values, *held_out[1]]


def _draw_circles(area: Axes, marks: Points, colour: str, *, joined: bool = False) -> None:
    area.plot(
        *marks,
        linestyle=(0, (3, 2)) if joined else "none",
        linewidth=0.9,
        color=colour,
        marker="o",
        markersize=6.5 if len(marks[0]) <= 12 else 4.0,
        markerfacecolor="white",
        markeredgecolor=colour,
        markeredgewidth=1.8 if len(marks[0]) <= 12 else 1.2,
        clip_on=False,
        zorder=4,
    )


def _shades(columns: Sequence[tuple[str, str]]) -> list[float]:
    """An opacity a column, so that neighbours of one family differ."""
    seen: dict[str, int] = {}
    for _, family in columns:
        seen[family] = seen.get(family, 0) + 1
    left = dict(seen)
    shades = []
    for _, family in columns:
        shades.append(0.25 + 0.55 * left[family] / seen[family])
        left[family] -= 1
    return shades


def _draw_legend(area: Axes, *, columns: int) -> None:
    legend = area.legend(
        fontsize=6.5,
        ncols=columns,
        loc="upper left",
        frameon=True,
        framealpha=0.75,
        edgecolor="none",
        borderpad=0.2,
        handlelength=1.0,
        columnspacing=0.8,
        labelspacing=0.25,
    )
    # Room for it is made in the panel; a long name must not push the panels apart.
    legend.set_in_layout(False)
    for text in legend.get_texts():
        text.set(text=shortened(text.get_text(), LONGEST_LABEL), color=QUIET, parse_math=False)


def _set_scale(area: Axes, values: Sequence[float], *, room: float) -> None:
    low, high = min([0.0, *values]), max([0.0, *values])
    height = (high - low) or 1.0
    margin = 0.06 * height
    area.set_ylim(low - (margin if low < 0 else 0.0), high + margin + room * height)
    area.margins(x=0.02)
    area.grid(axis="y", color=FAINT, linewidth=0.6, alpha=0.6)
    area.set_axisbelow(True)
    area.spines[["top", "right", "left"]].set_visible(False)
    area.spines["bottom"].set_color(FAINT)
    area.tick_params(colors=QUIET, labelsize=8, length=0)
