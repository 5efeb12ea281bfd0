"""What is moved on a page: numbers on sliders, and one of a few words."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from nicegui import events
from nicegui.element import Element

from harmo.console.view.text import line, part


class Slider(Element, component="slider.js"):
    """A number of 0 or more; tells where it is moved to, at most every few hundredths of a second.

    Told None, it goes back to where it stood.
    """

    def __init__(self, on_move: Callable[[float | None], object]) -> None:
        """Place it on the page; `show` says what it is.

        Args:
            on_move: Told the number.
        """
        super().__init__()
        self._props["id"] = f"slider{self.id}"

        def told(event: events.GenericEventArguments) -> None:
            to = event.args["to"]
            if to is None or (isinstance(to, int | float) and math.isfinite(to) and to >= 0):
                on_move(None if to is None else float(to))

        self.on("moved", told, ["to"])

    def show(
        self,
        label: str,
        value: float,
        *,
        rest: float | None,
        most: float,
        step: float = 0.01,
        note: str = "",
    ) -> Slider:
        """Put it somewhere.

        Args:
            label: What it is.
            value: Where it stands.
            rest: Where it stood before anybody moved it; None where that was no number.
            most: Its right end.
            step: Of its keys.
            note: A word more, in grey.
        """
        asked = {
            "label": line(label, 60),
            "value": value,
            "rest": rest,
            "most": most,
            "step": step,
            "note": line(note, 60),
        }
        if any(self._props.get(name) != each for name, each in asked.items()):
            for name, each in asked.items():
                self._props[name] = each
            self.update()
        return self


class Choice(Element, component="choice.js"):
    """One of a few words."""

    def __init__(
        self,
        label: str,
        words: Sequence[str],
        *,
        value: str,
        rest: str | None = None,
        shown: Sequence[str] | None = None,
        titles: Sequence[str] = (),
        on_choice: Callable[[str], object],
    ) -> None:
        """Place it on the page.

        Args:
            label: What is chosen.
            words: In order.
            value: The one that is chosen.
            rest: The one that was before anybody chose.
            shown: What stands on the buttons; the words where it is None.
            titles: What each word means, shown when pointed at.
            on_choice: Told the word.
        """
        super().__init__()
        self._words = tuple(words)
        self._props["label"] = line(label, 60)
        self._props["words"] = list(words)
        self._props["shown"] = [line(word, 40) for word in shown or words]
        self._props["titles"] = [line(each, 300) for each in titles]
        self._props["value"] = value
        self._props["rest"] = rest

        def told(event: events.GenericEventArguments) -> None:
            word = event.args["word"]
            if word in self._words:
                on_choice(word)

        self.on("chosen", told, ["word"])

    def show(self, value: str) -> None:
        """Put it on a word."""
        if self._props["value"] != value:
            self._props["value"] = value
            self.update()


class Pick(Element):
    """One of many, in a list that drops down."""

    def __init__(
        self,
        label: str,
        options: Mapping[str, str],
        *,
        value: str,
        on_pick: Callable[[str], object],
    ) -> None:
        """Place it on the page.

        Args:
            label: What is picked.
            options: What stands in the list, by what is told.
            value: The one that is picked.
            on_pick: Told the one that is picked next.
        """
        super().__init__("select")
        self._props["aria-label"] = line(label, 60)
        self.classes("field pick")
        keys = list(options)
        with self:
            for place, key in enumerate(keys):
                option = part("option", line(options[key], 80))
                option.props(f"value={place}")
                if key == value:
                    option.props("selected")

        def told(event: events.GenericEventArguments) -> None:
            if isinstance(event.args, str) and event.args.isdecimal():
                place = int(event.args)
                if place < len(keys):
                    on_pick(keys[place])

        self.on("change", told, js_handler="(event) => emit(event.target.value)")
