"""`/groups`: groups and completions by the questions that researchers ask."""

from __future__ import annotations

from fastapi import Request
from nicegui import ui

from harmo.audit.read import Reader
from harmo.console import lists
from harmo.console.model.group.kept import of_kept
from harmo.console.model.groups.address import Asked
from harmo.console.model.groups.filters import FILTERS
from harmo.console.model.groups.gather import MAX_SAMPLES, Gathered
from harmo.console.model.groups.listed import Listed
from harmo.console.model.groups.rows import Line, lines
from harmo.console.pages.group import group_address
from harmo.console.state import Console
from harmo.console.view import links
from harmo.console.view.frame import TIMEOUT_S, frame, nothing
from harmo.console.view.group.presses import Presses
from harmo.console.view.groups import controls, table
from harmo.console.view.numbers import count
from harmo.console.view.table import Table
from harmo.console.view.text import line, part
from harmo.scorers.types import Family


def register(console: Console) -> None:
    """Add the page."""

    @ui.page("/groups", response_timeout=TIMEOUT_S)
    async def groups(request: Request) -> None:
        with frame(console, "Groups", here="/groups"):
            await _groups(console, lists.asked_at(request.query_params))


async def _groups(console: Console, asked: Asked) -> None:
    if not console.has_store:
        nothing("No store of scored groups was named.", command="harmo console --audit DIR")
        return
    usual = await lists.usual_split(console, asked.run)
    query = asked.query(usual)
    found = await lists.numbers_of(console, query)
    tally = await lists.tally_of(console, query, asked.wanted.by)
    runs = await console.read(lambda reader: [each.run for each in reader.runs()])
    rows = await lists.list_of(console, asked)
    shown = await console.read(lambda reader: _texts(reader, rows.page(asked.page)))
    if not runs:
        nothing("The store is empty.", then="Its first group will stand here.")
        return
    controls.filters(asked, tally)
    controls.narrowing(
        asked, runs=runs, columns=found.columns, tasks=found.tasks, usual_split=usual
    )
    _said(asked, found, rows)
    if len(shown):
        Table(
            table.columns(asked),
            table.rows(asked, shown, lambda each: _address(asked, each)),
            dense=True,
        )
    controls.pages(asked, len(rows))
    Presses()


def _texts(reader: Reader, rows: Listed) -> list[Line]:
    """The rows of a page with the texts that they show."""
    kept = {number: reader.group(number) for number in set(rows.number.tolist())}
    return lines(rows, {number: of_kept(each) for number, each in kept.items() if each})


def _address(asked: Asked, each: Line) -> str:
    return group_address(asked, each.number, each.place)


def _said(asked: Asked, found: Gathered, rows: Listed) -> None:
    """One line on what the list is, and how much of it there is."""
    what = ("group" if asked.wanted.by == "group" else "completion") + "s" * (len(rows) != 1)
    with ui.element("div").classes("summary row-of"):
        part("span", f"{count(len(rows))} {what} of {count(len(found.numbers))} groups")
        part("span", FILTERS[asked.wanted.filter].says, "faint")
        if not found.whole:
            part(
                "span",
                f"only the latest runs, {count(MAX_SAMPLES)} completions: name a run",
                "alarm",
            )
        if not len(rows):
            part("span", _empty(asked, found), "faint")
        else:
            ui.link("list.csv", links.to("/groups/list.csv", lists.query_of(asked, page=None)))


def _empty(asked: Asked, found: Gathered) -> str:
    if asked.id:
        return f"no group is called {line(asked.id, 40)} here"
    families = {c.family for block in found.blocks for c in block.columns}
    if asked.wanted.filter == "disagree" and not {Family.MODEL, Family.RULE} <= families:
        return "the recipe has no model column beside a rule"
    return "nothing is listed"
