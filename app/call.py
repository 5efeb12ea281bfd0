"""One request whose body is here: parsed, scored and written, in any wire format."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from harmo.app.admission.gate import VALUE_BYTES
from harmo.app.admission.outline import Outline
from harmo.app.admission.permits import Hold
from harmo.app.body import invalid, outlined, parse
from harmo.app.errors import ErrorType, ServiceError
from harmo.app.keys import ApiKey, owner
from harmo.app.patience import once_there_is_room
from harmo.app.replies import Asked, Reply
from harmo.app.scored import ScoredRequest
from harmo.app.service import Service
from harmo.app.settings import Settings
from harmo.app.wireformat import Theirs, WireFormat
from harmo_client.wire import ScoreRequest

THREAD_VALUES = 10_000
"""Bodies of more values are parsed off the event loop, too."""
THREAD_SCORES = 2_000
"""Answers with more scores, and all with evidence, are written off the event loop."""
ANSWER_S = 5.0
"""Past the deadline, for an answer to be written: clients wait as long."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[Theirs]):
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
        """`time.monotonic()` instant."""
        return self.started_s + self.deadline_ms / 1000

    async def reply_once(self, name: str) -> tuple[Reply, bool]:
        """The reply kept under a key, or a new one; and whether it was there.

        Args:
            name: What it is kept under.
        """
        digest = await self.digest()
        asked = Asked(owner=owner(self.key), key=name, digest=digest, deadline_s=self.deadline_s)
        reply, replayed = await self.service.replies.once(asked, self.reply)
        if replayed:
            self.service.metrics.http.replays.inc()
        return reply, replayed

    async def digest(self) -> bytes:
        """What the body is told by."""
        return await self._aside(self.body, lambda: hashlib.sha256(self.body).digest())

    async def reply(self) -> Reply:
        """A new reply."""
        # The work may outlast its request: it holds the memory for as long.
        with self.held:
            large = len(self.body) > self.form.thread_bytes
            theirs, asked = await self._groups()
            self.form.suits(self.service.program(asked.recipe, self.key).plan)
            scored = await self._scored(asked)
            body = await self._written(scored, theirs, aside=large)
            stand_ins = self.form.stand_ins(scored)
            if stand_ins:
                made_up = self.service.metrics.http.stand_ins
                made_up.labels(scored.plan.recipe.name, self.form.stands_in).inc(stand_ins)
            return Reply(body=body, final=scored.final, stand_ins=stand_ins, joined=scored.joined)

    async def _scored(self, asked: ScoreRequest) -> ScoredRequest:
        """What it comes to, once there is room for it where its client waits."""
        score = partial(
            self.service.score,
            asked,
            self.key,
            deadline_ms=self.deadline_ms,
            started_s=self.started_s,
            held_bytes=self.held.amount,
            explain=self.form.explain,
            named=self.form.named,
            always_paid=self.form.always_paid,
        )
        return await self.once_there_is_room(score)

    async def once_there_is_room(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What the work comes to, begun again where it is turned away and the client waits."""
        return await once_there_is_room(work, patient=self.form.patient, deadline_s=self.deadline_s)

    async def _groups(self) -> tuple[Theirs, ScoreRequest]:
        body, settings = self.body, self.service.settings
        read = partial(outlined, body, max_values=settings.max_values)
        known = await self._aside(body, read)
        await self.once_there_is_room(
            partial(grown_to, self.held, len(body) + known.values * VALUE_BYTES)
        )
        asked = await self._aside(body, partial(_groups, body, known, self.form, settings), known)
        # All of it stands in the groups by now.
        body.clear()
        return asked

    async def _aside(
        self, body: bytearray, work: Callable[[], T], known: Outline | None = None
    ) -> T:
        """Do work on a body here, or in a thread if it is large."""
        many = known is not None and known.values > THREAD_VALUES
        if len(body) <= self.form.thread_bytes and not many:
            return work()
        return await self.service.parsing.run(work, deadline_s=self.deadline_s)

    async def _written(self, scored: ScoredRequest, theirs: Theirs, *, aside: bool) -> bytes:
        write = partial(self.form.to_body, scored, theirs)
        rows = sum(len(members.rows) for members in scored.groups)
        many = self.form.explain or rows * len(scored.plan.columns) > THREAD_SCORES
        if not many and not aside:
            return write()
        until_s = max(self.deadline_s, time.monotonic()) + ANSWER_S
        return await self.service.parsing.run(write, deadline_s=until_s)


async def grown_to(held: Hold, amount: int) -> None:
    """Hold so much, or be turned away."""
    held.grow_to(amount)


def _groups(
    body: bytearray, known: Outline, form: WireFormat[Theirs], settings: Settings
) -> tuple[Theirs, ScoreRequest]:
    asked = parse(body, known, form.asked, lambda document: form.require(document, settings))
    try:
        return asked, form.to_groups(asked)
    except ValidationError as error:
        raise invalid(error) from None
    except ValueError as error:
        raise ServiceError(ErrorType.INVALID, str(error)) from None
