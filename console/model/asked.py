"""What a Run page was asked to show, as its address says it."""

from __future__ import annotations

from dataclasses import dataclass

_MOST_DIGITS = 15

Steps = tuple[int | None, int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The state of a Run page."""

    run: str
    split: str = ""
    """`""` for the first."""
    steps: Steps = (None, None)
    compare: str | None = None
    """Name of the run that is laid over it."""
    column: str = ""
    """The one that is looked at; `""` for all."""


def shown(run: str) -> str:
    """A run's name for people."""
    return run or "(no run)"


def steps_of(text: str) -> Steps:
    """First and last step of `A:B`, either left out, or of `A` alone; of anything else, all."""
    first, colon, last = text.strip().partition(":")
    if not colon:
        return whole(first), whole(first)
    low, high = whole(first), whole(last)
    return (high, low) if low is not None and high is not None and low > high else (low, high)


def steps_written(steps: Steps) -> str:
    """What `steps_of` reads; `""` for all."""
    first, last = steps
    if first is None and last is None:
        return ""
    if first == last:
        return str(first)
    return f"{'' if first is None else first}:{'' if last is None else last}"


def whole(text: str) -> int | None:
    """The whole number of a part of an address; None where it is none, or too long for one."""
    digits = text.strip()
    fits = digits.isascii() and digits.isdecimal() and len(digits) <= _MOST_DIGITS
    return int(digits) if fits else None
