"""What an error of the store is: of the disk, or of one group."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from harmo.audit.read import StoreError

MAX_CHARS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """What the process that writes could not do."""

    of_store: bool
    """True if the disk or the file is at fault: other groups would fare no better."""
    why: str


class StoreFaultError(Exception):
    """The store cannot be written; the words say why and quote nothing of a group."""


class UnwritableError(Exception):
    """A group cannot be written, though others can; the words are the error's type."""


_OF_STORE = (OSError, EOFError, StoreError, sqlite3.OperationalError, sqlite3.InternalError)


def caught(work: Callable[[], object]) -> Exception | None:
    """What it raised; None if it did not."""
    try:
        work()
    except Exception as error:  # noqa: BLE001 - what one group or one disk does ends nothing else
        return error
    return None


def is_of_store(error: BaseException) -> bool:
    """True if the disk or the file is at fault: other groups would fare no better."""
    # What is no database at all is SQLite's plain DatabaseError; its subclasses are about rows.
    return isinstance(error, (*_OF_STORE, StoreFaultError)) or type(error) is sqlite3.DatabaseError


def said(error: BaseException) -> str:
    """What is wrong, in a line: a store's words, which quote no text; of others the type."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    told = is_of_store(error) or isinstance(error, UnwritableError)
    words = " ".join(str(error).split())[:MAX_CHARS] if told else ""
    return words or type(error).__name__
