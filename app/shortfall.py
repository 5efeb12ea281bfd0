"""Why a group was scored before it was whole, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ShortfallCause(StrEnum):
    """Why nobody waited any longer; also a metric label."""

    PATIENCE = "patience"
    """The wait was over."""
    STALLED = "stalled"
    """So it was, and every request of its run was itself waiting; none had finished meanwhile."""
    CALLERS = "callers"
    """Nothing more could come: as many requests of its run as there ever are waited themselves."""
    LATE = "late"
    """It came when its group had been answered: it is scored alone, at once."""


_SEEN = {
    ShortfallCause.PATIENCE: "{came} of {size} members came in {waited_s:.1f} s",
    ShortfallCause.STALLED: (
        "{came} of {size} members came in {waited_s:.1f} s, and every request of this run was"
        " itself waiting: it seems to send fewer at once than a group needs"
    ),
    ShortfallCause.CALLERS: (
        "{came} of {size} members came in {waited_s:.1f} s, and no more could: this run sends"
        " fewer requests at once than a group needs, and all of them waited"
    ),
    ShortfallCause.LATE: "{came} of {size} members came when their group had been answered",
}
_CALLERS_FIX = "send whole groups, more requests at once, or use AsyncRewardClient"
_WAIT_FIX = "send whole groups, or raise wait_for_group_ms"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """A group that was scored without all of its members."""

    came: int
    """Members that are here."""
    size: int
    waited_s: float
    cause: ShortfallCause

    @property
    def note(self) -> str:
        """What happened, why, as far as can be told, and what to do."""
        seen = _SEEN[self.cause].format(came=self.came, size=self.size, waited_s=self.waited_s)
        blocked = self.cause in {ShortfallCause.STALLED, ShortfallCause.CALLERS}
        return f"{seen}; {_CALLERS_FIX if blocked else _WAIT_FIX}"
