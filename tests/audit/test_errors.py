from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

import pytest

from harmo.audit.errors import StoreError, Trouble, WriteError, trouble, unreadable, unwritable


def of_sqlite(code: int) -> sqlite3.Error:
    error = sqlite3.OperationalError("words")
    error.sqlite_errorcode = code
    return error


CAUSES = [
    ("no room", of_sqlite(sqlite3.SQLITE_FULL), Trouble.FULL),
    ("a write that fails", of_sqlite(sqlite3.SQLITE_IOERR_WRITE), Trouble.FAILED),
    ("a folder that is read-only", of_sqlite(sqlite3.SQLITE_READONLY_DIRECTORY), Trouble.READ_ONLY),
    ("a file that cannot be opened", of_sqlite(sqlite3.SQLITE_CANTOPEN), Trouble.READ_ONLY),
    ("another program's lock", of_sqlite(sqlite3.SQLITE_BUSY_SNAPSHOT), Trouble.HELD),
    ("a torn page", of_sqlite(sqlite3.SQLITE_CORRUPT_INDEX), Trouble.TORN),
    ("no database", of_sqlite(sqlite3.SQLITE_NOTADB), Trouble.TORN),
    ("an error of Python's own", sqlite3.ProgrammingError("closed"), Trouble.FAILED),
    ("the system's full disk", OSError(errno.ENOSPC, "full"), Trouble.FULL),
    ("a quota", OSError(errno.EDQUOT, "quota"), Trouble.FULL),
    ("a read-only file system", OSError(errno.EROFS, "read-only"), Trouble.READ_ONLY),
    ("anything else of the system", OSError(errno.EIO, "disk"), Trouble.FAILED),
    ("a value that makes no sense", ValueError("x"), Trouble.TORN),
]


@pytest.mark.parametrize(("why", "error", "expected"), CAUSES, ids=[why for why, *_ in CAUSES])
def test_every_cause_has_its_name(why: str, error: Exception, expected: Trouble) -> None:
    assert trouble(error) is expected


@pytest.mark.parametrize("error", [error for _, error, _ in CAUSES])
def test_a_message_names_the_file_the_fault_and_what_to_do(error: Exception) -> None:
    path = Path("folder/audit.sqlite")
    for made, kind, word in (
        (unreadable(path, error), StoreError, "read"),
        (unwritable(path, error), WriteError, "written"),
    ):
        assert type(made) is kind
        assert str(made).startswith(f"folder/audit.sqlite cannot be {word}: {error}; ")
        assert not str(made).endswith("; ")
