"""The time of workers that is reserved for what was let in, and whose jobs have to go first."""

from __future__ import annotations

import math
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import attrgetter

from harmo.app.workers.pace import Pace
from harmo.app.workers.timetable import Due, fits, hurried, timetable, turns_s, wait_s

SPARE = 0.1
"""So much of its time a request is planned to have left for what follows its last sample."""
STEPS = 16
"""When a request is due is told in steps, so many of its time or a few more: many have the same."""
LOOK_S, LOOK_EACH_S = 0.05, 0.0001
"""Between two looks at what is left to do: at least, and for each request in hand."""
DOUBT_S = 1.0
"""So much work of a request's own goes before its jobs are told from others of their kinds."""


@dataclass(eq=False, slots=True)
class Reservation:
    """What is reserved for one request; where there is a line, it is whose turn it is."""

    recipe: str
    left: int
    """Samples that workers may have to score yet, of every column."""
    deadline_s: float
    """`time.monotonic()` instant."""
    due_s: float | None
    """When it is planned to be done; None where nobody can promise that."""
    work_s: float
    """What is left of it, spread over all workers, as of the last look."""
    jobs: Counter[str] = field(default_factory=Counter)
    """That stand in line, by scorer."""
    kept: bool = True
    """It can be done in time, as of the last look."""
    worked_s: float = 0.0
    """Of workers, in all; and what it would have been if its jobs were like others."""
    expected_s: float = 0.0
    spent_s: float = 0.0
    """Of workers, since samples of it were last scored."""

    @property
    def harder(self) -> float:
        """How much longer its jobs take than others of their kinds; doubted at first."""
        return (self.worked_s + DOUBT_S) / (self.expected_s + DOUBT_S)


