"""Readers beside a writer that writes and prunes all the while."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from harmo.audit.prune import Bounds, prune
from harmo.audit.read import Query, Reader
from harmo.audit.write import Writer
from tests.audit.made import made_groups

READ_S = 2.0


def write(folder: Path) -> None:
    made = list(made_groups(groups=120, siblings=4))
    writer = Writer(folder)
    for turn in range(1_000_000):
        writer.write(made[turn % 100 : turn % 100 + 8])
        if turn % 40 == 39:
            prune(writer, Bounds(max_bytes=1 << 20), now_s=0)


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Path]:
    Writer(tmp_path).close()
    child = os.fork()
    if not child:
        try:
            write(tmp_path)
        finally:
            os._exit(1)
    yield tmp_path
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def test_whatever_is_read_beside_a_writer_makes_sense(live: Path) -> None:
    last, seen, until_s = 0, 0, time.monotonic() + READ_S
    with closing(Reader(live)) as reader:
        while time.monotonic() < until_s or not seen:
            fresh = [kept.number for kept in reader.groups(Query(after=last))]
            assert fresh == sorted(set(fresh))
            last, seen = max([last, *fresh]), seen + len(fresh)
            for run in reader.runs():
                assert run.completions >= run.scored >= 0
                assert run.groups > 0
            for table in reader.tables(Query(run="exp-2", after=last - 50)):
                assert len(table.rewards_N) == len(table.group_N)
                assert len(table.numbers_G) == len(table.weights_GC)
    assert seen
