"""Details as the store keeps them: JSON that is bounded in size and depth, whatever was written."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import islice

MAX_DEPTH = 8
MAX_ITEMS = 256
MAX_CHARS = 16_000
"""Of one text."""
MAX_GROUP_CHARS = 4 << 20
"""Of one group, over all its details: what comes after is left out, and says so."""
_ENTRY_CHARS = 16
_MAX_INT = 1 << 1000
_LEFT_OUT = {"left_out": f"evidence beyond {MAX_GROUP_CHARS} characters of the group"}


_SCALARS = frozenset({str, float, int, bool, type(None)})


def is_flat(detail: Mapping[str, object]) -> bool:
    """True of a mapping of words to texts and numbers, as nearly all details are."""
    return {str}.issuperset(map(type, detail)) and _SCALARS.issuperset(map(type, detail.values()))


class Room:
    """What room is left for a group's details."""

    def __init__(self, chars: int = MAX_GROUP_CHARS) -> None:
        self._chars = chars

    def detail(self, detail: Mapping[str, object]) -> Mapping[str, object]:
        """One score's detail, as far as there is room."""
        if self._chars <= 0:
            return _LEFT_OUT
        return self._items(detail, MAX_DEPTH)

    def plain(self, value: object) -> object:
        """Any value, as far as there is room."""
        return self._plain(value, MAX_DEPTH)

    def _items(self, value: Mapping[str, object], depth: int) -> Mapping[str, object]:
        some = islice(value.items(), MAX_ITEMS)
        return {self._text(key): self._plain(each, depth - 1) for key, each in some}

    def _plain(self, value: object, depth: int) -> object:
        self._chars -= _ENTRY_CHARS
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int):
            return value if -_MAX_INT < value < _MAX_INT else _shown(value)
        if isinstance(value, float):
            return value if math.isfinite(value) else str(value)
        if self._chars > 0 and depth:
            if isinstance(value, Mapping):
                return self._items(value, depth)
            if isinstance(value, list | tuple):
                return [self._plain(each, depth - 1) for each in value[:MAX_ITEMS]]
        return self._text(value)

    def _text(self, value: object) -> str:
        text = value if isinstance(value, str) else _shown(value)
        shown = text[: max(0, min(MAX_CHARS, self._chars))]
        self._chars -= len(shown) + _ENTRY_CHARS
        return shown


def _shown(value: object) -> str:
    """What stands for a value that is not kept: containers and large numbers are not spelt out."""
    if isinstance(value, int):
        return f"an integer of {value.bit_length()} bits"
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        return f"{type(value).__name__} of {len(value)}"
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    return str(value)
