"""Groups whose members arrive in several requests, held until they are whole.

What waits holds no permit to be scored, only a place among what may wait. The joined group is
scored once for all its requests, and given up with the last of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from harmo.app.admission.permits import Permits
from harmo.app.answered import AnsweredGroups
from harmo.app.callers import Callers, Run, RunKey
from harmo.app.engine import ScoredGroup
from harmo.app.samples import Received
from harmo.app.scored import ScoredMembers
from harmo.app.shortfall import Shortfall, ShortfallCause
from harmo.app.together import end
from harmo.app.waiting import Key, WaitingGroup
from harmo.scorers.types import Reason

log = logging.getLogger("harmo.assembly")

ScoreWhole = Callable[[Received, float], Coroutine[Any, Any, ScoredGroup]]
"""Scores the joined group until a deadline."""
NEAR_S = 1.0
"""Members that ask so shortly after each other are late together, by less than clients mind: one
that hangs to the last one's deadline does not cost the others their reward."""
LOOK_S = 0.01
CALM_LOOKS = 5
"""A run that is blocked has stood still for so many looks in a row before a group of it is sealed:
a request that is being read is not counted yet, and a busy event loop makes a look come late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What may wait, over all callers and for each."""

    members: Permits
    bytes: Permits


@dataclass(slots=True, eq=False)
class Visit:
    """One request in flight."""

    key: RunKey
    bytes: int
    """What it holds of memory, waiting or not."""
    run: Run
    room: Room
    was_free: bool
    """True if its caller had been free for a while."""
    waiting: int = 0
    """Its groups that wait for members."""
    held: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    """Its bytes, while it waits."""

    @contextlib.contextmanager
    def wait(self, members: int, clock: Callable[[], float]) -> Iterator[None]:
        """While so many of its members wait: it cannot finish; 429 where too many do."""
        owner, _ = self.key
        with self.room.members.hold(owner, members):
            if not self.waiting:
                self.held.enter_context(self.room.bytes.hold(owner, self.bytes))
                self.run.held += 1
                self.run.changed_s = clock()
            self.waiting += 1
            try:
                yield
            finally:
                self.waiting -= 1
                if not self.waiting:
                    self.run.held -= 1
                    self.held.close()


