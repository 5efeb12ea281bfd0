"""Groups whose members arrive in several requests, held until they are whole."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from harmo.app.engine import ScoredGroup
from harmo.app.errors import ErrorType, ServiceError
from harmo.app.samples import Received

Key = tuple[str, str, str | None, int | None, str, str]
"""Whose it is, recipe, run, step, split, group id."""
ScoreWhole = Callable[[Received, float], Awaitable[ScoredGroup]]
"""Scores the joined group until a deadline."""


@dataclass(slots=True)
class _Waiting:
    size: int
    shares: list[Received] = field(default_factory=list)
    deadline_s: float = 0.0
    """The latest of the shares: one impatient request does not hurry the others."""
    sealed: asyncio.Event = field(default_factory=asyncio.Event)
    scored: asyncio.Task[ScoredGroup] | None = None

    @property
    def ids(self) -> list[str]:
        return [i for share in self.shares for i in share.ids]


class Assembly:
    """Joins the shares of a group; each gets its own members' rows of the one answer."""

    def __init__(self) -> None:
        self._waiting: dict[Key, _Waiting] = {}

    async def score(
        self, key: Key, share: Received, *, wait_s: float, deadline_s: float, score: ScoreWhole
    ) -> tuple[ScoredGroup, range]:
        """The scored group and which of its rows are this share's.

        Args:
            key: What makes two shares members of one group.
            share: The members that came with this request.
            wait_s: How long to hold them for the others.
            deadline_s: `time.monotonic()` instant of this request's end.
            score: Scores the joined group, once.

        Raises:
            ServiceError: 422 if the shares disagree on the size or bring one completion twice.
        """
        waiting = self._waiting.setdefault(key, _Waiting(size=share.group.size))
        _require_fit(waiting, share)
        waiting.shares.append(share)
        waiting.deadline_s = max(waiting.deadline_s, deadline_s)
        if len(waiting.ids) >= waiting.size:
            self._seal(key, waiting)
        try:
            async with asyncio.timeout(wait_s):
                await waiting.sealed.wait()
        except TimeoutError:
            # Whoever runs out of patience first seals the group for everyone in it.
            self._seal(key, waiting)
        finally:
            if not waiting.sealed.is_set():
                self._leave(key, waiting, share)
        if waiting.scored is None:
            joined = score(_join(waiting.shares), waiting.deadline_s)
            waiting.scored = asyncio.ensure_future(joined)
        first = waiting.ids.index(share.ids[0]) if share.ids else 0
        return await asyncio.shield(waiting.scored), range(first, first + len(share.ids))

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
    )
