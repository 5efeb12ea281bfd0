"""The one way in which text that a model wrote reaches a page: as text, bounded, nothing hidden."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

SHORT_CHARS, LONG_CHARS, MOST_CHARS = 200, 4_000, 200_000
"""Of a cell, of a block before it is asked for more, and at most."""
_KEPT = frozenset("\n\t")
_PICTURES = 0x2400
"""Where Unicode's pictures of the control characters begin."""
_MOST_MARKS = 4
"""On one letter; a thousand of them reach over the lines above."""


def visible(text: str) -> str:
    """The text with a mark in place of every character that is not seen or that moves others.

    Control characters become their pictures (`␛` for the one that begins ANSI codes); marks of
    direction and of no width, lone surrogates and private characters their number in brackets.
    """
    if text.isascii() and text.isprintable():
        return text
    marks, seen = 0, []
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        seen.append(_number(character) if marks > _MOST_MARKS else _seen(character))
    return "".join(seen)


def _seen(character: str) -> str:
    if character in _KEPT or character.isprintable():
        return character
    code = ord(character)
    if code < 0x20:
        return chr(_PICTURES + code)
    if code == 0x7F:
        return "␡"
    return " " if unicodedata.category(character) == "Zs" else _number(character)


def _number(character: str) -> str:
    return f"⟦{ord(character):04X}⟧"


def sendable(text: str) -> str:
    """The text with a `?` for half a letter: a page that holds one reaches no browser."""
    return text.encode("utf-8", "replace").decode()


@dataclass(frozen=True, slots=True)
class Cut:
    """The beginning of a text, ready to be shown, and how many characters are left out."""

    text: str
    left: int


def cut(text: str, most: int = SHORT_CHARS) -> Cut:
    """The first characters of a text, visible."""
    return Cut(visible(text[:most]), max(0, len(text) - most))


def line(text: str, most: int = SHORT_CHARS) -> str:
    """A text on one line for a cell, with an ellipsis where it goes on."""
    part = text[: most + 1].replace("\n", "⏎").replace("\t", "⇥")
    short = visible(part[:most])
    return f"{short}…" if len(part) > most else short


def part(tag: str, text: str = "", classes: str = "") -> TextElement:
    """An element that holds a text of ours, such as a `kbd`."""
    return TextElement(tag=tag, text=text).classes(classes)


def block(text: str, *, classes: str = "") -> None:
    """A text as it was written, with a button for more where it is long."""
    part = cut(text, LONG_CHARS)
    shown = TextElement(tag="pre", text=part.text).classes(f"said {classes}")
    if not part.left:
        return

    def more() -> None:
        rest = cut(text, MOST_CHARS)
        shown.text = rest.text
        button.delete()
        if rest.left:
            ui.label(f"{rest.left:,} characters more are in the store; export them").classes(
                "faint"
            )

    button = ui.button(f"show {part.left:,} characters more", on_click=more).props("flat dense")
