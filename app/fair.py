"""Who is next: owners in turn, and what one owner waits with in the order it came."""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Hashable
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)


class FairLine(Generic[T]):
    """A line in which nobody's ten thousandth stands before the first of somebody else."""

    def __init__(self) -> None:
        self._owners: OrderedDict[Hashable, OrderedDict[T, None]] = OrderedDict()
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def push(self, owner: Hashable, one: T, *, first: bool = False) -> None:
        """Stand in line, behind the owner's others, or before them."""
        own = self._owners.setdefault(owner, OrderedDict())
        self._length += one not in own
        own[one] = None
        if first:
            own.move_to_end(one, last=False)

    def pop(self) -> T | None:
        """The next, whose owner is then the last; None if nobody waits."""
        if not self._owners:
            return None
        owner, own = self._owners.popitem(last=False)
        one, _ = own.popitem(last=False)
        self._length -= 1
        if own:
            self._owners[owner] = own
        return one

    def remove(self, owner: Hashable, one: T) -> None:
        """Leave the line; nothing where it was left before."""
        own = self._owners.get(owner)
        if own is not None and one in own:
            del own[one]
            self._length -= 1
            if not own:
                del self._owners[owner]


class Places:
    """So many at a time; who waits comes in fairly."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._line: FairLine[asyncio.Future[None]] = FairLine()

    async def take(self, owner: Hashable) -> None:
        """Take a place once there is one; `release` gives it back."""
        if self._free and not self._line:
            self._free -= 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._line.push(owner, turn)
        try:
            await turn
        except asyncio.CancelledError:
            self._line.remove(owner, turn)
            if turn.done() and not turn.cancelled():
                self.release()
            raise

    def release(self) -> None:
        """Give a place to who is next."""
        while (turn := self._line.pop()) is not None:
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1


@contextlib.asynccontextmanager
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
