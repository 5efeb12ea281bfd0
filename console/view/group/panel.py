"""One group from top to bottom: what was asked, the table, and the completion that is chosen."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import ui
from nicegui.element import Element

from harmo.console.model.group.evidence import evidence, read_by
from harmo.console.model.group.shown import Completion, Shown
from harmo.console.view.group import said, written
from harmo.console.view.group.heat import Heat
from harmo.console.view.numbers import count, three
from harmo.console.view.text import line, part


def panel(
    shown: Shown,
    *,
    chosen: int | None = None,
    text_at: Callable[[int], str] | None = None,
    asked: bool = True,
) -> None:
    """Place a group on the page.

    Args:
        shown: The group.
        chosen: Place of the completion to begin with; None for the one that tells most.
        text_at: The address of a completion's whole text; None where there is none.
        asked: False to leave out prompt and reference, which stand elsewhere on the page.
    """
    first = _begun(shown, chosen)
    if asked:
        with ui.element("section").classes("asked"):
            with ui.element("div").classes("prompt"):
                written.prompt(shown)
            said.compared(shown.asked, texts=shown.source.texts)
    _summary(shown)
    if not shown.completions:
        part("div", "the group has no completions", "faint")
        return
    Heat(shown, chosen=first, on_choose=lambda place: _show(below, shown, place, text_at))
    below = ui.element("section").classes("chosen-one")
    _show(below, shown, first, text_at)


def _begun(shown: Shown, chosen: int | None) -> int:
    """The completion to begin with: as asked, else one wrongly paid, else the best paid."""
    if chosen is not None and 0 <= chosen < len(shown.completions):
        return chosen
    if shown.paid_wrong is not None:
        return shown.paid_wrong.place
    paid = [c for c in shown.completions if c.reward is not None]
    return max(paid, key=lambda c: c.reward or 0.0).place if paid else 0


def _summary(shown: Shown) -> None:
    """One line on the group: how many, how right, how far apart, and what is wrong with it."""
    completions = shown.completions
    right = sum(c.correct is True for c in completions)
    unscored = len(completions) - len(shown.rewards)
    with ui.element("div").classes("summary row-of"):
        part("span", f"{count(len(completions))} completion{'s' * (len(completions) != 1)}")
        if any(c.correct is not None for c in completions):
            part("span", f"{right} right")
        part("span", f"mean reward {three(shown.mean)}")
        if unscored:
            part("span", f"{unscored} unscored", "alarm")
        if shown.size > len(completions):
            part("span", f"{shown.size - len(completions)} siblings did not arrive", "alarm")
        if shown.teaches_nothing:
            part("span", "all rewards are equal: it teaches nothing", "alarm")
        if (paid := shown.paid_wrong) is not None:
            part("span", f"the best paid completion, {line(paid.id, 20)}, is wrong", "alarm")
        if shown.source.texts != "full":
            part("span", f"texts were not kept (texts: {shown.source.texts})", "faint")


def _show(below: Element, shown: Shown, place: int, text_at: Callable[[int], str] | None) -> None:
    """The chosen completion: its text, and beside it what every column says."""
    if not 0 <= place < len(shown.completions):
        return
    one = shown.completions[place]
    below.clear()
    with below:
        with ui.element("div").classes("text-side"):
            _head(one, text_at(place) if text_at and shown.source.texts == "full" else None)
            written.completion(shown, one, read_by(shown.columns, one))
        with ui.element("div").classes("said-side"):
            said.evidence(evidence(shown.columns, one))


def _head(one: Completion, address: str | None) -> None:
    verdict = {True: "right", False: "wrong", None: "not known to be right"}[one.correct]
    with ui.element("h2"):
        part("span", f"completion {line(one.id, 40)}")
        part("span", verdict, {True: "right", False: "wrong", None: "faint"}[one.correct])
        if one.tokens is not None:
            part("span", f"{count(one.tokens)} tokens", "faint")
        if one.truncated:
            part("span", "truncated: it stopped at the token limit", "alarm")
        if one.twin is not None:
            part("span", "a sibling wrote the same", "faint")
        if address is not None:
            link = ui.link("plain text", address).classes("faint")
            link.props["target"] = "_blank"
