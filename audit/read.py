"""Reading: runs, recipes, tables, and groups one after the other, while a service writes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import get_args

from harmo.audit.errors import StoreError, Trouble, unreadable
from harmo.audit.opened import for_reading
from harmo.audit.query import Query, Where, nearest, where
from harmo.audit.records import KeptColumn, KeptGroup, KeptRecipe
from harmo.audit.rows import decoded, text
from harmo.audit.rows.texts import grown
from harmo.audit.runs import RunSummary, summaries
from harmo.audit.schema import FILE
from harmo.audit.tables import MAX_GROUPS, MAX_SAMPLES, Table, table
from harmo.models.base import Meaning
from harmo.scorers.types import Family

__all__ = ["Query", "Reader", "RunSummary", "StoreError", "Table", "Trouble"]

_NUMBERS = "SELECT *, 0 AS written FROM groups"
_TEXTS = (
    "SELECT groups.*, shared, content, length(content) AS written "
    "FROM groups JOIN texts USING (number)"
)
_SENSELESS = (ValueError, LookupError, TypeError, AttributeError, RecursionError, MemoryError)
"""What a value raises that is not what a store has in its place."""
_FIRST_PAGE_GROUPS, _PAGE_GROUPS = 8, 128
_PAGE_BYTES = 16 << 20
"""So much is read at once: between two pages nothing holds the writer up."""


class Reader:
    """A store, read-only; safe beside the writer. Of one thread at a time.

    Whatever is asked of it raises `StoreError` where the store cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._db = for_reading(folder)
        self._db.row_factory = sqlite3.Row
        self._recipes: dict[int, KeptRecipe] = {}

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def runs(self) -> Sequence[RunSummary]:
        """Every run, the last written first."""
        with self._reading():
            spans = self._db.execute("SELECT * FROM spans ORDER BY began_s").fetchall()
            return summaries(spans, self._known())

    def recipes(self, run: str | None = None) -> Sequence[KeptRecipe]:
        """Every recipe that scored a group, or one of a run, in the order of first use."""
        of_run, values = ("WHERE run = ?", (text(run),)) if run is not None else ("", ())
        asked = f"SELECT recipe FROM spans {of_run} GROUP BY recipe ORDER BY min(began_s), recipe"  # noqa: S608
        with self._reading():
            found = self._db.execute(asked, values).fetchall()
            known = self._known()
            return [known[row["recipe"]] for row in found]

    def groups(
        self, query: Query, *, texts: bool = True, pictures: bool = False
    ) -> Iterator[KeptGroup]:
        """Groups in the order of their numbers.

        Args:
            query: Which.
            texts: False to leave out ids, prompts, completions, references and detail, which is
                faster.
            pictures: True to have the pictures' contents.
        """
        for page in self._pages(query, _TEXTS if texts else _NUMBERS):
            for row in page:
                yield self._decoded(row, texts=texts, pictures=pictures)

    def group(self, number: int) -> KeptGroup | None:
        """One group with its texts and pictures; None if there is none of that number."""
        with self._reading():
            self._known()
            found = self._db.execute(f"{_TEXTS} WHERE number = ?", (nearest(number),)).fetchone()
        return None if found is None else self._decoded(found, texts=True, pictures=True)

    def tables(self, query: Query) -> Iterator[Table]:
        """The numbers alone: recipe by recipe in the order of first use, by number within one.

        Args:
            query: Which groups.
        """
        with self._reading():
            known = dict(self._known())
        for key, recipe in known.items():
            for interaction in (0, 1):
                only = f" AND recipe = {key} AND interaction = {interaction}"
                for page in self._pages(query, _NUMBERS, only, first=MAX_GROUPS, most=MAX_GROUPS):
                    with self._reading():
                        made = table(recipe, page)
                    yield made

    def _pages(
        self,
        query: Query,
        select: str,
        only: str = "",
        *,
        first: int = _FIRST_PAGE_GROUPS,
        most: int = _PAGE_GROUPS,
    ) -> Iterator[list[sqlite3.Row]]:
        """Rows, more at a time as more are asked for, with no statement left open between."""
        with self._reading():
            found, after, groups = where(query, self._known()), nearest(query.after), first
        while found is not None:
            with self._reading():
                page = self._page(found, after, select, f"{only} ORDER BY number LIMIT {groups}")
            if not page:
                return
            yield page
            after, groups = page[-1]["number"], min(2 * groups, most)

    def _page(self, found: Where, after: int, select: str, only: str) -> list[sqlite3.Row]:
        rows = self._db.execute(f"{select} WHERE {found.clause}{only}", (after, *found.values))
        page: list[sqlite3.Row] = []
        samples = size = 0
        for row in rows:
            page.append(row)
            samples += row["samples"]
            size += row["written"]
            if samples >= MAX_SAMPLES or size >= _PAGE_BYTES:
                break
        rows.close()
        return page

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """What reads a store, which may be of anywhere: its errors say which store it was."""
        try:
            yield
        except StoreError:
            raise
        except (sqlite3.Error, *_SENSELESS) as error:
            raise unreadable(self._path, error) from error

    def _decoded(self, row: sqlite3.Row, *, texts: bool, pictures: bool) -> KeptGroup:
        with self._reading():
            recipe = self._recipes[row["recipe"]]
            if not texts:
                return decoded(row, recipe)
            shared = [
                self._content(key, picture=picture) if pictures or not picture else None
                for key, picture in json.loads(row["shared"])
            ]
            return decoded(row, recipe, content=row["content"], shared=shared)

    def _content(self, key: int, *, picture: bool) -> bytes | None:
        row = self._db.execute("SELECT content FROM blobs WHERE id = ?", (key,)).fetchone()
        if row is None:
            return None
        content: bytes = row["content"]
        return content if picture else grown(content)

    def _known(self) -> Mapping[int, KeptRecipe]:
        """Every recipe, by its key."""
        newest = max(self._recipes, default=0)
        for row in self._db.execute("SELECT * FROM recipes WHERE id > ? ORDER BY id", (newest,)):
            self._recipes[row["id"]] = KeptRecipe(
                name=row["name"],
                version=row["version"],
                scorer_version=row["scorer_version"],
                columns=tuple(_column(*column) for column in json.loads(row["columns"])),
                recipe=json.loads(row["recipe"]),
            )
        return self._recipes


def _column(name: str, family: str, shadow: int, meaning: Meaning | None) -> KeptColumn:
    if meaning not in (None, *get_args(Meaning)):
        raise ValueError(f"column {name!r} has a model of unknown meaning {meaning!r}")
    return KeptColumn(name=name, family=Family(family), shadow=bool(shadow), meaning=meaning)
