"""One group while its members come in, and while they are scored."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

from harmo.app.engine import ScoredGroup
from harmo.app.errors import ErrorType, ServiceError
from harmo.app.samples import Received
from harmo.app.shortfall import Shortfall, ShortfallCause

Key = tuple[str, str, str | None, int | None, str, str]
"""Whose it is, recipe, run, step, split, group id."""
_ASKED = ("prompt", "prefix", "images", "reference", "references", "constraints", "task")
"""Fields of a sample that all siblings share."""


@dataclass(slots=True, eq=False)
class WaitingGroup:
    """The shares of one group, and what they wait for."""

    key: Key
    size: int
    opened_s: float
    named: bool
    """False where the service made up the ids: then nobody can tell two members apart by them."""
    members: int = 0
    shares: dict[int, Received] = field(default_factory=dict)
    """By identity: to compare them would be to compare all that was written."""
    holders: dict[int, list[object]] = field(default_factory=dict)
    """The requests that brought each share: a retry may come while the first is still here."""
    ids: set[str] = field(default_factory=set)
    deadline_s: float = 0.0
    """The latest of the shares: one impatient request does not hurry the others."""
    wait_s: float = 0.0
    """The longest that one of them would wait."""
    finished: int = 0
    """Requests of the run that had finished when the last share came."""
    shortfall: Shortfall | None = None
    """Set where it was sealed before it was whole."""
    sealed: asyncio.Event = field(default_factory=asyncio.Event)
    scored: asyncio.Task[ScoredGroup] | None = None
    rows: dict[int, int] = field(default_factory=dict)
    """Where in the joined group each share begins."""
    present: int = 0
    """Requests that wait for members or for scores."""

    @property
    def is_open(self) -> bool:
        """True while it waits for members."""
        return not self.sealed.is_set()

    @property
    def is_whole(self) -> bool:
        """True once every member is here."""
        return self.members >= self.size

    def find(self, share: Received, holder: object) -> Received | None:
        """The share with which another request brought the same completions, word for word."""
        if not self.named or self.ids.isdisjoint(share.ids):
            return None
        same = (kept for kept in self.shares.values() if kept.ids == share.ids)
        again = next((kept for kept in same if kept.group == share.group), None)
        return None if again is None or holder in self.holders[id(again)] else again

    def other(self, share: Received) -> str:
        """By what a share asks something else than those that are here; empty if it does not."""
        here = next((kept.group.samples for kept in self.shares.values() if kept.ids), ())
        pairs = zip(here[:1], share.group.samples[:1], strict=False)
        differing = (
            field
            for one, another in pairs
            for field in _ASKED
            if getattr(one, field) != getattr(another, field)
        )
        return next(differing, "")

    def stranger(self, field: str) -> ServiceError:
        """The 422 for a share that asks something else: its siblings are not to be compared to it.

        Args:
            field: In what it differs.
        """
        return ServiceError(
            ErrorType.INVALID,
            f"group {self.key[5]!r} is one prompt with one reference, and waits for its members;"
            f" this request, of the same run {self.key[2]!r} and step, differs in `{field}`: give"
            " every training a `run` of its own, and every prompt of a step a group id of its own",
            field="groups",
        )

    def fits(self, share: Received) -> bool:
        """True if a share that asks the same can be taken."""
        if share.group.size != self.size or self.members + len(share.ids) > self.size:
            return False
        return not self.named or self.ids.isdisjoint(share.ids)

    def refusal(self, share: Received) -> ServiceError:
        """The 422 for a share that does not fit."""
        twice = self.ids.intersection(share.ids)
        wrong = (
            f"completions {sorted(twice)} again, but not the same request"
            if twice
            else f"size {share.group.size} and {len(share.ids)} more than {self.members}"
        )
        return ServiceError(
            ErrorType.INVALID,
            f"group {share.group.id!r} waits for {self.size} members; this request has {wrong}",
            field="groups",
        )

    def add(self, share: Received, holder: object) -> None:
        """Take a share that fits, or once more one that is here."""
        if id(share) not in self.shares:
            self.shares[id(share)] = share
            self.ids.update(share.ids)
            self.members += len(share.ids)
        self.holders.setdefault(id(share), []).append(holder)

    def remove(self, share: Received, holder: object) -> None:
        """Forget a share once every request that brought it is gone."""
        self.holders[id(share)].remove(holder)
        if not self.holders[id(share)]:
            del self.holders[id(share)], self.shares[id(share)]
            self.ids.difference_update(share.ids)
            self.members -= len(share.ids)

    def fall_short(self, cause: ShortfallCause, now_s: float) -> None:
        """Say why it is sealed as far as it came."""
        waited_s = now_s - self.opened_s
        self.shortfall = Shortfall(
            came=self.members, size=self.size, waited_s=waited_s, cause=cause
        )

    def join(self) -> Received:
        """The whole group, as far as it came."""
        shares, row = list(self.shares.values()), 0
        for share in shares:
            self.rows[id(share)] = row
            row += len(share.ids)
        samples = tuple(sample for share in shares for sample in share.group.samples)
        return Received(
            group=replace(shares[0].group, samples=samples),
            ids=tuple(i for share in shares for i in share.ids),
            faults=tuple(fault for share in shares for fault in share.faults),
            fault_detail="; ".join(share.fault_detail for share in shares if share.fault_detail),
            explain=any(share.explain for share in shares),
            shortfall=self.shortfall,
        )
