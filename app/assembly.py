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
    parts: list[Received] = field(default_factory=list)
    deadline_s: float = 0.0
    """The latest of the parts: one impatient request does not hurry the others."""
    sealed: asyncio.Event = field(default_factory=asyncio.Event)
    scored: asyncio.Task[ScoredGroup] | None = None

    @property
    def ids(self) -> list[str]:
        return [i for part in self.parts for i in part.ids]


class Assembly:
    """Joins the parts of a group; every part gets its own members' rows of the one answer."""

    def __init__(self) -> None:
        self._waiting: dict[Key, _Waiting] = {}

    async def score(
        self, key: Key, part: Received, *, wait_s: float, deadline_s: float, score: ScoreWhole
    ) -> tuple[ScoredGroup, range]:
        """The scored group and which of its rows are this part's.

        Args:
            key: What makes two parts members of one group.
            part: The members that came with this request.
            wait_s: How long to hold them for the others.
            deadline_s: `time.monotonic()` instant of this request's end.
            score: Scores the joined group, once.

        Raises:
            ServiceError: 422 if the parts disagree on the size or share a completion.
        """
        waiting = self._waiting.setdefault(key, _Waiting(size=part.group.size))
        _require_fit(waiting, part)
        waiting.parts.append(part)
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
                self._leave(key, waiting, part)
        if waiting.scored is None:
            joined = score(_join(waiting.parts), waiting.deadline_s)
            waiting.scored = asyncio.ensure_future(joined)
        first = waiting.ids.index(part.ids[0]) if part.ids else 0
        return await asyncio.shield(waiting.scored), range(first, first + len(part.ids))

    def _seal(self, key: Key, waiting: _Waiting) -> None:
        if self._waiting.get(key) is waiting:
            del self._waiting[key]
        waiting.sealed.set()

    def _leave(self, key: Key, waiting: _Waiting, part: Received) -> None:
        """Forget a part whose request is gone before the group was whole."""
        waiting.parts.remove(part)
        if not waiting.parts:
            self._seal(key, waiting)


def _require_fit(waiting: _Waiting, part: Received) -> None:
    twice = set(waiting.ids) & set(part.ids)
    if part.group.size != waiting.size or twice or len(waiting.ids) + len(part.ids) > waiting.size:
        wrong = f"completions {sorted(twice)} twice" if twice else f"size {part.group.size}"
        raise ServiceError(
            ErrorType.INVALID,
            f"group {part.group.id!r} waits for {waiting.size} members; this part brings {wrong}",
            field="groups",
        )


def _join(parts: list[Received]) -> Received:
    samples = tuple(sample for part in parts for sample in part.group.samples)
    group = replace(parts[0].group, samples=samples)
    return Received(
        group=group,
        ids=tuple(i for part in parts for i in part.ids),
        faults=tuple(fault for part in parts for fault in part.faults),
        fault_detail="; ".join(part.fault_detail for part in parts if part.fault_detail),
    )
