"""Lists of groups, worked out once for all visitors while their runs do not grow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from harmo.audit.read import Query
from harmo.console.model.asked import whole
from harmo.console.model.groups.address import Asked, asked_of
from harmo.console.model.groups.gather import MAX_SAMPLES, Gathered, gathered
from harmo.console.model.groups.listed import Listed, listed, tallied
from harmo.console.model.history import TRAIN, History
from harmo.console.state import Console
from harmo.console.view import links

_UNCOUNTED = frozenset({"all", "longest"})
"""Filters whose tallies say nothing."""


def asked_at(query: Mapping[str, str]) -> Asked:
    """The list that an address names; `links.written` wrote its run."""
    run = query.get("run", "")
    return asked_of({**query, "run": links.read(run)} if run else {**query, "run": None})


def query_of(asked: Asked, **changes: object) -> dict[str, object]:
    """The query of a list's address.

    Args:
        asked: The list.
        **changes: Keys in place of its own; None leaves one out.
    """
    run = None if asked.run is None else links.written(asked.run)
    return asked.address(run=run, **changes)


async def numbers_of(console: Console, query: Query) -> Gathered:
    """The numbers of the groups that a query finds."""
    return await _gathered(console, query, await _histories(console, query.run))


async def usual_split(console: Console, run: str | None) -> str | None:
    """The split that a list shows where none is asked for: what is trained on, if anything is."""
    histories = await _histories(console, run)
    return TRAIN if any(TRAIN in each.splits for each in histories) else None


async def list_of(console: Console, asked: Asked) -> Listed:
    """The groups or completions that a list shows, in its order, all pages."""
    query = asked.query(await usual_split(console, asked.run))
    histories = await _histories(console, asked.run)
    found = await _gathered(console, query, histories)
    key = ("list", query, asked.wanted, _version(histories))
    rows = await console.shared(key, lambda: listed(found.blocks, asked.wanted))
    if not asked.id:
        return rows
    return rows.where(np.isin(rows.number, await _called(console, asked)))


async def _called(console: Console, asked: Asked) -> Sequence[int]:
    """Numbers of the groups of an id, and the number that it may be itself."""
    query, number = replace(asked.query(), id=asked.id), whole(asked.id)
    tables = await console.read(lambda reader: list(reader.tables(query)))
    found = [each for table in tables for each in table.numbers_G.tolist()]
    return found if number is None else [number, *found]


async def tally_of(console: Console, query: Query, by: str) -> Mapping[str, int]:
    """By filter how many groups it lists, or how many completions.

    Args:
        console: Whose store.
        query: The groups.
        by: What is listed: `group`, or `completion`.
    """
    histories = await _histories(console, query.run)
    found = await _gathered(console, query, histories)

    def work() -> Mapping[str, int]:
        return tallied(found.blocks, by, without=_UNCOUNTED)

    return await console.shared(("tally", query, by, _version(histories)), work)


async def _histories(console: Console, run: str | None) -> Sequence[History]:
    """A run, or all, the last written first, as far as there is room for them."""
    if run is not None:
        return [await console.history(run)]
    found: list[History] = []
    for each in await console.read(lambda reader: reader.runs()):
        found.append(await console.history(each.run, each))
        if sum(history.samples for history in found) >= MAX_SAMPLES:
            break
    return found


async def _gathered(console: Console, query: Query, histories: Sequence[History]) -> Gathered:
    tables = [table for each in histories for table in each.tables]
    whole = sum(each.samples for each in histories) < MAX_SAMPLES
    key = ("numbers", query, _version(histories))
    return await console.shared(key, lambda: gathered(tables, query, whole=whole))


def _version(histories: Sequence[History]) -> tuple[tuple[str, int, int], ...]:
    """What changes when a group of these runs comes or goes."""
    return tuple((each.run, each.last, each.groups) for each in histories)
