"""Buttons and links of a group: neighbours, exports, what-if."""

from __future__ import annotations

from dataclasses import dataclass

from nicegui import ui

from harmo.console.view.numbers import count
from harmo.console.view.text import line, part

MAX_COPIED_CHARS = 1 << 20
"""More is not sent through the page to the clipboard: it is downloaded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """The neighbours of a group in a list."""

    title: str
    before: str | None
    """An address of ours."""
    behind: str | None
    position: int | None = None
    """From 1."""
    of: int | None = None


def steps(each: Steps, keys: tuple[str, str]) -> None:
    """Links to the neighbours.

    Args:
        each: The list.
        keys: That press them, before and behind.
    """
    with ui.element("span").classes("steps"):
        _step("‹", each.before, keys[0])
        where = f"{count(each.position)} of {count(each.of)} " if each.position else ""
        part("span", where + line(each.title, 60), "faint")
        _step("›", each.behind, keys[1])


def _step(sign: str, address: str | None, key: str) -> None:
    if address is None:
        part("span", sign, "step off")
        return
    link = ui.link(sign, address).classes("step")
    link.props.update({"data-press": key, "title": f"key {key}"})


def copied(text: str) -> None:
    """Put a text on the visitor's clipboard, and say so."""
    if len(text) > MAX_COPIED_CHARS:
        ui.notify("too large for the clipboard: download it")
        return
    ui.clipboard.write(text)
    ui.notify("copied: a body for POST /score")
