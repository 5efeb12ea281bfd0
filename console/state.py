"""What all pages share: the store, read on threads; answers, worked out once; the service."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

from harmo.audit.errors import StoreError, Trouble
from harmo.audit.read import Reader, RunSummary
from harmo.audit.schema import FILE
from harmo.console.model.history import History, grown
from harmo.console.settings import Settings

T = TypeVar("T")
_READERS = 3
"""Threads that read, each with a connection of its own."""
_KEPT_ANSWERS = 64
_KEPT_SAMPLES = 2_000_000
"""Of histories together: some 500 MB at twenty columns; the newest is kept whatever it has."""
_FRESH_S = 1.0
"""A history that was read so lately is not read again."""
_SERVICE_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class _Held:
    """A run's history, and of what it is."""

    history: History
    read_s: float
    store: object
    version: object
    """What the store said of the run when it was read; None where that was not asked."""

    def stands(self, version: object) -> bool:
        """True if nothing has come since; where that was not asked, if it was read a moment ago."""
        if version is not None:
            return version == self.version
        return time.monotonic() - self.read_s < _FRESH_S


class Console:
    """One console: its store, its service, and answers that pages of many visitors share."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._threads = ThreadPoolExecutor(_READERS, thread_name_prefix="harmo-reads")
        self._mine = threading.local()
        self._answers: OrderedDict[Hashable, asyncio.Future[Any]] = OrderedDict()
        self._histories: OrderedDict[str, _Held] = OrderedDict()
        self._growing: dict[str, asyncio.Lock] = {}
        self._http: httpx.AsyncClient | None = None

    @property
    def has_store(self) -> bool:
        """False if only the playground is of use."""
        return self.settings.audit is not None

    @property
    def service(self) -> httpx.AsyncClient:
        """Asks the service, with its key; a ValueError says that none was named.

        Paths are relative to its address.
        """
        if self.settings.service is None:
            raise ValueError("no service was named; start the console with --service URL")
        if self._http is None:
            self._http = httpx.AsyncClient(
                base_url=self.settings.service,
                headers=self.settings.headers,
                timeout=_SERVICE_TIMEOUT_S,
                follow_redirects=False,
            )
        return self._http

    async def work(self, work: Callable[[], T]) -> T:
        """What a function gives, on a thread: for what takes longer than a moment."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def read(self, work: Callable[[Reader], T]) -> T:
        """What a function makes of the store, on a thread with a reader of its own.

        A StoreError says that there is no store, or none that can be read.
        """
        return await self.work(lambda: self._read(work))

    async def shared(self, key: Hashable, work: Callable[[], T]) -> T:
        """As `work`, worked out once for all who ask with this key.

        Args:
            key: Names the answer with all that it depends on, such as the last number of its run.
            work: Gives what nobody changes.
        """
        found = self._answers.get(key)
        if found is None:
            found = self._answers[key] = asyncio.ensure_future(self.work(work))
            while len(self._answers) > _KEPT_ANSWERS:
                self._answers.popitem(last=False)
        self._answers.move_to_end(key)
        try:
            # A visitor who leaves takes nothing from the others.
            answer: T = await asyncio.shield(found)
        finally:
            if found.done() and (found.cancelled() or found.exception()):
                self._answers.pop(key, None)
        return answer

    async def history(self, run: str, summary: RunSummary | None = None) -> History:
        """The numbers of a run as the store has them; only what is new is read.

        Args:
            run: Its name.
            summary: What the store has just said of it: nothing is read where that is known.
        """
        version = None if summary is None else (summary.groups, summary.last_s)
        async with self._growing.setdefault(run, asyncio.Lock()):
            held, store = self._histories.get(run), self._store()
            before = held.history if held and held.store == store else None
            if before is None or not held or not held.stands(version):
                before = await self.read(lambda reader: grown(reader, run, before, summary))
                self._histories[run] = _Held(before, time.monotonic(), store, version)
                self._forget()
            self._histories.move_to_end(run)
        return before

    def _forget(self) -> None:
        """Let go of the histories that nobody asked for longest."""
        samples = sum(held.history.samples for held in self._histories.values())
        while samples > _KEPT_SAMPLES and len(self._histories) > 1:
            run, held = self._histories.popitem(last=False)
            self._growing.pop(run, None)
            samples -= held.history.samples

    def _store(self) -> object:
        """Which file it is; another one of its name is another store."""
        if self.settings.audit is None:
            raise StoreError(Trouble.ABSENT, "none was named; start the console with --audit DIR")
        try:
            found = (self.settings.audit / FILE).stat()
        except OSError as error:
            message = f"{self.settings.audit / FILE}: {error.strerror}"
            raise StoreError(Trouble.ABSENT, message) from None
        return found.st_dev, found.st_ino

    def _read(self, work: Callable[[Reader], T]) -> T:
        store = self._store()
        reader, opened = getattr(self._mine, "reader", (None, None))
        if reader is None or opened != store:
            if reader is not None:
                self._leave(reader)
            assert self.settings.audit is not None  # noqa: S101 - the store was found in it
            reader = Reader(self.settings.audit)
            self._mine.reader = (reader, store)
        whole = False
        try:
            made = work(reader)
            whole = True
        finally:
            # Whatever is wrong with this connection, the next one opens what is there then.
            if not whole:
                self._leave(reader)
        return made

    def _leave(self, reader: Reader) -> None:
        self._mine.reader = (None, None)
        with suppress(Exception):
            reader.close()

    async def close(self) -> None:
        """Let go of threads and connections."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._http is not None:
            await self._http.aclose()
