"""Bytes -> a valid request, or the 400 or 422 that says what is wrong where."""

from __future__ import annotations

from pydantic import ValidationError
from pydantic_core import from_json

from harmo.app.errors import ErrorType, ServiceError
from harmo_client.wire import ScoreRequest

MAX_NAMED_FAULTS = 5


def parse_request(body: bytes) -> ScoreRequest:
    """The request in a body.

    Args:
        body: As it came.

    Raises:
        ServiceError: 400 if it is not strict JSON, 422 if it is not a `ScoreRequest`.
    """
    try:
        document = from_json(body, allow_inf_nan=False, cache_strings="none")
    except ValueError as error:
        raise ServiceError(ErrorType.MALFORMED, f"not valid JSON: {error}") from None
    try:
        return ScoreRequest.model_validate(document)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False, include_context=False)
        fields = [".".join(map(str, fault["loc"])) for fault in faults]
        named = [f"{field[:80]}: {f['msg']}" for field, f in zip(fields, faults, strict=True)]
        message = "; ".join(named[:MAX_NAMED_FAULTS])
        raise ServiceError(ErrorType.INVALID, message, field=fields[0] or None) from None
