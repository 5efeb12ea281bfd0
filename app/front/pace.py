"""How many requests begin in one turn of the event loop: thousands at once must not hold it."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable

from harmo.app.fair import FairLine

AT_ONCE = 16
"""Each takes about a millisecond until it first waits for anything."""


class Pace:
    """Lets a few begin per turn of the event loop: addresses in turn, and each in its order."""

    def __init__(self) -> None:
        self._begun = 0
        self._due = False
        self._line: FairLine[asyncio.Future[None]] = FairLine()

    async def take(self, address: Hashable) -> None:
        """Come back in a turn in which there is room.

        Args:
            address: Whose request it is: a probe's does not stand behind a trainer's thousands.
        """
        self._plan()
        if self._begun < AT_ONCE and not self._line:
            self._begun += 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._line.push(address, turn)
        try:
            await turn
        finally:
            self._line.remove(address, turn)

    def _plan(self) -> None:
        if not self._due:
            self._due = True
            asyncio.get_running_loop().call_soon(self._begin)

    def _begin(self) -> None:
        self._due, self._begun = False, 0
        while self._begun < AT_ONCE and (turn := self._line.pop()) is not None:
            if not turn.done():
                turn.set_result(None)
                self._begun += 1
        if self._line or self._begun:
            self._plan()
