"""What a JSON text is made of, counted in its bytes: before anything is built of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SLICE_BYTES = 64 << 10
"""Looked at in one go: no call holds the interpreter for more than some milliseconds."""

_NESTED = (dict, list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """What stands outside the strings of a JSON text."""

    values: int
    """At most so many values: an empty list or object counts as two."""
    keys: int
    """Exactly so many keys, if it is JSON at all."""


def outline(text: bytes | bytearray, *, max_values: int) -> Outline:
    """The number of values and keys of a JSON text; in linear time and little memory.

    Args:
        text: Need not be JSON: what a parser reads of it before it stops is counted all the same.
        max_values: Past so many it is read no further.
    """
    view = memoryview(text)
    values, keys, within, start = 1, 0, 0, 0
    while start < len(view) and values <= max_values:
        part = bytes(view[start : start + SLICE_BYTES])
        # A backslash at the cut belongs to what follows it.
        if (len(part) - len(part.rstrip(b"\\"))) % 2 and len(part) > 1:
            part = part[:-1]
        start += len(part)
        if b"\\" in part:
            part = part.replace(b"\\\\", b"").replace(b'\\"', b"")
        pieces = part.split(b'"')
        outside = b"".join(pieces[within::2])
        within = (within + len(pieces) - 1) % 2
        values += outside.count(b",") + outside.count(b"[") + outside.count(b"{")
        keys += outside.count(b":")
    return Outline(values=values, keys=keys)


def keys_of(document: object) -> int:
    """How many keys the objects of a parsed document have in all."""
    keys, left = 0, [document]
    while left:
        nested = left.pop()
        inner: Iterable[object] = ()
        if isinstance(nested, dict):
            keys += len(nested)
            inner = nested.values()
        elif isinstance(nested, list):
            inner = nested
        left += [each for each in inner if isinstance(each, _NESTED)]
    return keys


def first_key_twice(text: bytes | bytearray) -> str:
    """The first key that an object of a JSON text has twice; empty if none has."""
    found: list[str] = []

    def look(pairs: Sequence[tuple[str, object]]) -> None:
        known: set[str] = set()
        for key, _ in pairs:
            if key in known and not found:
                found.append(key)
            known.add(key)

    json.loads(text, object_pairs_hook=look, parse_int=str, parse_float=str)
    return found[0] if found else ""
