"""The requests of a run, and whether it has callers left that could bring another.

A trainer with fewer callers than a group has members waits for us while we wait for it. That shows
when a wait ends: nothing had come while every request waited, then every answer brings the next
request at once, and never one more than before. Completions that merely straggle come when they are
written, whatever is answered: what a run never showed is never assumed of it.
"""

from __future__ import annotations

import asyncio
import math
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from harmo.app.waiting import Key, WaitingGroup

RunKey = tuple[str, str | None]
"""Whose it is, run."""
MAX_KNOWN = 1024
"""Runs of which something is known; the one that was silent longest is forgotten."""
STILL_S = 2.0
"""Nothing came for so long before a stall is taken for one, or for half of a shorter wait."""
RETURN_S = 0.5
"""A caller that waited for us is back so soon; a quarter of what a stall takes."""
MIN_RETURNS = 4
"""So many must have come back: one that does may be a straggler that was written just then."""


@dataclass(slots=True)
class _Trial:
    """A number of requests that may be all that a run can have in flight."""

    at_most: int
    return_s: float
    returns: int = 0
    answered_s: deque[float] = field(default_factory=deque)
    """When the requests ended that are not back yet: as many as are missing to the number."""

    def came(self, now_s: float) -> bool:
        """False if one more request disproves it: it is too many, or did not wait for an answer."""
        if not self.answered_s:
            return False
        self.returns += 1
        return now_s - self.answered_s.popleft() <= self.return_s

    @property
    def is_proved(self) -> bool:
        """True once all are back, and everyone was there at least once in the mean."""
        return not self.answered_s and self.returns >= max(MIN_RETURNS, self.at_most)


@dataclass(slots=True)
class _Ceiling:
    """The most requests that a run has in flight."""

    at_most: int
    return_s: float
    answered_s: list[float] = field(default_factory=list)
    """When the requests ended that are missing to the number."""


@dataclass(slots=True)
class Known:
    """What a run has shown of its callers, kept while none of its requests is here."""

    ceiling: _Ceiling | None = None
    trial: _Trial | None = None
    is_told: bool = False
    """True once the log has said what to change."""

    def came(self, now_s: float) -> bool:
        """True if one more request comes of a caller that had been free for a while."""
        was_free = False
        if self.ceiling is not None:
            if self.ceiling.answered_s:
                away_s = now_s - self.ceiling.answered_s.pop()
                was_free = away_s > self.ceiling.return_s
            else:
                self.ceiling = None
        if self.trial is not None:
            if not self.trial.came(now_s):
                self.trial = None
            elif self.trial.is_proved:
                self.ceiling = _Ceiling(self.trial.at_most, self.trial.return_s)
                self.trial = None
        return was_free

    def went(self, now_s: float) -> None:
        """One request less."""
        for number in (self.ceiling, self.trial):
            if number is not None:
                number.answered_s.append(now_s)

    def suspect(self, in_flight: int, still_s: float) -> None:
        """Try a number: so many requests waited, and nothing came for a while."""
        known = {number.at_most for number in (self.ceiling, self.trial) if number is not None}
        if in_flight not in known:
            self.trial = _Trial(in_flight, RETURN_S / STILL_S * still_s)


@dataclass(slots=True, eq=False)
class Run:
    """The requests of one caller and run that are in flight, and the groups they wait for."""

    known: Known
    in_flight: int = 0
    held: int = 0
    """Of these: that wait for members."""
    finished: int = 0
    changed_s: float = 0.0
    """When a request last came, went, or began to wait."""
    stalled_s: float = -math.inf
    """When a group of it last waited in vain."""
    groups: dict[Key, WaitingGroup] = field(default_factory=dict)
    """The latest of each key."""
    open: dict[int, WaitingGroup] = field(default_factory=dict)
    """Those that wait for members, the oldest first, by identity."""
    look: asyncio.TimerHandle | None = None
    """The next look at whether it stands still."""

    @property
    def is_blocked(self) -> bool:
        """True if all requests that it can have in flight wait for members."""
        ceiling = self.known.ceiling
        return ceiling is not None and self.held == self.in_flight >= ceiling.at_most


class Callers:
    """Every run with requests in flight, and what those before have shown."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._runs: dict[RunKey, Run] = {}
        self._known: OrderedDict[RunKey, Known] = OrderedDict()

    def __len__(self) -> int:
        return len(self._runs)

    def came(self, key: RunKey) -> tuple[Run, bool]:
        """One more request of a run, and whether its caller had been free for a while."""
        if key in self._known:
            self._known.move_to_end(key)
        run = self._runs.get(key)
        if run is None:
            run = self._runs[key] = Run(self._known.get(key) or Known())
        run.in_flight += 1
        run.changed_s = self._clock()
        return run, run.known.came(run.changed_s)

    def went(self, key: RunKey, run: Run) -> None:
        """One request less."""
        run.in_flight -= 1
        run.finished += 1
        run.changed_s = self._clock()
        run.known.went(run.changed_s)
        if not run.in_flight:
            del self._runs[key]

    def stalled(self, key: RunKey, run: Run, finished: int, wait_s: float) -> bool:
        """True if a group waited in vain because every request of its run did.

        Args:
            key: Whose it is, and the run.
            run: The run.
            finished: How many of its requests had finished when the group's last member came.
            wait_s: How long the group waited.
        """
        now_s = self._clock()
        if run.held < run.in_flight or run.finished != finished:
            # Those that began to wait together end together, and the first is answered by now.
            return now_s - run.stalled_s <= RETURN_S
        run.stalled_s = now_s
        still_s = min(STILL_S, wait_s / 2)
        if now_s - run.changed_s >= still_s:
            run.known.suspect(run.in_flight, still_s)
            self._remember(key, run.known)
        return True

    def _remember(self, key: RunKey, known: Known) -> None:
        self._known[key] = known
        self._known.move_to_end(key)
        if len(self._known) > MAX_KNOWN:
            self._known.popitem(last=False)
