"""How fast what is in flight is given back: what `Retry-After` goes by."""

from __future__ import annotations

import time
from collections.abc import Callable

HALF_LIFE_S = 10.0
Clock = Callable[[], float]


class Outflow:
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
