"""A writer that is killed: what it said was on the disk is on the disk, and nothing is torn."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from harmo.audit.prune import Bounds, prune
from harmo.audit.read import Query, Reader
from harmo.audit.records import KeptGroup
from harmo.audit.schema import FILE
from harmo.audit.write import Writer
from tests.audit.made import made_groups

KILLS = 20
MADE = list(made_groups(groups=64, siblings=2, pictures=True))


def writes(folder: Path, say: Callable[[int], None]) -> None:
    """Write batches of different sizes and say every number that was given."""
    writer = Writer(folder)
    for turn in range(1_000_000):
        for number in writer.write(batch(turn)):
            say(number)


def writes_and_prunes(folder: Path, say: Callable[[int], None]) -> None:
    """Write and, every few batches, drop all but the run written last."""
    writer = Writer(folder)
    for turn in range(1_000_000):
        for number in writer.write(batch(turn)):
            say(number)
        if turn % 5 == 4:
            prune(
                writer, Bounds(max_bytes=1), now_s=0, between=lambda: bool(writer.write(batch(1)))
            )


def batch(turn: int) -> list[KeptGroup]:
    return MADE[turn % 50 : turn % 50 + 1 + turn % 7]


def killed(work: Callable[[Path, Callable[[int], None]], None], folder: Path, after_s: float):
    """The numbers that a process acknowledged before it was killed."""
    reads, says = os.pipe()
    child = os.fork()
    if not child:
        try:
            work(folder, lambda number: os.write(says, b"%d\n" % number) and None)
        finally:
            os._exit(1)
    os.close(says)
    time.sleep(after_s)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(reads, "rb") as file:
        said = file.read()
    # A line that was cut short acknowledges nothing.
    return [int(line) for line in said.split(b"\n")[:-1]]


def is_whole(folder: Path) -> None:
    """Nothing is torn, and what is counted is what is there."""
    with closing(sqlite3.connect(folder / FILE)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        numbers = [n for (n,) in db.execute("SELECT number FROM groups ORDER BY number")]
        assert numbers == [n for (n,) in db.execute("SELECT number FROM texts ORDER BY number")]
        used = Counter(
            key
            for (shared,) in db.execute("SELECT shared FROM texts")
            for key, _ in json.loads(shared)
        )
        assert used == dict(db.execute("SELECT id, uses FROM contents"))
        assert set(used) == {key for (key,) in db.execute("SELECT id FROM blobs")}


def test_what_was_acknowledged_is_there_after_any_kill(tmp_path: Path) -> None:
    chance, acknowledged = random.Random(1), list[int]()
    for _ in range(KILLS):
        acknowledged += killed(writes, tmp_path, chance.uniform(0.05, 0.4))
        with closing(Reader(tmp_path)) as reader:
            there = [kept.number for kept in reader.groups(Query())]
            groups = sum(run.groups for run in reader.runs())
        assert set(acknowledged) <= set(there)
        # What was not acknowledged is there whole or not at all: numbers have no gaps.
        assert there == list(range(1, len(there) + 1))
        assert groups == len(there)
        is_whole(tmp_path)
    assert len(acknowledged) > KILLS
    assert Writer(tmp_path).write(MADE[:1]) == [len(there) + 1]


def test_a_kill_while_it_prunes_tears_nothing(tmp_path: Path) -> None:
    chance = random.Random(2)
    for _ in range(KILLS):
        killed(writes_and_prunes, tmp_path, chance.uniform(0.05, 0.4))
        is_whole(tmp_path)
    with closing(Writer(tmp_path)) as writer:
        last = writer.write(MADE[-3:])
        prune(writer, Bounds(max_bytes=1), now_s=0)
    with closing(Reader(tmp_path)) as reader:
        there = list(reader.groups(Query(), pictures=True))
        (run,) = reader.runs()
    is_whole(tmp_path)
    assert [kept.number for kept in there][-3:] == last
    assert all(kept.group.samples[0].images[0].content for kept in there)
    assert run.groups == len(there)
