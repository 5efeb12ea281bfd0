"""The process that writes: it has the store's one writer, and does what frames on its input say.

The service's own process has a lock that only one thread holds; what encodes and compresses beside
requests would take a third of their time. A service that is killed leaves what it sent: it is
written, then the process ends.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from harmo.app.keeping.frames import packed, received
from harmo.app.keeping.plain import Plain, kept_of, recipe_of
from harmo.app.keeping.trouble import Refused, caught, is_of_store, said
from harmo.audit.prune import Bounds, prune, used
from harmo.audit.records import Texts
from harmo.audit.write import Writer

SLICE_S = 0.05
"""So long old runs are dropped before what has come meanwhile is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trimmed:
    """What was dropped for room or age in one go."""

    runs: int
    """Runs that are gone, or days of groups without a run."""
    over: bool
    """True if what was written last is too large by itself."""
    more: bool
    """True if there was no time for all of it."""


class Writing:
    """What frames ask for."""

    def __init__(self, folder: Path, bounds: Bounds, texts: Texts) -> None:
        self._bounds, self._texts = bounds, texts
        self._writer = Writer(folder)

    def write(self, recipes: list[Plain], groups: list[tuple[int, Plain]]) -> int:
        """The store's bytes, once these groups are on the disk.

        Args:
            recipes: Those of the groups.
            groups: Each with the place of its recipe.
        """
        of = list(map(recipe_of, recipes))
        self._writer.write([kept_of(taken, of[place], self._texts) for place, taken in groups])
        return used(self._writer)

    def trim(self, now_s: float) -> Trimmed:
        """Drop what is too much or too old, for a moment.

        Args:
            now_s: Unix time.
        """
        until_s, more = time.monotonic() + SLICE_S, False

        def between() -> bool:
            nonlocal more
            more = time.monotonic() >= until_s
            return not more

        done = prune(self._writer, self._bounds, now_s=now_s, between=between)
        return Trimmed(runs=len(done.dropped), over=done.over and not more, more=more)

    def close(self) -> None:
        """Let go of the store."""
        self._writer.close()


def serve(folder: str, bounds: Bounds, texts: Texts) -> None:
    """Open the store, say so, and do what is asked until the other side is gone."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # Whoever stops a service signals all of its processes; this one ends when it is told all.
        signal.signal(number, signal.SIG_IGN)
    answers, opened = sys.stdout.buffer, list[Writing]()

    def answer(work: partial[Any]) -> None:
        result: list[object] = []
        error = caught(lambda: result.append(work()))
        refused = None if error is None else Refused(of_store=is_of_store(error), why=said(error))
        answers.write(packed(refused or result[0]))
        answers.flush()

    answer(partial(lambda: opened.append(Writing(Path(folder), bounds, texts))))
    with contextlib.suppress(EOFError, BrokenPipeError):
        while opened:
            name, *arguments = received(sys.stdin.buffer)
            answer(partial(getattr(opened[0], name), *arguments))
    for writing in opened:
        writing.close()
