"""What a scoring route brings to the exchange, and what OpenAPI says of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from harmo.app.errors import ErrorType, openapi_responses
from harmo.app.scored import ScoredRequest
from harmo.app.settings import Settings
from harmo.rewards.plan import Plan
from harmo_client.wire import ScoreRequest

MAX_KEY_CHARS = 256

Theirs = TypeVar("Theirs", bound=BaseModel)


def _anything(document: object, settings: Settings) -> None:
    """Refuse nothing."""


def _any_recipe(plan: Plan) -> None:
    """Refuse none."""


def _no_stand_ins(scored: ScoredRequest) -> int:
    del scored
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WireFormat(Generic[Theirs]):
    """How a trainer asks and wants to be answered. Every function is pure."""

    asked: type[Theirs]
    """The body of a request."""
    to_groups: Callable[[Theirs], ScoreRequest]
    """What it asks, as groups; a ValueError from it is a 422 with its words."""
    to_body: Callable[[ScoredRequest, Theirs], bytes]
    """The JSON that answers it; a ServiceError from it is the answer instead."""
    require: Callable[[object, Settings], None] = _anything
    """Refuses, with 413, a parsed body that asks for too much, before a model of it is built."""
    thread_bytes: int = 256 << 10
    """Larger bodies are parsed, and what echoes them is written, off the event loop."""
    variant: str = ""
    """What of the query decides the answer: a reply to one variant is none to another."""
    explain: bool = False
    """True to have hosted models say what they read."""
    suits: Callable[[Plan], None] = _any_recipe
    """Refuses, with a ServiceError, a recipe that such a request cannot be scored by."""
    stands_in: str = ""
    """What stands for a reward that there is none of, as the metrics have it."""
    stand_ins: Callable[[ScoredRequest], int] = _no_stand_ins
    """For how many completions that is."""
    always_paid: bool = False
    """True where the caller named a number for what has no reward: no deadline refuses it then."""
    deadline_ms: int | None = None
    """Time for a request that says nothing: below its client's patience. None: the service's."""
    patient: bool = False
    """True to wait for room, up to the deadline, where others are told to come again: for clients
    that give up early."""
    named: bool = True
    """False where the service makes up the completions' ids: equal ones are no retry then, and what
    is more than a group's size opens the next."""
    retries_alike: bool = False
    """True for clients that retry without a key: the same request again joins one whose client
    has left."""


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


def documented(
    asked: type[BaseModel],
    answered: type[BaseModel] | None = None,
    *,
    numbers: bool = False,
    options: Sequence[Mapping[str, Any]] = (),
    scores: bool = True,
) -> dict[str, Any]:
    """What OpenAPI says of a scoring route: keyword arguments of `router.post`.

    Args:
        asked: The request's body, which the exchange reads by itself.
        answered: The answer's.
        numbers: True where every completion is answered with a number.
        options: Parameters of the URL.
        scores: False where nothing is scored: no header of the exchange is read.
    """
    only_numbers = (ErrorType.UNSCORED, ErrorType.FELL_SHORT)
    errors = [type for type in ErrorType if numbers or type not in only_numbers]
    schema = asked.model_json_schema(ref_template="#/components/schemas/{model}")
    content = {"application/json": {"schema": schema}}
    return {
        "response_model": answered,
        "responses": openapi_responses(*errors),
        "openapi_extra": {
            "requestBody": {"content": content, "required": True},
            "parameters": [*(_HEADERS if scores else ()), *options],
            "security": [{"HTTPBearer": []}],
        },
    }
