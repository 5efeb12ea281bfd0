"""Who is next, and who has waited longest."""

from __future__ import annotations

import asyncio

import pytest

from harmo.app.workers.jobs import Job
from harmo.app.workers.line import JobLine
from harmo.app.workers.pace import Pace


def job(age_s: float, owner: str = "") -> Job:
    """A job that came so many seconds ago."""
    loop = asyncio.get_running_loop()
    made = Job(owner=owner, function=print, arguments=(), wall_s=1.0, answer=loop.create_future())
    made.queued_s -= age_s
    return made


async def test_the_oldest_is_who_came_first_whoever_is_next() -> None:
    line = JobLine()
    assert (len(line), line.oldest_s) == (0, 0.0)
    old, young, first = job(100.0), job(50.0), job(10.0)
    for each in (old, young):
        line.push(each)
    line.push(first, first=True)
    assert line.oldest_s >= 100.0
    assert line.pop() is first, "before its owner's others"
    assert line.pop() is old
    assert 50.0 <= line.oldest_s < 100.0
    line.remove(young)
    line.remove(young)
    assert (len(line), line.oldest_s, line.pop()) == (0, 0.0, None)


async def test_a_job_that_a_worker_did_not_read_is_as_old_as_it_was() -> None:
    line = JobLine()
    unread, later = job(100.0), job(50.0)
    unread.unread = 1
    line.push(later)
    line.push(unread, first=True)
    assert line.oldest_s >= 100.0


async def test_what_nobody_waits_for_is_passed_over() -> None:
    line = JobLine()
    left, wanted = job(2.0), job(1.0)
    for each in (left, wanted):
        line.push(each)
    left.answer.cancel()
    assert line.pop() is wanted
    assert line.oldest_s == 0.0


class Known(Pace):
    """A second for what is slow, a quarter for what is quick."""

    def seconds(self, kind: str) -> float:
        return {"slow": 1.0, "quick": 0.25}[kind]


@pytest.mark.parametrize(
    ("jobs", "ahead_s", "why"),
    [
        (None, 33.0, "all that waits"),
        ({}, 0.0, "who brings nothing waits for nobody"),
        ({"slow": 1}, 3.0, "a second of each"),
        ({"quick": 4}, 3.0, "as much time, and not as many"),
        ({"quick": 8, "slow": 1}, 6.0, "three of the first, and all that the others have"),
        ({"slow": 1000}, 33.0, "everything goes before it, once"),
    ],
)
async def test_of_each_other_as_much_goes_before_as_a_newcomer_brings(
    jobs: dict[str, int] | None, ahead_s: float, why: str
) -> None:
    line, gone = JobLine(), job(0.0, "gone")
    for owner, kind, count in (("a", "slow", 30), ("b", "slow", 2), ("c", "quick", 4)):
        for _ in range(count):
            one = job(0.0, owner)
            one.kind = kind
            line.push(one)
            line.push(one, first=True)
    line.push(gone)
    line.remove(gone)
    assert line.ahead_s(jobs, Known()) == ahead_s, why
    while line.pop() is not None:
        pass
    assert (line.ahead_s(jobs, Known()), line._by_owner) == (0.0, {})
