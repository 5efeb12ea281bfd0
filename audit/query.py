"""Which groups, and how SQLite is asked for them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harmo.audit.records import KeptRecipe
from harmo.audit.rows import text
from harmo.audit.rows.numbers import OF_REWARD
from harmo.scorers.types import Reason

_MOST = (1 << 63) - 1
_AMONG = "number IN (SELECT value FROM json_each(?))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which groups; None asks for all."""

    run: str | None = None
    """`""` asks for groups that came without a run."""
    split: str | None = None
    steps: tuple[int | None, int | None] = (None, None)
    """First and last, both included."""
    task: str | None = None
    recipe: str | None = None
    """A name, or a version."""
    column: str | None = None
    """Groups of recipes that have it; with `reason`, where it abstained so."""
    reason: Reason | None = None
    """Groups in which a score or a reward is missing for it."""
    id: str | None = None
    """Groups of this id; several runs may have one."""
    numbers: Sequence[int] | None = None
    """These groups alone, as far as they are there."""
    after: int = 0
    """Only groups with a larger number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """A condition on table `groups`, and its values."""

    clause: str
    """Its first place holder is for the number after which the groups come."""
    values: tuple[object, ...]
    """For the other ones."""


def where(query: Query, recipes: Mapping[int, KeptRecipe]) -> Where | None:
    """The condition for a query; None where no recipe of the store fits it.

    Args:
        query: Which.
        recipes: Every recipe of the store, by its key.
    """
    first, last = query.steps
    # The plus keeps SQLite from walking through a run for what another index finds at once.
    run = "run = ?" if query.id is None and query.numbers is None else "+run = ?"
    asked: list[tuple[str, object]] = [
        (run, None if query.run is None else text(query.run)),
        ("split = ?", None if query.split is None else text(query.split)),
        ("step >= ?", None if first is None else nearest(first)),
        ("step <= ?", None if last is None else nearest(last)),
        ("task = ?", None if query.task is None else text(query.task)),
        ("group_id = ?", None if query.id is None else text(query.id)),
        (_AMONG, None if query.numbers is None else json.dumps([int(n) for n in query.numbers])),
    ]
    clauses = ["number > ?", *(clause for clause, value in asked if value is not None)]
    values = [value for _, value in asked if value is not None]
    fitting = {key: recipe for key, recipe in recipes.items() if _fits(query, recipe)}
    if not fitting:
        return None
    if len(fitting) < len(recipes):
        clauses.append(f"recipe IN ({','.join(map(str, fitting))})")
    if query.reason is not None:
        clauses.append(_abstained(query.reason, query.column, fitting))
    return Where(clause=" AND ".join(clauses), values=tuple(values))


def nearest(number: int) -> int:
    """The number of 64 bits, as many as SQLite has, that is nearest: none in a store is beyond."""
    return max(-_MOST, min(_MOST, number))


def _fits(query: Query, recipe: KeptRecipe) -> bool:
    named = query.recipe is None or query.recipe in (recipe.name, recipe.version)
    return named and (query.column is None or _place(query.column, recipe) is not None)


def _place(column: str, recipe: KeptRecipe) -> int | None:
    if column == "reward":
        return OF_REWARD
    return next((k for k, c in enumerate(recipe.columns) if c.name == column), None)


def _abstained(reason: Reason, column: str | None, recipes: Mapping[int, KeptRecipe]) -> str:
    """Of words of our own and numbers only, so that nothing in it needs a place holder."""
    if column is None:
        return f"instr(reasons, '\"{reason.value}\":')"
    places: dict[int | None, list[int]] = {}
    for key, recipe in recipes.items():
        places.setdefault(_place(column, recipe), []).append(key)
    either = (
        f"recipe IN ({','.join(map(str, keys))}) "
        f"AND json_type(nullif(reasons, ''), '$.{reason.value}.\"{place}\"') IS NOT NULL"
        for place, keys in places.items()
    )
    return f"({' OR '.join(f'({each})' for each in either)})"
