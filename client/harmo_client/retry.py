"""Whether and when to try again. Pure: the sync and the async client drive the same generator."""

from __future__ import annotations

import logging
import math
import random
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

import httpx
from pydantic import ValidationError

from harmo_client import wire
from harmo_client.errors import (
    BadRequestError,
    BudgetExhaustedError,
    HarmoError,
    OverloadedError,
    ServiceError,
    StatusError,
    TransportError,
    UnauthorisedError,
)

logger = logging.getLogger(__name__)

Outcome = httpx.Response | httpx.RequestError
"""What one attempt came to."""

_OVERLOADED = frozenset({408, 425, 429, 503})
_OURS = (httpx.UnsupportedProtocol, httpx.LocalProtocolError)
_LONGEST_RETRY_AFTER_S = 60.0
_MOST_CHARS = 1000
"""What is quoted of a message."""
# Not the global generator: a retry must not change what the trainer draws next.
_JITTER = random.SystemRandom()


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """How patient to be."""

    for_s: float
    """Attempts start at most this long after the call did; 0 tries once."""
    first_wait_s: float = 0.5
    """Upper end of the first wait; it doubles with every attempt."""
    longest_wait_s: float = 15.0


def attempts(
    retry: Retry,
    *,
    started_s: float,
    clock: Callable[[], float] = time.monotonic,
    jitter: Callable[[], float] = _JITTER.random,
) -> Generator[float, Outcome, httpx.Response]:
    """The successful response, after as many attempts as the budget allows.

    Yields the seconds to wait before each attempt and takes what the attempt came to. Waits are
    drawn from [0, bound) with a doubling bound (full jitter), on top of `Retry-After`: whoever was
    turned away together does not come back together.

    Args:
        retry: The budget.
        started_s: When the call began, on `clock`.
        clock: Monotonic seconds.
        jitter: Draws from [0, 1).

    Returns:
        The 2xx response.

    Raises:
        HarmoError: If the failure is final or the budget is used up.
    """
    outcome = yield 0.0
    tries = 1
    while not (isinstance(outcome, httpx.Response) and outcome.is_success):
        error = error_of(outcome)
        if not _worth_retrying(outcome) or retry.for_s <= 0:
            raise error
        passed_s = clock() - started_s
        if passed_s >= retry.for_s:
            raise BudgetExhaustedError(
                f"no answer after {tries} tries in {passed_s:.0f} s (retry_for_s={retry.for_s:g}); "
                f"the last: {error}"
            ) from error
        bound_s = min(retry.longest_wait_s, retry.first_wait_s * 2.0 ** min(tries - 1, 32))
        wait_s = min(_retry_after_s(outcome) + jitter() * bound_s, retry.for_s - passed_s)
        # Also the heartbeat of a long outage: one line per attempt, about a minute apart at most.
        logger.warning(
            "%s; try %d in %.1f s, giving up in %.0f s",
            error,
            tries + 1,
            wait_s,
            retry.for_s - passed_s,
        )
        outcome = yield wait_s
        tries += 1
    return outcome


def error_of(outcome: Outcome) -> HarmoError:
    """The error that a failed attempt came to."""
    if not isinstance(outcome, httpx.Response):
        request = outcome.request
        url = request.url.copy_with(userinfo=b"", query=None)
        said = _plain(str(outcome), request)
        return TransportError(f"{type(outcome).__name__} at {request.method} {url}: {said}")
    detail = _detail(outcome)
    kind, field, message = (
        _plain(text, outcome.request) for text in (detail.type, detail.field or "", detail.message)
    )
    where = f" (field {field})" if field else ""
    return _kind(outcome.status_code)(
        f"HTTP {outcome.status_code} {kind}: {message}{where}",
        status=outcome.status_code,
        type=kind,
        field=field or None,
    )


def _plain(text: str, request: httpx.Request) -> str:
    """Someone else's words, fit for a log: one line, of bounded length, without our key."""
    key = request.headers.get("Authorization", "").removeprefix("Bearer ")
    shown = text.replace(key, "***") if key else text
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in shown[:_MOST_CHARS])


def _kind(status: int) -> type[StatusError]:
    if status in _OVERLOADED:
        return OverloadedError
    if status in (401, 403):
        return UnauthorisedError
    return ServiceError if status >= 500 else BadRequestError


def _detail(response: httpx.Response) -> wire.ErrorDetail:
    try:
        return wire.ErrorBody.model_validate_json(response.content).error
    except ValidationError:
        # A proxy's page, or another service: say what stands there, briefly.
        return wire.ErrorDetail(
            type=response.reason_phrase or "error",
            message=_plain(response.text.strip(), response.request)[:200],
        )


def _worth_retrying(outcome: Outcome) -> bool:
    if isinstance(outcome, httpx.Response):
        return outcome.status_code in _OVERLOADED or outcome.status_code >= 500
    return not isinstance(outcome, _OURS)


def _retry_after_s(outcome: Outcome) -> float:
    """Seconds the service asks for, in [0, 60]: a longer absence is looked into once a minute."""
    text = outcome.headers.get("Retry-After", "") if isinstance(outcome, httpx.Response) else ""
    try:
        seconds = float(text)
    except ValueError:
        seconds = _seconds_until(text)
    return min(max(seconds, 0.0), _LONGEST_RETRY_AFTER_S) if math.isfinite(seconds) else 0.0


def _seconds_until(date: str) -> float:
    try:
        moment = parsedate_to_datetime(date)
    except (TypeError, ValueError, OverflowError):
        return 0.0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return (moment - datetime.now(timezone.utc)).total_seconds()
