"""Texts of policies and prompts on a page: pieces of text, each in an element of its own."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui

from harmo.console.model.group.shown import Completion, Picture, Shown, Turn
from harmo.console.model.group.spans import Kind, Span, excerpt, spans
from harmo.console.view.numbers import count
from harmo.console.view.text import line, part, visible

TEXT_CHARS = 12_000
"""Of a completion on the page; all of it is one click away, as plain text."""
PROMPT_CHARS = 6_000
MAX_TURNS = 40
_NOT_KEPT = "not kept: a service that runs with --audit-texts full keeps texts"
_NAMES = {Kind.PREFIX: "opened in the prompt", Kind.THINK: "thinking", Kind.ANSWER: "answer"}


def completion(shown: Shown, one: Completion, read: Sequence[tuple[str, str]]) -> None:
    """What the policy wrote, the last assistant text in its parts with the answer marked."""
    if shown.source.texts != "full":
        part("div", f"The text was {_NOT_KEPT}.", "faint")
        return
    last = max((i for i, t in enumerate(one.turns) if t.role == "assistant"), default=-1)
    if len(one.turns) > MAX_TURNS:
        part("div", f"{len(one.turns) - MAX_TURNS} turns before are in the export", "faint")
    for i, each in list(enumerate(one.turns))[-MAX_TURNS:]:
        if len(one.turns) > 1:
            part("div", line(each.role, 40), "role")
        if i == last:
            prefix = shown.asked.prefix
            _pieces(spans(each.text, prefix=prefix, tags=shown.tags, read=read))
        elif each.text:
            _pieces((Span(text=each.text, kind=Kind.ANSWER),), plain=True)
        for name, arguments in each.calls:
            part("pre", visible(f"{name}({arguments[:2000]})"), "said call")


def _pieces(found: Sequence[Span], *, plain: bool = False) -> None:
    """One element a piece; a heading where the part changes."""
    if not found:
        part("div", "nothing was written", "faint")
    kind = None
    with ui.element("div").classes("written"):
        for piece in excerpt(found, limit=TEXT_CHARS):
            if piece.kind is Kind.GAP:
                part("div", f"… {piece.text} left out …", "gap-of faint")
                continue
            if piece.kind is not kind and not plain and len({p.kind for p in found}) > 1:
                part("div", _NAMES[piece.kind], f"part-name {piece.kind}")
            kind = piece.kind
            marked = "read" if piece.read else ""
            element = part("span", visible(piece.text), f"said {piece.kind} {marked}")
            if piece.read:
                element.props["title"] = "read by " + ", ".join(line(n, 40) for n in piece.read)


def prompt(shown: Shown) -> None:
    """What was asked, turn by turn, pictures where they stand."""
    turns, pictures = shown.asked.prompt, shown.asked.pictures
    placed = {p for turn in turns for p in turn.parts if isinstance(p, int)}
    if shown.source.texts != "full":
        part("div", f"The prompt was {_NOT_KEPT}.", "faint")
        return
    unplaced = [p for i, p in enumerate(pictures) if i not in placed]
    for turn in turns[-MAX_TURNS:]:
        if len(turns) > 1:
            part("div", line(turn.role, 40), "role")
        if turn.role == "user" and unplaced:
            # Without a place of their own they come before the first text of the user.
            _strip(unplaced)
            unplaced = []
        _turn(turn, pictures)
    _strip(unplaced)


def _turn(turn: Turn, pictures: Sequence[Picture]) -> None:
    for each in turn.parts:
        if isinstance(each, int):
            _strip(pictures[each : each + 1])
        elif each:
            shown, left = each[:PROMPT_CHARS], max(0, len(each) - PROMPT_CHARS)
            part("pre", visible(shown), "said")
            if left:
                part("div", f"… {count(left)} characters more are in the export", "faint")


def _strip(pictures: Sequence[Picture]) -> None:
    if not pictures:
        return
    with ui.element("div").classes("pictures"):
        for picture in pictures:
            size = f"{picture.width} × {picture.height}"
            if not picture.address:
                part("span", f"picture {size}, not kept", "faint")
                continue
            with ui.element("a") as link:
                link.props.update(href=picture.address, title=size)
                image = ui.element("img")
                image.props.update(src=picture.address, alt=f"picture of {size}", loading="lazy")
