"""`/`: what is and was running."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import partial

from nicegui import ui

from harmo.console.model.overview import Parting
from harmo.console.model.runs import Glimpse, Standing, glimpse, standings
from harmo.console.pages.exports import RUNS
from harmo.console.state import Console
from harmo.console.view import links, numbers
from harmo.console.view.frame import TIMEOUT_S, frame, nothing
from harmo.console.view.live import follow
from harmo.console.view.table import Cell, Column, Row, Table

COLUMNS = (
    Column(key="run", label="run", number=False),
    Column(key="state", label="last group", number=False),
    Column(key="step", label="step"),
    Column(key="curve", label="reward by step", number=False, sortable=False),
    Column(key="reward", label="reward", title="mean over the last tenth of the groups"),
    Column(key="change", label="change", title="since the first tenth"),
    Column(key="right", label="right", title="share of right answers, over the last tenth"),
    Column(
        key="moved",
        label="change",
        title="since the first tenth, in points of a hundred; red: since there were most",
    ),
    Column(key="unscored", label="no reward", title="share of completions without one"),
    Column(key="flat", label="no signal", title="share of groups whose rewards are all equal"),
    Column(key="groups", label="groups"),
    Column(key="completions", label="completions"),
    Column(key="recipes", label="recipe", number=False),
    Column(key="bytes", label="kept"),
)
_SHOW_S = 1.0
_MUCH_UNSCORED, _MUCH_FLAT = 0.01, 0.5
Glimpses = dict[str, tuple[object, Glimpse]]


def register(console: Console) -> None:
    """Add the page."""
    glimpses: Glimpses = {}

    @ui.page("/", response_timeout=TIMEOUT_S)
    async def runs() -> None:
        with frame(console, "Runs", here="/"):
            if console.has_store:
                await _Page(console, glimpses).build()
            else:
                nothing(
                    "No store of scored groups was named.",
                    then="The playground works with a running service alone.",
                    command="harmo console --audit DIR",
                )


class _Page:
    """One visitor's look at the runs; follows them while they go on."""

    def __init__(self, console: Console, glimpses: Glimpses) -> None:
        self._console = console
        self._glimpses = glimpses
        self._table: Table | None = None

    async def build(self) -> None:
        """Place what is known, and look again now and then."""
        follow(self._look)
        self._place = ui.element("div")
        self._show(await self._standings())

    async def _standings(self) -> Sequence[Standing]:
        return await self._console.read(lambda reader: standings(reader, time.time()))

    async def _look(self) -> None:
        found = await self._standings()
        for gone in self._glimpses.keys() - {each.summary.run for each in found}:
            self._glimpses.pop(gone, None)
        self._show(found)
        shown_s = time.monotonic()
        for each in found:
            run, version = each.summary.run, each.version
            if self._glimpses.get(run, (None,))[0] == version:
                continue
            history = await self._console.history(run, each.summary)
            seen = await self._console.shared(
                ("glimpse", run, history.last, history.groups),
                partial(glimpse, history.tables),
            )
            self._glimpses[run] = (version, seen)
            # Every row travels each time: a row for each of them would be too many.
            if time.monotonic() - shown_s > _SHOW_S:
                self._show(found)
                shown_s = time.monotonic()
        self._show(found)

    def _show(self, found: Sequence[Standing]) -> None:
        rows = [_row(each, self._glimpses) for each in found]
        if self._table is not None and rows:
            self._table.show(rows)
            return
        self._place.clear()
        self._table = None
        with self._place:
            if rows:
                self._table = Table(COLUMNS, rows, filterable=True, sheet=RUNS)
            else:
                nothing("The store is empty.", then="Its first group will stand here.")


def _row(each: Standing, glimpses: Mapping[str, tuple[object, Glimpse]]) -> Row:
    summary = each.summary
    since_s = time.time() - summary.last_s
    to = links.run(summary.run)
    unscored, flat = each.unscored or 0.0, each.flat or 0.0
    cells = (
        Cell(text=links.shown(summary.run), href=to),
        Cell(
            text="running" if each.live else numbers.ago(since_s),
            value=-summary.last_s,
            mark="good" if each.live else "faint",
        ),
        Cell(text=numbers.count(summary.last_step), value=summary.last_step),
        *_glimpsed(glimpses.get(summary.run, (None, None))[1]),
        _share(each.unscored, alarm=unscored > _MUCH_UNSCORED),
        _share(each.flat, alarm=flat > _MUCH_FLAT),
        Cell(text=numbers.count(summary.groups), value=summary.groups),
        Cell(text=numbers.count(summary.completions), value=summary.completions),
        Cell(text=", ".join(summary.recipes)),
        Cell(text=numbers.size(summary.bytes), value=summary.bytes),
    )
    return Row(key=summary.run, cells=cells, href=to)


def _glimpsed(seen: Glimpse | None) -> Sequence[Cell]:
    """Curve, reward and right answers with their changes; empty until they are known."""
    if seen is None:
        return [Cell()] * 5
    reward, right = seen.reward, seen.correct
    return (
        Cell(spark=seen.spark),
        Cell(text=numbers.three(reward.now), value=reward.now),
        Cell(text=numbers.three(reward.change, sign=True), value=reward.change, mark="faint"),
        Cell(text=numbers.share(right.now), value=right.now),
        _moved(right.change) if seen.parting is None else _parted(seen.parting),
    )


def _moved(change: float | None) -> Cell:
    return Cell(text=numbers.points(change), value=change, mark="faint")


def _parted(parting: Parting) -> Cell:
    """By how much right answers became fewer since they were most."""
    fell = parting.right_now - parting.right_then
    why = f"since step {parting.step}, while the reward did not fall"
    return Cell(text=numbers.points(fell), value=fell, mark="alarm", title=why)


def _share(value: float | None, *, alarm: bool) -> Cell:
    return Cell(text=numbers.share(value), value=value, mark="alarm" if alarm else "")
