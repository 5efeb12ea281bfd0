"""Clients before workers, by a clock of their own: what is let in, and when it is done."""

from __future__ import annotations

import asyncio
import heapq
import random
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count

from harmo.app.workers.jobs import Job
from harmo.app.workers.line import JobLine
from harmo.app.workers.reserved import Reservation, Reservations

DEADLINE_S = 120.0
Texts = Callable[[random.Random], list[float]]
"""What one request brings: how long a worker takes for each."""


def of(number: int, seconds: float) -> Texts:
    return lambda chance: [seconds * chance.uniform(0.5, 1.5) for _ in range(number)]


def mixed(number: int, seconds: float, hard: float) -> Texts:
    """A share of the texts takes 5 s each."""
    return lambda chance: [5.0 if chance.random() < hard else seconds for _ in range(number)]


@dataclass(eq=False)
class Request:
    """One that is sent until it is answered."""

    texts: list[float]
    recipe: str
    came_s: float
    tries: int = 0
    reserved: Reservation | None = None
    hold: ExitStack = field(default_factory=ExitStack)
    jobs: set[Job] = field(default_factory=set)
    unscored: int = 0
    """Texts that are done, of a group that is not."""
    answered: Callable[[], None] = lambda: None


class Clocked:
    """Workers with a line before them.

    Args:
        workers: How many.
        seed: For what is left to chance.
        group: So many texts are scored together.
    """

    def __init__(self, workers: int = 2, seed: int = 0, group: int = 8) -> None:
        self.now_s, self._group = 0.0, group
        self.chance = random.Random(seed)
        self.reserved = Reservations(workers, clock=lambda: self.now_s)
        self.line = JobLine(self.reserved)
        self.in_hand: set[Request] = set()
        self.took_s: dict[str, list[float]] = {}
        """From the first try to the answer, by recipe."""
        self.worked_s = 0.0
        self.late = self.refused = self.let_in = 0
        self._free, self._workers = workers, workers
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()

    def at(self, when_s: float, what: Callable[[], None]) -> None:
        heapq.heappush(self._events, (when_s, next(self._order), what))

    def until(self, end_s: float) -> None:
        """Let time pass."""
        while self._events and self._events[0][0] <= end_s:
            self.now_s, _, what = heapq.heappop(self._events)
            what()
            self._work()
        self.now_s = end_s

    def client(
        self, recipe: str, texts: Texts, pause_s: float, deadline_s: float = DEADLINE_S
    ) -> None:
        """One that sends, waits for the answer, and after a pause sends again."""

        def again() -> None:
            request = Request(texts(self.chance), recipe, self.now_s)
            request.answered = lambda: self.at(self.now_s + pause_s, again)
            self.send(request, deadline_s)

        self.at(self.now_s + self.chance.uniform(0.0, 10.0), again)

    def send(self, request: Request, deadline_s: float = DEADLINE_S) -> None:
        asked = (request.recipe, len(request.texts), self.now_s + deadline_s)
        wait_s = self.reserved.wait_s(*asked) if self.in_hand else 0.0
        if wait_s:
            self.refused += 1
            wait_s = min(max(wait_s, 1.0), 60.0) * self.chance.uniform(1.0, 1.25)
            self.at(self.now_s + wait_s, lambda: self.send(request, deadline_s))
            return
        self.let_in += 1
        request.tries += 1
        request.reserved = request.hold.enter_context(self.reserved.reserve(*asked))
        self.in_hand.add(request)
        answer = asyncio.get_running_loop().create_future()
        for seconds in request.texts:
            job = Job(
                owner=request.reserved, function=print, arguments=(), wall_s=seconds, answer=answer
            )
            job.kind = request.recipe
            request.jobs.add(job)
            self.line.push(job)
        tries = request.tries
        self.at(self.now_s + deadline_s, lambda: self._expire(request, tries, deadline_s))
        self._work()

    def _work(self) -> None:
        while self._free and (job := self.line.pop()) is not None:
            self._free -= 1
            self.at(self.now_s + job.wall_s, lambda job=job: self._done(job))  # type: ignore[misc]

    def _done(self, job: Job) -> None:
        self._free += 1
        self.worked_s += job.wall_s
        self.line.spend(job.owner, job.wall_s)
        self.reserved.took(job.owner, job.kind, job.wall_s, whole=True)
        for request in [one for one in self.in_hand if one.reserved is job.owner]:
            request.jobs.discard(job)
            request.unscored += 1
            if request.unscored == self._group or not request.jobs:
                self.reserved.scored(job.owner, request.unscored)  # type: ignore[arg-type]
                request.unscored = 0
            if not request.jobs:
                self._leave(request)
                self.took_s.setdefault(request.recipe, []).append(self.now_s - request.came_s)
                request.answered()

    def _expire(self, request: Request, tries: int, deadline_s: float) -> None:
        if request in self.in_hand and request.tries == tries:
            for job in request.jobs:
                self.line.remove(job)
            request.jobs.clear()
            request.unscored = 0
            self._leave(request)
            self.late += 1
            self.at(self.now_s + 1.0, lambda: self.send(request, deadline_s))

    def _leave(self, request: Request) -> None:
        self.in_hand.remove(request)
        request.hold.close()
