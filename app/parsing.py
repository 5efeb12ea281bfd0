"""Threads of their own for what is too big for the event loop: bodies to read, answers to write."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from harmo.app.errors import ErrorType, ServiceError

T = TypeVar("T")
THREADS = 2
"""So many bodies are built at once, whoever sends how many: what each may cost is bounded."""


class Parsing:
    """A place for work that is bounded in itself; what has not begun by its deadline never does."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="parse")

    async def run(self, call: Callable[[], T], *, deadline_s: float) -> T:
        """What the call returns, from a thread.

        Args:
            call: Cannot be stopped once it runs; then nobody waits for it.
            deadline_s: `time.monotonic()` instant.

        Raises:
            ServiceError: 504 once the deadline has passed.
        """
        try:
            async with asyncio.timeout(deadline_s - time.monotonic()):
                return await asyncio.get_running_loop().run_in_executor(self._threads, call)
        except TimeoutError:
            message = "the deadline passed while the body was read or the answer written"
            raise ServiceError(ErrorType.DEADLINE, message) from None

    def close(self) -> None:
        """Begin nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)
