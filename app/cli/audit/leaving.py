"""What `harmo audit prune` is asked to leave."""

from __future__ import annotations

from harmo.audit.prune import Bounds

_UNITS = {"": 0, "K": 10, "M": 20, "G": 30, "T": 40}


def byte_count(text: str) -> int:
    """Bytes of `20GiB`, `20G`, `500 MB` or a number; a ValueError names what is none of them."""
    word = text.strip().upper().removesuffix("B").removesuffix("I")
    unit = word[-1:] if word[-1:] in _UNITS else ""
    digits = word.removesuffix(unit).strip()
    try:
        value = float(digits) * (1 << _UNITS[unit])
    except ValueError:
        value = -1.0
    if not 1 <= value < 1 << 60:
        raise ValueError(f"--max-bytes: {text!r} is no size, such as 20GiB or 500M")
    return int(value)


def bounds(max_bytes: str | None, max_days: float | None) -> Bounds:
    """What may stay; a ValueError if nothing bounds it."""
    if max_bytes is None and max_days is None:
        raise ValueError("say what may stay: --max-days, --max-bytes or both")
    return Bounds(max_bytes=None if max_bytes is None else byte_count(max_bytes), max_days=max_days)
