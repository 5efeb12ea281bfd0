"""What is due by when: whether more would make anybody late, and whether there is time for turns.

Where it has to be, what is due first is done first: if any order has all of it done in time, that
one has (Liu and Layland 1973, theorem 7).
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Sequence
from typing import NamedTuple

TURNS = 0.4
"""Of the time until a request is due so much may go by, where all take turns, before its last."""
FULL = 0.7
"""Of the time until anything is due so much is promised at most: texts may turn out harder."""
HURRY = 0.75
"""Where work takes more of the time that is left, nobody takes turns."""


class Due(NamedTuple):
    """All that is to be done by an instant."""

    in_s: float
    """Seconds from now; negative where the instant has passed."""
    work_s: float
    """With what is due earlier; what there is no time for is given up when it is due."""


def timetable(works: Iterable[tuple[float, float]]) -> list[Due]:
    """What is due by each instant, soonest first.

    Args:
        works: When each is due and how long it takes, in seconds from now; 0 s of work is nothing.
    """
    due, work_s = list[Due](), 0.0
    for in_s, seconds in sorted(works):
        work_s += seconds
        if seconds:
            due.append(Due(in_s, work_s))
        work_s = min(work_s, max(0.0, in_s))
    return due


def fits(work_s: float, in_s: float) -> bool:
    """True if work can be promised, were there no other."""
    return work_s <= FULL * in_s


def wait_s(due: Sequence[Due], work_s: float, in_s: float, *, turns_s: float) -> float:
    """Seconds until more work fits beside all that is due; 0.0 where it does, or is none.

    Args:
        due: What is promised.
        work_s: More.
        in_s: When that is due.
        turns_s: Of the others' turns, before the last of its own.
    """
    if not work_s:
        return 0.0
    before_s = max((min(one.work_s, one.in_s) for one in due if one.in_s <= in_s), default=0.0)
    over_s = max(before_s + work_s - FULL * in_s, turns_s - TURNS * in_s)
    for one in due:
        # What is late by itself is no reason to refuse anybody.
        if in_s < one.in_s and one.work_s <= one.in_s:
            over_s = max(over_s, one.work_s + work_s - FULL * one.in_s)
    return max(0.0, over_s)


def turns_s(works: Sequence[float], work_s: float) -> float:
    """Seconds before the last turn of more work: of each other as much as it brings itself.

    Args:
        works: What each of the others brings, least first.
        work_s: More.
    """
    less = bisect(works, work_s)
    return sum(works[:less]) + work_s * (len(works) - less)


def hurried(due: Sequence[Due]) -> bool:
    """True where something would be late if all took turns for much longer."""
    return any(one.work_s > HURRY * one.in_s for one in due)
