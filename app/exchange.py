"""One request for rewards, in any wire format: what every scoring route has in common.

Readiness, deadline, body limits, strict parsing, idempotency, a client that leaves, and the count
of what is turned away stand here, once. A route brings a `WireFormat`: two pure functions.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from fastapi import Request, Response
from pydantic import BaseModel, ValidationError

from harmo.app.body import invalid, parse, read_body
from harmo.app.errors import ErrorType, ServiceError, openapi_responses
from harmo.app.keys import ApiKey, owner
from harmo.app.replies import Reply
from harmo.app.scored import ScoredRequest
from harmo.app.service import Service
from harmo_client.wire import ScoreRequest

CLIENT_CLOSED = 499
MAX_KEY_CHARS = 256
THREAD_BYTES = 256 << 10
"""Larger bodies are parsed off the event loop."""
_TURNED_AWAY = (ErrorType.OVERLOADED, ErrorType.NOT_READY)

Theirs = TypeVar("Theirs", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class WireFormat(Generic[Theirs]):
    """How a trainer asks and wants to be answered. Both functions are pure."""

    asked: type[Theirs]
    """The body of a request."""
    to_groups: Callable[[Theirs], ScoreRequest]
    """What it asks, as groups; a ValueError from it is a 422 with its words."""
    to_body: Callable[[ScoredRequest], bytes]
    """The JSON that answers it."""
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


async def exchange(
    request: Request, service: Service, key: ApiKey | None, form: WireFormat[Theirs]
) -> Response:
    """The answer to one request for rewards.

    Args:
        request: As it comes in; its body is not read yet.
        service: What scores it.
        key: Whose request it is.
        form: The wire format of the route.

    Raises:
        ServiceError: Any status of the table in `errors`.
    """
    try:
        return await _answer(request, service, key, form)
    except ServiceError as error:
        if error.type in _TURNED_AWAY:
            service.metrics.shed.inc()
        raise


async def _answer(
    request: Request, service: Service, key: ApiKey | None, form: WireFormat[Theirs]
) -> Response:
    started_s = time.monotonic()
    service.life.require_ready()
    settings = service.settings
    deadline_ms = _deadline_ms(request.headers.get("x-deadline-ms"), settings.deadline_ms)
    body = await read_body(
        request.stream(),
        request.headers,
        max_bytes=settings.max_body_bytes,
        timeout_s=settings.body_timeout_s,
    )
    replay_key = _replay_key(request, key, form.variant)

    async def score() -> Reply:
        asked = await _groups(body, form)
        scored = await service.score(
            asked, key, deadline_ms=deadline_ms, started_s=started_s, explain=form.explain
        )
        return Reply(body=form.to_body(scored), final=scored.final)

    if replay_key is None:
        reply = await _while_connected(request, asyncio.ensure_future(score()))
        if reply is None:
            return Response(status_code=CLIENT_CLOSED)
        return Response(reply.body, media_type="application/json")
    kept, replayed = await service.replies.once(replay_key, body, score)
    if replayed:
        service.metrics.replays.inc()
    headers = {"Idempotent-Replayed": "true"} if replayed else None
    return Response(kept, media_type="application/json", headers=headers)


async def _groups(body: bytes, form: WireFormat[Theirs]) -> ScoreRequest:
    def read() -> ScoreRequest:
        asked = parse(body, form.asked)
        try:
            return form.to_groups(asked)
        except ValidationError as error:
            raise invalid(error) from None
        except ValueError as error:
            raise ServiceError(ErrorType.INVALID, str(error)) from None

    return await asyncio.to_thread(read) if len(body) > THREAD_BYTES else read()


def _replay_key(request: Request, key: ApiKey | None, variant: str) -> str | None:
    """What a reply is kept under: the caller, what was called, and the caller's own key."""
    own = request.headers.get("idempotency-key")
    if own is None:
        return None
    if len(own) > MAX_KEY_CHARS:
        raise ServiceError(
            ErrorType.INVALID,
            f"Idempotency-Key has {len(own)} characters; at most {MAX_KEY_CHARS}",
            field="Idempotency-Key",
        )
    return f"{owner(key)} {request.url.path} {variant} {own}"


def _deadline_ms(header: str | None, default: int) -> int:
    if header is None:
        return default
    asked = int(header) if re.fullmatch("[0-9]{1,9}", header) else 0
    if not 0 < asked <= default * 10:
        raise ServiceError(
            ErrorType.INVALID,
            f"X-Deadline-Ms must be an integer from 1 to {default * 10}, got {header[:32]!r}",
            field="X-Deadline-Ms",
        )
    return asked


async def _while_connected(request: Request, work: asyncio.Future[Reply]) -> Reply | None:
    """The work's reply; None, and no more work, once the client is gone."""
    gone = asyncio.ensure_future(_disconnected(request))
    either: list[asyncio.Future[Any]] = [work, gone]
    try:
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        return work.result() if work.done() else None
    finally:
        gone.cancel()
        work.cancel()


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
