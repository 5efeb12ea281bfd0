"""The thread that owns the store: it opens it, writes batches, and tries again where that fails."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from harmo.app.keeping.backlog import BATCH_BYTES, BATCH_GROUPS, Backlog
from harmo.app.keeping.batch import Batch
from harmo.app.keeping.entry import Entry, Fate
from harmo.app.keeping.plain import Plain, kept_recipe, plain_recipe
from harmo.app.keeping.room import Room
from harmo.app.keeping.store import OpenStore, Place, Store
from harmo.app.keeping.trouble import (
    DoubtError,
    GoneError,
    StoreFaultError,
    UnwritableError,
    caught,
)
from harmo.app.logs import places
from harmo.app.metrics.audit import AuditMetrics, DropCause
from harmo.audit.errors import Trouble

log = logging.getLogger("harmo.keeping")

GATHER_S = 0.02
"""So long a batch fills where no answer waits for it."""
IDLE_S = 1.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 5.0
"""Between two tries of a store that fails, from the first to any later ones."""
STILL_S = 10.0
"""A disk that takes longer over a batch stands still."""
OPENING = "it is not open yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """What is kept, where, and how."""

    place: Place
    strict: bool
    detail: bool

    @property
    def mode(self) -> str:
        """As the setting says it."""
        return "strict" if self.strict else "prompt"


class Writing:
    """Writes the backlog for as long as the service lives.

    Args:
        how: What is kept, and where.
        backlog: What it takes from.
        metrics: What it counts.
        open_store: Opens the store.
        tell: Told, from the thread, what became of groups that answers wait for.
    """

    def __init__(
        self,
        how: How,
        backlog: Backlog,
        metrics: AuditMetrics,
        *,
        open_store: OpenStore,
        tell: Callable[[Sequence[Entry], Fate], None],
    ) -> None:
        self._how, self._backlog, self._metrics = how, backlog, metrics
        self._open_store, self._tell = open_store, tell
        self._room = Room(how.place.bounds.max_bytes or 0)
        self._fault = OPENING
        self._said: set[Trouble] = set()
        """What was logged since it was well."""
        self.pause_s = 0.0
        """Until the next try."""
        self.tried = threading.Event()
        """Set once it was opened, or could not be."""
        self._store: Store | None = None
        self._batch = Batch()
        self._failed_bytes = 0
        """What did not fit on the disk."""
        self._since_s: float | None = None
        """When the write began that goes on."""
        self._recipes: dict[tuple[str, str, str], Plain] = {}
        self._stop_at_s: float | None = None
        self._thread = threading.Thread(target=self._run, name="audit", daemon=True)

    @property
    def fault(self) -> str:
        """Why nothing can be written; empty while all is well."""
        since_s = self._since_s
        if not self._fault and since_s is not None and time.monotonic() - since_s > STILL_S:
            return f"the disk has taken over {STILL_S:g} s for a batch"
        return self._fault

    @property
    def full(self) -> str:
        """Why a run is no longer kept, though others are; empty while all are."""
        return self._room.full

    def start(self) -> None:
        """Begin; `tried` says when it is known whether the store can be written."""
        self._thread.start()

    def stop(self, within_s: float) -> None:
        """Write what waits for at most so long, then end."""
        self._stop_at_s = time.monotonic() + within_s
        self._backlog.wake()

    def join(self, within_s: float) -> int:
        """How many groups are left unwritten once the thread ended, or did not in time."""
        self._thread.join(within_s)
        left = len(self._batch.entries) + len(self._backlog)
        if self._thread.is_alive() and (store := self._store) is not None:
            # It would hold the store against the service that is started next.
            store.kill()
        return left

    def _run(self) -> None:
        while not self._is_over():
            if self._fault:
                self._pause()
                self._attempt(self._mend)
                self.tried.set()
            else:
                self._fill()
                self._attempt(self._turn)
        self._close()

    def _is_over(self) -> bool:
        if self._stop_at_s is None:
            return False
        waiting = bool(self._batch.entries) or bool(len(self._backlog))
        return not waiting or time.monotonic() >= self._stop_at_s

    def _fill(self) -> None:
        """Wait for groups and take a batch of them."""
        if not len(self._backlog) and not self._room.is_due(time.monotonic()):
            self._backlog.wait(IDLE_S)
        if not self._how.strict and 0 < len(self._backlog) < BATCH_GROUPS:
            # Answers that wait are written at once: what comes meanwhile is the next batch.
            time.sleep(GATHER_S)
        taken = self._backlog.take()
        self._batch.fill(list(filter(self._room.takes, taken)))
        if len(self._batch.entries) < len(taken):
            full = [entry for entry in taken if not self._room.takes(entry)]
            self._settle(full, Fate.FAILED)
            self._metrics.dropped[DropCause.FULL].inc(len(full))

    def _turn(self) -> None:
        self._flush()
        self._trim()

    def _mend(self) -> None:
        """Open the store, and write what failed, or try whether as much could be written."""
        self._store = self._store or self._open_store(self._how.place)
        self._resolve(self._store.open().last)
        if self._failed_bytes and self._how.strict:
            self._store.probe(self._failed_bytes)
        self._flush()
        if self._fault != OPENING:
            log.info("audit_well mode=%s", self._how.mode)
        self._said.clear()
        self._fault, self._failed_bytes = "", 0

    def _attempt(self, work: Callable[[], None]) -> None:
        """Do it, and note where the store stands in its way."""
        self._since_s = time.monotonic()
        error = caught(work)
        self._since_s = None
        if isinstance(error, GoneError):
            self._close()
        if error is not None:
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        trouble, why = Trouble.FAILED, f"{type(error).__name__} at {places(error)}"
        if isinstance(error, StoreFaultError):
            trouble, why = error.trouble, str(error)
        self._metrics.failures[trouble].inc()
        if trouble not in self._said:
            self._said.add(trouble)
            level = logging.ERROR if self._how.strict else logging.WARNING
            log.log(level, "audit_fault mode=%s %s; it is tried again", self._how.mode, why)
        self._fault = f"the store cannot be written: {trouble}; the log says more"
        if isinstance(error, DoubtError):
            return
        self._failed_bytes = min(BATCH_BYTES, self._batch.bytes) or self._failed_bytes
        if self._how.strict:
            lost = self._batch.clear()
            while taken := self._backlog.take():
                lost += taken
            self._settle(lost, Fate.FAILED)

    def _pause(self) -> None:
        """Wait before the next try, longer each time until a batch is written."""
        until_s = time.monotonic() + self.pause_s
        while (left_s := until_s - time.monotonic()) > 0 and self._stop_at_s is None:
            time.sleep(min(left_s, FIRST_PAUSE_S))
        if self._stop_at_s is not None:
            time.sleep(min(self.pause_s, FIRST_PAUSE_S))
        self.pause_s = min(max(2 * self.pause_s, FIRST_PAUSE_S), LONGEST_PAUSE_S)

    def _resolve(self, last: int) -> None:
        """Settle what was sent last, if it is written after all or ends each process it is sent."""
        sent, there = self._batch.resolved(last)
        if sent and not there:
            log.warning("audit_unwritable the process that writes ended over it each time")
        self._settle(sent, Fate.KEPT if there else Fate.UNWRITABLE)
        for entry in self._batch.withdraw():
            self._backlog.gone(entry)

    def _flush(self) -> None:
        """Write what was taken; what is raised is the store's, and then the rest stays."""
        while part := self._batch.part():
            if not self._wrote(part):
                if self._batch.split():
                    continue
                self._batch.settled(part)
                self._settle(part, Fate.UNWRITABLE)

    def _wrote(self, part: Sequence[Entry]) -> bool:
        """True once they are on the disk; False if a group of them is at fault."""
        began_s = time.perf_counter()
        error = caught(partial(self._write, part, detail=self._how.detail))
        if len(part) == 1 and not isinstance(error, StoreFaultError | None):
            # Evidence is a plugin's own; without it there is little that can be wrong.
            why = str(error) if isinstance(error, UnwritableError) else type(error).__name__
            log.warning("audit_unwritable %s; tried without its detail", why)
            error = caught(partial(self._write, part, detail=False))
        if isinstance(error, StoreFaultError):
            died = isinstance(error, GoneError)
            self._batch.doubtful(part, died=died)
            raise DoubtError if died else error
        if error is None:
            self._metrics.commit_seconds.observe(time.perf_counter() - began_s)
            self.pause_s = 0.0
        return error is None

    def _write(self, part: Sequence[Entry], *, detail: bool) -> None:
        assert self._store is not None  # noqa: S101 - open while there is no fault
        places: dict[tuple[str, str, str], int] = {}
        groups = [
            (places.setdefault(self._recipe(entry), len(places)), entry.content(detail=detail))
            for entry in part
        ]
        recipes = [self._recipes[key] for key in places]
        stand = self._store.write(recipes, groups, detail=detail)
        self._room.wrote(part, stand.bytes)
        if not self._batch.written(part, stand.last):
            log.warning("audit_begun_anew another store is in its place: the one before is gone")
        self._settle(part, Fate.KEPT)

    def _trim(self) -> None:
        """Drop what is too much or too old, some at a time."""
        now_s, was = time.monotonic(), self._room.full
        if self._store is None or not self._room.is_due(now_s):
            return
        done = self._store.trim(time.time())
        self._room.trimmed(done, now_s)
        self._metrics.pruned.inc(done.runs)
        if self._room.full and not was:
            log.error("audit_full %s: no more of it is kept", self._room.full)

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
            caught(store.close)

    def _recipe(self, entry: Entry) -> tuple[str, str, str]:
        """The key of its recipe."""
        plan = entry.plan
        key = (plan.recipe.name, plan.version, entry.scorer_version)
        if key not in self._recipes:
            self._recipes[key] = plain_recipe(kept_recipe(plan, entry.scorer_version))
        return key
