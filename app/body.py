"""A request's body: read no further than the limits, and parsed strictly."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from harmo.app.admission.outline import Outline, first_key_twice, keys_of, outline
from harmo.app.admission.permits import Hold
from harmo.app.errors import ErrorType, ServiceError
from harmo.models.documents import faults

Body = TypeVar("Body", bound=BaseModel)
MAX_NAMED_FAULTS = 5


async def read_body(
    stream: AsyncIterator[bytes],
    headers: Mapping[str, str],
    *,
    max_bytes: int,
    timeout_s: float,
    deadline_s: float,
    held: Hold,
) -> bytearray:
    """The request's body, read no further than the limits.

    Args:
        stream: Body chunks as they arrive.
        headers: Lower-case request headers.
        max_bytes: Bound on the body.
        timeout_s: Bound on its arrival.
        deadline_s: `time.monotonic()` instant of the request's end, which may come earlier.
        held: Grows with the body, at once by what is announced.

    Raises:
        ServiceError: 408, 413, 415, 429 or 504.
    """
    media = headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if media != "application/json":
        raise ServiceError(ErrorType.UNSUPPORTED_MEDIA, f"send application/json, not {media!r}")
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise ServiceError(ErrorType.UNSUPPORTED_MEDIA, "send the body uncompressed")
    _hold(held, announced(headers), max_bytes)
    body = bytearray()
    left_s = deadline_s - time.monotonic()
    try:
        async with asyncio.timeout(min(timeout_s, left_s)):
            async for chunk in stream:
                _hold(held, len(body) + len(chunk), max_bytes)
                body += chunk
    except TimeoutError:
        if left_s <= timeout_s:
            message = "the deadline passed before the body had come"
            raise ServiceError(ErrorType.DEADLINE, message) from None
        raise ServiceError(
            ErrorType.BODY_TIMEOUT, f"the body took longer than {timeout_s:g} s"
        ) from None
    return body


def announced(headers: Mapping[str, str]) -> int:
    """The bytes that a body is said to have; 0 where nothing is said."""
    said = headers.get("content-length", "")
    return int(said) if re.fullmatch("[0-9]{1,18}", said) else 0


def _hold(held: Hold, size: int, limit: int) -> None:
    if size > limit:
        raise ServiceError(
            ErrorType.TOO_LARGE, f"body of {size} bytes; at most {limit} (max_body_bytes)"
        )
    held.grow_to(size)


def outlined(body: bytearray, *, max_values: int) -> Outline:
    """What the body is made of.

    Args:
        body: As it came.
        max_values: JSON values it may hold.

    Raises:
        ServiceError: 413 if that is more than a body may hold.
    """
    found = outline(body, max_values=max_values)
    if found.values > max_values:
        raise ServiceError(
            ErrorType.TOO_LARGE, f"more than {max_values} JSON values in the body (max_values)"
        )
    return found


def parse(
    body: bytearray,
    known: Outline,
    model: type[Body],
    require: Callable[[object], None] = lambda _: None,
) -> Body:
    """The request in a body.

    Args:
        body: As it came.
        known: What it is made of.
        model: What it has to be.
        require: Refuses a document that asks for too much, before the model is built.

    Raises:
        ServiceError: 400 if it is not strict JSON, 422 if it is not such a model, or what
            `require` raises.
    """
    try:
        document = from_json(body, allow_inf_nan=False, cache_strings="none")
    except ValueError as error:
        raise ServiceError(ErrorType.MALFORMED, f"not valid JSON: {error}") from None
    if keys_of(document) != known.keys:
        twice = first_key_twice(body)
        raise ServiceError(ErrorType.MALFORMED, f"the key {twice[:80]!r} is twice in one object")
    require(document)
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise invalid(error, document) from None


def invalid(error: ValidationError, document: object = None) -> ServiceError:
    """The 422 that names the first few fields at fault."""
    found = faults(error, document)[:MAX_NAMED_FAULTS]
    message = "; ".join(str(replace(fault, field=fault.field[:80])) for fault in found)
    return ServiceError(ErrorType.INVALID, message, field=found[0].field or None)
