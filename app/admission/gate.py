"""What is let in: as much as memory holds and as can be finished before its deadline.

What is let in has its place in every stage's own queue and is scored; the rest is told at once, and
after which time there should be room.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter

from harmo.app.admission.outflow import Clock
from harmo.app.admission.permits import Hold, Limit, Permits
from harmo.app.engine import Program
from harmo.app.errors import ErrorType, ServiceError
from harmo.app.hosting import Hosting
from harmo.app.isolation import Isolation
from harmo.app.settings import Settings
from harmo.app.shed import ShedError, ShedReason
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

    def require_room(self, program: Program, completions: int, deadline_s: float) -> None:
        """Refuse what could not be finished in time, or at all.

        Args:
            program: Whose stages are asked.
            completions: That come: requests take turns, so few of them wait for few of others.
            deadline_s: `time.monotonic()` instant.

        Raises:
            ShedError: 429, or 503 where a stage gets nothing done.
        """
        load = self._load(program, None)
        if load.fault:
            raise ShedError(ShedReason.NOT_READY, load.fault, wait_s=FAULT_WAIT_S)
        left_s = deadline_s - self._clock()
        if not self.completions.taken or load.backlog_s <= left_s:
            return
        # Only now is it worth looking at whose turn comes when.
        load = self._load(program, completions)
        late_s = load.backlog_s - left_s
        if late_s > 0:
            message = (
                f"{load.backlog_s:.0f} s of work wait, which is {late_s:.0f} s past the deadline;"
                " retry later, or with a longer X-Deadline-Ms"
            )
            raise ShedError(ShedReason.BACKLOG, message, wait_s=late_s)

    async def claim(self, owner: str, completions: int, deadline_s: float) -> Hold:
        """Completions that waited for each other: before all that comes now; 504 when too late."""
        try:
            async with asyncio.timeout(deadline_s - self._clock()):
                return await self.completions.claim(owner, completions)
        except TimeoutError:
            message = "the deadline passed while a whole group waited to be scored"
            raise ServiceError(ErrorType.DEADLINE, message) from None

    def _load(self, program: Program, completions: int | None) -> Load:
        """The busiest of the stages that the recipe uses; before None goes all that waits."""
        scorers = [column.scorer for column in program.plan.columns]
        isolated = Counter(b.spec.name for b in scorers if b.spec.isolate or b.spec.dispatches)
        loads = [self._load_of(bound) for bound in scorers]
        if isolated:
            each = (
                None if completions is None else {k: n * completions for k, n in isolated.items()}
            )
            loads.append(self._isolation.load(each))
        return busiest(load for load in loads if load is not None)

    def _load_of(self, bound: BoundScorer) -> Load | None:
        if bound.spec.isolate or bound.spec.dispatches:
            return None
        match bound.spec.resource:
            case "reward_model":
                return self._hosting.model(bound).load()
            case "encoder":
                return self._hosting.encoder(bound).load()
            case _:
                return None
