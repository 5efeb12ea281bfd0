"""How late the event loop is, and which scorer holds it up.

A beat on the loop measures; a thread beside it looks what runs while no beat comes. A call that
holds Python's lock all the while lets the thread look as it returns.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from harmo.app import boundary
from harmo.app.boundary import Boundary

log = logging.getLogger("harmo.lag")

BEAT_S = 0.1
LOOK_S = 0.25
STALL_S = 1.0
"""So long without a beat is a stall, which is logged while it lasts."""
NO_SCORER = "none"
_OURS = Path(boundary.__file__).parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """What holds the event loop up."""

    scorer: str
    """Its name; `none` where no scorer does."""
    place: str
    """The innermost function of this service, or the innermost of all."""


def holder_of(frame: FrameType | None) -> Holder:
    """What runs in a frame; says names of code only.

    Args:
        frame: The innermost of the event loop's thread.
    """
    scorer, place, innermost = NO_SCORER, "", ""
    while frame is not None:
        code = frame.f_code
        here = f"{Path(code.co_filename).name}:{frame.f_lineno} {code.co_qualname}"
        innermost = innermost or here
        if not place and Path(code.co_filename).is_relative_to(_OURS):
            place = here
        if code.co_filename == boundary.__file__ and scorer == NO_SCORER:
            owner = frame.f_locals.get("self")
            scorer = owner.spec.name if isinstance(owner, Boundary) else scorer
        frame = frame.f_back
    return Holder(scorer=scorer, place=place or innermost)


class _Watch:
    """One event loop's beat, and the thread that looks for it."""

    def __init__(self, observe: Callable[[float], None], stalled: Callable[[Holder], None]) -> None:
        self._observe, self._stalled = observe, stalled
        self._loop = asyncio.get_running_loop()
        self._loop_thread = threading.get_ident()
        self._beat_s = time.monotonic()
        self._over = threading.Event()

    def start(self) -> None:
        self._loop.call_later(BEAT_S, self._beat)
        threading.Thread(target=self._look, name="lag", daemon=True).start()

    def stop(self) -> None:
        self._over.set()

    def _beat(self) -> None:
        now_s = time.monotonic()
        self._observe(max(0.0, now_s - self._beat_s - BEAT_S))
        self._beat_s = now_s
        if not self._over.is_set():
            self._loop.call_later(BEAT_S, self._beat)

    def _look(self) -> None:
        seen_s = 0.0
        while not self._over.wait(LOOK_S):
            beat_s = self._beat_s
            late_s = time.monotonic() - beat_s - BEAT_S
            if late_s < STALL_S or beat_s == seen_s:
                continue
            seen_s = beat_s
            holder = holder_of(sys._current_frames().get(self._loop_thread))
            log.warning(
                "event_loop_stall seconds=%.1f scorer=%s at %s; it goes on",
                late_s,
                holder.scorer,
                holder.place,
            )
            self._stalled(holder)


@contextmanager
def watched(observe: Callable[[float], None], stalled: Callable[[Holder], None]) -> Iterator[None]:
    """Watch the running event loop.

    Args:
        observe: Told the seconds of lag at every beat.
        stalled: Told, from a thread, what holds the loop up; once a stall.
    """
    watch = _Watch(observe, stalled)
    watch.start()
    try:
        yield
    finally:
        watch.stop()