class Assembly:
    """Joins the shares of a group; each gets its own members' rows of the one answer."""

    def __init__(self, room: Room, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._room = room
        self._clock = clock
        self._callers = Callers(clock)
        self._answered = AnsweredGroups(clock)

    @property
    def is_idle(self) -> bool:
        """True while no request is in flight."""
        return not len(self._callers)

    @contextlib.contextmanager
    def visit(self, key: RunKey, held_bytes: int) -> Iterator[Visit]:
        """One request of a run, for as long as it is in flight.

        Args:
            key: Whose it is, and the run.
            held_bytes: What it holds of memory.
        """
        run, was_free = self._callers.came(key)
        try:
            yield Visit(key, held_bytes, run, self._room, was_free)
        finally:
            self._callers.went(key, run)

    async def score(
        self,
        key: Key,
        share: Received,
        visit: Visit,
        *,
        wait_s: float,
        deadline_s: float,
        score: ScoreWhole,
        named: bool = True,
    ) -> ScoredMembers:
        """The share's members, with the scores of their whole group.

        Args:
            key: What makes two shares members of one group.
            share: The members that came with this request.
            visit: The request.
            wait_s: How long to hold them for the others.
            deadline_s: `time.monotonic()` instant of this request's end.
            score: Scores the joined group, once, or a share alone that ran out of time.
            named: False where the service made up the ids: equal ones are then different members,
                and those that are more than the size open the next group.

        Raises:
            ServiceError: 422 if the shares of a group ask different things, or those of a named one
                disagree on the size or bring one completion with two texts; 429 if too much waits.
        """
        placed = self._placed(key, share, visit, named=named)
        if placed is None:
            return await self._alone(share, visit, deadline_s, score)
        group, kept = placed
        if group.is_open:
            group.deadline_s = max(group.deadline_s, deadline_s)
            group.wait_s = max(group.wait_s, wait_s)
            group.finished = visit.run.finished
            if group.is_whole:
                self._seal(group, visit.run)
        group.present += 1
        try:
            await self._sealed(group, visit, len(share.ids), wait_s)
            if group.scored is None:
                group.scored = asyncio.create_task(score(group.join(), group.deadline_s))
            scored, first = await self._whole(group, deadline_s), group.rows[id(kept)]
            if scored is None:
                overdue = replace(share, faults=(Reason.DEADLINE,) * len(share.ids))
                scored, first = await score(overdue, deadline_s), 0
        finally:
            await self._leave(group, kept, visit)
        return ScoredMembers(
            received=replace(share, shortfall=group.shortfall),
            group=scored,
            rows=range(first, first + len(share.ids)),
        )

    async def _alone(
        self, share: Received, visit: Visit, deadline_s: float, score: ScoreWhole
    ) -> ScoredMembers:
        """Members of a group that was answered without them."""
        if visit.was_free:
            # Nobody was waiting for us: it was late by itself, and so may be the next.
            visit.run.known.ceiling = None
        came, size = len(share.ids), share.group.size
        short = Shortfall(came=came, size=size, waited_s=0.0, cause=ShortfallCause.LATE)
        late = replace(share, shortfall=short)
        return ScoredMembers(
            received=late, group=await score(late, deadline_s), rows=range(len(share.ids))
        )

    def _placed(
        self, key: Key, share: Received, visit: Visit, *, named: bool
    ) -> tuple[WaitingGroup, Received] | None:
        """The group that a share belongs to, and the share as it holds it; None if it is late."""
        run = visit.run
        group = run.groups.get(key)
        kept = None if group is None else group.find(share, visit)
        if kept is None and self._answered.takes(key, share, named=named):
            return None
        if group is not None and kept is None and group.is_open:
            if field := group.other(share):
                raise group.stranger(field)
            if not group.fits(share):
                if named:
                    raise group.refusal(share)
                group = None
        if group is None or (kept is None and not group.is_open):
            group = WaitingGroup(key, share.group.size, self._clock(), named)
            run.groups[key] = run.open[id(group)] = group
        group.add(kept or share, visit)
        return group, kept or share

    async def _whole(self, group: WaitingGroup, deadline_s: float) -> ScoredGroup | None:
        """The scores of the whole group; None once this request's deadline has passed."""
        if group.scored is None:
            return None
        # With the latest deadline of all there is no need to hurry: the scores come by then.
        impatient = deadline_s + NEAR_S < group.deadline_s
        left_s = max(0.0, deadline_s - self._clock()) if impatient else None
        await asyncio.wait({group.scored}, timeout=left_s)
        return group.scored.result() if group.scored.done() else None

    async def _sealed(self, group: WaitingGroup, visit: Visit, members: int, wait_s: float) -> None:
        """Return once the group is whole, or as far as it came within the wait."""
        if not group.is_open:
            return
        run = visit.run
        with visit.wait(max(1, members), self._clock):
            self._watch(run)
            try:
                async with asyncio.timeout(wait_s):
                    await group.sealed.wait()
            except TimeoutError:
                if group.is_open:
                    # Whoever runs out of patience first seals the group for everyone in it.
                    stalled = self._callers.stalled(visit.key, run, group.finished, wait_s)
                    cause = ShortfallCause.STALLED if stalled else ShortfallCause.PATIENCE
                    self._fall_short(group, run, cause)

    def _watch(self, run: Run) -> None:
        """Look at a run that may be blocked until it is not."""
        if run.look is None and run.is_blocked:
            self._look_later(run, 0)

    def _look_later(self, run: Run, calm: int) -> None:
        loop = asyncio.get_running_loop()
        run.look = loop.call_later(LOOK_S, self._look, run, run.changed_s, calm)

    def _look(self, run: Run, seen_s: float, calm: int) -> None:
        """Seal the oldest group of a run that is blocked: its callers bring what is next."""
        run.look = None
        if not run.is_blocked:
            return
        calm = calm + 1 if run.changed_s == seen_s else 0
        if calm >= CALM_LOOKS and run.open:
            calm, oldest = 0, next(iter(run.open.values()))
            self._fall_short(oldest, run, ShortfallCause.CALLERS)
            self._tell(oldest, run)
        self._look_later(run, calm)

    @staticmethod
    def _tell(group: WaitingGroup, run: Run) -> None:
        """Say, once for a run, that its groups can never be whole, and what to change."""
        if run.known.is_told:
            return
        run.known.is_told = True
        log.warning(
            "few_callers run=%r group=%r never has more than %d requests in flight, and all of them"
            " wait for the rest of their groups: from now on a group is scored as far as it came"
            " once nothing more can come. Let at least %d requests wait at once (more threads or"
            " workers, or AsyncRewardClient with in_flight), send whole groups, or give a smaller"
            " size",
            group.key[2],
            group.key[5],
            run.in_flight,
            group.size,
        )

    def _fall_short(self, group: WaitingGroup, run: Run, cause: ShortfallCause) -> None:
        group.fall_short(cause, self._clock())
        self._answered.add(group)
        self._seal(group, run)

    @staticmethod
    def _seal(group: WaitingGroup, run: Run) -> None:
        run.open.pop(id(group), None)
        group.sealed.set()

    async def _leave(self, group: WaitingGroup, share: Received, visit: Visit) -> None:
        """Forget a share whose request goes before the group was whole, a group with its last."""
        run = visit.run
        group.present -= 1
        if group.is_open:
            group.remove(share, visit)
        if group.present:
            return
        self._seal(group, run)
        if run.groups.get(group.key) is group:
            del run.groups[group.key]
        if group.scored is not None:
            await end([group.scored])
