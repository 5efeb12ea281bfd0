"""Reading: runs, and groups one after the other, while a service writes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from harmo.audit.records import KeptColumn, KeptGroup, KeptRecipe
from harmo.audit.rows import decoded
from harmo.audit.schema import FILE
from harmo.scorers.types import Family, Reason


class StoreError(ValueError):
    """A folder holds no store that can be read; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which groups; None asks for all."""

    run: str | None = None
    """`""` asks for groups that came without a run."""
    split: str | None = None
    steps: tuple[int | None, int | None] = (None, None)
    """First and last, both included."""
    task: str | None = None
    recipe: str | None = None
    """A name, or a version."""
    column: str | None = None
    """Groups of recipes that have it; with `reason`, where it abstained so."""
    reason: Reason | None = None
    """Groups in which a score or a reward is missing for it."""
    after: int = 0
    """Only groups with a larger number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """One run as it stands."""

    run: str
    recipes: tuple[str, ...]
    """Names."""
    splits: tuple[str, ...]
    groups: int
    completions: int
    scored: int
    zero_variance: int
    """Groups of more than one reward, all of them equal."""
    comparable: int
    """Groups of more than one reward."""
    first_step: int | None
    last_step: int | None
    began_s: float
    last_s: float
    """Unix times of the first and the last group."""
    mean: float | None
    """Mean reward over the last step that was trained on."""
    bytes: int


class Reader:
    """A store, read-only; safe beside the writer. Of one thread at a time."""

    def __init__(self, folder: Path) -> None:
        path = folder / FILE
        if not path.is_file():
            raise StoreError(f"{folder}: no {FILE} in it; a service writes one with --audit")
        self._db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._recipes: dict[int, KeptRecipe] = {}

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def runs(self) -> Sequence[RunSummary]:
        """Every run, the last written first."""
        raise NotImplementedError

    def groups(
        self, query: Query, *, texts: bool = True, pictures: bool = False
    ) -> Iterator[KeptGroup]:
        """Groups in the order of their numbers.

        Args:
            query: Which.
            texts: False to leave out prompts, completions, references and detail, which is faster.
            pictures: True to have the pictures' contents.
        """
        where, values = _where(query)
        shown = "t.content, c.content AS prompt" if texts else "NULL AS content, NULL AS prompt"
        found = self._db.execute(
            f"SELECT g.*, t.pictures, {shown} FROM groups g JOIN texts t USING (number) "  # noqa: S608
            f"LEFT JOIN contents c ON c.digest = t.prompt WHERE {where} ORDER BY number",
            values,
        )
        for row in found:
            contents = self._pictures(row["pictures"]) if pictures else None
            yield decoded(row, self._recipe(row["recipe"]), pictures=contents)

    def group(self, number: int) -> KeptGroup | None:
        """One group with its texts and pictures; None if there is none of that number."""
        query = Query(after=number - 1)
        found = next(self.groups(query, pictures=True), None)
        return found if found is not None and found.number == number else None

    def _pictures(self, placed: str) -> dict[str, bytes]:
        contents = {}
        for digest, *_ in json.loads(placed):
            found = self._db.execute(
                "SELECT content FROM contents WHERE digest = ?", (bytes.fromhex(digest),)
            ).fetchone()
            if found is not None:
                contents[digest] = found[0]
        return contents

    def _recipe(self, key: int) -> KeptRecipe:
        if key not in self._recipes:
            row = self._db.execute("SELECT * FROM recipes WHERE id = ?", (key,)).fetchone()
            self._recipes[key] = KeptRecipe(
                name=row["name"],
                version=row["version"],
                scorer_version=row["scorer_version"],
                columns=tuple(
                    KeptColumn(name=n, family=Family(f), shadow=bool(s))
                    for n, f, s in json.loads(row["columns"])
                ),
                recipe=json.loads(row["recipe"]),
            )
        return self._recipes[key]


def _where(query: Query) -> tuple[str, list[object]]:
    first, last = query.steps
    asked: list[tuple[str, object]] = [
        ("g.run = ?", query.run),
        ("g.split = ?", query.split),
        ("g.step >= ?", first),
        ("g.step <= ?", last),
        ("g.task = ?", query.task),
        ("g.number > ?", query.after),
    ]
    clauses = [clause for clause, value in asked if value is not None]
    return " AND ".join(clauses), [value for _, value in asked if value is not None]
