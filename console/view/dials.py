"""What is moved on a page: numbers on sliders, and one of a few words."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

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
            if to is None:
                on_move(None)
            elif isinstance(to, int | float) and math.isfinite(to) and to >= 0:
                # It stands there already: told so, it would jump back under the pointer.
                self._props["value"], self._props["edited"] = float(to), True
                on_move(float(to))

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
        edited: bool = False,
    ) -> Slider:
        """Put it somewhere.

        Args:
            label: What it is.
            value: Where it stands.
            rest: Where it stood before anybody moved it; None where that was no number.
            most: Its right end.
            step: Of its keys.
            note: A word more, in grey.
            edited: True if somebody moved it.
        """
        asked = {
            "label": line(label, 60),
            "value": value,
            "rest": rest,
            "most": most,
            "step": step,
            "note": line(note, 60),
            "edited": edited,
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


class Tick(Element):
    """A box to tick, with what it means."""

    def __init__(
        self, label: str, *, value: bool, title: str = "", on_tick: Callable[[bool], object]
    ) -> None:
        """Place it on the page.

        Args:
            label: What is ticked.
            value: Whether it is.
            title: A word more, shown when pointed at.
            on_tick: Told whether it is.
        """
        super().__init__("label")
        self.classes("tick")
        self._props["title"] = line(title, 200)
        with self:
            self._box = Element("input")
            self._box._props |= {"type": "checkbox", "checked": value}
            part("span", line(label, 80))

        def told(event: events.GenericEventArguments) -> None:
            on_tick(event.args is True)

        self._box.on("change", told, js_handler="(event) => emit(event.target.checked)")

    def show(self, value: bool) -> None:  # noqa: FBT001 - what the box shows
        """Tick it, or not."""
        if self._box._props["checked"] != value:
            self._box._props["checked"] = value
            self._box.update()
