"""A request's body: read no further than the limits, and parsed strictly."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

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
) -> bytes:
    """The request's body, read no further than the limits.

    Args:
        stream: Body chunks as they arrive.
        headers: Lower-case request headers.
        max_bytes: Bound on the body.
        timeout_s: Bound on its arrival.

    Raises:
        ServiceError: 408, 413 or 415.
    """
    media = headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if media != "application/json":
        raise ServiceError(ErrorType.UNSUPPORTED_MEDIA, f"send application/json, not {media!r}")
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise ServiceError(ErrorType.UNSUPPORTED_MEDIA, "send the body uncompressed")
    announced = headers.get("content-length", "")
    if announced.isdigit() and int(announced) > max_bytes:
        raise _too_large(int(announced), max_bytes)
    body = bytearray()
    try:
        async with asyncio.timeout(timeout_s):
            async for chunk in stream:
                body += chunk
                if len(body) > max_bytes:
                    raise _too_large(len(body), max_bytes)
    except TimeoutError:
        raise ServiceError(
            ErrorType.BODY_TIMEOUT, f"the body took longer than {timeout_s:g} s"
        ) from None
    return bytes(body)


def _too_large(size: int, limit: int) -> ServiceError:
    return ServiceError(
        ErrorType.TOO_LARGE, f"body of {size} bytes; at most {limit} (max_body_bytes)"
    )


def parse(body: bytes, model: type[Body]) -> Body:
    """The request in a body.

    Args:
        body: As it came.
        model: What it has to be.

    Raises:
        ServiceError: 400 if it is not strict JSON, 422 if it is not such a model.
    """
    try:
        document = from_json(body, allow_inf_nan=False, cache_strings="none")
    except ValueError as error:
        raise ServiceError(ErrorType.MALFORMED, f"not valid JSON: {error}") from None
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise invalid(error, document) from None


def invalid(error: ValidationError, document: object = None) -> ServiceError:
    """The 422 that names the first few fields at fault."""
    found = faults(error, document)[:MAX_NAMED_FAULTS]
    message = "; ".join(str(replace(fault, field=fault.field[:80])) for fault in found)
    return ServiceError(ErrorType.INVALID, message, field=found[0].field or None)
