"""One scorer's description: its own words, params, and how often it was right."""

from __future__ import annotations

from nicegui import ui

from harmo.console.model.recipes.scorers import ScorerEntry, kinds
from harmo.console.view.numbers import count, share
from harmo.console.view.table import Cell, Column, Row, Table
from harmo.console.view.text import block, line, part
from harmo.scorers.confidence.calibration import ANY, CalibrationRow

_VERDICTS = (
    Column(key="verdict", label="verdict", number=False),
    Column(key="pair", label="kind of pair", number=False),
    Column(key="n", label="pairs"),
    Column(key="right", label="right"),
    Column(key="lower", label="at least", title="lower end of the 95% interval"),
    Column(key="confidence", label="confidence", title="what such a verdict carries"),
)
MEANS = {"equal": "says right", "different": "says wrong", "graded": "between"}


def scorer_entry(scorer: ScorerEntry) -> None:
    """Place the description of a scorer."""
    with ui.element("h2"):
        part("span", scorer.name, "mono")
        part("span", scorer.family, "faint")
    block(scorer.docstring, classes="scorer-words")
    with ui.element("dl").classes("facts"):
        for name, text in (
            ("values", scorer.bounds),
            ("reads", scorer.reads.replace("_", " ")),
            ("runs", scorer.runs),
            ("from", scorer.origin),
        ):
            part("dt", name, "faint")
            part("dd", line(text))
    if scorer.params:
        part("h2", "Params")
        with ui.element("dl").classes("facts"):
            for param in scorer.params:
                part("dt", param.name, "mono")
                part("dd", line(param.default, 80), "mono faint")
    if scorer.calibrated:
        part("h2", "How often it was right")
        rows = [_verdict(row, key=str(place)) for place, row in enumerate(kinds(scorer.name))]
        Table(_VERDICTS, rows, name="verdicts-", dense=True)


def _verdict(row: CalibrationRow, *, key: str) -> Row:
    pair = "all" if row.pair == ANY else row.pair
    share_right = row.right / row.n if row.n else None
    return Row(
        key=key,
        mark="" if row.pair == ANY else "faint",
        cells=(
            Cell(text=MEANS.get(row.verdict, row.verdict)),
            Cell(text=pair),
            Cell(text=count(row.n), value=row.n),
            Cell(text=share(share_right), value=share_right),
            Cell(text=share(row.lower), value=row.lower),
            Cell(text=f"{row.confidence:.3f}", value=row.confidence),
        ),
    )
