"""How fast work gets done: what `Retry-After` and the admission of the next request go by."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

HALF_LIFE_S = 10.0
WINDOW_S = 1.0
KNOWN_FOR_S = 30.0
Clock = Callable[[], float]


class Drain:
    """An amount worked off per second while there is any, with half the weight every 10 s."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._since_s = clock()
        self._done = self._busy_s = 0.0

    def begin(self) -> None:
        """There is work from now on."""
        self._since_s = self._clock()

    def done(self, amount: int) -> None:
        """So much of it is done."""
        now_s = self._clock()
        passed_s = max(0.0, now_s - self._since_s)
        kept = 0.5 ** (passed_s / HALF_LIFE_S)
        self._since_s = now_s
        self._done = self._done * kept + amount
        self._busy_s = self._busy_s * kept + passed_s

    def seconds_for(self, amount: float) -> float:
        """Seconds until so much more is done; 1.0 while nothing is known."""
        return amount * self._busy_s / self._done if self._done else 1.0


class Pace:
    """Completions of one recipe a second, as far as its stages could do no more.

    A service that could do more shows only what was asked of it: such a figure may correct a slower
    one and is never taken for the limit.
    """

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._rate = math.inf
        self._known_s = -math.inf
        self._in_flight = 0
        self._since_s = 0.0
        self._done, self._busy_s = 0, 0.0

    @property
    def in_flight(self) -> int:
        """Completions admitted and not done."""
        return self._in_flight

    def begin(self, completions: int) -> None:
        """So many more are admitted."""
        if not self._in_flight:
            self._since_s = self._clock()
        self._in_flight += completions

    def done(self, completions: int, is_saturated: Callable[[], bool]) -> None:
        """So many are done.

        Args:
            completions: Of those admitted.
            is_saturated: Whether work of this recipe waits for its turn; asked once a second.
        """
        now_s = self._clock()
        self._busy_s += now_s - self._since_s
        self._since_s = now_s
        self._in_flight -= completions
        self._done += completions
        if self._busy_s >= WINDOW_S:
            self._learn(self._done / self._busy_s, now_s, saturated=is_saturated())
            self._done, self._busy_s = 0, 0.0

    def give_up(self, completions: int) -> None:
        """So many are no longer wanted."""
        self._in_flight -= completions

    def _learn(self, measured: float, now_s: float, *, saturated: bool) -> None:
        known = self._rate if now_s - self._known_s < KNOWN_FOR_S else math.inf
        if saturated:
            self._rate = measured if known == math.inf else (known + measured) / 2
            self._known_s = now_s
        elif known < measured:
            self._rate = measured

    def seconds_for(self, completions: int) -> float:
        """Seconds that so many take; 0.0 while the recipe was not seen at its limit lately."""
        if self._clock() - self._known_s >= KNOWN_FOR_S or not self._rate:
            return 0.0
        return completions / self._rate
