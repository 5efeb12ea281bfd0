"""Writing: groups in, one transaction, on the disk when it returns."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from harmo.audit.records import KeptGroup, KeptRecipe
from harmo.audit.rows import encoded
from harmo.audit.schema import APPLICATION_ID, FILE, TABLES, VERSION
from harmo.audit.spans import Spans
from harmo.audit.texts import Shared, shrunk

_GROUP = (
    "INSERT INTO groups (recipe, run, day, step, split, scored_at_s, group_id, task, size, "
    "samples, interaction, texts, weights, numbers, reasons) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
)
_SHARE = (
    "INSERT INTO contents (digest, uses) VALUES (?, 1) "
    "ON CONFLICT (digest) DO UPDATE SET uses = uses + 1 RETURNING id, uses"
)


class Writer:
    """The one connection that writes a store; of one thread at a time."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(folder / FILE, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA auto_vacuum=INCREMENTAL")
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        if not self._db.execute("PRAGMA user_version").fetchone()[0]:
            self._db.executescript(
                f"BEGIN;{TABLES};PRAGMA application_id={APPLICATION_ID};"
                f"PRAGMA user_version={VERSION};COMMIT;"
            )
        self._recipes: dict[tuple[str, str, str], int] = {}

    @property
    def db(self) -> sqlite3.Connection:
        """For what else changes a store, in the writer's thread."""
        return self._db

    def write(self, groups: Iterable[KeptGroup]) -> list[int]:
        """Their numbers, in order; on the disk when this returns."""
        spans = Spans()
        self._db.execute("BEGIN IMMEDIATE")
        try:
            numbers = [self._write(kept, spans) for kept in groups]
            spans.write(self._db)
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            self._recipes.clear()
            raise
        return numbers

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def _write(self, kept: KeptGroup, spans: Spans) -> int:
        rows, recipe = encoded(kept), self._recipe(kept.recipe)
        number = self._db.execute(_GROUP, (recipe, *rows.group)).lastrowid
        shared = [[self._share(each), each.picture] for each in rows.shared]
        self._db.execute(
            "INSERT INTO texts VALUES (?,?,?)", (number, json.dumps(shared), rows.content)
        )
        spans.add(kept, recipe, rows.bytes)
        assert number is not None  # noqa: S101 - an insert has one
        return number

    def _share(self, shared: Shared) -> int:
        """The key of a content, which is written if it is new."""
        key, uses = self._db.execute(_SHARE, (shared.digest,)).fetchone()
        if uses == 1:
            content = shared.content if shared.picture else shrunk(shared.content)
            self._db.execute("INSERT INTO blobs VALUES (?,?)", (key, content))
        return int(key)

    def _recipe(self, recipe: KeptRecipe) -> int:
        key = (recipe.name, recipe.version, recipe.scorer_version)
        if key not in self._recipes:
            columns = [[c.name, c.family.value, c.shadow] for c in recipe.columns]
            self._db.execute(
                "INSERT OR IGNORE INTO recipes (name, version, scorer_version, columns, recipe) "
                "VALUES (?,?,?,?,?)",
                (*key, json.dumps(columns), json.dumps(recipe.recipe)),
            )
            found = self._db.execute(
                "SELECT id FROM recipes WHERE name=? AND version=? AND scorer_version=?", key
            )
            self._recipes[key] = found.fetchone()[0]
        return self._recipes[key]
