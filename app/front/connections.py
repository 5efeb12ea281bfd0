"""The open connections: how many there may be, how far each one's request is, and when one ends.

A client that sends nothing, or too slowly, or does not read its answer, costs a connection for a
bounded time; where there is no room left, the one that has waited longest makes some.
"""

from __future__ import annotations

import asyncio
import itertools
import resource
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from harmo.app.front.pace import Pace
from harmo.app.settings import Settings

MAX_CONNECTIONS = 16_384
"""Where the settings say nothing and files are plenty."""
LOOKED_AT = 64
"""So many of the longest waiting are asked whether they can go."""


class Stage(StrEnum):
    """How far the request of a connection is, in the order in which they make room."""

    CLOSING = "closing"
    """Answered, and to be closed: what still comes is thrown away."""
    WAITING = "waiting"
    """No whole head of a request is there."""
    BODY = "body"
    """A head is there, its body not wholly."""
    BUSY = "busy"
    """A whole request is there: it is being answered, and nothing touches it."""


class Closed(StrEnum):
    """Why a connection was closed or refused by us."""

    HEAD_TIMEOUT = "head_timeout"
    IDLE = "idle"
    BODY_TIMEOUT = "body_timeout"
    WRITE_TIMEOUT = "write_timeout"
    UNREAD_BODY = "unread_body"
    """The rest of a body, after its answer."""
    MALFORMED = "malformed"
    ROOM = "room"
    """Waited longest when another came."""
    FULL = "full"
    """Refused: every connection is being answered."""
    ADDRESS_FULL = "address_full"
    """Refused: every connection of its address is being answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one connection may take, and how many there may be."""

    connections: int
    per_address: int
    head_s: float
    """For a head, from its first byte or the connection's begin."""
    idle_s: float
    """Without a byte between two requests."""
    body_s: float
    """For a body that nobody reads; the service's own limit comes first."""
    write_s: float
    """For a client to take its answer."""
    linger_s: float = 3.0
    """For a client to see an answer that came before the end of its body."""
    linger_bytes: int = 128 << 20
    """So much of that body is read and thrown away, so that the client looks at the answer."""

    @classmethod
    def of(cls, settings: Settings, max_files: int) -> Limits:
        """The limits that the settings ask for.

        Args:
            settings: How the service runs.
            max_files: Files this process may have open.
        """
        spare = settings.spare_files + 8 * settings.workers
        room = min(MAX_CONNECTIONS, max_files - spare)
        connections = settings.max_connections or max(8, room)
        return cls(
            connections=connections,
            per_address=settings.max_connections_per_address or connections,
            head_s=settings.head_timeout_s,
            idle_s=settings.keep_alive_timeout_s,
            body_s=settings.body_timeout_s + settings.head_timeout_s,
            write_s=settings.write_timeout_s,
        )


def raise_file_limit() -> int:
    """Files this process may have open, once it may have as many as its owner may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return MAX_CONNECTIONS * 4 if hard == resource.RLIM_INFINITY else hard


class Member(Protocol):
    """A connection, as the table sees it."""

    address: str
    stage: Stage

    @property
    def can_go(self) -> bool:
        """True if no answer of it is under way."""

    def overdue(self, now_s: float) -> Closed | None:
        """Why it must be closed at this `time.monotonic()` instant, if it must."""

    def abort(self) -> None:
        """Close it at once."""

    def end(self) -> None:
        """Close it if it is idle; else once its request is answered."""


class _Crowd:
    """Connections by stage, in the order in which they came to it."""

    def __init__(self) -> None:
        self._at: dict[Stage, OrderedDict[Member, None]] = {s: OrderedDict() for s in Stage}

    def __len__(self) -> int:
        return sum(map(len, self._at.values()))

    def __iter__(self) -> Iterator[Member]:
        return itertools.chain.from_iterable(self._at.values())

    def __contains__(self, member: Member) -> bool:
        return member in self._at[member.stage]

    def count(self, *stages: Stage) -> int:
        """How many are in these stages."""
        return sum(len(self._at[stage]) for stage in stages)

    def put(self, member: Member, stage: Stage) -> None:
        """Have one come last to a stage."""
        self.drop(member)
        self._at[stage][member] = None

    def drop(self, member: Member) -> None:
        """Forget one, if it is here."""
        self._at[member.stage].pop(member, None)

    def longest_waiting(self) -> Member | None:
        """The one to close where there must be room; None if all are being answered."""
        for stage in (Stage.CLOSING, Stage.WAITING, Stage.BODY):
            for member in itertools.islice(self._at[stage], LOOKED_AT):
                if member.can_go:
                    return member
        return None


class Connections:
    """Every open connection.

    Args:
        limits: How many, and how long.
        count: Told why, whenever one is closed or refused by us.
    """

    def __init__(self, limits: Limits, count: Callable[[Closed], None]) -> None:
        self.limits = limits
        self.count = count
        self.pace = Pace()
        self.leaving = False
        """True once every answer ends its connection."""
        self.tasks: set[asyncio.Future[None]] = set()
        """What answers requests; kept here, because the event loop keeps no task alive."""
        self._all = _Crowd()
        self._by_address: dict[str, _Crowd] = {}

    def __len__(self) -> int:
        return len(self._all)

    @property
    def in_flight(self) -> int:
        """Requests that have come, wholly or in part, and are not answered."""
        return self._all.count(Stage.BODY, Stage.BUSY)

    def make_room(self, address: str) -> bool:
        """False if one more from this address is one too many, and none can make room."""
        crowd = self._by_address.get(address)
        if crowd is not None and len(crowd) >= self.limits.per_address and not self._evict(crowd):
            self.count(Closed.ADDRESS_FULL)
            return False
        if len(self._all) >= self.limits.connections and not self._evict(self._all):
            self.count(Closed.FULL)
            return False
        return True

    def evict(self) -> bool:
        """Close the connection that has waited longest; False if all are being answered."""
        return self._evict(self._all)

    def add(self, member: Member) -> None:
        """A connection has come; it is in no stage yet but that of its birth."""
        self._by_address.setdefault(member.address, _Crowd()).put(member, member.stage)
        self._all.put(member, member.stage)

    def move(self, member: Member, stage: Stage) -> None:
        """A connection's request got further; a connection that is gone stays gone."""
        if member in self._all:
            self._by_address[member.address].put(member, stage)
            self._all.put(member, stage)
        member.stage = stage

    def remove(self, member: Member) -> None:
        """A connection is closed."""
        self._all.drop(member)
        crowd = self._by_address.get(member.address)
        if crowd is not None:
            crowd.drop(member)
            if not len(crowd):
                del self._by_address[member.address]

    def sweep(self) -> None:
        """Close what has taken too long."""
        now_s = time.monotonic()
        for member in list(self._all):
            if reason := member.overdue(now_s):
                self.count(reason)
                member.abort()

    def end(self) -> None:
        """Close what is idle, and the others as they are answered."""
        self.leaving = True
        for member in list(self._all):
            member.end()

    def abort(self) -> None:
        """Close everything at once."""
        for member in list(self._all):
            member.abort()

    def _evict(self, crowd: _Crowd) -> bool:
        member = crowd.longest_waiting()
        if member is None:
            return False
        self.count(Closed.ROOM)
        member.abort()
        self.remove(member)
        return True
