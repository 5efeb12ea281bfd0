"""Opening a store: made if it is not there, locked against a second writer, refused if not ours."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from contextlib import closing, suppress
from functools import cache
from pathlib import Path

from harmo.audit.errors import StoreError, Trouble, WriteError, trouble, unreadable, unwritable
from harmo.audit.schema import (
    APPLICATION_ID,
    AUTO_VACUUM,
    FILE,
    LOCK,
    PAGE_BYTES,
    TABLES,
    VERSION,
    WAL_PAGES,
)

BUSY_S = 5.0
"""So long SQLite waits for whoever else has the file for a moment."""


class Lock:
    """The right to write a store; the system takes it back when the process ends, however."""

    def __init__(self, folder: Path) -> None:
        self._file = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(self._file, 32).decode(errors="replace").strip() or "unknown"
            os.close(self._file)
            raise WriteError(
                Trouble.HELD,
                f"{folder}: process {holder} writes this store, and there can be one writer; give "
                "each service a folder of its own",
            ) from None
        except OSError:
            os.close(self._file)
            raise
        # Who holds it is a courtesy: a full disk has no room to say it.
        with suppress(OSError):
            os.ftruncate(self._file, 0)
            os.write(self._file, f"{os.getpid()}\n".encode())

    def release(self) -> None:
        """Let others write."""
        os.close(self._file)


class Files:
    """A store's file and log as one process left them: others have no business with them.

    Args:
        path: Of the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.note()

    def note(self) -> None:
        """Remember how they are now."""
        self._seen, self._bytes = self._found()

    @property
    def is_other(self) -> bool:
        """True if the file or its log is gone, or another has its name."""
        return self._found()[0] != self._seen

    def is_cut(self, db: sqlite3.Connection) -> bool:
        """True if something else made the file shorter than what it has to hold."""
        size = self._found()[1]
        # It is not read: to close it again would take SQLite its locks on it.
        if size >= self._bytes:
            return False
        try:
            return size < _pragma(db, "page_count") * PAGE_BYTES
        except sqlite3.Error:
            return True

    def _found(self) -> tuple[tuple[tuple[int, int] | None, ...], int]:
        """Device and number of the file and of its log, and the file's bytes."""
        found: list[tuple[int, int] | None] = []
        size = 0
        for path in (self._path.with_name(f"{self._path.name}-wal"), self._path):
            try:
                stat = path.stat()
            except OSError:
                found.append(None)
            else:
                size = stat.st_size
                found.append((stat.st_dev, stat.st_ino))
        return tuple(found), size


def for_writing(folder: Path) -> sqlite3.Connection:
    """The store of a folder, made if there is none; the caller holds its lock.

    Args:
        folder: It has to be there.

    Raises:
        StoreError: If what is there is not a store of ours; it is left as it is.
        WriteError: If it cannot be written now.
    """
    path = folder / FILE
    try:
        db = _connected(path, "rwc")
    except sqlite3.Error as error:
        raise unwritable(path, error) from error
    try:
        if _is_empty(db):
            _make(db)
            sync(folder)
        _require_ours(db, path)
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        db.execute(f"PRAGMA wal_autocheckpoint={WAL_PAGES}")
        db.execute(f"PRAGMA journal_size_limit={WAL_PAGES * PAGE_BYTES}")
    except (sqlite3.Error, OSError) as error:
        db.close()
        raise unwritable(path, error) from error
    except StoreError:
        db.close()
        raise
    return db


def for_reading(folder: Path) -> sqlite3.Connection:
    """The store of a folder, read-only.

    Args:
        folder: Where a service keeps it.

    Raises:
        StoreError: If there is none, or it cannot be read.
    """
    path = folder / FILE
    try:
        if not path.is_file():
            raise StoreError(
                Trouble.ABSENT, f"{folder}: no {FILE} in it; a service writes one with --audit"
            )
        db = _connected(path, "ro")
        try:
            _require_ours(db, path)
        except sqlite3.OperationalError as error:
            db.close()
            if trouble(error) is not Trouble.READ_ONLY:
                raise
            if path.with_name(f"{path.name}-journal").exists():
                # Only the making of a store has a journal; later there is a log.
                raise StoreError(
                    Trouble.ABSENT, f"{path} is half made: start the service that makes it"
                ) from None
            db = _alone(path)
            _require_ours(db, path)
    except (sqlite3.Error, OSError) as error:
        raise unreadable(path, error) from error
    return db


def _alone(path: Path) -> sqlite3.Connection:
    """A store in a folder where nothing can be made, so that no writer is there now.

    What a writer left in its log is read all the same: its index is kept in memory.
    """
    log = path.with_name(path.name + "-wal")
    if not log.is_file() or not log.stat().st_size:
        return _connected(path, "ro&immutable=1")
    db = _connected(path, "ro&vfs=unix-none")
    db.execute("PRAGMA locking_mode=EXCLUSIVE")
    return db


def _connected(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=BUSY_S,
        isolation_level=None,
        check_same_thread=False,
    )


def _is_empty(db: sqlite3.Connection) -> bool:
    return not _pragma(db, "user_version") and not _pragma(db, "schema_version")


def _make(db: sqlite3.Connection) -> None:
    """Make the tables, and what says whose they are with them."""
    # Not in WAL mode yet: all of it then stands in the file itself, whoever looks at it.
    db.execute(f"PRAGMA page_size={PAGE_BYTES}")
    db.execute(f"PRAGMA auto_vacuum={AUTO_VACUUM}")
    db.execute("PRAGMA synchronous=FULL")
    db.executescript(
        f"BEGIN IMMEDIATE;{TABLES};PRAGMA application_id={APPLICATION_ID};"
        f"PRAGMA user_version={VERSION};COMMIT;"
    )


def sync(folder: Path) -> None:
    """Have a folder know its new file even if the power goes."""
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


@cache
def _tables() -> frozenset[tuple[str, str, str | None]]:
    """Type, name and text of everything that a store of ours has."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(TABLES)
        return _schema(db)


def _schema(db: sqlite3.Connection) -> frozenset[tuple[str, str, str | None]]:
    # Names of SQLite's own, which nobody else can give, are indices and statistics.
    asked = "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!'"
    return frozenset(db.execute(asked).fetchall())


def _require_ours(db: sqlite3.Connection, path: Path) -> None:
    if _is_empty(db):
        raise StoreError(Trouble.ABSENT, f"{path} is empty: a service has not made it yet")
    if _pragma(db, "application_id") != APPLICATION_ID:
        raise StoreError(
            Trouble.FOREIGN, f"{path} is a database of another program; name another folder"
        )
    version = _pragma(db, "user_version")
    if version != VERSION:
        raise StoreError(
            Trouble.OTHER_VERSION,
            f"{path} has tables of version {version} and this Harmo knows {VERSION}; read it with "
            "the Harmo that wrote it, and have this one write to another folder",
        )
    if _schema(db) != _tables():
        # Views and triggers would run whatever a stranger put into them.
        raise StoreError(
            Trouble.FOREIGN,
            f"{path} has not the tables of version {VERSION}: something else changed them; name "
            "another folder",
        )


def _pragma(db: sqlite3.Connection, name: str) -> int:
    return int(db.execute(f"PRAGMA {name}").fetchone()[0])
