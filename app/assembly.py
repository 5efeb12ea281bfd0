"""Groups whose members arrive in several requests, held until they are whole.

What waits holds no permit to be scored, only a place among what may wait. The joined group is
scored once for all its requests, and given up with the last of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from harmo.app.admission.permits import Permits
from harmo.app.engine import ScoredGroup
from harmo.app.errors import ErrorType, ServiceError
from harmo.app.samples import Received, Shortfall
from harmo.app.scored import ScoredMembers
from harmo.app.together import end
from harmo.scorers.types import Reason

Key = tuple[str, str, str | None, int | None, str, str]
"""Whose it is, recipe, run, step, split, group id."""
RunKey = tuple[str, str | None]
"""Whose it is, run."""
ScoreWhole = Callable[[Received, float], Coroutine[Any, Any, ScoredGroup]]
"""Scores the joined group until a deadline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What may wait, over all callers and for each."""

    members: Permits
    bytes: Permits


@dataclass(slots=True)
class _Run:
    """The requests of one caller and run, as far as a group that waits must know them."""

    in_flight: int = 0
    held: int = 0
    """Of these: that wait for members."""
    finished: int = 0


@dataclass(slots=True)
class Visit:
    """One request in flight."""

    owner: str
    bytes: int
    """What it holds of memory, waiting or not."""
    run: _Run
    room: Room
    waiting: int = 0
    """Its groups that wait for members."""
    held: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    """Its bytes, while it waits."""

    @contextlib.contextmanager
    def wait(self, members: int) -> Iterator[None]:
        """While so many of its members wait: it cannot finish; 429 where too many do."""
        with self.room.members.hold(self.owner, members):
            if not self.waiting:
                self.held.enter_context(self.room.bytes.hold(self.owner, self.bytes))
            self.waiting += 1
            self.run.held += self.waiting == 1
            try:
                yield
            finally:
                self.waiting -= 1
                self.run.held -= self.waiting == 0
                if not self.waiting:
                    self.held.close()


@dataclass(slots=True)
class _Waiting:
    size: int
    opened_s: float
    shares: dict[int, Received] = field(default_factory=dict)
    """By identity: to compare them would be to compare all that was written."""
    ids: set[str] = field(default_factory=set)
    deadline_s: float = 0.0
    """The latest of the shares: one impatient request does not hurry the others."""
    finished: int = 0
    """Requests of the run that had finished when the last share came."""
    shortfall: Shortfall | None = None
    """Set where patience ended before the group was whole."""
    sealed: asyncio.Event = field(default_factory=asyncio.Event)
    scored: asyncio.Task[ScoredGroup] | None = None
    rows: dict[int, int] = field(default_factory=dict)
    """Where in the joined group each share begins."""
    present: int = 0
    """Requests that wait for members or for scores."""

    def add(self, share: Received) -> None:
        """Take a share that fits; 422 for one that does not."""
        twice = self.ids.intersection(share.ids)
        too_many = len(self.ids) + len(share.ids) > self.size
        if share.group.size != self.size or twice or too_many:
            wrong = f"completions {sorted(twice)} twice" if twice else f"size {share.group.size}"
            raise ServiceError(
                ErrorType.INVALID,
                f"group {share.group.id!r} waits for {self.size} members; this request has {wrong}",
                field="groups",
            )
        self.shares[id(share)] = share
        self.ids.update(share.ids)

    def remove(self, share: Received) -> None:
        """Forget a share."""
        del self.shares[id(share)]
        self.ids.difference_update(share.ids)

    def join(self) -> Received:
        """The whole group, as far as it came."""
        shares, row = list(self.shares.values()), 0
        for share in shares:
            self.rows[id(share)] = row
            row += len(share.ids)
        samples = tuple(sample for share in shares for sample in share.group.samples)
        return Received(
            group=replace(shares[0].group, samples=samples),
            ids=tuple(i for share in shares for i in share.ids),
            faults=tuple(fault for share in shares for fault in share.faults),
            fault_detail="; ".join(share.fault_detail for share in shares if share.fault_detail),
            explain=any(share.explain for share in shares),
            shortfall=self.shortfall,
        )


class Assembly:
    """Joins the shares of a group; each gets its own members' rows of the one answer."""

    def __init__(self, room: Room, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._room = room
        self._clock = clock
        self._waiting: dict[Key, _Waiting] = {}
        self._runs: dict[RunKey, _Run] = {}

    @contextlib.contextmanager
    def visit(self, key: RunKey, held_bytes: int) -> Iterator[Visit]:
        """One request of a run, for as long as it is in flight.

        Args:
            key: Whose it is, and the run.
            held_bytes: What it holds of memory.
        """
        run = self._runs.setdefault(key, _Run())
        run.in_flight += 1
        try:
            yield Visit(owner=key[0], bytes=held_bytes, run=run, room=self._room)
        finally:
            run.in_flight -= 1
            run.finished += 1
            if not run.in_flight:
                del self._runs[key]

    async def score(
        self,
        key: Key,
        share: Received,
        visit: Visit,
        *,
        wait_s: float,
        deadline_s: float,
        score: ScoreWhole,
    ) -> ScoredMembers:
        """The share's members, with the scores of their whole group.

        Args:
            key: What makes two shares members of one group.
            share: The members that came with this request.
            visit: The request.
            wait_s: How long to hold them for the others.
            deadline_s: `time.monotonic()` instant of this request's end.
            score: Scores the joined group, once, or a share alone that ran out of time.

        Raises:
            ServiceError: 422 if the shares disagree on the size or bring one completion twice,
                429 if too much waits.
        """
        waiting = self._waiting.setdefault(
            key, _Waiting(size=share.group.size, opened_s=self._clock())
        )
        waiting.add(share)
        waiting.deadline_s = max(waiting.deadline_s, deadline_s)
        waiting.finished = visit.run.finished
        if len(waiting.ids) >= waiting.size:
            self._seal(key, waiting)
        waiting.present += 1
        try:
            await self._sealed(key, waiting, visit, share, wait_s)
            if waiting.scored is None:
                waiting.scored = asyncio.create_task(score(waiting.join(), waiting.deadline_s))
            scored, first = await self._whole(waiting, deadline_s), waiting.rows[id(share)]
            if scored is None:
                late = replace(share, faults=(Reason.DEADLINE,) * len(share.ids))
                scored, first = await score(late, deadline_s), 0
        finally:
            waiting.present -= 1
            await self._leave(key, waiting, share)
        return ScoredMembers(
            received=replace(share, shortfall=waiting.shortfall),
            group=scored,
            rows=range(first, first + len(share.ids)),
        )

    async def _whole(self, waiting: _Waiting, deadline_s: float) -> ScoredGroup | None:
        """The scores of the whole group; None once this request's deadline has passed."""
        if waiting.scored is None:
            return None
        # With the latest deadline of all there is no need to hurry: the scores come by then.
        impatient = deadline_s < waiting.deadline_s
        left_s = max(0.0, deadline_s - self._clock()) if impatient else None
        await asyncio.wait({waiting.scored}, timeout=left_s)
        return waiting.scored.result() if waiting.scored.done() else None

    async def _sealed(
        self, key: Key, waiting: _Waiting, visit: Visit, share: Received, wait_s: float
    ) -> None:
        """Return once the group is whole, or as far as it came within the wait."""
        if waiting.sealed.is_set():
            return
        with visit.wait(max(1, len(share.ids))):
            try:
                async with asyncio.timeout(wait_s):
                    await waiting.sealed.wait()
            except TimeoutError:
                if not waiting.sealed.is_set():
                    # Whoever runs out of patience first seals the group for everyone in it.
                    waiting.shortfall = self._shortfall(waiting, visit.run)
                    self._seal(key, waiting)

    def _shortfall(self, waiting: _Waiting, run: _Run) -> Shortfall:
        return Shortfall(
            came=len(waiting.ids),
            size=waiting.size,
            waited_s=self._clock() - waiting.opened_s,
            stalled=run.held >= run.in_flight and run.finished == waiting.finished,
        )

    def _seal(self, key: Key, waiting: _Waiting) -> None:
        if self._waiting.get(key) is waiting:
            del self._waiting[key]
        waiting.sealed.set()

    async def _leave(self, key: Key, waiting: _Waiting, share: Received) -> None:
        """Forget a share whose request goes before the group was whole, a group with its last."""
        if not waiting.sealed.is_set():
            waiting.remove(share)
            if not waiting.shares:
                self._seal(key, waiting)
        if not waiting.present and waiting.scored is not None:
            await end([waiting.scored])
