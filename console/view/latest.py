"""Work that is asked for faster than it is done: one at a time, and the latest wins."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


class Latest:
    """Runs a piece of work; asked again meanwhile, it runs once more when that is done.

    However often it was asked: the work reads what is wanted when it begins.
    """

    def __init__(self, work: Callable[[], Awaitable[None]]) -> None:
        self._work = work
        self._asked = False
        self._running: asyncio.Task[None] | None = None

    @property
    def newer(self) -> bool:
        """True if it was asked again since the work began that runs now."""
        return self._asked

    def ask(self) -> None:
        """Have it run; on the event loop."""
        self._asked = True
        if self._running is None or self._running.done():
            self._running = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        while self._asked:
            self._asked = False
            await self._work()
