"""`/`: the runs of the store."""

from __future__ import annotations

import time
from collections.abc import Sequence

from nicegui import ui

from harmo.console.model.runs import Standing, standings
from harmo.console.state import Console
from harmo.console.view import links, numbers
from harmo.console.view.frame import TIMEOUT_S, frame, nothing
from harmo.console.view.table import Cell, Column, Row, Table

COLUMNS = (
    Column(key="run", label="run", number=False),
    Column(key="state", label="last group", number=False),
    Column(key="step", label="step"),
    Column(key="reward", label="reward", title="mean over the last step that was trained on"),
    Column(key="unscored", label="unscored", title="share of completions without a reward"),
    Column(key="flat", label="no signal", title="share of groups whose rewards are all equal"),
    Column(key="groups", label="groups"),
    Column(key="completions", label="completions"),
    Column(key="recipes", label="recipe", number=False),
    Column(key="bytes", label="kept"),
)


def register(console: Console) -> None:
    """Add the page."""

    @ui.page("/", response_timeout=TIMEOUT_S)
    async def runs() -> None:
        with frame(console, "Runs", here="/"):
            await _runs(console)


async def _runs(console: Console) -> None:
    if not console.has_store:
        nothing(
            "No store of scored groups was named.",
            then="The playground works with a running service alone.",
            command="harmo console --audit DIR",
        )
        return
    found = await console.read(lambda reader: standings(reader, time.time()))
    if not found:
        nothing("The store is empty.", then="Its first group will stand here.")
        return
    Table(COLUMNS, _rows(found), filterable=True)


def _rows(found: Sequence[Standing]) -> list[Row]:
    return [_row(each) for each in found]


def _row(each: Standing) -> Row:
    summary = each.summary
    when = "running" if each.live else numbers.ago(time.time() - summary.last_s)
    to = links.run(summary.run)
    cells = (
        Cell(text=links.shown(summary.run), href=to),
        Cell(text=when, value=-summary.last_s, mark="good" if each.live else "faint"),
        Cell(text=numbers.count(summary.last_step), value=summary.last_step),
        Cell(text=numbers.three(summary.mean), value=summary.mean),
        Cell(text=numbers.share(each.unscored), value=each.unscored),
        Cell(text=numbers.share(each.flat), value=each.flat),
        Cell(text=numbers.count(summary.groups), value=summary.groups),
        Cell(text=numbers.count(summary.completions), value=summary.completions),
        Cell(text=", ".join(summary.recipes)),
        Cell(text=numbers.size(summary.bytes), value=summary.bytes),
    )
    return Row(key=summary.run, cells=cells, href=to)
