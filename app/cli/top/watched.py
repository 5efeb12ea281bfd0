"""What is remembered of a service from look to look."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Iterable, Mapping

import httpx

from harmo.app.cli.top.exposition import STARTED, Scrape, version
from harmo.app.cli.top.look import Look
from harmo.app.cli.top.runs import means
from harmo.app.cli.top.view import Key, Span, View, between

WINDOW_S = 30.0
TREND = 24
"""Points of a sparkline."""


class Watched:
    """One address: its latest look, and the scrapes of the window before it.

    Args:
        url: The service.
        interval_s: From look to look.
    """

    def __init__(self, url: httpx.URL, interval_s: float) -> None:
        self.url = url
        self.latest = Look(state="asking")
        self._is_new = False
        self._scrapes: deque[Scrape] = deque(maxlen=1 + max(1, math.ceil(WINDOW_S / interval_s)))

    def add(self, look: Look) -> None:
        """Remember a look; one without metrics ends the window."""
        self.latest = look
        self._is_new = True
        if look.scrape is None:
            self._scrapes.clear()
            return
        self._scrapes.append(look.scrape)
        if len(self._scrapes) > 1 and between(*self._last_two()).restarted:
            # Earlier scrapes are another process's: the window begins with this one's zero.
            while len(self._scrapes) > 2:
                self._scrapes.popleft()

    @property
    def window(self) -> Span | None:
        """From the oldest scrape to the latest; None before the second."""
        if len(self._scrapes) < 2:
            return None
        return between(self._scrapes[0], self._scrapes[-1])

    def take_latest(self) -> Span | None:
        """The last interval, once; None until the next one is over."""
        is_new, self._is_new = self._is_new, False
        return between(*self._last_two()) if is_new and len(self._scrapes) > 1 else None

    def _last_two(self) -> tuple[Scrape, Scrape]:
        return self._scrapes[-2], self._scrapes[-1]

    @property
    def version(self) -> str:
        """Of the service; empty where unknown."""
        scrape = self.latest.scrape
        return version(scrape.samples) if scrape else ""

    @property
    def up_s(self) -> float | None:
        """How long it has run, by its clock and ours; None where it does not say."""
        scrape = self.latest.scrape
        started_s = scrape.samples.get(STARTED, {}).get("") if scrape else None
        return None if started_s is None else max(0.0, time.time() - started_s)


class Trends:
    """The latest mean rewards of each run, a point an interval in which any came."""

    def __init__(self) -> None:
        self._points: dict[Key, deque[float]] = {}

    def add(self, view: View, known: Iterable[Key]) -> None:
        """Add an interval; runs that the service has forgotten are forgotten."""
        kept = set(known)
        for key, mean in means(view).items():
            if key in kept:
                self._points.setdefault(key, deque(maxlen=TREND)).append(mean)
        for gone in self._points.keys() - kept:
            del self._points[gone]

    @property
    def points(self) -> Mapping[Key, tuple[float, ...]]:
        """Oldest first."""
        return {key: tuple(points) for key, points in self._points.items()}
