"""Pruning: whole runs leave, the oldest first, and the file gets smaller."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol

from harmo.audit.rows import DAY_S, text, told
from harmo.audit.spans import discount, recount
from harmo.audit.write import Writer

_SLICE_GROUPS = 128
_SLICE_PAGES = 512
"""Of one transaction: some milliseconds."""
_OF_UNIT = (
    "SELECT number, shared FROM groups JOIN texts USING (number) "
    "WHERE run = ? AND day = ? AND number <= ? ORDER BY number LIMIT ?"
)
_UNITS = "SELECT run, day, sum(groups), max(last_s) FROM spans GROUP BY run, day ORDER BY 4, 1, 2"
_UNUSED = "DELETE FROM blobs WHERE id = ? AND id IN (SELECT id FROM contents WHERE uses < 1)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What is kept at most; None for no bound."""

    max_bytes: int | None = None
    """Of the file."""
    max_days: float | None = None
    """Since a run's last group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """What leaves as a whole: a run, or a UTC day of groups without one."""

    run: str
    day: int
    """Days since 1970 of groups without a run; 0 of a run."""
    groups: int
    last_s: float
    """Unix time of its last group: its age."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """What left."""

    dropped: tuple[Unit, ...]
    bytes: int
    """Of the file that hold something now."""
    over: bool
    """True if that is more than asked all the same: what was written last does not leave for bytes,
    so whoever writes stops."""


class Prunable(Protocol):
    """A store that can be pruned: what `Writer` has for it."""

    def transaction(self) -> AbstractContextManager[sqlite3.Connection]:
        """All that is done in it is on the disk when it ends, or nothing is."""

    def shrink(self, pages: int, /) -> int:
        """Free pages of the file that are left once so many were given back."""


class _Rehearsal:
    """A store in a transaction that is undone."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        yield self._db

    def shrink(self, _pages: int, /) -> int:
        return 0


def go_on() -> bool:
    """True: nothing else has to be done between two slices."""
    return True


def prune(
    store: Prunable, bounds: Bounds, *, now_s: float, between: Callable[[], bool] = go_on
) -> Pruned:
    """Drop the oldest runs until the bounds hold, and give their room back.

    Args:
        store: Its `Writer`.
        bounds: What may stay.
        now_s: Unix time.
        between: Called after each slice of some milliseconds, to write what has come; False from
            it stops, and the next call goes on from there.

    Raises:
        WriteError: If the store cannot be written now.
    """
    units = _units(store)
    dropped: list[Unit] = []
    last = _last(store)
    for unit in units:
        old = bounds.max_days is not None and now_s - unit.last_s > bounds.max_days * DAY_S
        if not old and not _is_over(used(store), bounds):
            break
        if not old and (unit.run, unit.day) == last:
            # By its place, not its time: clocks go back.
            continue
        if not _drop(store, unit, between):
            break
        dropped.append(unit)
    over = _is_over(used(store), bounds)
    _shrink(store, between)
    return Pruned(dropped=tuple(dropped), bytes=used(store), over=over)


def would_prune(writer: Writer, bounds: Bounds, *, now_s: float) -> Pruned:
    """What `prune` would do to the store as it is: it is done, and undone.

    Args:
        writer: Of the store.
        bounds: What may stay.
        now_s: Unix time.

    Raises:
        WriteError: If the store cannot be written now.
    """
    with writer.undone() as db:
        return prune(_Rehearsal(db), bounds, now_s=now_s)


def used(store: Prunable) -> int:
    """Bytes of the file that hold something."""
    with store.transaction() as db:
        pages = _pragma(db, "page_count") - _pragma(db, "freelist_count")
        return pages * _pragma(db, "page_size")


def _is_over(size: int, bounds: Bounds) -> bool:
    return bounds.max_bytes is not None and size > bounds.max_bytes


def _pragma(db: sqlite3.Connection, name: str) -> int:
    return int(db.execute(f"PRAGMA {name}").fetchone()[0])


def _units(store: Prunable) -> Sequence[Unit]:
    """The oldest first."""
    with store.transaction() as db:
        found = db.execute(_UNITS).fetchall()
    return [Unit(run=told(r), day=d, groups=n, last_s=s) for r, d, n, s in found]


def _last(store: Prunable) -> tuple[str, int] | None:
    """What was written last; None of an empty store."""
    with store.transaction() as db:
        asked = "SELECT run, day FROM groups ORDER BY number DESC LIMIT 1"
        found = db.execute(asked).fetchone()
    return None if found is None else (told(found[0]), found[1])


def _drop(store: Prunable, unit: Unit, between: Callable[[], bool]) -> bool:
    """True once all that was there is gone."""
    with store.transaction() as db:
        # What is written between two slices stays.
        (last,) = db.execute("SELECT ifnull(max(number), 0) FROM groups").fetchone()
    while _drop_some(store, unit, last):
        if not between():
            return False
    return True


def _drop_some(store: Prunable, unit: Unit, last: int) -> bool:
    """Drop a slice of a unit; False once nothing of it is left."""
    with store.transaction() as db:
        of_unit = text(unit.run), unit.day, last, _SLICE_GROUPS
        found = db.execute(_OF_UNIT, of_unit).fetchall()
        if not found:
            recount(db, unit.run, unit.day)
            return False
        discount(db, unit.run, unit.day, [number for number, _ in found])
        numbers = [(number,) for number, _ in found]
        shared = [(key,) for _, placed in found for key, _ in json.loads(placed)]
        db.executemany("DELETE FROM groups WHERE number = ?", numbers)
        db.executemany("DELETE FROM texts WHERE number = ?", numbers)
        db.executemany("UPDATE contents SET uses = uses - 1 WHERE id = ?", shared)
        db.executemany(_UNUSED, shared)
        db.executemany("DELETE FROM contents WHERE id = ? AND uses < 1", shared)
    return True


def _shrink(store: Prunable, between: Callable[[], bool]) -> None:
    """Give the file's free pages back, some at a time."""
    while store.shrink(_SLICE_PAGES) and between():
        pass
