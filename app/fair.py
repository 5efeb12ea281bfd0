"""Who is next: owners in turn, and what one owner waits with in the order it came.

Where it is known how long each one takes, whoever has had least is next.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Hashable, KeysView
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)
TURN_S = 0.01
"""So long the event loop scores before it looks at everything else."""
SPARE = 64
"""So many may be remembered before it is looked who need not be."""
CALLED = 16
"""So many of those who wait look at each turn whether it is theirs."""


class FairLine(Generic[T]):
    """A line in which nobody's ten thousandth stands before the first of somebody else."""

    def __init__(self) -> None:
        self._owners: OrderedDict[Hashable, OrderedDict[T, None]] = OrderedDict()
        self._length = 0
        self._had_s: dict[Hashable, float] = {}
        self._share_s = 0.0
        """What each would have had by now of all the time; who comes anew starts with it."""
        self._room = SPARE

    def __len__(self) -> int:
        return self._length

    def push(self, owner: Hashable, one: T, *, first: bool = False) -> None:
        """Stand in line, behind the owner's others, or before them."""
        if owner not in self._owners:
            self._had_s[owner] = max(self._had_s.get(owner, 0.0), self._share_s)
        own = self._owners.setdefault(owner, OrderedDict())
        self._length += one not in own
        own[one] = None
        if first:
            own.move_to_end(one, last=False)

    @property
    def owners(self) -> KeysView[Hashable]:
        """Who waits with anything."""
        return self._owners.keys()

    def pop(self) -> T | None:
        """The next, whose owner is then the last of its equals; None if nobody waits."""
        if not self._owners:
            return None
        owner = next(iter(self._owners))
        if self._share_s:
            # Where no time is told, all have had the same.
            owner = min(self._owners, key=self._had_s.__getitem__)
        return self.pop_of(owner)

    def pop_of(self, owner: Hashable) -> T:
        """The next of an owner who waits, whoever's turn it is."""
        own = self._owners[owner]
        one, _ = own.popitem(last=False)
        self._length -= 1
        self._owners.move_to_end(owner)
        if not own:
            self._leave(owner)
        return one

    def spend(self, owner: Hashable, seconds: float) -> None:
        """Say how long one of an owner's took, once that is known."""
        if not self._owners:
            return
        self._had_s[owner] = self._had_s.get(owner, self._share_s) + seconds
        self._share_s += seconds / (len(self._owners) + (owner not in self._owners))
        if len(self._had_s) > self._room:
            # Who left and had no more than a newcomer would come as one.
            self._had_s = {
                one: had_s
                for one, had_s in self._had_s.items()
                if one in self._owners or had_s > self._share_s
            }
            self._room = 2 * len(self._had_s) + SPARE

    def remove(self, owner: Hashable, one: T) -> None:
        """Leave the line; nothing where it was left before."""
        own = self._owners.get(owner)
        if own is not None and one in own:
            del own[one]
            self._length -= 1
            if not own:
                self._leave(owner)

    def _leave(self, owner: Hashable) -> None:
        del self._owners[owner]
        if not self._owners:
            self._had_s.clear()
            self._share_s = 0.0
        elif self._had_s[owner] <= self._share_s:
            # It would come again as a newcomer comes.
            del self._had_s[owner]


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


@dataclass(eq=False, slots=True)
class _Waiter:
    turn: asyncio.Future[None]


class Turns:
    """How long the event loop may score before everything else has its turn: probes, other bodies.

    What many groups take together is bounded so, not only what one of them takes.
    """

    def __init__(self) -> None:
        self._spent_s = 0.0
        self._due = False
        self._line: FairLine[_Waiter] = FairLine()
        self._called: dict[_Waiter, None] = {}
        """The head of the line, in order: each is woken every turn until one is its own."""

    async def take(self, owner: Hashable, *, begun: bool = False) -> None:
        """Come back in a turn of the event loop that has time left.

        Args:
            owner: Owners take turns.
            begun: It goes on with what it began, before those in line.
        """
        if self._spent_s < TURN_S and (begun or not (self._called or self._line)):
            return
        waiter = _Waiter(asyncio.get_running_loop().create_future())
        self._line.push(owner, waiter)
        try:
            while True:
                self._plan()
                await waiter.turn
                if self._spent_s < TURN_S:
                    return
                waiter.turn = asyncio.get_running_loop().create_future()
        finally:
            self._line.remove(owner, waiter)
            self._called.pop(waiter, None)

    def spend(self, seconds: float) -> None:
        """Say how long one took that came back from `take`."""
        self._spent_s += seconds
        self._plan()

    def _plan(self) -> None:
        if not self._due:
            self._due = True
            asyncio.get_running_loop().call_soon(self._begin)

    def _begin(self) -> None:
        """A new turn."""
        self._due, self._spent_s = False, 0.0
        while len(self._called) < CALLED and (waiter := self._line.pop()) is not None:
            self._called[waiter] = None
        for waiter in self._called:
            if not waiter.turn.done():
                waiter.turn.set_result(None)
        if self._called:
            self._plan()
