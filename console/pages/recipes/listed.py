"""The page of all recipes and scorers."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui

from harmo.console.model.recipes.scorers import ScorerEntry, scorers
from harmo.console.model.recipes.served import Served, ServedScorer
from harmo.console.model.recipes.versions import Version, by_name, digits
from harmo.console.pages.recipes.link import recipe_page
from harmo.console.pages.recipes.scorer import scorer_entry
from harmo.console.view import links
from harmo.console.view.address import keep
from harmo.console.view.frame import heading
from harmo.console.view.numbers import count, share
from harmo.console.view.table import Cell, Column, Row, Table
from harmo.console.view.text import line, part

_RECIPES = (
    Column(key="name", label="recipe", number=False),
    Column(key="service", label="in the service", number=False),
    Column(key="versions", label="versions", title="that scored groups of the store"),
    Column(key="runs", label="runs", number=False, title="of the store that used it"),
    Column(key="for", label="what it is for", number=False, mark="wide"),
)
_SCORERS = (
    Column(key="name", label="scorer", number=False),
    Column(key="summary", label="what it gives", number=False, mark="wide"),
    Column(key="bounds", label="values", number=False),
    Column(key="reads", label="reads", number=False),
    Column(key="pairs", label="pairs", title="labelled pairs its verdicts were compared with"),
    Column(key="right", label="right", title="of these verdicts"),
    Column(key="lower", label="at least", title="lower end of the 95% interval, the worst verdict"),
    Column(key="origin", label="from", number=False),
)
_RUNS = 3
"""Named in a cell."""


def listed(stored: Sequence[Version], served: Served | None, *, scorer: str) -> None:
    """Place the page.

    Args:
        stored: Every version of the store.
        served: What the service says; None where none was named.
        scorer: The one whose description is open; empty for none.
    """
    _recipes(stored, served)
    known = scorers()
    names = {each.name for each in known}
    elsewhere = [each for each in served.scorers if each.name not in names] if served else []
    heading("Scorers", f"{len(known) + len(elsewhere)}; a row opens its description")
    with ui.element("div").classes("scorers"):
        with ui.element("div"):
            rows = [*map(_scorer, known), *map(_elsewhere, elsewhere)]
            chosen = scorer if scorer in names else None
            table = Table(
                _SCORERS,
                rows,
                name="scorers-",
                filterable=True,
                dense=True,
                chosen=chosen,
                on_row=lambda name: show(name),  # noqa: PLW0108 - it stands below
            )
        side = ui.element("aside").classes("scorer-side")

    def show(name: str) -> None:
        found = next((each for each in known if each.name == name), None)
        side.clear()
        with side:
            if found is not None:
                scorer_entry(found)
        side.set_visibility(found is not None)
        table.show(rows, chosen=name)
        keep({"scorer": name})

    side.set_visibility(False)
    if chosen is not None:
        show(chosen)


def _recipes(stored: Sequence[Version], served: Served | None) -> None:
    note = "of the store" if served is None else "of the store and the running service"
    heading("Recipes", note)
    if served is not None and served.fault:
        part("p", f"The service: {line(served.fault, 300)}.", "alarm")
    used = by_name(stored)
    offered = {each.name: each for each in served.recipes} if served else {}
    rows = []
    for name in dict.fromkeys([*offered, *used]):
        here, versions = offered.get(name), used.get(name, [])
        newest = str(versions[-1].kept.recipe.get("description", "")) if versions else ""
        runs = dict.fromkeys(run for version in versions for run in version.runs)
        to = recipe_page(name)
        rows.append(
            Row(
                key=name,
                href=to,
                cells=(
                    Cell(text=name, href=to),
                    Cell(
                        text=f"{digits(here.version)}{' default' if here.default else ''}"
                        if here
                        else "",
                        mark="mono",
                    ),
                    Cell(text=count(len(versions)) if versions else "", value=len(versions)),
                    Cell(text=_some(list(runs))),
                    Cell(text=here.description if here else newest, title=newest),
                ),
            )
        )
    if served is not None and served.models:
        hosted = ", ".join(f"{name} ({rung})" for name, rung in served.models.items())
        part("p", f"Hosted models: {line(hosted, 400)}", "prose faint")
    if rows:
        Table(_RECIPES, rows, name="recipes-", dense=True)
    else:
        part("p", "None yet: a recipe stands here once it scored a group that was kept.", "faint")


def _some(runs: Sequence[str]) -> str:
    more = f" and {len(runs) - _RUNS} more" if len(runs) > _RUNS else ""
    return ", ".join(links.shown(run) for run in runs[:_RUNS]) + more


def _scorer(each: ScorerEntry) -> Row:
    right = sum(row.right for row in each.calibrated)
    lower = min((row.lower for row in each.calibrated), default=None)
    known = bool(each.pairs)
    return Row(
        key=each.name,
        cells=(
            Cell(text=each.name, mark="mono"),
            Cell(text=each.summary, title=each.summary),
            Cell(text=each.bounds),
            Cell(text=each.reads.replace("_", " ")),
            Cell(text=count(each.pairs) if known else "", value=each.pairs),
            Cell(
                text=share(right / each.pairs) if known else "",
                value=right / each.pairs if known else None,
            ),
            Cell(text=share(lower) if known else "", value=lower),
            Cell(text=_place(each.origin), title=each.origin, mark="faint"),
        ),
    )


def _elsewhere(each: ServedScorer) -> Row:
    return Row(
        key=each.name,
        cells=(
            Cell(text=each.name, mark="mono"),
            Cell(text=each.summary, title=each.summary),
            Cell(text="not installed here", mark="faint"),
            Cell(text=each.reads.replace("_", " ")),
            Cell(),
            Cell(),
            Cell(),
            Cell(text=_place(each.origin), title=each.origin, mark="faint"),
        ),
    )


def _place(origin: str) -> str:
    """Built in, or the package of a plugin."""
    return "built in" if origin.startswith("harmo.") else origin.partition(".")[0]
