"""The store as the service sees it: a process that writes, at the other end of a pipe."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from harmo.app.keeping.frames import Content, packed, received
from harmo.app.keeping.plain import Plain
from harmo.app.keeping.process import Stand, Trimmed
from harmo.app.keeping.trouble import GoneError, Refused, StoreFaultError, UnwritableError
from harmo.audit.prune import Bounds
from harmo.audit.records import Texts

CLOSE_S = 1.0
_PROGRAM = (
    "import json, os, sys; sys.path[:] = json.loads(sys.argv[1]);"
    " from harmo.audit.prune import Bounds; from harmo.app.keeping.process import serve;"
    " folder, size, days, texts, niceness = json.loads(sys.argv[2]); os.nice(niceness);"
    " serve(folder, Bounds(max_bytes=size, max_days=days), texts)"
)


class Store(Protocol):
    """What is written to, by one thread; raises `StoreFaultError` where it cannot be."""

    def open(self) -> Stand:
        """How it stands, once it is open."""

    def write(
        self, recipes: Sequence[Plain], groups: Sequence[tuple[int, Content]], *, detail: bool
    ) -> Stand:
        """How it stands, once these groups are on the disk; all of them or none.

        Args:
            recipes: Those of the groups.
            groups: Each with the place of its recipe.
            detail: False to leave out the scorers' evidence.

        Raises:
            Exception: Anything else where a group is at fault.
        """

    def probe(self, size: int) -> None:
        """Meet what a batch of so many bytes would meet.

        Args:
            size: Bytes that did not fit.
        """

    def trim(self, now_s: float) -> Trimmed:
        """Drop what is too much or too old, for a moment.

        Args:
            now_s: Unix time.
        """

    def close(self) -> None:
        """Let go of it."""

    def kill(self) -> None:
        """End what writes, from any thread: what it has not written is lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Which store, and what it holds at most."""

    folder: Path
    bounds: Bounds
    texts: Texts
    niceness: int = 0
    """How far what writes gives way to what scores."""


OpenStore = Callable[[Place], Store]


class StoreProcess:
    """A store that another process writes."""

    def __init__(self, place: Place) -> None:
        bounds = place.bounds
        told = (str(place.folder), bounds.max_bytes, bounds.max_days, place.texts, place.niceness)
        self._process = subprocess.Popen(  # noqa: S603 - this Python, a program of ours
            [sys.executable, "-c", _PROGRAM, json.dumps(sys.path), json.dumps(told)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # What an error says may quote a completion.
            stderr=subprocess.DEVNULL,
            # A session of its own has a share of its own: being nice would be for nothing.
            process_group=0,
        )

    def open(self) -> Stand:
        stand: Stand = self._asked("open")
        return stand

    def write(
        self, recipes: Sequence[Plain], groups: Sequence[tuple[int, Content]], *, detail: bool
    ) -> Stand:
        stand: Stand = self._asked("write", recipes, groups, detail)
        return stand

    def probe(self, size: int) -> None:
        self._asked("probe", size)

    def trim(self, now_s: float) -> Trimmed:
        trimmed: Trimmed = self._asked("trim", now_s)
        return trimmed

    def close(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None  # noqa: S101 - both are pipes
            with contextlib.suppress(OSError):
                pipe.close()
        try:
            self._process.wait(CLOSE_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        self._process.kill()

    def _asked(self, *asked: object) -> Any:  # noqa: ANN401 - what the named method gives
        frame = packed(asked)
        told, answers = self._process.stdin, self._process.stdout
        assert told is not None and answers is not None  # noqa: S101, PT018 - both are pipes
        try:
            told.write(frame)
            told.flush()
            answer = received(answers)
        except (OSError, EOFError):
            raise GoneError from None
        if isinstance(answer, Refused):
            if answer.trouble is None:
                raise UnwritableError(answer.why)
            raise StoreFaultError(answer.trouble, answer.why)
        return answer
