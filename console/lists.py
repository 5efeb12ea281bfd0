"""Lists of groups, worked out once for all visitors while their runs do not grow."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from harmo.audit.read import Query, Reader
from harmo.console.model.groups.address import Asked, asked_of
from harmo.console.model.groups.filters import FILTERS
from harmo.console.model.groups.gather import Gathered, gathered, twins
from harmo.console.model.groups.listed import Listed, listed
from harmo.console.state import Console
from harmo.console.view import links

_UNCOUNTED = frozenset({"all", "longest", "duplicates"})
"""Filters whose tallies say nothing, or need every text."""
_Version = tuple[tuple[str, int, float], ...]


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
    return await _gathered(console, query, await _version(console, query))


async def list_of(console: Console, asked: Asked) -> Listed:
    """The groups or completions that a list shows, in its order, all pages."""
    version = await _version(console, asked.query)
    found = await _gathered(console, asked.query, version)

    def work(reader: Reader) -> Listed:
        return listed(found.blocks, asked.wanted, confirm=partial(twins, reader))

    return await console.shared(("list", asked.query, asked.wanted, version), work)


async def tally_of(console: Console, query: Query) -> Mapping[str, int]:
    """By filter how many completions it lists."""
    version = await _version(console, query)
    found = await _gathered(console, query, version)

    def work(_: Reader) -> Mapping[str, int]:
        return {
            name: sum(int(each.find(block, None).listed.sum()) for block in found.blocks)
            for name, each in FILTERS.items()
            if name not in _UNCOUNTED
        }

    return await console.shared(("tally", query, version), work)


async def _gathered(console: Console, query: Query, version: _Version) -> Gathered:
    return await console.shared(("numbers", query, version), lambda r: gathered(r, query))


async def _version(console: Console, query: Query) -> _Version:
    """What changes when a group of the query's runs comes or goes."""

    def work(reader: Reader) -> _Version:
        return tuple(
            (each.run, each.groups, each.last_s)
            for each in reader.runs()
            if query.run is None or each.run == query.run
        )

    return await console.read(work)
