"""One visitor's what-if: edits come in, numbers go out, the latest edit wins."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from nicegui import Client, ui

from harmo.audit.read import Reader, RunSummary, StoreError
from harmo.console.model.asked import steps_written
from harmo.console.model.whatif.asked import ALL, Asked
from harmo.console.model.whatif.bases import Base
from harmo.console.model.whatif.composed import as_yaml, edited_name
from harmo.console.model.whatif.edits import Document, Edits, Value, needed, written
from harmo.console.model.whatif.paid import Was
from harmo.console.model.whatif.stored import Slice, sampled
from harmo.console.model.whatif.worked import Worked, worked, worked_over
from harmo.console.pages.whatif.moved import Panel
from harmo.console.pages.whatif.shown import Results
from harmo.console.state import Console
from harmo.console.view import links
from harmo.console.view.address import keep
from harmo.console.view.latest import Latest
from harmo.console.view.numbers import count

_PROGRESS_S = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The groups that moves go over."""

    slice: Slice
    was: Was


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What the page begins with."""

    asked: Asked
    runs: tuple[RunSummary, ...]
    summary: RunSummary
    """Of the run."""
    bases: tuple[Base, ...]
    """Every recipe that can be edited."""
    base: str
    """Key of the one that is."""
    document: Document
    """Its file, with every field."""
    edits: Edits
    faults: tuple[str, ...]
    """What of the address could not be read."""
    taken: Taken


class _LeftError(Exception):
    """Nobody waits any more for what is being worked out."""


class WhatIf:
    """The page of one visitor."""

    def __init__(self, console: Console, opened: Opened) -> None:
        self._console = console
        self._opened = opened
        self._asked = opened.asked
        self._edits: dict[str, Value] = dict(opened.edits)
        self._worked: Worked | None = None
        self._read = 0
        self._latest = Latest(self._work)
        self._client = ui.context.client

    def build(self) -> None:
        """Place it on the page, and work out what the address asks for."""
        opened = self._opened
        with ui.element("div").classes("whatif"):
            with ui.element("aside").classes("whatif-side"):
                self._panel = Panel(
                    asked=self._asked,
                    runs=opened.runs,
                    summary=opened.summary,
                    bases=opened.bases,
                    base=opened.base,
                    document=opened.document,
                    on_edit=self._edit,
                    on_reset=self._reset,
                    on_ask=self._ask,
                )
                self._panel.show(self._edits)
            with ui.element("section").classes("whatif-main"):
                self._results = Results(
                    on_group=self._choose,
                    on_everything=self._weigh_all,
                    on_copy=self._copy,
                    on_save=self._save,
                    on_steps=self._range,
                )
        self._timer = ui.timer(_PROGRESS_S, self._progress, active=False)
        self._latest.ask()

    def _edit(self, key: str, value: Value | None) -> None:
        edits = {k: v for k, v in self._edits.items() if k != key}
        if value is not None:
            edits[key] = value
        self._set(edits)

    def _reset(self) -> None:
        self._set({})

    def _set(self, edits: Edits) -> None:
        base = self._opened.document
        before, self._edits = self._edits, needed(base, edits)
        # A sample answers at once; all are weighed when they are asked for again.
        self._asked = replace(self._asked, everything=False)
        gone = dict.fromkeys(key for key in before if key not in self._edits)
        keep({**gone, **written(self._edits), "groups": None})
        self._panel.show(self._edits)
        self._latest.ask()

    def _ask(self, **changed: object) -> None:
        """Load the page for other groups, or another recipe."""
        ui.navigate.to(self._link(replace(self._asked, **changed)))  # type: ignore[arg-type]

    def _range(self, first: int, last: int) -> None:
        self._ask(steps=(first, last))

    def _link(self, asked: Asked) -> str:
        query = {
            "run": links.written(asked.run),
            "split": asked.split,
            "steps": steps_written(asked.steps),
            "recipe": asked.recipe,
            **written(self._edits),
        }
        return links.to("/whatif", query)

    def _choose(self, number: int) -> None:
        self._asked = replace(self._asked, group=number)
        keep({"group": str(number)})
        if self._worked is not None:
            self._results.show_group(self._worked, number)

    def _weigh_all(self) -> None:
        self._asked = replace(self._asked, everything=not self._asked.everything)
        keep({"groups": ALL if self._asked.everything else None})
        self._latest.ask()

    async def _work(self) -> None:
        everything = self._asked.everything and not self._opened.taken.slice.whole
        try:
            found = await (self._over_all() if everything else self._over_sample())
        except _LeftError:
            return
        except StoreError as error:
            with self._client:
                self._results.say(str(error))
            return
        finally:
            self._timer.deactivate()
        if self._latest.newer or self._gone:
            return
        self._worked = found
        with self._client:
            self._results.show(found, faults=self._opened.faults, over=self._over(everything))
            self._results.show_group(found, self._asked.group)

    async def _over_sample(self) -> Worked:
        base, edits, was = self._opened.document, self._edits, self._opened.taken.was
        return await asyncio.to_thread(worked, base, edits, was)

    async def _over_all(self) -> Worked:
        base, edits, query = self._opened.document, self._edits, self._asked.query
        self._read = 0
        self._timer.activate()

        def seen(read: int) -> None:
            self._read = read
            if self._latest.newer or self._gone:
                raise _LeftError

        return await self._console.read(
            lambda reader: worked_over(base, edits, reader, query, seen=seen)
        )

    @property
    def _gone(self) -> bool:
        return self._client.id not in Client.instances

    def _over(self, everything: bool) -> tuple[str, bool]:  # noqa: FBT001 - one of two
        """Which groups these are, and whether there are more."""
        taken = self._opened.taken.slice
        if everything and self._worked is not None and self._worked.outcome is not None:
            return f"all {count(self._worked.outcome.changes.groups)} groups", False
        return taken.said(self._opened.summary.groups), not taken.whole

    def _progress(self) -> None:
        self._results.progress(self._read, self._opened.summary.groups)

    def _yaml(self) -> tuple[str, str] | None:
        """Name and text of the edited recipe; None where it is refused."""
        if self._worked is None or self._worked.composed.refusals:
            return None
        name = str(self._opened.document["name"])
        name = edited_name(name) if self._edits else name
        return name, as_yaml(self._worked.document, name=name)

    def _copy(self) -> None:
        if made := self._yaml():
            ui.clipboard.write(made[1])

    def _save(self) -> None:
        if made := self._yaml():
            ui.download.content(made[1], f"{made[0]}.yaml", "application/yaml")


async def taken(console: Console, asked: Asked, summary: RunSummary) -> Taken:
    """The groups that an address asks for, or a sample of them; with what they were paid.

    Args:
        console: Whose store.
        asked: Which groups.
        summary: Of their run.
    """
    steps = None
    if summary.first_step is not None and summary.last_step is not None:
        steps = summary.first_step, summary.last_step

    def work(reader: Reader) -> Taken:
        found = sampled(reader, asked.query, steps=steps)
        return Taken(slice=found, was=Was.of(found.groups))

    return await console.read(work)
