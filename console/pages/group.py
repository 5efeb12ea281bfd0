"""`/group/NUMBER`: what one group was asked, what was written, and what every column made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fastapi import Request
from nicegui import ui

from harmo.audit.read import Query, Reader
from harmo.audit.records import KeptGroup
from harmo.console import lists
from harmo.console.files import serve
from harmo.console.model.asked import whole
from harmo.console.model.group import exports
from harmo.console.model.group.kept import of_kept
from harmo.console.model.group.shown import Shown
from harmo.console.model.groups.address import Asked
from harmo.console.model.groups.filters import FILTERS
from harmo.console.state import Console
from harmo.console.view import links, numbers
from harmo.console.view.frame import TIMEOUT_S, frame, nothing
from harmo.console.view.group import tools
from harmo.console.view.group.panel import panel
from harmo.console.view.group.presses import Presses
from harmo.console.view.group.when import moment
from harmo.console.view.text import line, part


def register(console: Console) -> None:
    """Add the page, and the files that it links to."""
    serve(console)

    @ui.page("/group/{number}", response_timeout=TIMEOUT_S)
    async def group(request: Request, number: str) -> None:
        query = request.query_params
        with frame(console, f"Group {line(number, 20)}", here="/groups", up=_up(query)):
            await _group(console, whole(number), number, query)


def _up(query: Mapping[str, str]) -> str:
    """The list that a group was opened from."""
    asked = listed_at(query)
    order = query.get("order") or None
    return links.groups(**lists.query_of(asked, sort=order, page=None, id=None))


async def _group(
    console: Console, number: int | None, named: str, query: Mapping[str, str]
) -> None:
    if number is None:
        nothing(f"{named[:40]!r} is no number of a group.", then="The list searches by id, too.")
        return
    found = await console.read(lambda reader: _read(reader, number))
    if found is None:
        nothing(f"There is no group {number}.", then="It was pruned, or never written.")
        return
    kept, shown = found
    asked = listed_at(query)
    with ui.element("div").classes("group-head"):
        _title(shown)
        part("span", "", "space")
        beside = ui.element("span").classes("row-of")
        _tools(console, kept, shown)
    Presses()
    chosen = whole(query.get("sample", ""))
    panel(shown, chosen=chosen, text_at=lambda place: f"/group/{number}/text/{place}")

    async def neighbours() -> None:
        with beside:
            await _neighbours(console, shown, asked)

    # The first look at a long run takes a second; the group is there meanwhile.
    ui.timer(0.02, neighbours, once=True)


def _read(reader: Reader, number: int) -> tuple[KeptGroup, Shown] | None:
    kept = reader.group(number)
    return None if kept is None else (kept, of_kept(kept))


def listed_at(query: Mapping[str, str]) -> Asked:
    """The list that a group was opened from; `sort` is its table's here, the list's is `order`."""
    return lists.asked_at({**query, "sort": query.get("order", ""), "page": ""})


def group_address(asked: Asked, number: int, place: int | None) -> str:
    """The page of a group as one of a list."""
    query = lists.query_of(asked, sort=None, page=None, id=None, by=None)
    order = None if asked.wanted.sort == "bad" else asked.wanted.sort
    return links.group(number, sample=place, order=order, **query)


def _title(shown: Shown) -> None:
    source = shown.source
    part("h1", f"Group {source.number}")
    with ui.element("span").classes("row-of faint"):
        ui.link(line(links.shown(source.run), 60), links.run(source.run, split=source.split))
        if source.step is not None:
            query = {"run": links.written(source.run), "steps": source.step}
            ui.link(f"step {numbers.count(source.step)}", links.groups(**query))
        part("span", line(source.split, 20))
        recipe = part("span", f"recipe {line(source.recipe, 40)}")
        recipe.props["title"] = line(f"{source.version}, scorers {source.scorer_version}")
        part("span", f"id {line(shown.id, 40)}", "mono")
        if source.scored_at_s is not None:
            part("span", moment(source.scored_at_s))


def _tools(console: Console, kept: KeptGroup, shown: Shown) -> None:
    number = shown.source.number
    with ui.element("span").classes("row-of tools"):
        whatif = {"run": links.written(shown.source.run), "group": number}
        ui.link("what-if", links.to("/whatif", {**whatif, "recipe": shown.source.recipe}))
        if kept.texts == "full":
            if console.settings.service is not None:
                ui.link("in playground", links.to("/playground", {"group": number}))
            copy = part("button", "copy request", "quiet")
            copy.props["title"] = "the body of POST /score that reproduces it"
            copy.on("click", lambda: tools.copied(exports.as_json(exports.request_of(kept))))
            ui.link("request.json", f"/group/{number}/request.json")
        ui.link("table.csv", f"/group/{number}/table.csv")


async def _neighbours(console: Console, shown: Shown, asked: Asked) -> None:
    source = shown.source
    number = source.number or 0
    run = Query(run=source.run, split=source.split)
    found = await lists.numbers_of(console, run)
    before, behind = found.beside(number, -1), found.beside(number, 1)
    tools.steps(
        tools.Steps(
            title=f"in {line(links.shown(source.run), 30)}",
            before=None if before is None else group_address(asked, before, None),
            behind=None if behind is None else group_address(asked, behind, None),
        ),
        keys=("[", "]"),
    )
    if asked.wanted.filter == "all" and asked.wanted.reason is None:
        return
    asked = replace(asked, wanted=replace(asked.wanted, by="group"))
    listed = await lists.list_of(console, asked)
    at = listed.position(number)
    beside = {way: listed.beside(number, way) for way in (-1, 1)}
    tools.steps(
        tools.Steps(
            title=FILTERS[asked.wanted.filter].title,
            before=None if beside[-1] is None else group_address(asked, *beside[-1]),
            behind=None if beside[1] is None else group_address(asked, *beside[1]),
            position=None if at is None else at + 1,
            of=len(listed),
        ),
        keys=("ArrowLeft", "ArrowRight"),
    )
