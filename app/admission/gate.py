"""What is let in: as much as memory holds and as can be finished before its deadline.

What is let in has its place in every stage's own queue and is scored; the rest is told at once, and
after which time there should be room.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from harmo.app.admission.outflow import Clock
from harmo.app.admission.permits import Hold, Limit, Permits
from harmo.app.engine import Program
from harmo.app.errors import ErrorType, ServiceError
from harmo.app.hosting import Hosting
from harmo.app.isolation import Isolation
from harmo.app.settings import Settings
from harmo.app.shed import ShedError, ShedReason
from harmo.app.workers.reserved import Reservation
from harmo.models.base import Load, busiest
from harmo.scorers.spec import BoundScorer

VALUE_BYTES = 256
"""What a JSON value takes once it is part of a request."""
WAITING_PART = 0.5
"""Of the bytes in flight: more must not wait, or the members waited for could not come in."""
FAULT_WAIT_S = 5.0


class Admission:
    """Bounds what requests hold and what they ask of the stages, over all and for each caller."""

    def __init__(
        self,
        settings: Settings,
        isolation: Isolation,
        hosting: Hosting,
        *,
        callers: int = 1,
        clock: Clock = time.monotonic,
    ) -> None:
        self._isolation = isolation
        self._hosting = hosting
        self._clock = clock
        share = settings.caller_share if callers > 1 else 1.0

        def permits(total: int, what: str, setting: str, reason: ShedReason) -> Permits:
            limit = Limit(total=total, what=what, setting=setting, reason=reason, share=share)
            return Permits(limit, clock)

        in_flight, waiting = settings.max_in_flight_bytes, settings.max_waiting_members
        self.bytes = permits(in_flight, "bytes in flight", "max_in_flight_bytes", ShedReason.BYTES)
        self.completions = permits(
            settings.max_in_flight_completions,
            "completions in flight",
            "max_in_flight_completions",
            ShedReason.COMPLETIONS,
        )
        self.waiting_members = permits(
            waiting,
            "members waiting for their group",
            "max_waiting_members",
            ShedReason.WAITING,
        )
        self.waiting_bytes = permits(
            int(in_flight * WAITING_PART),
            "bytes waiting for their group",
            "half of max_in_flight_bytes",
            ShedReason.WAITING,
        )

    @contextmanager
    def room(
        self, program: Program, completions: int, deadline_s: float, *, ready: int
    ) -> Iterator[Reservation]:
        """Room in every stage, for as long as this lasts; whose turn it is there.

        Args:
            program: Whose stages are asked.
            completions: That come.
            deadline_s: `time.monotonic()` instant.
            ready: Of them, what waits for no others: time that is kept for who waits keeps out
                those who are waited for.

        Raises:
            ShedError: 429 where somebody would be late, or 503 where a stage gets nothing done.
        """
        scorers = [column.scorer for column in program.plan.columns]
        columns = _worker_columns(program)
        loads = [load for load in map(self._load, scorers) if load is not None]
        workers = self._isolation.load()
        fault = busiest([*loads, workers] if columns else loads).fault
        if fault:
            raise ShedError(ShedReason.NOT_READY, fault, wait_s=FAULT_WAIT_S)
        reserved = self._isolation.reserved
        recipe = program.plan.recipe.name
        if self.completions.taken:
            # What comes alone is let in.
            left_s = deadline_s - self._clock()
            for load in loads:
                _require_time(load.backlog_s, _late_s(load, completions, left_s))
            wait_s = reserved.wait_s(recipe, columns * completions, deadline_s)
            _require_time(workers.backlog_s, wait_s)
        with reserved.reserve(recipe, columns * ready, deadline_s) as reservation:
            yield reservation

    @asynccontextmanager
    async def claim(
        self, program: Program, owner: str, completions: int, deadline_s: float
    ) -> AsyncIterator[tuple[Hold, Reservation]]:
        """Room for completions that waited for each other: before all that comes now.

        Args:
            program: Whose stages are asked.
            owner: Whose they are.
            completions: A whole group.
            deadline_s: `time.monotonic()` instant; 504 when there is no room by then.
        """
        try:
            async with asyncio.timeout(deadline_s - self._clock()):
                held = await self.completions.claim(owner, completions)
        except TimeoutError:
            message = "the deadline passed while a whole group waited to be scored"
            raise ServiceError(ErrorType.DEADLINE, message) from None
        asked = (program.plan.recipe.name, _worker_columns(program) * completions, deadline_s)
        with held, self._isolation.reserved.reserve(*asked) as turns:
            yield held, turns

    def _load(self, bound: BoundScorer) -> Load | None:
        """Of the model that a scorer asks; None where it asks none."""
        if bound.spec.may_ask_workers:
            return None
        match bound.spec.resource:
            case "reward_model":
                return self._hosting.model(bound).load()
            case "encoder":
                return self._hosting.encoder(bound).load()
            case _:
                return None


def _worker_columns(program: Program) -> int:
    """How often workers may have to score each completion."""
    return sum(column.scorer.spec.may_ask_workers for column in program.plan.columns)


def _late_s(load: Load, completions: int, left_s: float) -> float:
    """By how much so many would be late at a model, which serves whoever came first."""
    own_s = completions * load.completion_s
    # What is too large for its deadline has what is done by then.
    return load.backlog_s + (own_s if own_s <= left_s else 0.0) - left_s


def _require_time(waits_s: float, late_s: float) -> None:
    """Refuse what would be late, or make others late."""
    if late_s > 0:
        message = (
            f"{waits_s:.0f} s of work wait: for another {late_s:.0f} s there is no time for this"
            " request beside those before; retry later, with less, or with a longer X-Deadline-Ms"
        )
        raise ShedError(ShedReason.BACKLOG, message, wait_s=late_s)
