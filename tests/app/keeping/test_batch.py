"""What is to be written: whole, one by one, or in doubt."""

from __future__ import annotations

import pytest

from harmo.app.keeping.batch import DEATHS, Batch
from tests.app.keeping.disk import entry


def of(*ids: str) -> Batch:
    batch = Batch()
    batch.resolved(10)
    batch.fill([entry(id) for id in ids])
    return batch


def ids(batch: Batch) -> list[str]:
    return [each.answered.group.id for each in batch.entries if each.answered]


DOUBTS = [
    ("all of it was written", 13, ([True], "")),
    ("nothing was", 10, ([False], "abc")),
    ("someone else wrote meanwhile", 12, ([False], "abc")),
    ("another store is in its place", 0, ([False], "abc")),
]


@pytest.mark.parametrize(("why", "last", "expected"), DOUBTS, ids=[why for why, *_ in DOUBTS])
def test_what_a_process_wrote_before_it_ended_is_told_by_the_stores_last_number(
    why: str, last: int, expected: tuple[list[bool], str]
) -> None:
    batch = of("a", "b", "c")
    batch.doubtful(batch.part(), died=True)
    _, there = batch.resolved(last)
    assert ([there], "".join(ids(batch))) == expected
    assert batch.resolved(last) == ((), False), "it is settled once"


def test_a_batch_that_ends_the_process_is_split_and_the_group_that_does_is_found() -> None:
    batch = of("a", "bad", "c")
    lost, deaths, last = [], 0, 10
    while part := batch.part():
        if any(each.answered.group.id == "bad" for each in part if each.answered):
            deaths += 1
            batch.doubtful(part, died=True)
            sent, there = batch.resolved(last)
            lost += sent
            assert not there
        else:
            last += len(part)
            batch.written(part, last)
    assert [each.answered.group.id for each in lost if each.answered] == ["bad"]
    assert (deaths, last) == (2 * DEATHS, 12)


def test_deaths_count_over_the_same_groups_only() -> None:
    batch = of("a")
    for number in range(3 * DEATHS):
        batch.doubtful(batch.part(), died=True)
        assert batch.resolved(10 + number) == ((), False)
        batch.written(batch.part(), 11 + number)
        batch.fill([entry("b")])


def test_what_nobody_waits_for_is_taken_out() -> None:
    batch = of("a", "b", "c")
    batch.entries[1].withdrawn = True
    assert [each.answered.group.id for each in batch.withdraw() if each.answered] == ["b"]
    assert ids(batch) == ["a", "c"]
