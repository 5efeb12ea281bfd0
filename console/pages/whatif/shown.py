"""What an edit does: words where it is refused, figures, curves, shares, and groups."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from nicegui import ui

from harmo.console.model.whatif.curves import Curve
from harmo.console.model.whatif.outcome import Outcome
from harmo.console.model.whatif.siblings import siblings
from harmo.console.model.whatif.worked import Worked
from harmo.console.pages.whatif.figures import Figure, figures
from harmo.console.pages.whatif.groups import MOVED, SHARES, SIBLINGS, moved, shares, standing
from harmo.console.view import links
from harmo.console.view.charts import Chart, Series
from harmo.console.view.frame import heading
from harmo.console.view.numbers import count
from harmo.console.view.table import Table
from harmo.console.view.text import line, part

_STILL = "No advantage changes: siblings stand to each other as they were paid."
_OF = 400
"""Characters of a sentence at most."""
_REFUSED = "These are its numbers all the same; a service loads it once the recipe accepts that."
_STALE = "There are no numbers of it; those below, if any, are of what stood here before."


class Results:
    """Everything that an edit changes on the page."""

    def __init__(
        self,
        *,
        on_group: Callable[[int], object],
        on_everything: Callable[[], object],
        on_copy: Callable[[], object],
        on_save: Callable[[], object],
        on_steps: Callable[[int, int], object],
    ) -> None:
        """Place it on the page, empty.

        Args:
            on_group: Told the number of a group whose completions are asked for.
            on_everything: Told that all groups are to be weighed, or no longer.
            on_copy: Told that the edited recipe is wanted on the clipboard.
            on_save: Told that it is wanted as a file.
            on_steps: Told the steps that were dragged over.
        """
        self._head(on_everything, on_copy, on_save)
        self._said = ui.element("div").classes("whatif-said")
        self._body = ui.element("div").classes("whatif-body")
        self._body.set_visibility(False)
        with self._body:
            self._figures = ui.element("div").classes("figures")
            with ui.element("div").classes("charts whatif-charts"):
                self._rewards, self._right = _charts(on_steps)
            with ui.element("div").classes("whatif-tables"):
                with ui.element("div"):
                    heading("Where most changes", "click a row for its completions")
                    self._moved = Table(
                        MOVED, [], name="moved-", dense=True, on_row=lambda key: on_group(int(key))
                    )
                    self._still = part("p", _STILL, "faint")
                with ui.element("div"):
                    self._group = part("h2")
                    self._siblings = Table(SIBLINGS, [], name="of-", dense=True)
                    heading("Who moves the reward", "share of what siblings' rewards differ by")
                    self._shares = Table(SHARES, [], name="shares-", dense=True)

    def _head(
        self,
        on_everything: Callable[[], object],
        on_copy: Callable[[], object],
        on_save: Callable[[], object],
    ) -> None:
        """Which groups these are, and what can be done with what was edited."""

        def copy() -> None:
            on_copy()
            self._copy.set_text("copied")

        with ui.element("div").classes("row-of whatif-over"):
            self._over = part("span", "weighing…", "faint")
            self._all = part("button", "weigh all", "quiet act")
            self._all.on("click", lambda _: on_everything())
            self._all.set_visibility(False)
            self._progress = ui.element("progress")
            self._progress.set_visibility(False)
            ui.element("span").classes("space")
            self._copy = part("button", "copy as recipe", "quiet act").on("click", copy)
            self._save = part("button", "save as YAML", "quiet act")
            self._save.on("click", lambda _: on_save())

    def say(self, fault: str) -> None:
        """A sentence where numbers cannot be had."""
        self._said.clear()
        with self._said:
            part("p", line(fault, _OF), "alarm")

    def progress(self, read: int, of: int) -> None:
        """How many groups were read."""
        self._progress.set_visibility(True)
        self._progress.props(f"value={read} max={max(of, 1)}")
        self._over.set_text(f"{count(read)} of up to {count(of)} groups")

    def show(self, worked: Worked, *, faults: Sequence[str], over: tuple[str, bool]) -> None:
        """What some edits come to.

        Args:
            worked: Of the edits.
            faults: What of the address could not be read.
            over: Which groups these are, and whether there are more.
        """
        self._progress.set_visibility(False)
        self._all.set_visibility(over[1])
        self._copy.set_text("copy as recipe")
        for button in (self._copy, self._save):
            button.props(remove="disabled")
            if worked.composed.refusals:
                button.props("disabled")
        self._say(worked, faults)
        self._body.classes(remove="stale")
        if worked.outcome is None:
            self._body.classes("stale")
            return
        self._body.set_visibility(worked.outcome.changes.groups > 0)
        self._over.set_text(over[0])
        outcome = worked.outcome
        self._show_figures(figures(outcome))
        self._rewards.show(_before_and_after("reward", outcome.rewards, 0))
        self._right.show(
            [
                *_before_and_after("right", outcome.right, 2),
                *_before_and_after("wrong", outcome.wrong, 1),
            ]
        )
        self._shares.show(shares(outcome))

    def show_group(self, worked: Worked, number: int | None) -> None:
        """The completions of a group, of the one that moves most where none is named."""
        if worked.weighed is None or worked.outcome is None:
            # What stands there is of what was shown before.
            return
        number = _shown_group(worked.outcome, worked.weighed.groups.numbers.tolist(), number)
        changes = moved(worked.outcome)
        self._moved.show(changes, chosen=None if number is None else str(number))
        self._moved.set_visibility(bool(changes))
        self._still.set_visibility(not changes)
        self._group.clear()
        if number is None:
            self._siblings.show([])
            return
        with self._group:
            ui.link(f"Group {number}", links.group(number))
            part("span", _of_group(worked, number), "faint")
        self._siblings.show([standing(each) for each in siblings(worked.weighed, number)])

    def _say(self, worked: Worked, faults: Sequence[str]) -> None:
        made, gaps = worked.composed, worked.weighed.gaps if worked.weighed else None
        self._said.clear()
        with self._said:
            for each in faults:
                part("p", f"not understood: {line(each, _OF)}", "alarm")
            for each in made.refusals:
                part("p", f"refused: {line(each, _OF)}", "alarm")
            if made.refusals:
                part("p", _REFUSED if made.plan else _STALE, "faint")
            if gaps is not None and gaps.groups:
                names = line(", ".join(gaps.columns), _OF)
                part(
                    "p",
                    f"{names}: no stored scores stand for it in {count(gaps.groups)} groups, which "
                    "are left out; harmo replay scores them.",
                    "alarm",
                )
            for each in made.warnings:
                part("p", f"note: {line(each, _OF)}", "faint")

    def _show_figures(self, shown: Sequence[Figure]) -> None:
        self._figures.clear()
        with self._figures:
            for figure in shown:
                with (
                    ui.element("div").classes("figure").props(f'data-figure="{figure.key}"') as box
                ):
                    box._props["title"] = figure.title
                    part("span", figure.label, "figure-label")
                    with ui.element("span").classes("figure-value"):
                        if figure.before and figure.before != figure.after:
                            part("span", f"{figure.before} → ", "faint")
                        mark = {True: "good", False: "alarm", None: ""}[figure.better]
                        part("span", figure.after, mark)
                    part("span", figure.note, "faint figure-note")


def _charts(on_steps: Callable[[int, int], object]) -> tuple[Chart, Chart]:
    """Of all rewards, and of those of right and wrong completions apart."""
    rewards, right = (
        Chart(title, [], note=note, legend=True, height=170, on_range=on_steps)
        for title, note in (
            ("Reward", "mean by step; dashed as paid"),
            ("Reward of right and of wrong completions", "dashed as paid"),
        )
    )
    return rewards, right


def _before_and_after(name: str, curve: Curve, tone: int) -> list[Series]:
    before, after = (
        [math.nan if value is None else value for value in side]
        for side in (curve.before, curve.after)
    )
    return [
        Series(name=name, x=curve.steps, y=after, tone=tone),
        Series(name=f"{name}, as paid", x=curve.steps, y=before, tone=tone, dashed=True),
    ]


def _shown_group(outcome: Outcome, numbers: Sequence[int], asked: int | None) -> int | None:
    if asked is not None and asked in numbers:
        return asked
    if outcome.top:
        return outcome.top[0].changed.number
    return int(numbers[0]) if len(numbers) else None


def _of_group(worked: Worked, number: int) -> str:
    if worked.weighed is None:
        return ""
    groups = worked.weighed.groups
    place = list(groups.numbers).index(number)
    step = groups.steps[place]
    said = [] if math.isnan(step) else [f"step {step:.0f}"]
    return line(" · ".join([*said, *([groups.tasks[place]] if groups.tasks[place] else [])]))
