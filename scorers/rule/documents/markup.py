"""The tables of a text, from HTML or Markdown: rows of cells. Linear, and nothing is expanded.

Not `html.parser`: on Python 3.11 it takes quadratic time on markup that never closes, and this is
model-written. What a browser shows counts: comments, scripts and inline markup are no text, spans
are numbers that no loop runs over.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

MAX_CELLS = 1_500
"""Of a table, empty rows counted as cells: about 35 rows of 40."""
MAX_SHOWN_CHARS = 30_000
"""Of all cells of a table together."""
MAX_SPAN = 1_000
"""What HTML clamps a cell's spans to."""
MAX_TAG_CHARS = 1_000
"""Of a tag: what stands further on in it is not read."""

_NAME = re.compile(r"/?[a-zA-Z][a-zA-Z0-9-]{0,20}+")
_SPAN = re.compile(
    r"""(?<![\w"'-])(row|col)span\s{0,4}+=\s{0,4}+["']?+\s{0,4}+(\d{1,9}+)(?![\w.])"""
)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}+|#[xX][0-9a-fA-F]{1,6}+|[a-zA-Z][a-zA-Z0-9]{0,31}+);?+")
_BREAKS = frozenset({"br", "p", "div", "li", "ul", "ol", "tr", "td", "th", "table"})
_SECTIONS = frozenset({"thead", "tbody", "tfoot", "caption", "colgroup"})
_UNSEEN = frozenset({"script", "style", "template"})


class TooLargeError(ValueError):
    """A table has more cells, or more text in them, than is compared."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: what it shows, and how many columns and rows it spans."""

    text: str
    columns: int = 1
    rows: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a table, as they are written."""

    rows: tuple[tuple[Cell, ...], ...]

    @property
    def cells(self) -> tuple[Cell, ...]:
        """All cells, row by row."""
        return tuple(cell for row in self.rows for cell in row)


def tables(text: str) -> tuple[Table, ...]:
    """The different tables of a text that have a cell, HTML ones first.

    An HTML table that never closes is none; tables inside a cell are text of that cell.

    Args:
        text: Whatever stands round them.

    Raises:
        TooLargeError: If one has more than `MAX_CELLS` rows and cells, or too long ones.
    """
    reader = _Reader()
    outside = []
    for said, tag in _pieces(text):
        outside.append("\n" if reader.depth or reader.unseen else said)
        reader.read(said, tag)
        outside.append(" " if _name(tag) in _BREAKS else "")
    found = [*reader.tables, *_markdown_tables("".join(outside))]
    if any(sum(len(cell.text) for cell in each.cells) > MAX_SHOWN_CHARS for each in found):
        raise TooLargeError(f"more than {MAX_SHOWN_CHARS} characters in cells")
    return tuple(dict.fromkeys(table for table in found if table.cells))


def shown(text: str) -> str:
    """A cell's text as it is seen: entities read, NFKC, invisible characters out, single blanks."""
    text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    text = unicodedata.normalize("NFKC", text)
    seen = (c for c in text if c.isspace() or unicodedata.category(c) not in {"Cf", "Cc", "Cs"})
    return " ".join("".join(seen).split())


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """A text as stretches between its tags, each with the tag after it ("" after the last)."""
    at = 0
    while (start := text.find("<", at)) >= 0:
        end = text.find(">", start)
        if end < 0:
            break
        if (comment := text.find("<!--", start, end)) >= 0:
            yield text[at:comment], "!"
            closing = text.find("-->", comment + 4)
            if closing < 0:
                return
            at = closing + 3
            continue
        # The last "<" before ">": `a < b` opens nothing.
        start = text.rfind("<", start, end)
        tag = text[start + 1 : min(end, start + MAX_TAG_CHARS)]
        if _name(tag) or tag.startswith(("!", "?")):
            yield text[at:start], tag
        else:
            yield text[at : end + 1], ""
        at = end + 1
    yield text[at:], ""


def _name(tag: str) -> str:
    """A tag's name, with its slash if it closes; "" for what is no tag."""
    match = _NAME.match(tag)
    return match[0].lower() if match else ""


