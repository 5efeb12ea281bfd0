"""What all pages share: the store, read on threads; answers, worked out once; the service."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar

import httpx

from harmo.audit.read import Reader, StoreError
from harmo.console.settings import Settings

T = TypeVar("T")
_READERS = 3
"""Threads that read, each with a connection of its own."""
_KEPT = 64
"""Answers kept for whoever asks next."""
_SERVICE_TIMEOUT_S = 60.0


class Console:
    """One console: its store, its service, and answers that pages of many visitors share."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._threads = ThreadPoolExecutor(_READERS, thread_name_prefix="harmo-reads")
        self._mine = threading.local()
        self._answers: OrderedDict[Hashable, asyncio.Future[Any]] = OrderedDict()
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

    async def read(self, work: Callable[[Reader], T]) -> T:
        """What a function makes of the store, on a thread with a reader of its own.

        A StoreError says that there is no store, or none that can be read.
        """
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._work, work)

    async def shared(self, key: Hashable, work: Callable[[Reader], T]) -> T:
        """As `read`, worked out once for all who ask with this key.

        Args:
            key: Names the answer with all that it depends on, such as the last number of its run.
            work: Gives what nobody changes.
        """
        found = self._answers.get(key)
        if found is None:
            found = self._answers[key] = asyncio.ensure_future(self.read(work))
            while len(self._answers) > _KEPT:
                self._answers.popitem(last=False)
        self._answers.move_to_end(key)
        try:
            # A visitor who leaves takes nothing from the others.
            answer: T = await asyncio.shield(found)
        except BaseException:
            if found.done() and (found.cancelled() or found.exception()):
                self._answers.pop(key, None)
            raise
        return answer

    def _work(self, work: Callable[[Reader], T]) -> T:
        reader: Reader | None = getattr(self._mine, "reader", None)
        if reader is None:
            if self.settings.audit is None:
                raise StoreError("no store was named; start the console with --audit DIR")
            reader = self._mine.reader = Reader(self.settings.audit)
        try:
            return work(reader)
        except BaseException:
            # The file may have been replaced under it: the next one opens what is there now.
            self._mine.reader = None
            with suppress(Exception):
                reader.close()
            raise

    async def close(self) -> None:
        """Let go of threads and connections."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._http is not None:
            await self._http.aclose()
