"""What is turned away before it is scored, why, and when to come back."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from enum import StrEnum

from harmo.app.errors import ErrorType, ServiceError

MIN_WAIT_S, MAX_WAIT_S = 1, 60
JITTER = 0.25
"""Share of the wait that is added by chance, so that those turned away do not come back at once."""
_CHANCE = random.Random()  # noqa: S311 - spreads retries, guards nothing


class ShedReason(StrEnum):
    """What there was no room for; also the label of `harmo_requests_shed_total`."""

    BYTES = "bytes"
    COMPLETIONS = "completions"
    WAITING = "waiting"
    BACKLOG = "backlog"
    OVERLOADED = "overloaded"
    NOT_READY = "not_ready"


class ShedError(ServiceError):
    """A 429 (or 503 where nothing gets done at all) with the seconds after which to come back."""

    def __init__(self, reason: ShedReason, message: str, *, wait_s: float) -> None:
        kind = ErrorType.NOT_READY if reason is ShedReason.NOT_READY else ErrorType.OVERLOADED
        super().__init__(kind, message, retry_after_s=retry_after(wait_s))
        self.reason = reason


def retry_after(wait_s: float, chance: Callable[[], float] = _CHANCE.random) -> int:
    """Whole seconds from 1 to 60 for `Retry-After`: the wait, and by chance up to a quarter more.

    Args:
        wait_s: When there should be room.
        chance: Drawn from [0, 1).
    """
    return min(max(math.ceil(wait_s * (1 + JITTER * chance())), MIN_WAIT_S), MAX_WAIT_S)


def reason_of(error: ServiceError) -> ShedReason | None:
    """What an error says there was no room for; None if it is no refusal to try again later."""
    if isinstance(error, ShedError):
        return error.reason
    if error.type is ErrorType.NOT_READY:
        return ShedReason.NOT_READY
    return ShedReason.OVERLOADED if error.type is ErrorType.OVERLOADED else None
