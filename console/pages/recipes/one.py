"""The page of one recipe: what it pays, in words and as a file, who used it, what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nicegui import ui

from harmo.console.model.recipes.differences import Document, differences
from harmo.console.model.recipes.page import ColumnEntry, RecipeEntry, recipe_entry
from harmo.console.model.recipes.served import ServedPage
from harmo.console.model.recipes.versions import Version, digits
from harmo.console.model.whatif.bases import key
from harmo.console.pages.recipes.link import recipe_page
from harmo.console.pages.recipes.scorer import MEANS
from harmo.console.view import links
from harmo.console.view.controls import choice
from harmo.console.view.frame import heading, nothing
from harmo.console.view.numbers import count, share, three
from harmo.console.view.table import Cell, Column, Row, Table
from harmo.console.view.text import block, line, part

_COLUMNS = (
    Column(key="name", label="column", number=False),
    Column(key="family", label="family", number=False),
    Column(key="weight", label="weight", title="what multiplies its score where all are there"),
    Column(key="scorer", label="scorer", number=False),
    Column(key="params", label="params", number=False),
    Column(key="reads", label="reads", number=False),
    Column(key="bounds", label="values", number=False),
    Column(key="pairs", label="pairs", title="labelled pairs its verdicts were compared with"),
    Column(
        key="lower",
        label="right, at least",
        title="lower ends of the 95% intervals",
        number=False,
    ),
    Column(key="summary", label="what it gives", number=False, mark="wide"),
)
_USED = (
    Column(key="run", label="run", number=False),
    Column(key="version", label="version", number=False),
    Column(key="scorers", label="scorers", number=False, title="version of code and weights"),
    Column(key="whatif", label="", number=False, sortable=False, mark="wide"),
)
_DIFFERENCES = (
    Column(key="field", label="field", number=False),
    Column(key="before", label="was", number=False),
    Column(key="after", label="is", number=False, mark="wide"),
)
SERVICE = "service"
"""What an address calls the version that the service has loaded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a recipe."""

    name: str
    stored: tuple[Version, ...]
    """Its versions in the store, in order of first use."""
    served: ServedPage | None
    """What the service has loaded."""

    def documents(self) -> dict[str, Document]:
        """Its files by version, each once, the newest first; the service's is named so."""
        found: dict[str, Document] = {}
        if self.served is not None:
            found[digits(self.served.version)] = self.served.recipe
        for version in reversed(self.stored):
            found.setdefault(version.short, version.kept.recipe)
        return found


def one(known: Known, params: Mapping[str, str]) -> None:
    """Place the page.

    Args:
        known: The recipe.
        params: Of the address: `version` and `against`.
    """
    documents = known.documents()
    if not documents:
        nothing(
            f"Neither the store nor a service knows a recipe {line(known.name, 64)!r}.",
            then="Recipes lists those that are known.",
        )
        return
    shorts = list(documents)
    shown = params["version"] if params.get("version") in documents else shorts[0]
    at = shorts.index(shown)
    usual = shorts[at + 1] if at + 1 < len(shorts) else ""
    against = params["against"] if params.get("against") in documents else usual
    entry = recipe_entry(documents[shown])
    _head(known, entry, shown, shorts)
    _made(known, entry)
    if len(shorts) > 1:
        _changed(known, documents, shown, against or shorts[0])
    if known.stored:
        _used(known, shown)
    with ui.element("h2"):
        part("span", "As a file")
        part("span", "what harmo recipes check reads", "faint")
        _copying(entry.yaml)
    block(entry.yaml, classes="file")


def _copying(text: str) -> None:
    """A button that puts a text on the clipboard, and says so."""

    def copied() -> None:
        ui.clipboard.write(text)
        button.set_text("copied")

    button = part("button", "copy", "quiet act").on("click", copied)


