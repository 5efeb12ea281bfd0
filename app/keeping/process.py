"""The process that writes: it has the store's one writer, and does what frames on its input say.

The service's own process has a lock that only one thread holds; what encodes and compresses beside
requests would take a third of their time. A service that is killed leaves what it sent: it is
written, then the process ends.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harmo.app.keeping.frames import Content, packed, received, unpickled
from harmo.app.keeping.plain import Plain, kept_of, recipe_of
from harmo.app.keeping.trouble import caught, refused
from harmo.audit.prune import Bounds, prune, used
from harmo.audit.records import Texts
from harmo.audit.schema import VERSION
from harmo.audit.write import Writer

PROBE = ".harmo-probe"
PROBE_BYTES = 64 << 10
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """How the store stands after a commit."""

    bytes: int
    last: int
    """The number of the group that was written last, be it there or not; 0 before the first."""


class Written:
    """The store of one folder, and what frames ask of it."""

    def __init__(self, folder: Path, bounds: Bounds, texts: Texts) -> None:
        self._folder, self._bounds, self._texts = folder, bounds, texts
        self._open: Writer | None = None

    def open(self) -> Stand:
        """How it stands, once it is open."""
        return Stand(bytes=used(self._writer), last=self._writer.last())

    @property
    def _writer(self) -> Writer:
        self._open = self._open or Writer(self._folder)
        return self._open

    def write(
        self,
        recipes: list[Plain],
        groups: list[tuple[int, Content]],
        detail: bool = True,  # noqa: FBT001, FBT002 - frames name no arguments
    ) -> Stand:
        """How it stands, once these groups are on the disk.

        Args:
            recipes: Those of the groups.
            groups: Each with the place of its recipe.
            detail: False to leave out the scorers' evidence.
        """
        of = list(map(recipe_of, recipes))
        taken = ((of[place], unpickled(content)) for place, content in groups)
        numbers = self._writer.write(
            [kept_of(group, recipe, self._texts, detail=detail) for recipe, group in taken]
        )
        return Stand(bytes=used(self._writer), last=numbers[-1])

    def probe(self, size: int) -> None:
        """Meet what a batch of so many bytes would meet, and leave nothing behind.

        Args:
            size: Bytes that did not fit.
        """
        path = self._folder / PROBE
        try:
            with path.open("wb", buffering=0) as file:
                for _ in range(0, size + PROBE_BYTES, PROBE_BYTES):
                    file.write(bytes(PROBE_BYTES))
                os.fsync(file.fileno())
        finally:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
        with self._writer.transaction() as db:
            db.execute(f"PRAGMA user_version={VERSION}")

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
        """Let go of it."""
        if self._open is not None:
            self._open.close()


def serve(folder: str, bounds: Bounds, texts: Texts) -> None:
    """Do what is asked until the other side is gone.

    Args:
        folder: Of the store.
        bounds: What it holds at most.
        texts: How much of what was written.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # Whoever stops a service signals all of its processes; this one ends when it is told all.
        signal.signal(number, signal.SIG_IGN)
    written, answers = Written(Path(folder), bounds, texts), sys.stdout.buffer
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            answers.write(packed(answered(written, received(sys.stdin.buffer))))
            answers.flush()
    written.close()


def answered(written: Written, asked: tuple[Any, ...]) -> object:
    """What came of it; `Refused` where it could not be done.

    Args:
        written: The store.
        asked: The name of what is to be done, and with what.
    """
    name, *arguments = asked
    results: list[object] = []
    error = caught(lambda: results.append(getattr(written, name)(*arguments)))
    return results[0] if error is None else refused(error)
