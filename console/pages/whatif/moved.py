"""What is moved: run, steps and recipe, then sliders and switches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from harmo.audit.read import RunSummary
from harmo.console.model.asked import steps_of, steps_written
from harmo.console.model.whatif.asked import Asked
from harmo.console.model.whatif.bases import Base
from harmo.console.model.whatif.edits import Document, Edits, Value
from harmo.console.model.whatif.knobs import Knobs, Weights, knobs
from harmo.console.model.whatif.knobs import Slider as Knob
from harmo.console.model.whatif.knobs import Switch as KnobSwitch
from harmo.console.view import links
from harmo.console.view.controls import choice, field
from harmo.console.view.dials import Choice, Slider, Tick
from harmo.console.view.text import part

_SHOWN = {"impute_group_mean": "impute"}
_FLAGS = {
    "model_trust": ("trust the model by group", "as far as it agrees with the rules there"),
    "allow_inversion": ("allow inversions", "let a wrong completion outrank a right one"),
}


class Panel:
    """The column of what can be moved."""

    def __init__(
        self,
        *,
        asked: Asked,
        runs: Sequence[RunSummary],
        summary: RunSummary,
        bases: Sequence[Base],
        base: str,
        document: Document,
        on_edit: Callable[[str, Value | None], object],
        on_reset: Callable[[], object],
        on_ask: Callable[..., object],
    ) -> None:
        """Place it on the page.

        Args:
            asked: Which groups, under which recipe.
            runs: Of the store.
            summary: Of the run.
            bases: Recipes that can be edited.
            base: Key of the one that is.
            document: Its file, with every field.
            on_edit: Told the key of an edit and its value; None takes it back.
            on_reset: Told that all are taken back.
            on_ask: Told by name what of `asked` changes.
        """
        self._base = document
        self._on_edit = on_edit
        self._keys: tuple[str, ...] = ()
        self._sliders: dict[str, Slider] = {}
        self._choices: dict[str, Choice] = {}
        self._groups_of(asked, runs, summary, on_ask)
        self._recipe_of(bases, base, on_ask)
        with ui.element("h2"):
            part("span", "Weights")
            self._reset = part("button", "reset all", "quiet").on("click", lambda _: on_reset())
        self._knobs = ui.element("div")

    def show(self, edits: Edits) -> None:
        """Put everything where edits have it."""
        found = knobs(self._base, edits)
        keys = tuple(_keys(found))
        if keys != self._keys:
            self._keys = keys
            self._build(found, edits)
        for knob in _sliders(found):
            self._sliders[knob.key].show(
                knob.name,
                knob.value,
                rest=knob.base,
                most=knob.most,
                step=knob.step,
                note=knob.note,
                edited=knob.key in edits,
            )
        for switch in found.switches:
            self._choices[switch.key].show(switch.value)
            self._words[switch.key].set_text(switch.words)
        for key, value in found.flags.items():
            self._ticks[key].show(value)
        self._reset.set_visibility(bool(edits))

    def _groups_of(
        self,
        asked: Asked,
        runs: Sequence[RunSummary],
        summary: RunSummary,
        on_ask: Callable[..., object],
    ) -> None:
        names = [run.run for run in runs]
        with ui.element("div").classes("whatif-ask"):
            choice(
                "run",
                [links.shown(name) for name in names],
                names.index(asked.run),
                lambda place: on_ask(
                    run=names[place], split="", steps=(None, None), recipe="", group=None
                ),
            )
            if len(summary.splits) > 1:
                splits = list(summary.splits)
                choice(
                    "split", splits, splits.index(asked.split), lambda k: on_ask(split=splits[k])
                )
            hint = ""
            if summary.first_step is not None:
                hint = f"{summary.first_step}:{summary.last_step}"
            field(
                "steps",
                steps_written(asked.steps),
                lambda text: on_ask(steps=steps_of(text)),
                hint=hint,
            )

    def _recipe_of(self, bases: Sequence[Base], base: str, on_ask: Callable[..., object]) -> None:
        with ui.element("div").classes("whatif-ask"):
            choice(
                "recipe",
                [each.label for each in bases],
                [each.key for each in bases].index(base),
                lambda place: on_ask(recipe=bases[place].key),
            )

    def _build(self, found: Knobs, edits: Edits) -> None:
        self._sliders, self._choices = {}, {}
        self._words: dict[str, TextElement] = {}
        self._ticks: dict[str, Tick] = {}
        self._knobs.clear()
        with self._knobs:
            for weights in found.weights:
                self._weights(weights, edits)
            if found.shadows:
                with ui.element("details").classes("whatif-more") as shadows:
                    part("summary", "shadow columns: above 0 one counts", "faint")
                    for knob in found.shadows:
                        self._slider(knob)
                if any(knob.key in edits for knob in found.shadows):
                    shadows.props("open")
            part("h2", "Modes and policies")
            for switch in found.switches:
                self._switch(switch)
            for knob in found.numbers:
                self._slider(knob)
            for key, value in found.flags.items():
                self._tick(key, value)

    def _weights(self, weights: Weights, edits: Edits) -> None:
        self._slider(weights.family)
        if not weights.terms:
            return
        with ui.element("details").classes("whatif-more") as more:
            part("summary", f"{len(weights.terms)} terms share it", "faint")
            for knob in weights.terms:
                self._slider(knob)
        if any(knob.key in edits for knob in weights.terms):
            more.props("open")

    def _slider(self, knob: Knob) -> None:
        key = knob.key
        self._sliders[key] = Slider(lambda value: self._on_edit(key, value)).props(
            f'data-knob="{len(self._sliders)}"'
        )

    def _switch(self, switch: KnobSwitch) -> None:
        key = switch.key
        self._choices[key] = Choice(
            switch.name,
            switch.choices,
            value=switch.value,
            rest=switch.base,
            shown=[_SHOWN.get(word, word) for word in switch.choices],
            on_choice=lambda word: self._on_edit(key, word),
        )
        self._words[key] = part("p", switch.words, "faint whatif-words")

    def _tick(self, key: str, value: bool) -> None:  # noqa: FBT001 - what the box shows
        label, title = _FLAGS[key]
        self._ticks[key] = Tick(
            label, value=value, title=title, on_tick=lambda on: self._on_edit(key, on)
        )


def _sliders(found: Knobs) -> list[Knob]:
    families = [knob for each in found.weights for knob in (each.family, *each.terms)]
    return [*families, *found.shadows, *found.numbers]


def _keys(found: Knobs) -> list[str]:
    flags: Mapping[str, bool] = found.flags
    return [*(knob.key for knob in _sliders(found)), *(s.key for s in found.switches), *flags]
