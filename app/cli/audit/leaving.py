"""What `harmo audit prune` is asked to leave, and what it would drop."""

from __future__ import annotations

from collections.abc import Sequence

from harmo.audit.prune import Bounds
from harmo.audit.read import RunSummary

DAY_S = 86_400.0
_UNITS = {"": 0, "K": 10, "M": 20, "G": 30, "T": 40}


def byte_count(text: str) -> int:
    """Bytes of `20GiB`, `20G`, `500 MB` or a number; a ValueError names what is none of them."""
    word = text.strip().upper().removesuffix("B").removesuffix("I")
    unit = word[-1:] if word[-1:] in _UNITS else ""
    digits = word.removesuffix(unit).strip()
    try:
        value = float(digits)
    except ValueError:
        value = -1.0
    if not 0 < value < 1 << 20:
        raise ValueError(f"--max-bytes: {text!r} is no size, such as 20GiB or 500M")
    return int(value * (1 << _UNITS[unit]))


def bounds(max_bytes: str | None, max_days: float | None) -> Bounds:
    """What may stay; a ValueError if nothing bounds it."""
    if max_bytes is None and max_days is None:
        raise ValueError("say what may stay: --max-days, --max-bytes or both")
    return Bounds(max_bytes=None if max_bytes is None else byte_count(max_bytes), max_days=max_days)


def leaving(
    runs: Sequence[RunSummary], asked: Bounds, *, size: int, now_s: float
) -> Sequence[RunSummary]:
    """The runs that would leave, the oldest first; at most these: what runs share is not counted.

    Args:
        runs: Of the store.
        asked: What may stay.
        size: Bytes of the file.
        now_s: Unix time.
    """
    left = []
    oldest_first = sorted(runs, key=lambda run: run.last_s)
    for place, run in enumerate(oldest_first):
        old = asked.max_days is not None and now_s - run.last_s > asked.max_days * DAY_S
        large = asked.max_bytes is not None and size > asked.max_bytes
        if not old and not (large and place + 1 < len(oldest_first)):
            break
        left.append(run)
        size -= run.bytes
    return left
