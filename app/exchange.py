"""One request for rewards, in any wire format: what every scoring route has in common.

Readiness, deadline, memory, body limits, strict parsing, idempotency, a client that leaves, and the
count of what is turned away stand here, once. A route brings a `WireFormat`: pure functions.

A request counts for its memory from the first byte of its body until its answer is out. Without an
idempotency key it ends with its client; with one the work goes on until its deadline, so that the
retry finds the answer.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from fastapi import Request, Response
from pydantic import ValidationError
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from harmo.app.admission.gate import VALUE_BYTES
from harmo.app.admission.outline import Outline
from harmo.app.admission.permits import Hold
from harmo.app.body import invalid, outlined, parse, read_body
from harmo.app.errors import ErrorType, ServiceError
from harmo.app.keys import ApiKey, owner
from harmo.app.replies import Asked, Reply
from harmo.app.scored import ScoredRequest
from harmo.app.service import Service
from harmo.app.settings import Settings
from harmo.app.shed import reason_of
from harmo.app.together import end
from harmo.app.wireformat import MAX_KEY_CHARS, Theirs, WireFormat
from harmo_client.wire import ScoreRequest

CLIENT_CLOSED = 499
THREAD_BYTES = 256 << 10
THREAD_VALUES = 10_000
"""Larger bodies, and those of more values, are parsed off the event loop."""
THREAD_SCORES = 2_000
"""Answers with more scores, and all with evidence, are written off the event loop."""
ANSWER_S = 5.0
"""Past the deadline, for an answer to be written: clients wait as long."""

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
    try:
        service.life.require_ready()
        async with service.life.request():
            return await _answer(request, service, key, form)
    except ClientDisconnect:
        return Response(status_code=CLIENT_CLOSED)
    except ServiceError as error:
        reason = reason_of(error)
        if reason is not None:
            service.metrics.shed.labels(reason.value).inc()
        raise


async def _answer(
    request: Request, service: Service, key: ApiKey | None, form: WireFormat[Theirs]
) -> Response:
    started_s = time.monotonic()
    settings = service.settings
    deadline_ms = _deadline_ms(request.headers.get("x-deadline-ms"), settings.deadline_ms)
    with service.admission.bytes.hold(owner(key), 0) as held:
        body = await read_body(
            request.stream(),
            request.headers,
            max_bytes=settings.max_body_bytes,
            timeout_s=settings.body_timeout_s,
            deadline_s=started_s + deadline_ms / 1000,
            held=held,
        )
        call = _Call(
            service=service,
            key=key,
            form=form,
            started_s=started_s,
            deadline_ms=deadline_ms,
            body=body,
            held=held,
        )
        name = _replay_key(request, form.variant)
        work = call.reply() if name is None else call.reply_once(name)
        answered = await _while_connected(request, work)
        if answered is None:
            return Response(status_code=CLIENT_CLOSED)
        reply, replayed = answered
        headers = {"Idempotent-Replayed": "true"} if replayed else None
        return _Answer(reply.body, held, headers=headers)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call(Generic[Theirs]):
    """One request whose body is here."""

    service: Service
    key: ApiKey | None
    form: WireFormat[Theirs]
    started_s: float
    deadline_ms: int
    body: bytearray
    held: Hold

    @property
    def deadline_s(self) -> float:
        return self.started_s + self.deadline_ms / 1000

    async def reply_once(self, name: str) -> tuple[Reply, bool]:
        """The reply kept under a key, or a new one; and whether it was there."""
        digest = await self._aside(self.body, lambda: hashlib.sha256(self.body).digest())
        asked = Asked(owner=owner(self.key), key=name, digest=digest, deadline_s=self.deadline_s)
        body, replayed = await self.service.replies.once(asked, self._made)
        if replayed:
            self.service.metrics.replays.inc()
        return Reply(body=body), replayed

    async def reply(self) -> tuple[Reply, bool]:
        """A new reply."""
        return await self._made(), False

    async def _made(self) -> Reply:
        # The work may outlast its request: it holds the memory for as long.
        with self.held:
            asked = await self._groups()
            scored = await self.service.score(
                asked,
                self.key,
                deadline_ms=self.deadline_ms,
                started_s=self.started_s,
                held_bytes=self.held.amount,
                explain=self.form.explain,
            )
            return Reply(body=await self._written(scored), final=scored.final)

    async def _groups(self) -> ScoreRequest:
        body, settings = self.body, self.service.settings
        read = partial(outlined, body, max_values=settings.max_values)
        known = await self._aside(body, read)
        self.held.grow_to(len(body) + known.values * VALUE_BYTES)
        asked = await self._aside(body, partial(_groups, body, known, self.form, settings), known)
        # All of it stands in the groups by now.
        body.clear()
        return asked

    async def _aside(
        self, body: bytearray, work: Callable[[], T], known: Outline | None = None
    ) -> T:
        """Do work on a body here, or in a thread if it is large."""
        many = known is not None and known.values > THREAD_VALUES
        if len(body) <= THREAD_BYTES and not many:
            return work()
        return await self.service.parsing.run(work, deadline_s=self.deadline_s)

    async def _written(self, scored: ScoredRequest) -> bytes:
        write = partial(self.form.to_body, scored)
        rows = sum(len(members.rows) for members in scored.groups)
        if not self.form.explain and rows * len(scored.plan.columns) <= THREAD_SCORES:
            return write()
        until_s = max(self.deadline_s, time.monotonic()) + ANSWER_S
        return await self.service.parsing.run(write, deadline_s=until_s)


def _groups(
    body: bytearray, known: Outline, form: WireFormat[Theirs], settings: Settings
) -> ScoreRequest:
    asked = parse(body, known, form.asked, lambda document: form.require(document, settings))
    try:
        return form.to_groups(asked)
    except ValidationError as error:
        raise invalid(error) from None
    except ValueError as error:
        raise ServiceError(ErrorType.INVALID, str(error)) from None


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


async def _while_connected(request: Request, work: Coroutine[Any, Any, T]) -> T | None:
    """The work's result; None, and no more work, once the client is gone."""
    task, gone = asyncio.create_task(work), asyncio.create_task(_disconnected(request))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else None
    finally:
        gone.cancel()
        await end([task])


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
