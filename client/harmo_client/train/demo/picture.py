"""curves.png of the demo: harmo-train's curves, with what the held-out pictures say."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from harmo_client import wire
from harmo_client.train.demo.measure import Exam, Measured
from harmo_client.train.demo.task import Scene
from harmo_client.train.record.curves import caption, draw_curves, panels_of, save_figure
from harmo_client.train.record.metrics import read_metrics
from harmo_client.train.record.panels import INK, QUIET, Curve, Panel

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TITLE = "A sloppy tiny vision-language policy learns from rewards over HTTP"
TITLES = {
    "rule": "rule: the answer is right",
    "model": "model: caption similarity",
    "aspect": "aspect: the format is right",
    "length": "length: penalty, paid if right",
}
BEST = {"reward": 1.75, "rule": 1.0, "model": 1.0, "aspect": 1.0, "length": 0.0, "tokens": 9.0}
MEASURES = {
    "rule": "accuracy_sampled",
    "model": "similarity",
    "aspect": "format",
    "tokens": "mean_tokens",
}
TEXT_WIDTH = 33


def draw_story(
    out: Path, columns: Sequence[wire.Column], scenes: Sequence[Scene], before: Exam, after: Exam
) -> None:
    """Draw `curves.png` once more: with the held-out measures and one picture's two answers."""
    metrics = read_metrics(out / "metrics.jsonl")
    last_step = int(metrics[-1]["step"] or 0)
    panels = [
        _annotated(panel, before.measured, after.measured, last_step)
        for panel in panels_of(columns)
    ]
    figure, (left, right) = draw_curves(metrics, panels, title=TITLE, spare=2)
    shown = _first_mistake(scenes, before.texts)
    _draw_scene(left, scenes[shown])
    _write_answers(right, before.texts[shown], after.texts[shown])
    marks = "circle: held-out pictures, sampled;  dotted: best possible"
    figure.supxlabel(f"{caption(metrics)[:-1]};  {marks})", fontsize=8.5, color=QUIET)
    save_figure(figure, out / "curves.png")


def _first_mistake(scenes: Sequence[Scene], texts: Sequence[str]) -> int:
    """The first picture that was answered wrongly; the first of all if none was."""
    wrong = (
        index
        for index, (scene, text) in enumerate(zip(scenes, texts, strict=True))
        if f"<answer> {scene.colour} <" not in text
    )
    return next(wrong, 0)


def _annotated(panel: Panel, before: Measured, after: Measured, last_step: int) -> Panel:
    if not isinstance(panel, Curve):
        return panel
    measure = MEASURES.get(panel.family)
    marks = {0: getattr(before, measure), last_step: getattr(after, measure)} if measure else {}
    title = TITLES.get(panel.family, panel.title)
    return replace(panel, title=title, best=BEST.get(panel.family), marks=marks)


def _draw_scene(area: Axes, scene: Scene) -> None:
    area.imshow(scene.picture)
    area.set_title(f"held out: “{scene.caption}”", fontsize=9.5, color=INK, loc="left")


def _write_answers(area: Axes, before: str, after: str) -> None:
    for top, name, text in ((1.0, "before", before), (0.45, "after", after)):
        heading = area.text(0.0, top, name, fontsize=9.5, color=INK, va="top")
        lines = "\n".join(textwrap.wrap(text, TEXT_WIDTH))
        body = area.text(0.0, top - 0.13, lines, fontsize=7.5, color=INK, va="top")
        body.set(family="monospace", linespacing=1.4)
        for written in (heading, body):
            # Text is placed by hand; the layout is for the curves.
            written.set_in_layout(False)
