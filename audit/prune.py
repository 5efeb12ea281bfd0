"""Pruning: whole runs leave, the oldest first, and the file gets smaller."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harmo.audit.rows import DAY_S, told
from harmo.audit.write import Writer

_SLICE_GROUPS = 256
_SLICE_PAGES = 1024


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """What left."""

    dropped: tuple[Unit, ...]
    bytes: int
    """Of the file now."""
    over: bool
    """True if the file is larger than asked all the same: what was written last never leaves for
    bytes, so whoever writes stops."""


def go_on() -> bool:
    """True: nothing stops it."""
    return True


def prune(
    writer: Writer, bounds: Bounds, *, now_s: float, between: Callable[[], bool] = go_on
) -> Pruned:
    """Drop the oldest runs until the bounds hold.

    Args:
        writer: Of the store.
        bounds: What may stay.
        now_s: Unix time.
        between: Called after each slice of some milliseconds, to write what has come; False from
            it stops, and what is left is dropped the next time.
    """
    units = _units(writer)
    dropped: list[Unit] = []
    for place, unit in enumerate(units):
        old = bounds.max_days is not None and now_s - unit.last_s > bounds.max_days * DAY_S
        large = bounds.max_bytes is not None and used(writer) > bounds.max_bytes
        if not old and not (large and place + 1 < len(units)):
            break
        if not _drop(writer, unit, between):
            break
        dropped.append(unit)
    _shrink(writer, between)
    size = used(writer)
    over = bounds.max_bytes is not None and size > bounds.max_bytes
    return Pruned(dropped=tuple(dropped), bytes=size, over=over)


def used(writer: Writer) -> int:
    """Bytes of the file that hold something."""
    pages, free, size = (
        writer.db.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def _units(writer: Writer) -> Sequence[Unit]:
    """The oldest first."""
    found = writer.db.execute(
        "SELECT run, day, sum(groups), max(last_s) FROM spans GROUP BY run, day ORDER BY 4, 1, 2"
    )
    return [Unit(run=told(r), day=d, groups=n, last_s=s) for r, d, n, s in found.fetchall()]


def _drop(writer: Writer, unit: Unit, between: Callable[[], bool]) -> bool:
    """True once all of it is gone."""
    while _drop_some(writer, unit):
        if not between():
            return False
    return True


def _drop_some(writer: Writer, unit: Unit) -> bool:
    """Drop a slice of a unit; False once nothing is left."""
    db = writer.db
    db.execute("BEGIN IMMEDIATE")
    found = db.execute(
        "SELECT number, shared FROM groups JOIN texts USING (number) "
        "WHERE run = ? AND day = ? ORDER BY number LIMIT ?",
        (unit.run, unit.day, _SLICE_GROUPS),
    ).fetchall()
    numbers = [(number,) for number, _ in found]
    shared = [(key,) for _, placed in found for key, _ in json.loads(placed)]
    db.executemany("DELETE FROM groups WHERE number = ?", numbers)
    db.executemany("DELETE FROM texts WHERE number = ?", numbers)
    db.executemany("UPDATE contents SET uses = uses - 1 WHERE id = ?", shared)
    db.executemany(
        "DELETE FROM blobs WHERE id = ? AND id IN (SELECT id FROM contents WHERE uses < 1)", shared
    )
    db.executemany("DELETE FROM contents WHERE id = ? AND uses < 1", shared)
    if not found:
        db.execute("DELETE FROM spans WHERE run = ? AND day = ?", (unit.run, unit.day))
    db.execute("COMMIT")
    return bool(found)


def _shrink(writer: Writer, between: Callable[[], bool]) -> None:
    """Give the file's free pages back, some at a time."""
    while writer.db.execute("PRAGMA freelist_count").fetchone()[0]:
        writer.db.execute(f"PRAGMA incremental_vacuum({_SLICE_PAGES})").fetchall()
        if not between():
            break
