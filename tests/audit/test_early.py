"""A store that an earlier version of the code wrote is read, value by value, and written on."""

from __future__ import annotations

import gzip
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from harmo.audit.prune import Bounds, prune
from harmo.audit.read import Query, Reader
from harmo.audit.schema import FILE, VERSION
from harmo.audit.write import Writer
from tests.audit.early import STORES, early_groups
from tests.audit.kept import as_kept, numbered

FILES = sorted(STORES.glob("version-*.sqlite.gz"))


@pytest.fixture(params=FILES, ids=[file.name for file in FILES])
def early(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    (tmp_path / FILE).write_bytes(gzip.decompress(request.param.read_bytes()))
    return tmp_path


def test_every_value_is_what_it_was(early: Path) -> None:
    with closing(Reader(early)) as reader:
        back = list(reader.groups(Query(), pictures=True))
        tables = list(reader.tables(Query()))
        runs = reader.runs()
    wanted = numbered([as_kept(group) for group in early_groups()], back)
    assert [repr(group) for group in back] == [repr(group) for group in wanted]
    assert [group.number for group in back] == [1, 2, 3, 4, 5, 6]
    assert back[0].digests == back[3].digests
    assert [(t.interaction, t.numbers_G.tolist()) for t in tables] == [
        (False, [1, 3, 4, 5, 6]),
        (True, [2]),
    ]
    assert [(run.run, run.groups, run.completions, run.scored) for run in runs] == [
        ("exp-1", 5, 12, 4),
        ("", 1, 1, 1),
    ]


def test_it_is_written_on_and_pruned(early: Path) -> None:
    with closing(Writer(early)) as writer:
        now = [replace(group, scored_at_s=1_800_000_000.0) for group in early_groups()[1:2]]
        assert writer.write(now) == [7]
        pruned = prune(writer, Bounds(max_days=1), now_s=1_800_000_000.0)
        assert {unit.run for unit in pruned.dropped} == {"", "exp-1"}
    with closing(Reader(early)) as reader:
        (left,) = reader.groups(Query(), pictures=True)
    assert repr(left) == repr(numbered(now, [left])[0])


def test_there_is_one_of_this_version() -> None:
    """A new version of the tables comes with a store of its own, and reads the ones before."""
    assert FILES[-1].name == f"version-{VERSION}.sqlite.gz"
    assert all(file.stat().st_size < 100_000 for file in FILES)
