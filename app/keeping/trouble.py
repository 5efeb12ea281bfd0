"""What an error of the store is: of the disk, or of one group."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from harmo.audit.read import StoreError

MAX_CHARS = 300
_OF_STORE = (OSError, StoreError, sqlite3.OperationalError, sqlite3.InternalError)


def caught(work: Callable[[], object]) -> Exception | None:
    """What it raised; None if it did not."""
    try:
        work()
    except Exception as error:  # noqa: BLE001 - what one group or one disk does must not end the thread
        return error
    return None


def is_of_store(error: BaseException) -> bool:
    """True if the disk or the file is at fault: other groups would fare no better."""
    # What is no database at all is SQLite's plain DatabaseError; its subclasses are about rows.
    return isinstance(error, _OF_STORE) or type(error) is sqlite3.DatabaseError


def said(error: BaseException) -> str:
    """What is wrong, in a line: a store's words, which quote no text; of others the type."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    words = " ".join(str(error).split())[:MAX_CHARS] if is_of_store(error) else ""
    return words or type(error).__name__
