"""What an error of the store is: of the disk, or of one group."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harmo.audit.errors import StoreError, Trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """What the process that writes could not do."""

    trouble: Trouble | None
    """What is wrong with the store: other groups would fare no better. None if it is the group."""
    why: str
    """Quotes nothing that was written."""


class StoreFaultError(Exception):
    """The store cannot be written; says why."""

    def __init__(self, trouble: Trouble, why: str) -> None:
        super().__init__(why)
        self.trouble = trouble


class GoneError(StoreFaultError):
    """The process that writes has ended."""

    def __init__(self) -> None:
        super().__init__(Trouble.FAILED, "the process that writes has ended; another is started")


class DoubtError(GoneError):
    """It ended over a batch: what it was sent may be written or not."""


class UnwritableError(Exception):
    """A group cannot be written, though others can; says what kind of error it met."""


def caught(work: Callable[[], object]) -> Exception | None:
    """What it raised; None if it did not."""
    try:
        work()
    except Exception as error:  # noqa: BLE001 - what one group or one disk does ends nothing else
        return error
    return None


def refused(error: Exception) -> Refused:
    """What an error says to the service."""
    if isinstance(error, StoreError):
        return Refused(trouble=error.trouble, why=str(error))
    if isinstance(error, OSError):
        return Refused(trouble=Trouble.FAILED, why=error.strerror or type(error).__name__)
    # Its words may quote a completion.
    return Refused(trouble=None, why=type(error).__name__)
