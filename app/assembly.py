"""Groups whose members arrive in several requests, held until they are whole."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from harmo.app.engine import ScoredGroup
from harmo.app.errors import ErrorType, ServiceError
from harmo.app.samples import Received, Shortfall
from harmo.app.scored import ScoredMembers

Key = tuple[str, str, str | None, int | None, str, str]
"""Whose it is, recipe, run, step, split, group id."""
RunKey = tuple[str, str | None]
"""Whose it is, run."""
ScoreWhole = Callable[[Received, float], Awaitable[ScoredGroup]]
"""Scores the joined group until a deadline."""


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

    run: _Run
    waiting: int = 0
    """Its groups that wait for members."""

    @contextmanager
    def held(self) -> Iterator[None]:
        """While one of its groups waits: it cannot finish."""
        self.waiting += 1
        self.run.held += self.waiting == 1
        try:
            yield
        finally:
            self.waiting -= 1
            self.run.held -= self.waiting == 0


@dataclass(slots=True)
class _Waiting:
    size: int
    opened_s: float
    shares: list[Received] = field(default_factory=list)
    deadline_s: float = 0.0
    """The latest of the shares: one impatient request does not hurry the others."""
    finished: int = 0
    """Requests of the run that had finished when the last share came."""
    shortfall: Shortfall | None = None
    """Set where patience ended before the group was whole."""
    sealed: asyncio.Event = field(default_factory=asyncio.Event)
    scored: asyncio.Task[ScoredGroup] | None = None

    @property
    def ids(self) -> list[str]:
        return [i for share in self.shares for i in share.ids]


class Assembly:
    """Joins the shares of a group; each gets its own members' rows of the one answer."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._waiting: dict[Key, _Waiting] = {}
        self._runs: dict[RunKey, _Run] = {}

    @contextmanager
    def visit(self, key: RunKey) -> Iterator[Visit]:
        """One request of a run, for as long as it is in flight."""
        run = self._runs.setdefault(key, _Run())
        run.in_flight += 1
        try:
            yield Visit(run=run)
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
            score: Scores the joined group, once.

        Raises:
            ServiceError: 422 if the shares disagree on the size or bring one completion twice.
        """
        waiting = self._waiting.setdefault(
            key, _Waiting(size=share.group.size, opened_s=self._clock())
        )
        _require_fit(waiting, share)
        waiting.shares.append(share)
        waiting.deadline_s = max(waiting.deadline_s, deadline_s)
        waiting.finished = visit.run.finished
        if len(waiting.ids) >= waiting.size:
            self._seal(key, waiting)
        try:
            await self._sealed(key, waiting, visit, wait_s)
        finally:
            if not waiting.sealed.is_set():
                self._leave(key, waiting, share)
        if waiting.scored is None:
            joined = replace(_join(waiting.shares), shortfall=waiting.shortfall)
            waiting.scored = asyncio.ensure_future(score(joined, waiting.deadline_s))
        first = waiting.ids.index(share.ids[0]) if share.ids else 0
        return ScoredMembers(
            received=replace(share, shortfall=waiting.shortfall),
            group=await asyncio.shield(waiting.scored),
            rows=range(first, first + len(share.ids)),
        )

    async def _sealed(self, key: Key, waiting: _Waiting, visit: Visit, wait_s: float) -> None:
        """Return once the group is whole, or as far as it came within the wait."""
        with visit.held():
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

    def _leave(self, key: Key, waiting: _Waiting, share: Received) -> None:
        """Forget a share whose request is gone before the group was whole."""
        waiting.shares.remove(share)
        if not waiting.shares:
            self._seal(key, waiting)


def _require_fit(waiting: _Waiting, share: Received) -> None:
    twice = set(waiting.ids) & set(share.ids)
    too_many = len(waiting.ids) + len(share.ids) > waiting.size
    if share.group.size != waiting.size or twice or too_many:
        wrong = f"completions {sorted(twice)} twice" if twice else f"size {share.group.size}"
        raise ServiceError(
            ErrorType.INVALID,
            f"group {share.group.id!r} waits for {waiting.size} members; this request has {wrong}",
            field="groups",
        )


def _join(shares: list[Received]) -> Received:
    samples = tuple(sample for share in shares for sample in share.group.samples)
    group = replace(shares[0].group, samples=samples)
    return Received(
        group=group,
        ids=tuple(i for share in shares for i in share.ids),
        faults=tuple(fault for share in shares for fault in share.faults),
        fault_detail="; ".join(share.fault_detail for share in shares if share.fault_detail),
        explain=any(share.explain for share in shares),
    )
