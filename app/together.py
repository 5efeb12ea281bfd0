"""Tasks that end with whoever started them: none of them is left once it goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Coroutine, Iterable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

T = TypeVar("T")
AT_ONCE = 8
"""So many are begun before others have a turn."""
END_S = 2.0
"""Time for a task to end once it is cancelled; a plugin's may not even try."""


@asynccontextmanager
async def together() -> AsyncIterator[asyncio.TaskGroup]:
    """Tasks that end with the block: where one fails, or the block is left, the others are ended.

    Raises:
        BaseException: The first failure as it is, where `asyncio.TaskGroup` has a group of them.
    """
    try:
        async with asyncio.TaskGroup() as tasks:
            yield tasks
    except BaseExceptionGroup as failures:  # noqa: F821 - the client's Python is older
        raise failures.exceptions[0] from None


async def each(works: Iterable[Coroutine[Any, Any, T]]) -> list[asyncio.Task[T]]:
    """A task for each that is done, in order, whatever came of it; none is left if this is."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        if tasks:
            await asyncio.wait(tasks)
    finally:
        await end(tasks)
    return tasks


async def end(tasks: Collection[asyncio.Future[Any]]) -> bool:
    """True once all of them are over, those that run being cancelled; False if one does not end."""
    running = [task for task in tasks if not task.done()]
    for task in running:
        task.cancel()
    if running:
        await asyncio.wait(running, timeout=END_S)
    for task in tasks:
        if task.done() and not task.cancelled():
            # Else its message, which may quote a completion, is logged by asyncio.
            task.exception()
    return all(task.done() for task in tasks)


async def side_by_side(
    works: Iterable[Coroutine[Any, Any, T]],
) -> list[T]:
    """What each comes to, in order; where one is refused the others end before that."""
    tasks: list[asyncio.Task[T]] = []
    try:
        for number, work in enumerate(works, 1):
            tasks.append(asyncio.create_task(work))
            if number % AT_ONCE == 0:
                # Let the loop breathe: probes and other requests run between the slices.
                await asyncio.sleep(0)
        return list(await asyncio.gather(*tasks))
    finally:
        await end(tasks)
