"""POST /score."""

from __future__ import annotations

import asyncio
import re
import time
from typing import Any

from fastapi import APIRouter, Query, Request, Response

from harmo.app.admission import Answer, owner, read_body
from harmo.app.errors import ErrorType, ServiceError, openapi_responses
from harmo.app.parse import parse_request
from harmo.app.routes.dependencies import KeyDep, ServiceDep
from harmo.app.service import THREAD_BYTES
from harmo_client.wire import ScoreRequest, ScoreResponse

router = APIRouter()
CLIENT_CLOSED = 499
MAX_KEY_CHARS = 256
_ERRORS = openapi_responses(*ErrorType)
_BODY = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/ScoreRequest"}}}}


@router.post(
    "/score",
    response_model=ScoreResponse,
    responses=_ERRORS,
    openapi_extra={"requestBody": {**_BODY, "required": True}},
)
async def score(
    request: Request,
    service: ServiceDep,
    key: KeyDep,
    explain: bool = Query(False, description="Add what was extracted and compared"),  # noqa: FBT001, FBT003 - FastAPI's form
) -> Response:
    """Score groups: a reward for every completion, or the reason why there is none."""
    started_s = time.monotonic()
    service.loaded()
    settings = service.settings
    deadline_ms = _deadline_ms(request.headers.get("x-deadline-ms"), settings.deadline_ms)
    body = await read_body(
        request.stream(),
        request.headers,
        max_bytes=settings.max_body_bytes,
        timeout_s=settings.body_timeout_s,
    )

    async def make() -> Answer:
        asked = await _parse(body)
        return await service.score(
            asked, key, explain=explain, deadline_ms=deadline_ms, started_s=started_s
        )

    idempotency_key = request.headers.get("idempotency-key")
    if idempotency_key is None:
        answer = await _while_connected(request, asyncio.ensure_future(make()))
        if answer is None:
            return Response(status_code=CLIENT_CLOSED)
        return Response(answer.body, media_type="application/json")
    if len(idempotency_key) > MAX_KEY_CHARS:
        raise ServiceError(
            ErrorType.INVALID,
            f"Idempotency-Key has {len(idempotency_key)} characters; at most {MAX_KEY_CHARS}",
            field="Idempotency-Key",
        )
    owned = f"{owner(key)} {explain} {idempotency_key}"
    kept, replayed = await service.answers.once(owned, body, make)
    if replayed:
        service.metrics.replays.inc()
    headers = {"Idempotent-Replayed": "true"} if replayed else None
    return Response(kept, media_type="application/json", headers=headers)


async def _parse(body: bytes) -> ScoreRequest:
    if len(body) > THREAD_BYTES:
        return await asyncio.to_thread(parse_request, body)
    return parse_request(body)


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


async def _while_connected(request: Request, work: asyncio.Future[Answer]) -> Answer | None:
    """The work's answer; None, and no more work, once the client is gone."""
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
