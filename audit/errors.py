"""What can be wrong with a store, by name, and what to do about it."""

from __future__ import annotations

import errno
import sqlite3
from enum import StrEnum
from pathlib import Path


class Trouble(StrEnum):
    """What a store cannot be read or written for. Also the metric label."""

    ABSENT = "absent"
    """There is none."""
    FOREIGN = "foreign"
    """What is there is of another program."""
    OTHER_VERSION = "other_version"
    """Its tables are of another version."""
    TORN = "torn"
    """What is in it makes no sense."""
    HELD = "held"
    """Another process writes it."""
    READ_ONLY = "read_only"
    FULL = "full"
    """No room on the disk, or none that this process may take."""
    FAILED = "failed"
    """The disk, or whatever else the message says."""


class StoreError(ValueError):
    """A store cannot be read; the message says why, and what to do."""

    def __init__(self, trouble: Trouble, message: str) -> None:
        super().__init__(message)
        self.trouble = trouble


class WriteError(StoreError):
    """A store cannot be written now; nothing of the batch is in it. Trying again may succeed."""


_OF_SQLITE = {
    sqlite3.SQLITE_CORRUPT: Trouble.TORN,
    sqlite3.SQLITE_NOTADB: Trouble.TORN,
    sqlite3.SQLITE_ERROR: Trouble.TORN,
    sqlite3.SQLITE_CONSTRAINT: Trouble.TORN,
    sqlite3.SQLITE_FULL: Trouble.FULL,
    sqlite3.SQLITE_READONLY: Trouble.READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: Trouble.READ_ONLY,
    sqlite3.SQLITE_PERM: Trouble.READ_ONLY,
    sqlite3.SQLITE_BUSY: Trouble.HELD,
    sqlite3.SQLITE_LOCKED: Trouble.HELD,
}
_OF_VALUES = {
    sqlite3.SQLITE_TOOBIG,
    sqlite3.SQLITE_MISMATCH,
    sqlite3.SQLITE_CONSTRAINT_NOTNULL,
}
_OF_SYSTEM = {
    errno.EEXIST: Trouble.FOREIGN,
    errno.ENOTDIR: Trouble.FOREIGN,
    errno.EACCES: Trouble.READ_ONLY,
    errno.EPERM: Trouble.READ_ONLY,
    errno.EROFS: Trouble.READ_ONLY,
    errno.ENOSPC: Trouble.FULL,
    errno.EDQUOT: Trouble.FULL,
    errno.EFBIG: Trouble.FULL,
}
_FIX = {
    Trouble.FOREIGN: "move away what is there, or name another folder",
    Trouble.TORN: "move it away to begin another, or save what can be read with `sqlite3 .recover`",
    Trouble.FULL: "make room, or keep less: `audit_max_bytes` of the service",
    Trouble.READ_ONLY: "let this user write the folder and its files, or name another folder",
    Trouble.HELD: "end whatever holds it",
    Trouble.FAILED: "look at the disk; a store has to be on a local one",
}
_PRIMARY = 0xFF
"""Of SQLite's error codes, what the extended ones have in common."""


def trouble(error: Exception) -> Trouble:
    """What an error of SQLite or the system, or of reading what it gave, comes from."""
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", None)
        return Trouble.FAILED if code is None else _OF_SQLITE.get(code & _PRIMARY, Trouble.FAILED)
    if isinstance(error, OSError):
        return _OF_SYSTEM.get(error.errno or 0, Trouble.FAILED)
    return Trouble.TORN


def is_of_values(error: sqlite3.Error) -> bool:
    """True of what a group's own values raise: the store takes others."""
    # A value of no type that SQLite has comes without a code.
    code = getattr(error, "sqlite_errorcode", None)
    return code in _OF_VALUES or isinstance(error, sqlite3.ProgrammingError)


def unreadable(path: Path, error: Exception) -> StoreError:
    """The error for a store that cannot be read."""
    found = trouble(error)
    return StoreError(found, f"{path} cannot be read: {error}; {_FIX[found]}")


def unwritable(path: Path, error: Exception) -> WriteError:
    """The error for a store that cannot be written."""
    found = trouble(error)
    return WriteError(found, f"{path} cannot be written: {error}; {_FIX[found]}")
