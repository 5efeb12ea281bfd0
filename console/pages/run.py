"""`/run/NAME`: what one run was paid for, by step."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from nicegui import ui

from harmo.audit.errors import StoreError, Trouble
from harmo.console.model.asked import Asked, Steps, steps_of, steps_written
from harmo.console.model.bins import Bins
from harmo.console.model.history import History
from harmo.console.model.overview import Overview
from harmo.console.model.panel import Panel, Section
from harmo.console.model.run.board import board
from harmo.console.model.run.seen import Seen, seen_of, signals_of
from harmo.console.model.runs import LIVE_S, standings
from harmo.console.state import Console
from harmo.console.view import links, numbers
from harmo.console.view.charts import Chart
from harmo.console.view.controls import choice, field, places
from harmo.console.view.frame import TIMEOUT_S, frame, heading, nothing
from harmo.console.view.live import follow
from harmo.console.view.run.strip import strip
from harmo.console.view.text import line, part

_PX, _WIDE_PX = 120, 190


def register(console: Console) -> None:
    """Add the page."""

    @ui.page("/run/{run:path}", response_timeout=TIMEOUT_S)
    async def run(
        run: str, split: str = "", steps: str = "", compare: str = "", column: str = ""
    ) -> None:
        asked = Asked(
            run=links.read(run),
            split=split,
            steps=steps_of(steps),
            compare=links.read(compare) if compare else None,
            column=column,
        )
        with frame(console, links.shown(asked.run), here="/", up="/"):
            await _Page(console, asked).build()


class _Page:
    """One visitor's look at a run; follows it while it goes on."""

    def __init__(self, console: Console, asked: Asked) -> None:
        self._console = console
        self._asked = asked
        self._first_split = ""
        self._shown: object = None
        self._bins: Bins | None = None
        self._charts: dict[str, Chart] = {}
        self._drawn: list[list[str]] = []
        self._waiting: tuple[History, History | None, Seen, Seen | None] | None = None

    async def build(self) -> None:
        """Place everything, and look again now and then."""
        history = await self._console.history(self._asked.run)
        if not history.tables:
            nothing(
                f"The store holds no run {links.shown(self._asked.run)!r}.",
                then="It may have been pruned; the first page lists what is there.",
            )
            return
        runs = await self._console.read(lambda reader: standings(reader, time.time()))
        self._first_split = history.splits[0]
        self._asked = replace(self._asked, split=_split(self._asked, history))
        with ui.element("div").classes("run-head"):
            part("h1", line(links.shown(self._asked.run)))
            self._state = part("span", "", "faint")
            ui.element("div").classes("space")
            self._controls(history, [each.summary.run for each in runs])
        follow(self._look)
        self._figures = ui.element("div")
        self._body = ui.element("div")
        await self._show(history)

    def _controls(self, history: History, runs: Sequence[str]) -> None:
        asked = self._asked
        if len(history.splits) > 1:
            places([(s, self._to(split=s)) for s in history.splits], asked.split)
        field(
            "steps",
            steps_written(asked.steps),
            lambda text: ui.navigate.to(self._to(steps=steps_written(steps_of(text)))),
            hint="first:last",
        )
        self._focused(history)
        self._compared([run for run in runs if run != asked.run])
        steps = steps_written(asked.steps)
        edited = {"run": links.written(asked.run), "split": asked.split, "steps": steps}
        ui.link("what-if", links.to("/whatif", edited))
        ui.link("csv", links.run_sheet(asked.run, split=asked.split, steps=steps)).classes("quiet")

    def _focused(self, history: History) -> None:
        """The column that is looked at, to be chosen; with it, where it did not score."""
        names = list(dict.fromkeys(c.name for t in history.tables for c in t.recipe.columns))
        here = names.index(self._asked.column) + 1 if self._asked.column in names else 0
        if here:
            to = self._to_groups(self._asked.steps, column=self._asked.column, filter="abstained")
            ui.link("where it abstained", to)

        def look(chosen: int) -> None:
            ui.navigate.to(self._to(column=names[chosen - 1] if chosen else ""))

        choice("column", ["all", *names], here, look)

    def _compared(self, others: Sequence[str]) -> None:
        """The run that is laid over this one, to be chosen."""
        asked = self._asked
        if not others:
            return
        place = others.index(asked.compare) + 1 if asked.compare in others else 0

        def compare(chosen: int) -> None:
            name = links.written(others[chosen - 1]) if chosen else None
            ui.navigate.to(self._to(compare=name))

        if place:
            with ui.element("div").classes("row-of faint over"):
                for name, kind in ((asked.run, ""), (others[place - 1], "dashed")):
                    with ui.element("span"):
                        part("i", "", kind)
                        part("span", line(links.shown(name), 40))
        choice("with", ["no other run", *map(links.shown, others)], place, compare)

    def _to(self, **changes: object) -> str:
        """This page's address with other words in it."""
        asked = self._asked
        state = {
            "split": "" if asked.split == self._first_split else asked.split,
            "steps": steps_written(asked.steps),
            "column": asked.column,
            "compare": None if asked.compare is None else links.written(asked.compare),
        }
        return links.run(asked.run, **state | changes)

    def _to_groups(self, steps: Steps, **more: object) -> str:
        asked = self._asked
        run = links.written(asked.run)
        return links.groups(run=run, split=asked.split, steps=steps_written(steps), **more)

    async def _look(self) -> None:
        """Draw what came since; asks for nothing but rows after the last."""
        await self._signal()
        history = await self._console.history(self._asked.run)
        if not history.tables:
            raise StoreError(Trouble.ABSENT, "the run has left the store")
        await self._show(history)

    async def _show(self, history: History) -> None:
        asked, other = self._asked, None
        if asked.compare is not None:
            other = await self._console.history(asked.compare)
        shown = (history.last, history.groups, other and other.last)
        if shown == self._shown:
            return
        self._shown = shown
        seen, figures = await self._seen(history)
        self._state.text = _state(history, figures)
        over = (await self._seen(other))[0] if other and other.tables else None
        self._bins = seen.curves.at
        self._figures.clear()
        with self._figures:
            strip(figures, self._to_groups(asked.steps, filter="paid_wrong"))
        self._waiting = (history, other, seen, over)
        if not self._charts:
            # Signals take longest: the page opens with what is there, and they follow.
            self._draw(board(seen, over))
            return
        await self._signal()

    async def _signal(self) -> None:
        """Draw the signals of what is shown."""
        if self._waiting is None:
            return
        history, other, seen, over = self._waiting
        self._waiting = None
        seen = await self._signalled(history, seen)
        if other and over:
            over = await self._signalled(other, over)
        self._draw(board(seen, over))

    async def _seen(self, history: History) -> tuple[Seen, Overview]:
        asked = self._asked
        key = (history.run, history.last, history.groups, asked.split, asked.steps, asked.column)
        return await self._console.shared(
            ("seen", *key), partial(seen_of, history, asked.split, asked.steps, asked.column)
        )

    async def _signalled(self, history: History, seen: Seen) -> Seen:
        asked = self._asked
        key = (history.run, history.last, history.groups, asked.split, asked.steps)
        found = await self._console.shared(
            ("signals", *key), partial(signals_of, history, asked.split, asked.steps)
        )
        return replace(seen, signals=found)

    def _draw(self, sections: Sequence[Section]) -> None:
        keys = [[panel.key for panel in section.panels] for section in sections]
        if keys[: len(self._drawn)] != self._drawn or not keys:
            self._body.clear()
            self._charts.clear()
            self._drawn = []
        before, self._drawn = len(self._drawn), keys
        for panel in (panel for section in sections[:before] for panel in section.panels):
            self._charts[panel.key].show(panel.series, panel.marks)
        with self._body:
            if not sections:
                self._undrawn()
            for section in sections[before:]:
                heading(section.title, section.note)
                with ui.element("div").classes("charts wide" if section.wide else "charts"):
                    for panel in section.panels:
                        self._charts[panel.key] = self._panel(panel, wide=section.wide)

    def _undrawn(self) -> None:
        """Say why there is no chart, once."""
        asked = self._asked
        if asked.steps != (None, None):
            nothing(
                f"No group of split {asked.split!r} is of steps {steps_written(asked.steps)}.",
                then="Empty the field above for all steps.",
            )
            return
        nothing(
            "Charts are by step, and no group of this run came with one.",
            then="A trainer says `step` in every request of POST /score; the figures above count "
            "these groups all the same.",
            link=("read the groups", self._to_groups(asked.steps)),
        )

    def _panel(self, panel: Panel, *, wide: bool) -> Chart:
        with ui.element("div").classes("panel stands-out" if panel.stands_out else "panel"):
            chart = Chart(
                panel.title,
                panel.series,
                kind=panel.kind,
                note=panel.note,
                shares=panel.shares,
                legend=panel.legend,
                bounds=panel.bounds,
                looks=panel.looks,
                marks=panel.marks,
                height=_WIDE_PX if wide else _PX,
                linked="run",
                on_step=lambda step: ui.navigate.to(self._to_groups(self._around(step))),
                on_range=lambda first, last: ui.navigate.to(
                    self._to(steps=steps_written((first, last)))
                ),
            )
            if panel.sentence:
                part("p", panel.sentence, "sentence")
        return chart

    def _around(self, step: int) -> Steps:
        """The steps that are drawn as one point with this one."""
        at = self._bins
        if at is None or not len(at.last_B):
            return (step, step)
        place = min(int(np.searchsorted(at.last_B, step)), len(at.last_B) - 1)
        return int(at.first_B[place]), int(at.last_B[place])


def _split(asked: Asked, history: History) -> str:
    return asked.split if asked.split in history.splits else history.splits[0]


def _state(history: History, figures: Overview) -> str:
    """Whether it goes on, and under which recipes it was scored."""
    last_s = max(float(table.scored_at_s_G[-1]) for table in history.tables)
    recipes = dict.fromkeys(table.recipe.name for table in history.tables)
    since_s = time.time() - last_s
    state = "running" if since_s < LIVE_S else f"last group {numbers.ago(since_s)}"
    first, last = figures.first_step, figures.last_step
    steps = "no steps" if first is None else f"steps {first} to {last}"
    word = "recipe" if len(recipes) == 1 else "recipes"
    return f"{state} · {steps} · {word} {line(', '.join(recipes), 80)}"
