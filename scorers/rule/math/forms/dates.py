"""Dates and times of day in their usual spellings."""

from __future__ import annotations

import re
from datetime import date

from harmo.scorers.reading.numbers import read_number
from harmo.scorers.reading.words import read_words

HOUR_S = 3600
HALF_DAY_S = 12 * HOUR_S
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED_TIMES = {"noon": HALF_DAY_S, "midnight": 0}
_TIME = re.compile(r"(\d{1,2})(?::(\d{2}))?(?::(\d{2}))? ?(a\.?m\.?|p\.?m\.?)?\Z", re.IGNORECASE)
_SPOKEN = re.compile(
    r"(?:(?:an? )?([a-z]{3,7}+(?:[- ][a-z]{3,5}+)?|\d{1,2}+)(?: minutes)? (past|to) )?"
    r"([a-z]{3,6}+|\d{1,2}+)( o'?clock)?\Z"
)
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\Z|(\d{4})年 ?(\d{1,2})月 ?(\d{1,2})日?\Z")
_NAMED = re.compile(
    r"(?:(?P<m1>[A-Za-z]{3,9})\.? (?P<d1>\d{1,2})(?:st|nd|rd|th)?"
    r"|(?P<d2>\d{1,2})(?:st|nd|rd|th)?(?: of)? (?P<m2>[A-Za-z]{3,9})\.?),? ?(?P<y>\d{4})?\Z"
)
_HALF = re.compile(r"[aApP]\.?[mM]")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})\Z")


def read_time(text: str) -> int | None:
    """Seconds since midnight of `3:30 pm`, `15:30`, `noon`; None if it is no time of day."""
    text = " ".join(text.split())
    named = _NAMED_TIMES.get(text.lower())
    match = _TIME.match(text)
    if named is not None or match is None:
        return named if named is not None else _read_spoken(text)
    hour, minute, second = (int(digits or 0) for digits in match.group(1, 2, 3))
    half = (match[4] or "").lower().replace(".", "")
    if (match[2] is None and not half) or minute > 59 or second > 59 or hour > (12 if half else 24):
        return None
    if half:
        hour = hour % 12 + 12 * (half == "pm")
    return (hour * 60 + minute) * 60 + second


def _read_spoken(text: str) -> int | None:
    """Seconds since midnight of `half past ten`, `a quarter to five`, `five o'clock`."""
    match = _SPOKEN.match(text.lower())
    hour = read_words(match[3]) or read_number(match[3]) if match else None
    if match is None or hour is None or not (1 <= hour.value <= 12 and hour.value.denominator == 1):
        return None
    minutes = 0
    if match[1]:
        number = read_words(match[1]) or read_number(match[1])
        shares = {"half": 30, "quarter": 15}
        minutes = shares.get(match[1], int(number.value) if number else 0)
        if not 0 < minutes < 60 or (minutes == 30 and match[2] == "to"):
            return None
    elif not match[4]:
        return None
    minutes = -minutes if match[2] == "to" else minutes
    spoken = (int(hour.value) * 60 + minutes) * 60
    # A quarter to one is 12:45.
    return spoken if spoken >= HOUR_S else spoken + HALF_DAY_S


def read_dates(text: str) -> frozenset[date | tuple[int, int]]:
    """The dates a text may mean, day and month without year as a pair; `3/4/2024` may mean two."""
    text = " ".join(text.split())
    if match := _ISO.match(text):
        year, month, day = (int(digits) for digits in match.groups() if digits)
        return _dates((year, month, day))
    if match := _SLASHED.match(text):
        first, second, year = (int(digits) for digits in match.groups())
        return _dates((year, first, second), (year, second, first))
    match = _NAMED.match(text)
    if match is None:
        return frozenset()
    name = (match["m1"] or match["m2"]).lower()
    if name[:3] not in _MONTHS:
        return frozenset()
    month, day = _MONTHS.index(name[:3]) + 1, int(match["d1"] or match["d2"])
    if match["y"] is None:
        return frozenset({(month, day)})
    return _dates((int(match["y"]), month, day))


def _dates(*readings: tuple[int, int, int]) -> frozenset[date | tuple[int, int]]:
    """Those of (year, month, day) that are in the calendar."""
    found: set[date | tuple[int, int]] = set()
    for year, month, day in readings:
        try:
            found.add(date(year, month, day))
        except ValueError:
            continue
    return frozenset(found)


def same_moment(reference: str, answer: str) -> bool | None:
    """Whether two dates or times of day are the same; None if one of them is neither."""
    dates = read_dates(reference), read_dates(answer)
    if all(dates):
        return bool(dates[0] & dates[1])
    left, right = read_time(reference), read_time(answer)
    if left is None or right is None:
        return None
    if bool(_HALF.search(reference)) == bool(_HALF.search(answer)):
        return left == right
    # Only one side says which half of the day it means; an hour from 1 to 12 leaves it open.
    bare = left if _HALF.search(answer) else right
    open_half = HOUR_S <= bare < HALF_DAY_S + HOUR_S
    return left == right or (open_half and left % HALF_DAY_S == right % HALF_DAY_S)
