"""Tables: text cells, numbers, heat around 0 or along [0, 1], small curves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from nicegui import events
from nicegui.element import Element

from harmo.console.view.text import line, sendable


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column."""

    key: str
    """Names it in the page's address."""
    label: str
    title: str = ""
    """What it is, shown when pointed at."""
    number: bool = True
    """Set to the right in even figures."""
    sortable: bool = True
    mark: str = ""
    """A class of the stylesheet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell; text of any origin."""

    text: str = ""
    value: float | str | None = None
    """What it is sorted by; None sorts by the text."""
    href: str | None = None
    """A path of ours."""
    around: float | None = None
    """Heat in [-1, 1]: above and below 0 in two colours."""
    along: float | None = None
    """Heat in [0, 1], in one colour."""
    spark: Sequence[float | None] | None = None
    """Values of a small curve, in place of the text."""
    mark: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row."""

    key: str
    cells: Sequence[Cell]
    href: str | None = None
    """Where a click on it goes; a path of ours."""
    mark: str = ""


class Table(Element, component="table.js"):
    """Rows under columns; sorted and filtered in the browser, both kept in the page's address."""

    def __init__(
        self,
        columns: Sequence[Column],
        rows: Sequence[Row],
        *,
        name: str = "",
        filterable: bool = False,
        dense: bool = False,
        sheet: str = "",
        chosen: str | None = None,
        on_row: Callable[[str], object] | None = None,
        on_cell: Callable[[str, str], object] | None = None,
    ) -> None:
        """Place it on the page.

        Args:
            columns: In order.
            rows: In the order in which they stand until one sorts them.
            name: Before `sort` and `filter` in the address, where a page has several tables.
            filterable: True for a line to type what rows must contain.
            dense: True for the smaller of two row heights.
            sheet: Where the same is had as CSV; a path of ours.
            chosen: Key of the row that stands out.
            on_row: Told the key of a row that is clicked.
            on_cell: Told the keys of row and column of a cell that is clicked.
        """
        super().__init__()
        self._props["columns"] = [_column(column) for column in columns]
        self._props["name"] = name
        self._props["filterable"] = filterable
        self._props["dense"] = dense
        self._props["sheet"] = sheet
        self._props["chosen"] = chosen
        self._props["clickable"] = on_row is not None
        self._props["rows"] = [_row(row) for row in rows]
        if on_row is not None:
            self.on("row", lambda e: on_row(str(e.args["key"])), ["key"])
        if on_cell is not None:

            def told(e: events.GenericEventArguments) -> None:
                on_cell(str(e.args["key"]), str(e.args["column"]))

            self.on("cell", told, ["key", "column"])

    def show(self, rows: Sequence[Row], *, chosen: str | None = None) -> None:
        """Put other rows in place; nothing is sent where they are the same."""
        made = [_row(row) for row in rows]
        if made == self._props["rows"] and chosen == self._props["chosen"]:
            return
        self._props["rows"] = made
        self._props["chosen"] = chosen
        self.update()


def _column(column: Column) -> Mapping[str, object]:
    return {
        "key": column.key,
        "label": line(column.label, 60),
        "title": line(column.title, 400) or None,
        "align": "right" if column.number else "left",
        "sortable": column.sortable,
        "mark": column.mark,
    }


def _row(row: Row) -> Mapping[str, object]:
    return {
        "key": sendable(row.key),
        "href": row.href,
        "mark": row.mark,
        "cells": [_cell(cell) for cell in row.cells],
    }


def _cell(cell: Cell) -> Mapping[str, object]:
    made: dict[str, object] = {"text": line(cell.text)}
    optional = {
        "value": line(cell.value) if isinstance(cell.value, str) else cell.value,
        "href": cell.href,
        "around": cell.around,
        "along": cell.along,
        "spark": None if cell.spark is None else list(cell.spark),
        "mark": cell.mark or None,
        "title": line(cell.title, 400) or None,
    }
    return made | {name: value for name, value in optional.items() if value is not None}