def _head(known: Known, entry: RecipeEntry, shown: str, shorts: Sequence[str]) -> None:
    with ui.element("div").classes("row-of"):
        part("h1", line(known.name, 64))
        if len(shorts) > 1:
            choice(
                "version",
                [_version(known, short) for short in shorts],
                list(shorts).index(shown),
                lambda k: ui.navigate.to(recipe_page(known.name, version=shorts[k])),
            )
        else:
            part("span", _version(known, shown), "mono faint")
    if entry.description:
        part("p", line(entry.description, 2000), "prose")
    for finding in entry.findings:
        word = "refused" if finding.level == "refuse" else "note"
        mark = "alarm" if finding.level == "refuse" else "faint"
        part("p", f"{word} ({finding.code}): {line(finding.message, 600)}", f"prose {mark}")
    if entry.fault:
        part("p", f"It cannot be read here: {line(entry.fault, 600)}", "prose alarm")


def _version(known: Known, short: str) -> str:
    loaded = known.served is not None and digits(known.served.version) == short
    return f"{short} in the service" if loaded else short


def _made(known: Known, entry: RecipeEntry) -> None:
    formula, words = entry.formula, list(entry.words)
    if entry.fault and known.served is not None:
        formula, words = known.served.formula, known.served.words.splitlines()
    if formula:
        block(formula, classes="formula")
    if words:
        with ui.element("ul").classes("words prose"):
            for each in words:
                part("li", line(each, 600))
    if entry.columns:
        heading("Columns", "in the order of every answer's vectors")
        Table(_COLUMNS, [_column(column) for column in entry.columns], name="of-", dense=True)


def _column(column: ColumnEntry) -> Row:
    lower = [f"{MEANS.get(r.verdict, r.verdict)} {share(r.lower)}" for r in column.calibrated]
    reads = column.part.replace("_", " ")
    if column.reference:
        reads += f", {column.reference}"
    pairs = sum(row.n for row in column.calibrated)
    return Row(
        key=column.name,
        href=links.to("/recipes", {"scorer": column.scorer.name}),
        mark="faint" if column.shadow else "",
        cells=(
            Cell(text=column.name),
            Cell(text=f"{column.family}, shadow" if column.shadow else column.family),
            Cell(
                text=three(float(column.weight)) if column.weight else "",
                value=float(column.weight) if column.weight else None,
            ),
            Cell(text=column.scorer.name, mark="mono"),
            Cell(text=", ".join(f"{key} {value}" for key, value in column.params)),
            Cell(text=reads),
            Cell(text=column.bounds),
            Cell(text=count(pairs) if pairs else "", value=pairs),
            Cell(text=", ".join(lower)),
            Cell(text=column.scorer.summary, title=column.scorer.summary),
        ),
    )


def _changed(known: Known, documents: Mapping[str, Document], shown: str, against: str) -> None:
    shorts = list(documents)
    with ui.element("h2"):
        part("span", "What changed")
        choice(
            "from",
            [_version(known, short) for short in shorts],
            shorts.index(against),
            lambda k: ui.navigate.to(recipe_page(known.name, version=shown, against=shorts[k])),
        )
        part("span", f"to {shown}", "faint")
    found = differences(documents[against], documents[shown])
    if not found:
        part("p", "Nothing: these are one version.", "faint")
        return
    rows = [
        Row(
            key=str(place),
            cells=(
                Cell(text=each.field, mark="mono"),
                Cell(text=each.before, mark="faint", title=each.before),
                Cell(text=each.after, title=each.after),
            ),
        )
        for place, each in enumerate(found)
    ]
    Table(_DIFFERENCES, rows, name="changed-", dense=True)


def _used(known: Known, shown: str) -> None:
    heading("Runs that used it")
    rows = [
        Row(
            key=f"{version.short} {version.kept.scorer_version} {run}",
            mark="" if version.short == shown else "faint",
            cells=(
                Cell(text=links.shown(run), href=links.run(run)),
                Cell(
                    text=version.short,
                    mark="mono",
                    href=recipe_page(known.name, version=version.short),
                ),
                Cell(text=digits(version.kept.scorer_version), mark="mono"),
                Cell(text="what if", href=_whatif(version, run)),
            ),
        )
        for version in reversed(known.stored)
        for run in version.runs
    ]
    Table(_USED, rows, name="used-", dense=True)


def _whatif(version: Version, run: str) -> str:
    return links.to("/whatif", {"run": links.written(run), "recipe": key(version)})
