"""Scores of a replay, on disk: a replay that was cut short goes on, another finds what it needs."""

from __future__ import annotations

import json
import sqlite3
import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from harmo.audit.records import KeptGroup
from harmo.rewards.signals.samples import Bools, Floats, Ints
from harmo.scorers.types import Cause, Reason, Score

FILE = "scores.sqlite"
APPLICATION_ID, VERSION = 0x48617270, 1  # Harp
_NAN = float("nan")
_TABLES = """
CREATE TABLE columns (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE);
CREATE TABLE scores (
  column INTEGER NOT NULL REFERENCES columns (id),
  number INTEGER NOT NULL,
  scored_at_s REAL NOT NULL,
  whole INTEGER NOT NULL,
  cells BLOB NOT NULL,
  reasons TEXT NOT NULL,
  PRIMARY KEY (column, number)
) WITHOUT ROWID;
"""


class ResultsError(ValueError):
    """A folder cannot take a replay's scores; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One column's scores of one group."""

    column: ResultColumn
    number: int
    scored_at_s: float
    """When the store's group was scored: a store that was made anew has other groups."""
    scores: Sequence[Score]


class Results:
    """The scores in a folder beside the store; of one thread at a time, of several processes."""

    def __init__(self, folder: Path, store: Path) -> None:
        if store.resolve() in (folder.resolve(), *folder.resolve().parents):
            raise ResultsError(f"{folder}: nothing is written into a store; name another with --to")
        self._path = folder / FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(self._path, isolation_level=None, timeout=30.0)
            self._db.execute("PRAGMA journal_mode=WAL")
        except (OSError, sqlite3.Error) as error:
            raise ResultsError(f"{folder}: {error}; name a folder to write to with --to") from None
        self._open(folder)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def column(self, key: str) -> ResultColumn:
        """The results of one column's key."""
        with _usable(self._path):
            self._db.execute("INSERT OR IGNORE INTO columns (key) VALUES (?)", (key,))
            found = self._db.execute("SELECT id FROM columns WHERE key = ?", (key,)).fetchone()
            return ResultColumn(id=int(found[0]), db=self._db, path=self._path)

    def save(self, results: Iterable[Result]) -> None:
        """Keep some scores: all of them, or none if it is cut short."""
        rows = [_row(result) for result in results]
        with _usable(self._path), self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany("INSERT OR REPLACE INTO scores VALUES (?,?,?,?,?,?)", rows)

    def _open(self, folder: Path) -> None:
        (found,) = self._db.execute("PRAGMA application_id").fetchone()
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if (found, version) == (0, 0):
            self._db.executescript(
                f"BEGIN IMMEDIATE;{_TABLES}PRAGMA application_id={APPLICATION_ID};"
                f"PRAGMA user_version={VERSION};COMMIT;"
            )
        elif (found, version) != (APPLICATION_ID, VERSION):
            self._db.close()
            raise ResultsError(f"{folder / FILE}: not of this version; name another with --to")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultColumn:
    """The results of one column."""

    id: int
    db: sqlite3.Connection
    path: Path
    """For messages."""

    def done(self, numbers: Ints, scored_at_s: Floats) -> Bools:
        """Which groups have scores; those that the service failed at are asked again.

        Args:
            numbers: Of the groups, ascending, at least one.
            scored_at_s: When the store's groups were scored.
        """
        with _usable(self.path):
            rows = self.db.execute(
                "SELECT number, scored_at_s FROM scores "
                "WHERE column = ? AND whole AND number BETWEEN ? AND ? ORDER BY number",
                (self.id, int(numbers[0]), int(numbers[-1])),
            ).fetchall()
            found = np.array(rows, dtype=float)
        if not rows:
            return np.zeros(len(numbers), dtype=bool)
        at = np.minimum(np.searchsorted(found[:, 0], numbers), len(found) - 1)
        return np.asarray((found[at, 0] == numbers) & (found[at, 1] == scored_at_s))

    def scores(self, kept: KeptGroup) -> list[Score] | None:
        """A group's scores; None where there are none."""
        with _usable(self.path):
            row = self.db.execute(
                "SELECT scored_at_s, cells, reasons FROM scores WHERE column = ? AND number = ?",
                (self.id, kept.number),
            ).fetchone()
            if row is None or row[0] != kept.scored_at_s:
                return None
            return _scores(row[1], row[2], len(kept.rewards))


@contextmanager
def _usable(path: Path) -> Iterator[None]:
    """What reads or writes the file: it may be damaged, or the disk full."""
    try:
        yield
    except (sqlite3.Error, ValueError, LookupError, TypeError, AttributeError) as error:
        raise ResultsError(
            f"{path}: {error}; delete it, or name another folder with --to"
        ) from error


def _scores(cells: bytes, told: str, count: int) -> list[Score]:
    numbers = _swapped(array("d", cells))
    if len(numbers) != 2 * count:
        raise ValueError(f"{len(numbers)} numbers for {count} completions")
    reasons = {int(i): Reason(reason) for i, reason in json.loads(told or "{}").items()}
    return [
        Score(
            value=None if i in reasons else numbers[i],
            confidence=numbers[count + i],
            reason=reasons.get(i),
        )
        for i in range(count)
    ]


def _row(result: Result) -> tuple[object, ...]:
    scores = result.scores
    cells = array("d", [_NAN if s.value is None else s.value for s in scores])
    cells.extend(s.confidence for s in scores)
    reasons = {i: s.reason for i, s in enumerate(scores) if s.reason is not None}
    whole = not any(reason.cause is Cause.SERVICE for reason in reasons.values())
    told = json.dumps(reasons) if reasons else ""
    blob = _swapped(cells).tobytes()
    return result.column.id, result.number, result.scored_at_s, whole, blob, told


def _swapped(cells: array[float]) -> array[float]:
    if sys.byteorder == "big":
        cells.byteswap()
    return cells
