"""Whether a ready service still scores: what its parts say, and a group of our own that comes due.

`/readyz` reads what is known; asking costs nothing, however often it is asked.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator, Sequence

from harmo.app.engine import Program
from harmo.app.service import Service
from harmo.app.unfinished import LATE
from harmo.models.base import busiest
from harmo.scorers.types import Group, Reason, Sample

log = logging.getLogger("harmo.health")

KEPT_S = 1.0
"""So long what the parts said is said again."""
CANARY_S = 15.0
"""Time for our own group, besides the backlog that the parts say they have."""

_TEXTS = (r"\boxed{\frac{1}{\sqrt{2}}}", r"\boxed{\lim_{x \to 2} \frac{1}{\sqrt{x}}}")
"""The second takes a worker to compare with the reference, which is the first."""
CANARY = Group(
    id="canary",
    samples=tuple(
        Sample(
            prompt="What is the sine of 45 degrees?",
            completion=f"<think>A right triangle.</think><answer>{text}</answer>",
            reference=r"\frac{1}{\sqrt{2}}",
            num_tokens=24,
        )
        for text in _TEXTS
    ),
    size=len(_TEXTS),
)
"""What start-up and canaries score."""


_OUR_OWN = {
    Reason.DEADLINE,
    Reason.OVERLOADED,
    Reason.WORKER_CRASHED,
    Reason.OUT_OF_MEMORY,
    Reason.SCORER_ERROR,
}
"""What says that a part of this process is stuck; a service it calls is no reason to leave."""


class Health:
    """What keeps a service from scoring, as far as it knows.

    Args:
        service: Whose.
        clock: Monotonic seconds.
    """

    def __init__(self, service: Service, clock: Callable[[], float] = time.monotonic) -> None:
        self._service, self._clock = service, clock
        self._known: tuple[str, ...] = ()
        self._known_s = float("-inf")
        self._worked: set[tuple[str, str]] = set()
        """Recipes and columns that scored a canary once: what never could is no news."""
        self._silent: dict[str, str] = {}
        """By recipe, the columns that scored one before and do not now."""
        self._unwell_since_s: float | None = None

    def faults(self) -> Sequence[str]:
        """What is wrong now, for people; empty if it is well."""
        keeper = self._service.keeper
        if keeper is None or not keeper.stands_in_the_way:
            return self._stuck()
        return (*self._stuck(), f"audit: {keeper.fault}")

    def _stuck(self) -> Sequence[str]:
        """Parts that stand still; a start anew may cure them, where it mends no disk."""
        now_s = self._clock()
        if now_s - self._known_s >= KEPT_S:
            self._known, self._known_s = tuple(self._ask()), now_s
            if not self._known:
                self._unwell_since_s = None
            elif self._unwell_since_s is None:
                self._unwell_since_s = now_s
                log.warning("not_ready %s", "; ".join(self._known))
        return self._known

    def unwell_s(self) -> float:
        """Seconds since it was last well."""
        return self._clock() - self._unwell_since_s if self._unwell_since_s is not None else 0.0

    def _ask(self) -> Iterator[str]:
        for place, load in (
            ("workers", self._service.isolation.load()),
            ("models", self._service.hosting.load()),
            ("pictures", self._service.receiving.load()),
        ):
            if load.fault:
                yield f"{place}: {load.fault}"
        yield from self._silent.values()

    async def watch(self) -> None:
        """Score canaries, and end a service that stays unwell; never returns."""
        settings, life = self._service.settings, self._service.life
        next_s = self._clock()
        while True:
            if life.ready and settings.canary_s and self._clock() >= next_s:
                await self.try_all()
                next_s = self._clock() + settings.canary_s
            if life.ready and self._stuck() and 0 < settings.fatal_after_s <= self.unwell_s():
                life.fail(f"no cure in {settings.fatal_after_s:g} s: {'; '.join(self._known)}")
            await asyncio.sleep(min(KEPT_S, settings.canary_s or KEPT_S))

    async def try_all(self) -> None:
        """Score a canary with every recipe; what fails is tried twice."""
        for name, program in self._service.loaded.programs.items():
            silent = await self._silent_columns(name, program)
            if silent:
                silent = await self._silent_columns(name, program)
            self._silent.pop(name, None)
            if silent:
                said = ", ".join(f"{column}: {reason}" for column, reason in silent.items())
                self._silent[name] = f"recipe {name} does not score: {said}"

    async def _silent_columns(self, name: str, program: Program) -> dict[str, Reason]:
        service = self._service
        before = service.observer.judged.copy()
        load = busiest([service.isolation.load(), service.hosting.load()])
        until_s = time.monotonic() + CANARY_S + load.backlog_s
        lease = service.hosting.lease(until_s, anew=True)
        scored = await service.engine.score(program, CANARY, [None] * len(CANARY.samples), lease)
        silent = {}
        for column, *scores in zip(program.plan.columns, *scored.scores, strict=True):
            reasons = {score.reason for score in scores if score.reason in _OUR_OWN}
            key = (name, column.name)
            if not reasons:
                self._worked.add(key)
            elif key in self._worked and not (
                reasons <= LATE and service.observer.judged[key] > before[key]
            ):
                silent[column.name] = min(reasons)
        return silent
