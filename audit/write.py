"""Writing: groups in, one transaction, on the disk when it returns."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from harmo.audit.errors import StoreError, Trouble, WriteError, is_of_values, unwritable
from harmo.audit.opened import Files, Lock, for_writing
from harmo.audit.records import KeptGroup, KeptRecipe
from harmo.audit.rows import Rows, encoded
from harmo.audit.rows.texts import Shared, shrunk
from harmo.audit.schema import FILE
from harmo.audit.spans import Spans

__all__ = ["StoreError", "Trouble", "WriteError", "Writer"]

_GROUP = (
    "INSERT INTO groups (recipe, run, day, step, split, scored_at_s, group_id, task, size, "
    "samples, interaction, texts, weights, numbers, reasons, digests) "
    "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
)
_SHARE = (
    "INSERT INTO contents (digest, uses) VALUES (?, 1) "
    "ON CONFLICT (digest) DO UPDATE SET uses = uses + 1 RETURNING id, uses"
)


class _UndoError(Exception):
    """What ends a transaction that is to leave no trace."""


class Writer:
    """The one that writes a store, of one thread at a time.

    After a `WriteError` it can be used as before: once the cause is gone, the next batch is kept.
    A store that was moved away under it is begun again; one whose log was removed has all the same.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._recipes: dict[tuple[str, str, str], int] = {}
        self._lock: Lock | None = None
        self._open: sqlite3.Connection | None = None
        self._files = Files(folder / FILE)
        self._db()

    def write(self, groups: Iterable[KeptGroup]) -> list[int]:
        """Their numbers, in order; on the disk when this returns.

        Args:
            groups: One batch; all of it is kept, or nothing.

        Raises:
            WriteError: If it cannot be kept now.
            StoreError: If something else took the store's place.
            ValueError: If a group cannot be kept, though others can: its rewards are not of its
                recipe, or a value is none that SQLite has.
        """
        rows = [(kept, encoded(kept)) for kept in groups]
        spans = Spans()
        with self.transaction() as db:
            numbers = [self._write(db, kept, each, spans) for kept, each in rows]
            spans.write(db)
        return numbers

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All that is done in it is on the disk when it ends, or nothing is.

        Raises:
            WriteError: If it cannot be.
            ValueError: If a value is none that SQLite has.
        """
        db, done = self._db(), False
        try:
            db.execute("BEGIN IMMEDIATE")
            yield db
            db.execute("COMMIT")
            done = True
            self._files.note()
        except sqlite3.Error as error:
            if is_of_values(error):
                raise ValueError(f"no store takes such a value: {type(error).__name__}") from error
            raise unwritable(self.folder / FILE, error) from error
        finally:
            if not done:
                self._close()

    @contextmanager
    def undone(self) -> Iterator[sqlite3.Connection]:
        """A transaction that leaves no trace.

        Raises:
            WriteError: If the store cannot be written now.
        """
        with suppress(_UndoError), self.transaction() as db:
            yield db
            raise _UndoError

    def last(self) -> int:
        """The number of the group that was written last, be it there or not; 0 before the first.

        Raises:
            WriteError: If the store cannot be written now.
        """
        with self.transaction() as db:
            asked = "SELECT seq FROM sqlite_sequence WHERE name = 'groups'"
            found = db.execute(asked).fetchone()
        return int(found[0]) if found else 0

    def shrink(self, pages: int) -> int:
        """Free pages of the file that are left once so many were given back.

        Args:
            pages: At most.

        Raises:
            WriteError: If the store cannot be written now.
        """
        db = self._db()
        try:
            # `execute` would take one step of it, which is one page.
            db.executescript(f"PRAGMA incremental_vacuum({pages})")
            # The file itself is cut when its log is moved, as far as no reader needs the log.
            db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            left = int(db.execute("PRAGMA freelist_count").fetchone()[0])
        except sqlite3.Error as error:
            self._close()
            raise unwritable(self.folder / FILE, error) from error
        self._files.note()
        return left

    def close(self) -> None:
        """Let go of the store."""
        self._close()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _db(self) -> sqlite3.Connection:
        """The connection; a new one after an error, or where the file is not what it was."""
        path = self.folder / FILE
        if self._open is not None and self._files.is_other:
            # What a removed log holds is in no file that another would find.
            with suppress(sqlite3.Error):
                self._open.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            self.close()
        if self._open is None:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                self._lock = self._lock or Lock(self.folder)
            except OSError as error:
                raise unwritable(path, error) from error
            try:
                self._open = for_writing(self.folder)
            except StoreError:
                self.close()
                raise
            self._files.note()
        elif self._files.is_cut(self._open):
            raise WriteError(Trouble.TORN, f"{path} was cut off; move it away to begin another")
        return self._open

    def _close(self) -> None:
        # What is open is rolled back; a new connection reads the log anew.
        if self._open is not None:
            self._open.close()
            self._open = None
        self._recipes.clear()

    def _write(self, db: sqlite3.Connection, kept: KeptGroup, rows: Rows, spans: Spans) -> int:
        recipe = self._recipe(db, kept.recipe)
        number = db.execute(_GROUP, (recipe, *rows.group)).lastrowid
        shared = [[_share(db, each), each.picture] for each in rows.shared]
        db.execute("INSERT INTO texts VALUES (?,?,?)", (number, json.dumps(shared), rows.content))
        spans.add(kept, recipe, rows.bytes)
        assert number is not None  # noqa: S101 - an insert has one
        return number

    def _recipe(self, db: sqlite3.Connection, recipe: KeptRecipe) -> int:
        key = (recipe.name, recipe.version, recipe.scorer_version)
        if key not in self._recipes:
            columns = [[c.name, c.family.value, c.shadow, c.meaning] for c in recipe.columns]
            db.execute(
                "INSERT OR IGNORE INTO recipes (name, version, scorer_version, columns, recipe) "
                "VALUES (?,?,?,?,?)",
                (*key, json.dumps(columns), json.dumps(recipe.recipe)),
            )
            found = db.execute(
                "SELECT id FROM recipes WHERE name=? AND version=? AND scorer_version=?", key
            )
            self._recipes[key] = found.fetchone()[0]
        return self._recipes[key]


def _share(db: sqlite3.Connection, shared: Shared) -> int:
    """The key of a content, which is written if it is new."""
    key, uses = db.execute(_SHARE, (shared.digest,)).fetchone()
    if uses == 1:
        content = shared.content if shared.picture else shrunk(shared.content)
        db.execute("INSERT INTO blobs VALUES (?,?)", (key, content))
    return int(key)