@dataclass(slots=True)
class _Reader:
    """What has been read of a text's HTML tables."""

    tables: list[Table] = field(default_factory=list)
    depth: int = 0
    """How many tables are open, one in a cell of another."""
    unseen: str = ""
    """The open element that shows nothing."""
    rows: list[list[Cell]] = field(default_factory=list)
    in_row: bool = False
    cell: list[str] | None = None
    spans: tuple[int, int] = (1, 1)
    size: int = 0

    def read(self, said: str, tag: str) -> None:
        """Take in a stretch of text and the tag behind it."""
        if self.cell is not None and not self.unseen:
            self.cell.append(said)
        name = _name(tag)
        if self.unseen:
            self.unseen = "" if name == f"/{self.unseen}" else self.unseen
        elif name in _UNSEEN and not tag.endswith("/"):
            self.unseen = name
        elif name == "table":
            self._open_table()
        elif name == "/table":
            self._close_table()
        elif self.depth == 1:
            self._inside(name, tag)
        elif self.cell is not None and name.removeprefix("/") in _BREAKS:
            self.cell.append(" ")

    def _open_table(self) -> None:
        self.depth += 1
        if self.depth == 1:
            self.rows, self.in_row, self.cell, self.size = [], False, None, 0

    def _close_table(self) -> None:
        if self.depth == 1:
            self._end_cell()
            self.tables.append(Table(tuple(map(tuple, self.rows))))
        self.depth = max(self.depth - 1, 0)

    def _inside(self, name: str, tag: str) -> None:
        if name in {"td", "th"}:
            self._end_cell()
            if not self.in_row:
                self._begin_row()
            self.cell, self.spans = [], _spans(tag)
        elif name in {"/td", "/th"}:
            self._end_cell()
        elif name == "tr":
            self._end_cell()
            self._begin_row()
        elif name == "/tr" or name.removeprefix("/") in _SECTIONS:
            self._end_cell()
            self.in_row = False
        elif self.cell is not None and name.removeprefix("/") in _BREAKS:
            self.cell.append(" ")

    def _begin_row(self) -> None:
        self._grow()
        self.rows.append([])
        self.in_row = True

    def _end_cell(self) -> None:
        if self.cell is None:
            return
        self._grow()
        columns, rows = self.spans
        self.rows[-1].append(Cell(shown("".join(self.cell)), columns, rows))
        self.cell = None

    def _grow(self) -> None:
        self.size += 1
        if self.size > MAX_CELLS:
            raise TooLargeError(f"more than {MAX_CELLS} rows and cells")


def _spans(tag: str) -> tuple[int, int]:
    """Columns and rows that a tag says its cell spans; 1 for what is no number or zero."""
    spans: dict[str, int] = {}
    for way, digits in _SPAN.findall(tag.lower()):
        spans.setdefault(way, min(int(digits), MAX_SPAN) or 1)
    return spans.get("col", 1), spans.get("row", 1)


def _markdown_tables(text: str) -> list[Table]:
    """The pipe tables of a text (GitHub's): a header, a line of dashes, rows of as many cells."""
    if "|" not in text or "-" not in text:
        return []
    found: list[Table] = []
    rows: list[tuple[Cell, ...]] = []
    width = size = 0
    before = ""
    for line in [*text.splitlines(), ""]:
        cells = _split(line) if "|" in line else []
        if rows and cells:
            rows.append(_row(cells, width))
            size += width + 1
        elif rows:
            found.append(Table(tuple(rows)))
            rows = []
        elif cells and all(map(_is_rule, cells)) and len(head := _head(before, line)) == len(cells):
            width, size = len(head), len(head) + 1
            rows = [_row(head, width)]
        if size > MAX_CELLS:
            raise TooLargeError(f"more than {MAX_CELLS} rows and cells")
        before = line
    return found


def _head(before: str, rule: str) -> list[str]:
    """The cells of the line before one of dashes: between its outer pipes where that has them."""
    start, end = 0, len(before)
    if rule.lstrip().startswith("|"):
        start = max(before.find("|"), 0)
    if rule.rstrip().endswith("|"):
        end = before.rfind("|") + 1
    return _split(before[start:end]) if "|" in before else []


def _split(line: str) -> list[str]:
    """A line's cells; a pipe with a backslash before it is in a cell."""
    parts = line.strip().replace("\\|", "\x00").split("|")
    if parts and not parts[0].strip():
        parts = parts[1:]
    if parts and not parts[-1].strip():
        parts = parts[:-1]
    return [part.replace("\x00", "|").strip() for part in parts]


def _is_rule(cell: str) -> bool:
    return bool(cell) and not cell.strip(":-") and "-" in cell


def _row(cells: list[str], width: int) -> tuple[Cell, ...]:
    padded = cells[:width] + [""] * (width - len(cells))
    return tuple(Cell(shown(_unmarked(cell))) for cell in padded)


def _unmarked(cell: str) -> str:
    """A cell without the emphasis round all of it: stars in it may be a table's own."""
    for mark in ("**", "__", "`"):
        if len(cell) > 2 * len(mark) and cell.startswith(mark) and cell.endswith(mark):
            return cell[len(mark) : -len(mark)]
    return cell
