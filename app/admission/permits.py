"""How much is in flight at a time, over all callers and for each."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from dataclasses import dataclass
from types import TracebackType

from harmo.app.admission.outflow import Clock, Outflow
from harmo.app.shed import ShedError, ShedReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A bound, and how it is named to those it turns away."""

    total: int
    what: str
    """Such as `completions in flight`."""
    setting: str
    """What raises it."""
    reason: ShedReason
    share: float = 1.0
    """The part of it that one caller may hold while there is anything else of theirs in flight."""


class Permits:
    """Hands out a bounded amount; refuses at once what does not fit.

    What is asked for alone is always granted: a request larger than the limit is scored when
    nothing else is.
    """

    def __init__(self, limit: Limit, clock: Clock = time.monotonic) -> None:
        self._limit = limit
        self._taken = 0
        self._by_owner: dict[str, int] = {}
        self._claims: deque[tuple[str, int, asyncio.Future[None]]] = deque()
        self._outflow = Outflow(clock)

    @property
    def taken(self) -> int:
        """What is in flight."""
        return self._taken

    @property
    def limit(self) -> int:
        """What may be in flight."""
        return self._limit.total

    def hold(self, owner: str, amount: int) -> Hold:
        """An amount, held within a `with`; 429 if there is not enough.

        Args:
            owner: Whose it is.
            amount: May be grown later.
        """
        held = Hold(permits=self, owner=owner)
        held.grow_to(amount)
        return held

    async def claim(self, owner: str, amount: int) -> Hold:
        """The same for what has waited already: before everything new, and never refused."""
        if not amount:
            return Hold(permits=self, owner=owner)
        if not self._claims and self._fits(amount):
            self._take(owner, amount)
            return Hold(permits=self, owner=owner, amount=amount)
        turn = asyncio.get_running_loop().create_future()
        self._claims.append((owner, amount, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._serve()
            else:
                self._give(owner, amount)
            raise
        return Hold(permits=self, owner=owner, amount=amount)

    def _fits(self, amount: int) -> bool:
        return not self._taken or self._taken + amount <= self._limit.total

    def _serve(self) -> None:
        """Let those go first who have waited; a claim that was cancelled is passed over."""
        while self._claims:
            owner, amount, turn = self._claims[0]
            if not turn.cancelled():
                if not self._fits(amount):
                    return
                self._take(owner, amount)
                turn.set_result(None)
            self._claims.popleft()

    def _take(self, owner: str, amount: int) -> None:
        if not self._taken:
            self._outflow.begin()
        self._taken += amount
        self._by_owner[owner] = self._by_owner.get(owner, 0) + amount

    def _require(self, owner: str, more: int, own: int) -> None:
        limit, others = self._limit, self._taken - own
        over = self._taken + more - limit.total
        if others and (over > 0 or self._claims):
            said = f"{self._taken} {limit.what} and {more} more asked, at most {limit.total}"
            raise self._refusal(said, over)
        theirs = self._by_owner.get(owner, 0)
        share = math.floor(limit.total * limit.share)
        if theirs > own and theirs + more > share:
            said = f"{theirs} {limit.what} are this caller's, at most {share} (caller_share)"
            raise self._refusal(said, theirs + more - share)

    def _refusal(self, said: str, over: int) -> ShedError:
        message = f"{said} ({self._limit.setting}); retry later"
        return ShedError(
            self._limit.reason, message, wait_s=self._outflow.seconds_for(max(over, 1))
        )

    def _give(self, owner: str, amount: int) -> None:
        self._taken -= amount
        self._by_owner[owner] -= amount
        if not self._by_owner[owner]:
            del self._by_owner[owner]
        self._outflow.done(amount)
        self._serve()


@dataclass(slots=True, kw_only=True)
class Hold:
    """An amount that is held until the last `with` over it ends."""

    permits: Permits
    owner: str
    amount: int = 0
    _holders: int = 0

    def grow_to(self, amount: int) -> None:
        """Hold at least so much; 429 if there is not enough."""
        more = amount - self.amount
        if more > 0:
            self.permits._require(self.owner, more, self.amount)
            self.permits._take(self.owner, more)
            self.amount = amount

    def settle_at(self, amount: int) -> None:
        """Hold so much, whether there is room or not: it is there already."""
        more = amount - self.amount
        self.amount = amount
        if more > 0:
            self.permits._take(self.owner, more)
        elif more < 0:
            self.permits._give(self.owner, -more)

    def give_back(self, amount: int) -> None:
        """Hold so much less."""
        self.settle_at(max(0, self.amount - amount))

    def __enter__(self) -> Hold:
        self._holders += 1
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._holders -= 1
        if not self._holders:
            self.settle_at(0)
