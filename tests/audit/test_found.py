"""Some groups of many: found by id and number without a walk, and told apart by digest."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from harmo.audit.query import Query, where
from harmo.audit.read import Reader
from harmo.audit.records import Texts
from harmo.audit.schema import FILE
from harmo.scorers.types import Sample
from tests.audit.made import made_store
from tests.audit.test_round_trip import kept, stored


def test_groups_are_found_by_their_id_and_by_their_numbers(tmp_path: Path) -> None:
    made_store(tmp_path, groups=40)
    with closing(Reader(tmp_path)) as reader:
        every = list(reader.groups(Query(), texts=False))
        wanted = every[17]
        by_id = [g.number for g in reader.groups(Query(id=wanted.group.id))]
        assert by_id == [g.number for g in every if g.group.id == wanted.group.id]
        of_run = Query(id=wanted.group.id, run=wanted.group.run)
        assert [g.number for g in reader.groups(of_run)] == [wanted.number]
        assert [g.number for g in reader.groups(Query(numbers=(30, 3, 99, -1, 3, 2**70)))] == [
            3,
            30,
        ]
        assert not list(reader.groups(Query(numbers=())))
        tables = list(reader.tables(Query(numbers=(3, 30))))
    assert [n for t in tables for n in t.numbers_G.tolist()] == [3, 30]


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (Query(id="7", run="exp-1"), "USING INDEX groups_by_id (group_id=? AND rowid>?)"),
        (Query(numbers=(1, 2), run="exp-1"), "USING INTEGER PRIMARY KEY (rowid=?)"),
    ],
)
def test_one_group_is_found_without_a_walk_through_its_run(
    tmp_path: Path, query: Query, index: str
) -> None:
    made_store(tmp_path, groups=4)
    with closing(Reader(tmp_path)) as reader:
        (recipe,) = reader.recipes()
    found = where(query, {1: recipe})
    assert found is not None
    with closing(sqlite3.connect(tmp_path / FILE)) as db:
        asked = f"EXPLAIN QUERY PLAN SELECT * FROM groups WHERE {found.clause} ORDER BY number"
        plan = [row[3] for row in db.execute(asked, (0, *found.values))]
    assert any(index in step for step in plan), plan


@pytest.mark.parametrize("texts", ["full", "hash", "none"])
def test_equal_completions_have_equal_digests_in_a_table(tmp_path: Path, texts: Texts) -> None:
    same, other = Sample(completion="x"), Sample(completion="y")
    with closing(stored(tmp_path, kept(same, other, same, texts=texts))) as reader:
        (table,) = reader.tables(Query())
    first, second, third = table.digests_N.tolist()
    assert first == third
    assert (first != second, first > 0) == ((texts != "none"),) * 2


def test_a_reader_that_takes_one_group_reads_few(tmp_path: Path) -> None:
    made_store(tmp_path, groups=100)
    with closing(Reader(tmp_path)) as reader:
        asked: list[str] = []
        reader._db.set_trace_callback(asked.append)
        next(reader.groups(Query()))
    assert [sql[-7:] for sql in asked if "LIMIT" in sql] == ["LIMIT 8"]
