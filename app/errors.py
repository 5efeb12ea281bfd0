"""Errors about the envelope of a request, and their HTTP statuses: the one table."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from harmo_client.wire import ErrorBody, ErrorDetail


class ErrorType(StrEnum):
    """What can be wrong with a request as a whole."""

    MALFORMED = "malformed"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    BODY_TIMEOUT = "body_timeout"
    KEY_REUSED = "key_reused"
    TOO_LARGE = "too_large"
    UNSUPPORTED_MEDIA = "unsupported_media"
    INVALID = "invalid"
    UNSCORED = "unscored"
    OVERLOADED = "overloaded"
    INTERNAL = "internal"
    NOT_READY = "not_ready"
    FELL_SHORT = "fell_short"
    DEADLINE = "deadline"


STATUS: Mapping[ErrorType, tuple[int, str]] = {
    ErrorType.MALFORMED: (400, "Not JSON, too deep, NaN or Infinity, lone surrogates"),
    ErrorType.UNAUTHENTICATED: (401, "No or wrong API key"),
    ErrorType.FORBIDDEN: (403, "The key may not use this recipe"),
    ErrorType.NOT_FOUND: (404, "Unknown recipe or route"),
    ErrorType.METHOD_NOT_ALLOWED: (405, "The route does not take this method"),
    ErrorType.BODY_TIMEOUT: (408, "The body came too slowly"),
    ErrorType.KEY_REUSED: (409, "The idempotency key came back with another body"),
    ErrorType.TOO_LARGE: (413, "Over the byte or item limit"),
    ErrorType.UNSUPPORTED_MEDIA: (415, "Not JSON, or compressed"),
    ErrorType.INVALID: (422, "Schema violation; names the field"),
    ErrorType.UNSCORED: (422, "A completion has no reward and nothing may stand for it"),
    ErrorType.OVERLOADED: (429, "Queue full; see Retry-After"),
    ErrorType.INTERNAL: (500, "A bug of ours, with an id to look up"),
    ErrorType.NOT_READY: (503, "Starting or draining; see Retry-After"),
    ErrorType.FELL_SHORT: (503, "As unscored, because of us; see Retry-After"),
    ErrorType.DEADLINE: (504, "The deadline passed before anything was scored"),
}


MAX_MESSAGE_CHARS = 1000
MAX_FIELD_CHARS = 200


class ServiceError(Exception):
    """A request that gets an HTTP error instead of rewards."""

    def __init__(
        self,
        type: ErrorType,
        message: str,
        *,
        field: str | None = None,
        retry_after_s: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.type = type
        self.message = message[:MAX_MESSAGE_CHARS]
        self.field = None if field is None else field[:MAX_FIELD_CHARS]
        self.headers = dict(headers or {})
        if retry_after_s is not None:
            self.headers["Retry-After"] = str(retry_after_s)
        if type is ErrorType.UNAUTHENTICATED:
            self.headers["WWW-Authenticate"] = "Bearer"

    @property
    def status(self) -> int:
        """The HTTP status."""
        return STATUS[self.type][0]

    def body(self) -> bytes:
        """The JSON body."""
        detail = ErrorDetail(type=self.type.value, message=self.message, field=self.field)
        return ErrorBody(error=detail).model_dump_json().encode()


def openapi_responses(*types: ErrorType) -> dict[int | str, dict[str, Any]]:
    """OpenAPI entries for the errors a route may answer with."""
    said: dict[int, list[str]] = {}
    for type in types:
        status, when = STATUS[type]
        said.setdefault(status, []).append(when)
    return {s: {"description": "; ".join(whens), "model": ErrorBody} for s, whens in said.items()}
