"""What a list is of: its filters, and a form for the rest. Every choice is an address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nicegui import ui
from nicegui.element import Element

from harmo.console import lists
from harmo.console.model.groups.address import EVERY, Asked
from harmo.console.model.groups.filters import FILTERS
from harmo.console.model.groups.listed import PAGE
from harmo.console.view import links
from harmo.console.view.numbers import count
from harmo.console.view.text import line, part, sendable
from harmo.scorers.types import Reason

_SENDS = "(event) => event.target.form.requestSubmit()"
_WITHOUT_EMPTY = (
    "(event) => [...event.target.elements].forEach((e) => { if (!e.value) e.disabled = true })"
)
_ORDERS = {"step": "latest step", "reward": "reward", "tokens": "tokens"}
_BY = {"": "groups", "completion": "completions"}
_SPLITS = ("train", "eval")


def filters(asked: Asked, tally: Mapping[str, int]) -> None:
    """The filters with how much each lists."""
    with ui.element("nav").classes("filters"):
        for name, each in FILTERS.items():
            chosen = None if name == "all" else name
            link = ui.link(target=links.groups(**lists.query_of(asked, filter=chosen, page=None)))
            link.props["title"] = each.says
            with link:
                part("span", each.title)
                if name in tally:
                    part("b", count(tally[name]), "" if tally[name] else "faint")
            if name == asked.wanted.filter:
                link.classes("here")
                link.props["aria-current"] = "page"


def narrowing(
    asked: Asked,
    *,
    runs: Sequence[str],
    columns: Sequence[str],
    tasks: Sequence[str],
    usual_split: str | None,
) -> None:
    """A form for what narrows a list; it sends itself when a choice is made.

    Args:
        asked: The list.
        runs: To choose from, as the columns and tasks.
        columns: Names of them.
        tasks: Words for them.
        usual_split: What is listed where no split is asked for; None for all.
    """
    wanted = asked.wanted
    run = "" if asked.run is None else links.written(asked.run)
    named = {links.written(each): links.shown(each) for each in runs}
    steps = str(asked.address().get("steps", ""))
    form = ui.element("form").classes("narrow-by")
    form.props.update({"method": "get", "action": "/groups", ":onsubmit": _WITHOUT_EMPTY})
    with form:
        _hidden("filter", "" if wanted.filter == "all" else wanted.filter)
        _choice("run", run, {"": "every run", **named})
        _split(asked.split or "", usual_split)
        _written("steps", steps, "first:last", "steps")
        if len(tasks) > 1 or asked.task:
            _choice("task", asked.task or "", {"": "every task", **{t: t for t in tasks}})
        _choice("column", wanted.column or "", {"": "every column", **{c: c for c in columns}})
        reasons = {r.value: r.value.replace("_", " ") for r in Reason}
        _choice("reason", wanted.reason or "", {"": "with or without", **reasons})
        _choice("by", "" if wanted.by == "group" else wanted.by, _BY, "list")
        orders = {"": FILTERS[wanted.filter].first, **_ORDERS}
        _choice("sort", "" if wanted.sort == "bad" else wanted.sort, orders)
        _written("id", asked.id, "id or number  /", "group", wide=True)
        send = part("button", "show", "unseen")
        send.props["type"] = "submit"


def _split(chosen: str, usual: str | None) -> None:
    """Nothing stands in the address for the usual one."""
    named = {EVERY: "every split", **{split: split for split in _SPLITS}}
    usual = usual or EVERY
    rest = {key: text for key, text in named.items() if key != usual}
    _choice("split", "" if chosen == usual else chosen, {"": named[usual], **rest})


def pages(asked: Asked, rows: int) -> None:
    """Where in the list this page is, and the pages beside it."""
    last = max(1, -(-rows // PAGE))
    if last == 1:
        return
    with ui.element("div").classes("pages"):
        for label, page, key in (
            ("‹ before", asked.page - 1, "ArrowLeft"),
            ("behind ›", asked.page + 1, "ArrowRight"),
        ):
            if 1 <= page <= last:
                query = lists.query_of(asked.turned(page))
                link = ui.link(label, links.groups(**query))
                link.props["data-press"] = key
            else:
                part("span", label, "faint")
        part("span", f"page {count(min(asked.page, last))} of {count(last)}", "faint")


def _choice(name: str, chosen: str, options: Mapping[str, str], label: str = "") -> None:
    with part("label"):
        part("span", label or name)
        select = ui.element("select").classes("field")
        select.props.update({"name": name, ":onchange": _SENDS})
        shown = dict(options) if chosen in options else {**options, chosen: chosen}
        with select:
            for value, text in shown.items():
                _option(value, text, chosen=value == chosen)


def _option(value: str, text: str, *, chosen: bool) -> Element:
    option = part("option", line(text, 60))
    option.props["value"] = sendable(value)
    if chosen:
        option.props["selected"] = True
    return option


def _written(name: str, value: str, hint: str, label: str, *, wide: bool = False) -> None:
    with part("label"):
        part("span", label)
        field = ui.element("input").classes("field")
        field.props.update(
            {"name": name, "value": sendable(value), "placeholder": hint, "maxlength": 256}
        )
        if wide:
            field.classes("wide filter")


def _hidden(name: str, value: str) -> None:
    ui.element("input").props.update({"type": "hidden", "name": name, "value": sendable(value)})
