"""The thread that owns the store: it opens it, writes batches, and tries again where that fails."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from harmo.app.keeping.backlog import BATCH_BYTES, BATCH_GROUPS, Backlog
from harmo.app.keeping.entry import Entry, Fate
from harmo.app.keeping.trouble import caught, is_of_store, said
from harmo.app.logs import places
from harmo.app.metrics.audit import AuditMetrics, DropCause
from harmo.audit.records import KeptColumn, KeptGroup, KeptRecipe, Texts
from harmo.rewards.plan import Plan

log = logging.getLogger("harmo.keeping")

GATHER_S = 0.02
"""So long a batch fills where no answer waits for it."""
IDLE_S = 1.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 5.0
"""Between two tries of a store that fails, from the first to any later ones."""
PROBE = ".harmo-probe"
PROBE_BYTES = 64 << 10
OPENING = "it is not open yet"


class Store(Protocol):
    """What is written to; a `Writer`."""

    def write(self, groups: Sequence[KeptGroup]) -> list[int]:
        """Their numbers, on the disk when this returns."""

    def close(self) -> None:
        """Let go of the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """What is kept, where, and how."""

    folder: Path
    strict: bool
    texts: Texts
    detail: bool


class Writing:
    """Writes the backlog for as long as the service lives.

    Args:
        how: What is kept, and where.
        backlog: What it takes from.
        metrics: What it counts.
        open_store: Opens the store of a folder.
        tell: Told, from the thread, what became of groups that answers wait for.
    """

    def __init__(
        self,
        how: Keeping,
        backlog: Backlog,
        metrics: AuditMetrics,
        *,
        open_store: Callable[[Path], Store],
        tell: Callable[[Sequence[Entry], Fate], None],
    ) -> None:
        self._how, self._backlog, self._metrics = how, backlog, metrics
        self._open_store, self._tell = open_store, tell
        self.fault = OPENING
        """Why nothing can be written; empty while all is well."""
        self.pause_s = 0.0
        """Until the next try."""
        self.tried = threading.Event()
        """Set once it was opened, or could not be."""
        self._store: Store | None = None
        self._batch: list[Entry] = []
        """What was taken and is not written yet."""
        self._failed_bytes = 0
        """What did not fit on the disk."""
        self._recipes: dict[tuple[str, str, str], KeptRecipe] = {}
        self._stop_at_s: float | None = None
        self._thread = threading.Thread(target=self._run, name="audit", daemon=True)

    def start(self) -> None:
        """Begin; `tried` says when it is known whether the store can be written."""
        self._thread.start()

    def stop(self, within_s: float) -> None:
        """Write what waits for at most so long, then end."""
        self._stop_at_s = time.monotonic() + within_s
        self._backlog.wake()

    def join(self, within_s: float) -> int:
        """How many groups are left unwritten once the thread ended, or did not in time."""
        if self._thread.is_alive():
            self._thread.join(within_s)
        return len(self._batch) + len(self._backlog)

    def _run(self) -> None:
        while not self._is_over():
            if self.fault:
                self._mend()
            else:
                self._work()
        self._close()

    def _is_over(self) -> bool:
        if self._stop_at_s is None:
            return False
        waiting = bool(self._batch) or bool(len(self._backlog))
        return not waiting or time.monotonic() >= self._stop_at_s

    def _work(self) -> None:
        """Wait for groups and write a batch of them."""
        if not len(self._backlog):
            self._backlog.wait(IDLE_S)
        if not self._how.strict and 0 < len(self._backlog) < BATCH_GROUPS:
            # Answers that wait are written at once: what comes meanwhile is the next batch.
            time.sleep(GATHER_S)
        self._batch = self._backlog.take()
        self._attempt(self._flush)

    def _mend(self) -> None:
        """Pause, open the store, and write what failed, or try whether it can be written."""
        self._pause()
        self._attempt(self._reopen)
        self.tried.set()

    def _reopen(self) -> None:
        self._close()
        self._store = self._open_store(self._how.folder)
        if self._failed_bytes and self._how.strict:
            self._probe()
        self._flush()
        if self.fault != OPENING:
            log.info("audit_well mode=%s", self._mode)
        self.fault, self._failed_bytes = "", 0

    def _probe(self) -> None:
        """Raise what the batch that failed would meet: write as many bytes beside the store."""
        path = self._how.folder / PROBE
        try:
            with path.open("wb", buffering=0) as file:
                for _ in range(0, self._failed_bytes + PROBE_BYTES, PROBE_BYTES):
                    file.write(bytes(PROBE_BYTES))
                os.fsync(file.fileno())
        finally:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)

    def _attempt(self, work: Callable[[], None]) -> None:
        """Do it, and note where the store stands in its way."""
        if error := caught(work):
            self._fail(said(error))

    def _fail(self, why: str) -> None:
        self._metrics.failures.inc()
        if self.fault in ("", OPENING):
            level = logging.ERROR if self._how.strict else logging.WARNING
            log.log(level, "audit_fault mode=%s %s; it is tried again", self._mode, why)
        self.fault = why
        self._failed_bytes = min(BATCH_BYTES, sum(entry.bytes for entry in self._batch))
        if self._how.strict:
            lost = self._batch
            while taken := self._backlog.take():
                lost += taken
            self._batch = []
            self._settle(lost, Fate.FAILED)

    def _pause(self) -> None:
        """Wait before the next try, longer each time until a batch is written."""
        left_s = self.pause_s
        if self._stop_at_s is not None:
            left_s = min(left_s, FIRST_PAUSE_S)
        until_s = time.monotonic() + left_s
        while (rest_s := until_s - time.monotonic()) > 0 and not self._is_over():
            time.sleep(min(rest_s, FIRST_PAUSE_S))
        self.pause_s = min(max(2 * self.pause_s, FIRST_PAUSE_S), LONGEST_PAUSE_S)

    def _flush(self) -> None:
        """Write what was taken; what is raised is the store's, and then the rest stays."""
        groups = len(self._batch)
        while self._batch:
            part = self._batch[:groups]
            written = self._wrote(part)
            if not written and groups > 1:
                # One of them cannot be written: the others are written without it.
                groups = 1
                continue
            del self._batch[:groups]
            self._settle(part, Fate.KEPT if written else Fate.UNWRITABLE)

    def _wrote(self, part: Sequence[Entry]) -> bool:
        """True once they are on the disk; False if a group of them is at fault."""
        began_s = time.perf_counter()
        error = caught(partial(self._write, part))
        if error is None:
            self._metrics.commit_seconds.observe(time.perf_counter() - began_s)
            self.pause_s = 0.0
            return True
        if is_of_store(error):
            raise error
        if len(part) == 1:
            # Its words may quote a completion.
            log.error("audit_unwritable %s at %s", type(error).__name__, places(error))
        return False

    def _write(self, part: Sequence[Entry]) -> None:
        assert self._store is not None  # noqa: S101 - open while there is no fault
        how = self._how
        self._store.write(
            [e.kept(self._recipe(e), texts=how.texts, detail=how.detail) for e in part]
        )

    def _settle(self, entries: Sequence[Entry], fate: Fate) -> None:
        for entry in entries:
            self._backlog.gone(entry)
        if fate is Fate.KEPT:
            self._metrics.kept.inc(len(entries))
        elif fate is Fate.UNWRITABLE:
            self._metrics.dropped[DropCause.UNWRITABLE].inc(len(entries))
        if self._how.strict and entries:
            self._tell(entries, fate)

    def _close(self) -> None:
        store, self._store = self._store, None
        if store is not None:
            self._attempt(store.close)

    def _recipe(self, entry: Entry) -> KeptRecipe:
        plan = entry.plan
        key = (plan.recipe.name, plan.version, entry.scorer_version)
        if key not in self._recipes:
            self._recipes[key] = kept_recipe(plan, entry.scorer_version)
        return self._recipes[key]

    @property
    def _mode(self) -> str:
        return "strict" if self._how.strict else "prompt"


def kept_recipe(plan: Plan, scorer_version: str) -> KeptRecipe:
    """A recipe as the store keeps it."""
    return KeptRecipe(
        name=plan.recipe.name,
        version=plan.version,
        scorer_version=scorer_version,
        columns=tuple(
            KeptColumn(name=c.name, family=c.family, shadow=c.shadow) for c in plan.columns
        ),
        recipe=plan.recipe.model_dump(mode="json"),
    )
