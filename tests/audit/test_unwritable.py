"""Values that SQLite does not have: the group is at fault, and the store takes others."""

from __future__ import annotations

import math
import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harmo.audit.errors import StoreError, Trouble, WriteError
from harmo.audit.read import Query, Reader
from harmo.audit.records import KeptGroup
from harmo.audit.schema import FILE
from harmo.audit.write import Writer
from harmo.scorers.types import Sample
from tests.audit.test_round_trip import kept


def good() -> KeptGroup:
    return kept(Sample(prompt="asked", completion="x"))


def in_group(**fields: Any) -> KeptGroup:
    return replace(good(), group=replace(good().group, **fields))


ODD = {
    "an instant that is no number": replace(good(), scored_at_s=math.nan),
    "a step beyond 64 bits": in_group(step=1 << 64),
    "a size beyond 64 bits": in_group(size=1 << 64),
    "tokens beyond any number": in_group(samples=(Sample(num_tokens=10**400),)),
    "no split": in_group(split=None),
    "a size that is a list": in_group(size=[1]),
    "an id that is no text": in_group(id=7),
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
def test_a_value_of_a_group_costs_no_other_its_place(tmp_path: Path, odd: KeptGroup) -> None:
    with closing(Writer(tmp_path)) as writer:
        writer.write([good()])
        with pytest.raises(Exception) as caught:  # noqa: PT011 - of any kind but one
            writer.write([good(), odd])
        assert not isinstance(caught.value, StoreError | sqlite3.Error)
        assert writer.write([good()]) == [2], "nothing of the batch is there"


def test_what_is_too_large_for_sqlite_is_of_the_group(tmp_path: Path) -> None:
    with closing(Writer(tmp_path)) as writer:
        with pytest.raises(ValueError, match="no store takes such a value: DataError"):
            write_with_a_limit(writer, in_group(id="x" * 2000))
        assert writer.write([good()]) == [1]


def write_with_a_limit(writer: Writer, group: KeptGroup) -> None:
    with writer.transaction() as db:
        db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 1000)
        db.execute("UPDATE recipes SET name = ?", (group.group.id,))


def test_a_number_that_is_taken_already_is_of_the_store(tmp_path: Path) -> None:
    Writer(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / FILE)) as db:
        db.execute("INSERT INTO texts VALUES (1, '[]', x'')")
        db.commit()
    with closing(Writer(tmp_path)) as writer, pytest.raises(WriteError) as caught:
        writer.write([good()])
    assert caught.value.trouble is Trouble.TORN


def test_what_a_log_held_that_was_removed_is_there_after_a_kill(tmp_path: Path) -> None:
    writer = Writer(tmp_path)
    writer.write([good()])
    (tmp_path / f"{FILE}-wal").unlink()
    writer.write([good()])
    there = tmp_path / "killed"
    there.mkdir()
    for path in tmp_path.glob(f"{FILE}*"):
        (there / path.name).write_bytes(path.read_bytes())
    with closing(Reader(there)) as reader:
        assert [each.number for each in reader.groups(Query())] == [1, 2]
    writer.close()


def test_a_file_that_is_cut_off_is_torn_until_it_is_moved_away(tmp_path: Path) -> None:
    path = tmp_path / FILE
    with closing(Writer(tmp_path)) as writer:
        for _ in range(200):
            writer.write([good()] * 20)
        os.truncate(path, path.stat().st_size // 2)
        for _ in range(2):
            with pytest.raises(WriteError, match="was cut off; move it away") as caught:
                writer.write([good()])
            assert caught.value.trouble is Trouble.TORN
        path.rename(tmp_path / "torn")
        assert writer.write([good()]) == [1]


def test_the_last_number_stays_when_what_had_it_is_gone(tmp_path: Path) -> None:
    with closing(Writer(tmp_path)) as writer:
        assert writer.last() == 0
        assert writer.write([good(), good()]) == [1, 2]
        with writer.transaction() as db:
            db.execute("DELETE FROM groups")
        assert writer.last() == 2
