"""What the service asks of its store: to keep what it answers, and to say whether it can."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Sequence
from pathlib import Path

from harmo.app.errors import ErrorType, ServiceError
from harmo.app.keeping.backlog import Backlog
from harmo.app.keeping.entry import Entry, Fate
from harmo.app.keeping.store import OpenStore, Place, StoreProcess
from harmo.app.keeping.writing import How, Writing
from harmo.app.metrics.audit import AuditMetrics, DropCause
from harmo.app.settings import AuditMode, Settings
from harmo.app.shed import ShedError, ShedReason
from harmo.audit.prune import Bounds
from harmo.audit.schema import FILE

log = logging.getLogger("harmo.keeping")

OPEN_S = 5.0
"""Start-up waits so long to know whether the store can be opened."""
FINISH_S = 3.0
"""Time for the backlog once all is answered; the server gives the whole end 5 s."""
SOON_S = 1.0
NICENESS = 10
"""Of what writes while no answer waits for it: what scores comes first."""


class Keeper:
    """Keeps every group that is answered, once.

    Args:
        settings: With the folder in `audit`.
        metrics: What it counts.
        open_store: Opens the store.
    """

    def __init__(
        self,
        settings: Settings,
        metrics: AuditMetrics,
        *,
        open_store: OpenStore = StoreProcess,
    ) -> None:
        if settings.audit is None:
            raise ValueError("a keeper needs a folder; set 'audit'")
        self.mode: AuditMode = settings.audit_mode
        self.folder = settings.audit
        self._strict = self.mode == "strict"
        self._detail = settings.audit_detail
        self._metrics = metrics
        self._backlog = Backlog(settings.audit_backlog_bytes)
        bounds = Bounds(max_bytes=settings.audit_max_bytes, max_days=settings.audit_max_days)
        place = Place(
            folder=self.folder,
            bounds=bounds,
            texts=settings.audit_texts,
            niceness=0 if self._strict else NICENESS,
        )
        how = How(place=place, strict=self._strict, detail=settings.audit_detail)
        self._writing = Writing(how, self._backlog, metrics, open_store=open_store, tell=self._tell)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._dropped = 0
        """Groups that there was no room for, since there was plenty."""
        metrics.backlog.read = lambda: self._backlog.bytes
        metrics.backlog_limit.read = lambda: self._backlog.limit_bytes
        metrics.store.read = lambda: store_bytes(self.folder)
        metrics.store_limit.read = lambda: settings.audit_max_bytes

    @property
    def fault(self) -> str:
        """Why nothing can be written now; empty while all is well."""
        return self._writing.fault

    @property
    def full(self) -> str:
        """Why one run is no longer kept, though others are; empty while all are."""
        return self._writing.full

    @property
    def stands_in_the_way(self) -> bool:
        """True if nothing may be answered, because nothing can be kept."""
        return self._strict and bool(self.fault)

    async def start(self) -> None:
        """Open the store; returns once it is known whether it can be written, or after a while."""
        self._loop = asyncio.get_running_loop()
        self._writing.start()
        await asyncio.to_thread(self._writing.tried.wait, OPEN_S)

    def require(self) -> None:
        """Refuse what would have to be kept and cannot be, before it is scored.

        Raises:
            ShedError: 503 while the store fails, 429 while it does not keep up; `strict` only.
        """
        if not self._strict:
            return
        if self.fault:
            raise self._unkept()
        if self._backlog.is_full:
            message = (
                f"what waits to be kept is over audit_backlog_bytes={self._backlog.limit_bytes}"
            )
            raise ShedError(ShedReason.BACKLOG, message, wait_s=SOON_S)

    async def keep(self, entries: Sequence[Entry], deadline_s: float) -> None:
        """Keep what a request is answered with; returns at once, in `strict` from the disk.

        Args:
            entries: Its groups; those that another request handed over are not kept again.
            deadline_s: `time.monotonic()` instant of the request's end.

        Raises:
            ServiceError: In `strict`, 503 where they could not be written, 500 where one of them
                cannot be, 504 where it took too long.
        """
        if not self._strict:
            for entry in entries:
                if not entry.handed:
                    self._hand(entry)
            return
        if any(entry.withdrawn or (self.fault and entry.fate is None) for entry in entries):
            raise self._unkept()
        fates = [self._fate(entry) for entry in entries]
        if fates:
            await self._settled(entries, fates, deadline_s)

    async def close(self) -> None:
        """Write what waits, for a while; what is left then is counted and logged."""
        if self._loop is None:
            return
        self._writing.stop(FINISH_S)
        left = await asyncio.to_thread(self._writing.join, FINISH_S + SOON_S)
        if left:
            self._metrics.dropped[DropCause.ENDED].inc(left)
            log.error("audit_unwritten groups=%d at the end: %s", left, self.fault or "no time")

    def _hand(self, entry: Entry) -> None:
        """Put a group in line, or count it where there is no room."""
        if self._backlog.is_full:
            entry.handed = True
            self._metrics.dropped[DropCause.BACKLOG].inc()
            if not self._dropped:
                why = self.fault or "the disk does not keep up"
                log.warning("audit_dropping the backlog is full: %s", why)
            self._dropped += 1
            return
        if self._dropped and 2 * self._backlog.bytes < self._backlog.limit_bytes:
            log.warning("audit_dropped groups=%d; there is room again", self._dropped)
            self._dropped = 0
        self._line_up(entry)

    def _line_up(self, entry: Entry) -> None:
        entry.hand_over(detail=self._detail)
        self._backlog.add(entry)

    def _fate(self, entry: Entry) -> asyncio.Future[Fate]:
        """What becomes of a group, which is handed over if it was not."""
        if entry.fate is None:
            entry.fate = asyncio.get_running_loop().create_future()
            self._line_up(entry)
        return entry.fate

    async def _settled(
        self, entries: Sequence[Entry], fates: Sequence[asyncio.Future[Fate]], deadline_s: float
    ) -> None:
        for entry in entries:
            entry.waiting += 1
        try:
            left_s = max(0.0, deadline_s - time.monotonic())
            _, late = await asyncio.wait(fates, timeout=left_s)
        finally:
            for entry, fate in zip(entries, fates, strict=True):
                entry.waiting -= 1
                entry.withdrawn = not entry.waiting and not fate.done()
        if late:
            message = "the deadline passed before its groups were on the disk; send the same again"
            raise ServiceError(ErrorType.DEADLINE, message)
        ends = {fate.result() for fate in fates}
        if Fate.FAILED in ends:
            raise self._unkept()
        if Fate.UNWRITABLE in ends:
            raise ServiceError(ErrorType.INTERNAL, "a group cannot be kept; see audit_unwritable")

    def _unkept(self) -> ShedError:
        why = self.fault or self.full or "it could not be written"
        message = f"audit_mode is strict and nothing can be kept: {why}"
        wait_s = max(SOON_S, self._writing.pause_s)
        return ShedError(ShedReason.NOT_READY, message, wait_s=wait_s)

    def _tell(self, entries: Sequence[Entry], fate: Fate) -> None:
        """Have the event loop end what waits; called from the thread."""
        assert self._loop is not None  # noqa: S101 - the thread was started by it
        # At the end the loop may be gone before the thread.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(_end, entries, fate)


def _end(entries: Sequence[Entry], fate: Fate) -> None:
    for entry in entries:
        if entry.fate is not None and not entry.fate.done():
            entry.fate.set_result(fate)


def store_bytes(folder: Path) -> int:
    """Bytes of the store's files."""
    taken = 0
    for path in folder.glob(f"{FILE}*"):
        with contextlib.suppress(OSError):
            taken += path.stat().st_size
    return taken
