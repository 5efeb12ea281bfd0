"""What differs between two recipes, field by field; a term is known by its column."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Document: TypeAlias = Mapping[str, Any]
"""A recipe's file as JSON."""
_PLACES = ("model", "rule", "aspect", "length", "shadow")
ABSENT = "–"
"""What a side shows that lacks the field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One field that differs."""

    field: str
    """Dotted; a term's begins with its column, `answer.params.tolerance`."""
    before: str
    after: str


def differences(before: Document, after: Document) -> list[Difference]:
    """The fields that differ, in the order of the files; empty if none does.

    A column that one of the two lacks is one difference, whatever it says.

    Args:
        before: A valid recipe, its defaults written out.
        after: The other.
    """
    old, new = dict(_own(before)), dict(_own(after))
    had, has = dict(_columns(before)), dict(_columns(after))
    for column in dict.fromkeys([*had, *has]):
        if column in had and column in has:
            old |= _leaves(column, had[column])
            new |= _leaves(column, has[column])
        else:
            sides = (had.get(column), has.get(column))
            old[column], new[column] = (ABSENT if s is None else _said(s) for s in sides)
    return [
        Difference(field=key, before=old.get(key, ABSENT), after=new.get(key, ABSENT))
        for key in dict.fromkeys([*old, *new])
        if old.get(key) != new.get(key)
    ]


def _own(recipe: Document) -> Iterator[tuple[str, str]]:
    """The fields that are of no column."""
    for key, value in recipe.items():
        if key not in _PLACES:
            yield from _leaves(key, value).items()


def _columns(recipe: Document) -> Iterator[tuple[str, Document]]:
    """Every column, with where it stands."""
    for place in _PLACES:
        for term in recipe.get(place, ()):
            fields = {key: value for key, value in term.items() if key != "name"}
            yield str(term.get("name") or term["scorer"]), {"stands under": place, **fields}


def _leaves(path: str, value: object) -> dict[str, str]:
    if isinstance(value, Mapping) and value:
        inner = (_leaves(f"{path}.{key}", each) for key, each in value.items())
        return {key: said for leaves in inner for key, said in leaves.items()}
    return {} if value in (None, {}, "", [], ()) else {path: _said(value)}


def _said(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key.rpartition('.')[2]} {v}" for key, v in _leaves("", value).items())
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
