"""Small native controls: a choice, a field, a row of places."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nicegui import events, ui

from harmo.console.view.text import line, part

_TELL = "(event) => emit(event.target.value)"


def choice(
    label: str, options: Sequence[str], chosen: int, on_change: Callable[[int], object]
) -> None:
    """A list to choose from.

    Args:
        label: What is chosen.
        options: Texts of any origin.
        chosen: Place of the one that is.
        on_change: Told the place of another.
    """

    def told(event: events.GenericEventArguments) -> None:
        place = str(event.args)
        if place.isascii() and place.isdecimal() and int(place) < len(options):
            on_change(int(place))

    with part("label", label, "control"):
        listed = ui.element("select").classes("field").on("change", told, js_handler=_TELL)
    with listed:
        for place, text in enumerate(options):
            option = part("option", line(text, 60))
            option.props["value"] = str(place)
            if place == chosen:
                option.props["selected"] = True


def field(
    label: str, value: str, on_change: Callable[[str], object], *, hint: str = "", most: int = 40
) -> None:
    """A line to type in.

    Args:
        label: What is typed.
        value: What stands there.
        on_change: Told what does after Enter.
        hint: Stands there in grey while it is empty.
        most: Characters.
    """

    def told(event: events.GenericEventArguments) -> None:
        on_change(str(event.args)[:most])

    with part("label", label, "control"):
        typed = ui.element("input").classes("field").on("change", told, js_handler=_TELL)
        typed.props["value"] = line(value, most)
        typed.props["placeholder"] = hint
        typed.props["maxlength"] = most


def places(options: Sequence[tuple[str, str]], here: str) -> None:
    """Links side by side, the one where one is set off.

    Args:
        options: Name, and a path of ours.
        here: Name of the one.
    """
    with ui.element("div").classes("places"):
        for name, path in options:
            link = ui.link(line(name, 40), path)
            if name == here:
                link.classes("here").props("aria-current=true")
