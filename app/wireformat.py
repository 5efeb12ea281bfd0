"""What a scoring route brings to the exchange, and what OpenAPI says of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from harmo.app.errors import ErrorType, openapi_responses
from harmo.app.scored import ScoredRequest
from harmo.app.settings import Settings
from harmo_client.wire import ScoreRequest

MAX_KEY_CHARS = 256

Theirs = TypeVar("Theirs", bound=BaseModel)


def _anything(document: object, settings: Settings) -> None:
    """Refuse nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WireFormat(Generic[Theirs]):
    """How a trainer asks and wants to be answered. Every function is pure."""

    asked: type[Theirs]
    """The body of a request."""
    to_groups: Callable[[Theirs], ScoreRequest]
    """What it asks, as groups; a ValueError from it is a 422 with its words."""
    to_body: Callable[[ScoredRequest], bytes]
    """The JSON that answers it."""
    require: Callable[[object, Settings], None] = _anything
    """Refuses, with 413, a parsed body that asks for too much, before a model of it is built."""
    variant: str = ""
    """What of the query decides the answer: a reply to one variant is none to another."""
    explain: bool = False
    """True to have hosted models say what they read."""


_HEADERS = [
    {
        "name": "X-Deadline-Ms",
        "in": "header",
        "schema": {"type": "integer", "minimum": 1},
        "description": (
            "Time for this request; what is late abstains with `deadline`. At most ten times the"
            " service's own `deadline_ms`, which is the default."
        ),
    },
    {
        "name": "Idempotency-Key",
        "in": "header",
        "schema": {"type": "string", "maxLength": MAX_KEY_CHARS},
        "description": (
            "A retry with the same key and body gets the answer that was given; with another body"
            " 409."
        ),
    },
]
"""The headers that a scoring route reads."""


def documented(asked: type[BaseModel], answered: type[BaseModel] | None = None) -> dict[str, Any]:
    """What OpenAPI says of a scoring route: keyword arguments of `router.post`.

    Args:
        asked: The request's body, which the exchange reads by itself.
        answered: The answer's.
    """
    schema = asked.model_json_schema(ref_template="#/components/schemas/{model}")
    content = {"application/json": {"schema": schema}}
    return {
        "response_model": answered,
        "responses": openapi_responses(*ErrorType),
        "openapi_extra": {
            "requestBody": {"content": content, "required": True},
            "parameters": _HEADERS,
        },
    }
