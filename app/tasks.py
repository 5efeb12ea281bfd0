"""Tasks that end with whoever started them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any


async def end(tasks: Iterable[asyncio.Future[Any]]) -> None:
    """Cancel what still runs, and return when all of it is over."""
    started = list(tasks)
    for task in started:
        task.cancel()
    await asyncio.gather(*started, return_exceptions=True)
