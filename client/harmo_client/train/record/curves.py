"""curves.png: the reward and what it is made of, every column and the length, by step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from transformers import TrainerCallback

from harmo_client import wire
from harmo_client.train.record.metrics import Metrics, read_metrics
from harmo_client.train.record.outages import read_outages
from harmo_client.train.record.panels import INK, QUIET, Curve, Panel, Shares, Stack, reach
from harmo_client.train.record.progress import COLUMN_KEY, LENGTH

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from transformers import TrainerState

INCHES = (2.75, 2.3)
"""Width and height of a panel."""


class CurvesCallback(TrainerCallback):
    """Draws the curves every so many steps and at the end."""

    def __init__(self, out: Path, panels: Sequence[Panel], *, title: str, every: int) -> None:
        self._out = out
        self._panels = panels
        self._title = title
        self._every = every

    def on_step_begin(self, _args: object, state: TrainerState, *_: object, **__: object) -> None:
        if state.global_step and state.global_step % self._every == 0:
            self._draw(state)

    def on_train_end(self, _args: object, state: TrainerState, *_: object, **__: object) -> None:
        self._draw(state)

    def _draw(self, state: TrainerState) -> None:
        metrics = read_metrics(self._out / "metrics.jsonl") if state.is_world_process_zero else []
        if metrics:
            outages = [outage.step for outage in read_outages(self._out / "outages.jsonl")]
            figure, _ = draw_curves(metrics, self._panels, title=self._title, outages=outages)
            save_figure(figure, self._out / "curves.png")


def panels_of(columns: Sequence[wire.Column]) -> list[Panel]:
    """The reward and its parts, one panel a column in the recipe's order, length and shares."""
    return [
        Curve(key="reward", title="reward", family="reward"),
        Stack(columns=[(column.name, column.family) for column in columns if not column.shadow]),
        *(
            Curve(
                key=COLUMN_KEY.format(column.name),
                title=f"{column.family}: {column.name}" + (" (shadow)" if column.shadow else ""),
                family=column.family,
            )
            for column in columns
        ),
        Curve(key=LENGTH, title="tokens a completion", family="tokens"),
        Shares(),
    ]


def draw_curves(
    metrics: Sequence[Metrics],
    panels: Sequence[Panel],
    *,
    title: str,
    outages: Sequence[int] = (),
    spare: int = 0,
) -> tuple[Figure, list[Axes]]:
    """The figure, and `spare` blank panels after the curves for the caller to fill.

    Args:
        metrics: What was logged, in order.
        panels: What to draw.
        title: Stands above the figure.
        outages: Steps that had to wait for the service.
        spare: How many blank panels to add.
    """
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    count = len(panels) + spare
    across = 3 if count <= 6 else 4 if count <= 8 else 5
    down = math.ceil(count / across)
    figure = Figure(
        figsize=(INCHES[0] * across, INCHES[1] * down),
        layout=ConstrainedLayoutEngine(w_pad=0.06, h_pad=0.07, hspace=0.03),
    )
    axes = list(figure.subplots(down, across, squeeze=False).flat)
    for panel, area in zip(panels, axes, strict=False):
        panel.draw(area, metrics, outages)
    for area in axes[len(panels) :]:
        area.axis("off")
    figure.suptitle(title, fontsize=12.5, fontweight="bold", color=INK, parse_math=False)
    figure.supxlabel(caption(metrics, outages), fontsize=8.5, color=QUIET)
    return figure, axes[len(panels) : count]


def caption(metrics: Sequence[Metrics], outages: Sequence[int] = ()) -> str:
    """What the horizontal axis is, and what the marks mean."""
    window = 2 * reach(sum("reward" in row for row in metrics)) + 1
    parts = ["line: each step" if window == 1 else f"line: mean of {window} steps"]
    if any("eval_reward" in row for row in metrics):
        parts.append("circle: evaluation")
    if outages:
        parts.append("orange: waited for the service")
    return f"step    ({';  '.join(parts)})"


def save_figure(figure: Figure, path: Path) -> None:
    """Write the picture at once, so that a viewer never sees half of it."""
    unfinished = path.with_name(f".{path.name}")
    figure.savefig(unfinished, dpi=150, format="png", facecolor="white")
    unfinished.replace(path)