class Reservations:
    """Who was let in, how much of it is left and when it is due.

    Args:
        workers: That do it.
        clock: `time.monotonic`.
    """

    def __init__(self, workers: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._workers = workers
        self._clock = clock
        self._jobs, self._samples = Pace(), Pace()
        self._standing: Counter[str] = Counter()
        self._all: set[Reservation] = set()
        self._work_s: defaultdict[float, float] = defaultdict(float)
        """By when it is due, of what is promised."""
        self._ours: Counter[Hashable] = Counter()
        """Jobs in line of owners that reserved nothing: the service's own, which are few."""
        self._works: list[float] = []
        """What is left of each, least first, as of the last look."""
        self._look_s, self._hurried = -math.inf, False
        self._order: deque[Reservation] = deque()
        """Who goes first where nobody takes turns, as of the last look."""

    def wait_s(self, recipe: str, samples: int, deadline_s: float) -> float:
        """Seconds until so many could be let in with nobody late for it; 0.0 for now.

        What is too large for its deadline cannot be promised: one such request at a time gets on.

        Args:
            recipe: What scores them.
            samples: That come, of every column.
            deadline_s: `time.monotonic()` instant.
        """
        self._look()
        now_s, work_s = self._clock(), self._takes_s(recipe, samples)
        in_s = (1 - SPARE) * (deadline_s - now_s)
        if fits(work_s, in_s):
            before_s = turns_s(self._works, work_s)
            return wait_s(self._timetable(), work_s, in_s, turns_s=before_s)
        ends_s = (one.deadline_s for one in self._all if one.due_s is None)
        return max(0.0, max(ends_s, default=now_s) - now_s)

    @contextmanager
    def reserve(self, recipe: str, samples: int, deadline_s: float) -> Iterator[Reservation]:
        """Have so many in hand for as long as this lasts, whatever else there is."""
        now_s, work_s = self._clock(), self._takes_s(recipe, samples)
        in_s = (1 - SPARE) * (deadline_s - now_s)
        due_s = _instant(now_s, in_s) if fits(work_s, in_s) else None
        made = Reservation(recipe, samples, deadline_s, due_s, work_s)
        self._all.add(made)
        self._promise(made, work_s)
        try:
            yield made
        finally:
            self._all.remove(made)
            self._promise(made, -made.work_s)
            self._give_up(made)

    def scored(self, owner: Hashable, samples: int) -> None:
        """So many of an owner's have their scores, or need no worker."""
        if not isinstance(owner, Reservation) or not samples:
            return
        done = min(samples, owner.left)
        owner.left -= done
        self._samples.took(owner.recipe, owner.spent_s, done)
        owner.spent_s = 0.0

    def stand(self, owner: Hashable, kind: str, jobs: int) -> None:
        """So many more jobs of a kind stand in line for an owner; fewer where negative."""
        self._standing[kind] += jobs
        if isinstance(owner, Reservation):
            owner.jobs[kind] += jobs
            return
        self._ours[owner] += jobs
        if not self._ours[owner]:
            del self._ours[owner]

    def took(self, owner: Hashable, kind: str, seconds: float, *, whole: bool) -> None:
        """A job was at a worker.

        Args:
            owner: Whose it was.
            kind: Of job.
            seconds: For how long.
            whole: False where it was cut short, which says nothing of others.
        """
        if isinstance(owner, Reservation):
            owner.spent_s += seconds
            owner.worked_s += seconds
            owner.expected_s += self._jobs.seconds(kind)
        if whole:
            self._jobs.took(kind, seconds)

    def backlog_s(self, running: Iterable[str]) -> float:
        """Seconds of all workers for what stands in line, and for jobs of these kinds."""
        return self._jobs_s(self._standing + Counter(running)) / self._workers

    def first(self, waiting: Container[Hashable]) -> Hashable | None:
        """Whose jobs go first, of those that wait; None where there is time to take turns."""
        self._look()
        if not self._hurried:
            return None
        if self._ours:
            return next(iter(self._ours))
        while self._order and self._order[0] not in waiting:
            self._order.popleft()
        return self._order[0] if self._order else None

    def _look(self) -> None:
        """Work out what is left of everything, if that was long ago."""
        now_s = self._clock()
        if now_s < self._look_s:
            return
        self._look_s = now_s + LOOK_S + LOOK_EACH_S * len(self._all)
        self._work_s.clear()
        for one in self._all:
            one.work_s = self._left_s(one)
            # What will be late, whoever goes first, keeps nobody else waiting.
            one.kept = one.due_s is not None and one.work_s <= one.deadline_s - now_s
            self._promise(one, one.work_s)
        self._works = sorted(one.work_s for one in self._all)
        self._hurried = hurried(self._timetable())
        self._order.clear()
        if self._hurried:
            kept = [one for one in self._all if one.kept]
            self._order.extend(sorted(kept, key=attrgetter("deadline_s")))

    def _timetable(self) -> list[Due]:
        now_s = self._clock()
        return timetable((due_s - now_s, work_s) for due_s, work_s in self._work_s.items())

    def _promise(self, one: Reservation, work_s: float) -> None:
        if one.kept and one.due_s is not None:
            self._work_s[one.due_s] += work_s

    def _give_up(self, one: Reservation) -> None:
        """Learn from what ended: as many were at it as take so long, as far as anyone knows."""
        if one.spent_s:
            each_s = self._samples.seconds(one.recipe)
            self.scored(one, math.ceil(one.spent_s / each_s) if each_s else one.left)

    def _left_s(self, one: Reservation) -> float:
        """By what its samples take, less what was spent on them, or by its jobs if more."""
        takes_s = one.harder * self._takes_s(one.recipe, one.left) - one.spent_s / self._workers
        return max(0.0, takes_s, one.harder * self._jobs_s(one.jobs) / self._workers)

    def _takes_s(self, recipe: str, samples: int) -> float:
        """Seconds of all workers."""
        return samples * self._samples.seconds(recipe) / self._workers

    def _jobs_s(self, jobs: Mapping[str, int]) -> float:
        """Seconds of one worker."""
        return sum(count * self._jobs.seconds(kind) for kind, count in jobs.items())


def _instant(now_s: float, in_s: float) -> float:
    """When something is due, or up to a step earlier."""
    step_s = 2.0 ** (math.frexp(in_s / STEPS)[1] - 1)
    return now_s + in_s - (now_s + in_s) % step_s
