"""One request for rewards, in any wire format: what every scoring route has in common.

Readiness, deadline, memory, body limits, strict parsing, idempotency, a client that leaves, and the
count of what is turned away stand here, once. A route brings a `WireFormat`: pure functions.

A request counts for its memory from the first byte of its body until its answer is out. Without an
idempotency key it ends with its client; with one, and where clients retry without, the work goes on
until its deadline, so that the retry finds the answer.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Coroutine
from functools import partial
from typing import Any, TypeVar

from fastapi import Request, Response
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from harmo.app.admission.permits import Hold
from harmo.app.body import announced, read_body
from harmo.app.call import Call, grown_to
from harmo.app.errors import ErrorType, ServiceError
from harmo.app.keys import ApiKey, owner
from harmo.app.life import Phase
from harmo.app.metrics.http import CLIENT_CLOSED
from harmo.app.patience import once_there_is_room
from harmo.app.replies import Reply
from harmo.app.service import Service
from harmo.app.shed import reason_of
from harmo.app.together import end
from harmo.app.wireformat import MAX_KEY_CHARS, Theirs, WireFormat

STARTING_S = 0.2
"""Between two looks whether a service that starts is ready."""

T = TypeVar("T")


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
    started_s = time.monotonic()
    try:
        header = request.headers.get("x-deadline-ms")
        deadline_ms = _deadline_ms(header, form.deadline_ms, service.settings.deadline_ms)
        if form.patient:
            await _until_ready(service, started_s + deadline_ms / 1000)
        service.life.require_ready()
        async with service.life.request():
            return await _answer(request, service, key, form, started_s, deadline_ms)
    except ClientDisconnect:
        return Response(status_code=CLIENT_CLOSED)
    except ServiceError as error:
        reason = reason_of(error)
        if reason is not None:
            service.metrics.http.shed.labels(reason.value).inc()
        raise


async def _answer(
    request: Request,
    service: Service,
    key: ApiKey | None,
    form: WireFormat[Theirs],
    started_s: float,
    deadline_ms: int,
) -> Response:
    settings, deadline_s = service.settings, started_s + deadline_ms / 1000
    with service.admission.bytes.hold(owner(key), 0) as held:
        coming = min(announced(request.headers), settings.max_body_bytes)
        await once_there_is_room(
            partial(grown_to, held, coming), patient=form.patient, deadline_s=deadline_s
        )
        body = await read_body(
            request.stream(),
            request.headers,
            max_bytes=settings.max_body_bytes,
            timeout_s=settings.body_timeout_s,
            deadline_s=deadline_s,
            held=held,
        )
        call = Call(
            service=service,
            key=key,
            form=form,
            started_s=started_s,
            deadline_ms=deadline_ms,
            body=body,
            held=held,
        )
        answered = await _replied(request, call)
        if answered is None:
            return Response(status_code=CLIENT_CLOSED)
        reply, replayed = answered
        headers = {"Idempotent-Replayed": "true"} if replayed else {}
        if reply.stand_ins:
            headers["X-Harmo-Stand-Ins"] = str(reply.stand_ins)
        return _Answer(reply.body, held, headers=headers)


async def _replied(request: Request, call: Call[Theirs]) -> tuple[Reply, bool] | None:
    """The reply, and whether other work than this request's made it; None once the client left."""
    name = _replay_key(request, call.form.variant)
    if name is not None:
        return await _while_connected(request, call.reply_once(name))
    if call.form.retries_alike:
        return await _taken_up(request, call)
    reply = await _while_connected(request, call.reply())
    return None if reply is None else (reply, False)


async def _taken_up(request: Request, call: Call[Theirs]) -> tuple[Reply, bool] | None:
    """A reply, by the work that the same request left behind if it did; None once it leaves, too.

    What it leaves goes on until its deadline. Where siblings were missing, it may be because the
    same request was answered with them, and the answer was lost on its way.
    """
    orphans, variant = call.service.orphans, f"{request.url.path} {call.form.variant}"
    name = (owner(call.key), variant, await call.digest())
    left = orphans.take(name)
    task = asyncio.create_task(call.reply()) if left is None else left
    try:
        connected = await _while_connected(request, asyncio.wait({task}))
    except asyncio.CancelledError:
        await end([task])
        raise
    if connected is None:
        orphans.leave(name, task)
        return None
    lost = orphans.lost(name, task, call.started_s)
    if left is not None or lost is not None:
        call.service.metrics.http.replays.inc()
    if lost is not None:
        return lost, True
    orphans.give(name, task.result())
    return task.result(), left is not None


class _Answer(Response):
    """A 200 that counts for its bytes until it is out."""

    media_type = "application/json"

    def __init__(self, body: bytes, held: Hold, headers: dict[str, str] | None) -> None:
        super().__init__(body, headers=headers)
        held.settle_at(len(body))
        self._held = held.__enter__()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._held.__exit__(None, None, None)


def _replay_key(request: Request, variant: str) -> str | None:
    """What a caller's reply is kept under: what was called, and the caller's own key."""
    own = request.headers.get("idempotency-key")
    if own is None:
        return None
    if len(own) > MAX_KEY_CHARS:
        raise ServiceError(
            ErrorType.INVALID,
            f"Idempotency-Key has {len(own)} characters; at most {MAX_KEY_CHARS}",
            field="Idempotency-Key",
        )
    return f"{request.url.path} {variant} {own}"


def _deadline_ms(header: str | None, routes: int | None, default: int) -> int:
    if header is None and routes is None:
        return default
    field, given = ("deadline_ms", str(routes)) if header is None else ("X-Deadline-Ms", header)
    asked = int(given) if re.fullmatch("[0-9]{1,9}", given) else 0
    if not 0 < asked <= default * 10:
        raise ServiceError(
            ErrorType.INVALID,
            f"{field} must be an integer from 1 to {default * 10}, got {given[:32]!r}",
            field=field,
        )
    return asked


async def _until_ready(service: Service, deadline_s: float) -> None:
    """Return once a service that starts is ready, or time is up."""
    while service.life.phase is Phase.STARTING and time.monotonic() < deadline_s:  # noqa: ASYNC110 - a moment's patience
        await asyncio.sleep(STARTING_S)


async def _while_connected(request: Request, work: Coroutine[Any, Any, T]) -> T | None:
    """The work's result; None, and no more work, once the client is gone."""
    task, gone = asyncio.create_task(work), asyncio.create_task(_disconnected(request))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        # Whoever left in the very turn in which the work came to its end has not got it.
        return None if gone.done() else task.result()
    finally:
        gone.cancel()
        await end([task])


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
