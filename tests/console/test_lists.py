"""Lists over a store: what is read for them, and the groups of an id."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harmo.audit.read import Reader
from harmo.audit.write import Writer
from harmo.console.lists import asked_at, list_of, numbers_of
from harmo.console.settings import Settings
from harmo.console.state import Console
from tests.audit.made import made_groups, made_store

RUNS = 12


class Counted(Console):
    """A console that counts how often its store is asked."""

    reads = 0

    async def read(self, work: Callable[[Reader], object]) -> object:
        self.reads += 1
        return await super().read(work)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return made_store(tmp_path, groups=4 * RUNS, runs=[f"run-{i}" for i in range(RUNS)])


@pytest.fixture
async def console(folder: Path) -> AsyncIterator[Counted]:
    made = Counted(Settings(audit=folder))
    yield made
    await made.close()


async def test_runs_that_did_not_grow_are_not_read_again(console: Counted, folder: Path) -> None:
    asked = asked_at({"filter": "all", "split": "all"})
    assert len(await list_of(console, asked)) == 4 * RUNS
    console.reads = 0
    await list_of(console, asked)
    assert console.reads < RUNS
    writer = Writer(folder)
    writer.write(made_groups(groups=2, runs=("run-3",), seed=1))
    writer.close()
    assert len(await list_of(console, asked)) == 4 * RUNS + 2


async def test_an_id_narrows_a_list_to_its_groups_of_any_run(console: Counted) -> None:
    [first, *_] = made_groups(groups=4, runs=("run-0",))
    rows = await list_of(console, asked_at({"id": first.group.id}))
    assert len(rows) == RUNS
    rows = await list_of(console, asked_at({"id": first.group.id, "run": "run-1"}))
    assert rows.number.tolist() == [5]
    assert len(await list_of(console, asked_at({"id": "5"}))) == 1
    assert len(await list_of(console, asked_at({"id": "nobody"}))) == 0


async def test_what_a_list_is_of_says_how_much_there_is(console: Counted) -> None:
    found = await numbers_of(console, replace(asked_at({}).query(), run="run-2"))
    assert found.whole
    assert found.numbers.tolist() == [9, 10, 11, 12]
