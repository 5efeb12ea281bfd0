"""Time that passes when a test says so."""

from __future__ import annotations


class Clock:
    """A stand-in for `time.monotonic`."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s
