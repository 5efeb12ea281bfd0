"""Who is next, and who has waited longest."""

from __future__ import annotations

import asyncio
from collections.abc import Container, Hashable

from harmo.app.workers.jobs import Job
from harmo.app.workers.line import JobLine
from harmo.app.workers.reserved import Reservations


def job(age_s: float, owner: str = "") -> Job:
    """A job that came so many seconds ago."""
    loop = asyncio.get_running_loop()
    made = Job(owner=owner, function=print, arguments=(), wall_s=1.0, answer=loop.create_future())
    made.queued_s -= age_s
    return made


async def test_the_oldest_is_who_came_first_whoever_is_next() -> None:
    line = JobLine(Reservations(1))
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
    line = JobLine(Reservations(1))
    unread, later = job(100.0), job(50.0)
    unread.unread = 1
    line.push(later)
    line.push(unread, first=True)
    assert line.oldest_s >= 100.0


async def test_what_nobody_waits_for_is_passed_over() -> None:
    line = JobLine(Reservations(1))
    left, wanted = job(2.0), job(1.0)
    for each in (left, wanted):
        line.push(each)
    left.answer.cancel()
    assert line.pop() is wanted
    assert line.oldest_s == 0.0


async def test_who_has_to_go_first_does_and_else_all_take_turns() -> None:
    class Pressed(Reservations):
        who: str | None = None

        def first(self, waiting: Container[Hashable]) -> Hashable | None:
            return self.who if self.who in waiting else None

    pressed = Pressed(1)
    line = JobLine(pressed)
    jobs = {name: job(0.0, name[0]) for name in ("a1", "a2", "b1", "b2", "c1")}
    for each in jobs.values():
        line.push(each)
    order = []
    for pressed.who in (None, "b", "b", "b", None):
        taken = line.pop()
        order += [name for name, each in jobs.items() if each is taken]
    assert order == ["a1", "b1", "b2", "c1", "a2"]


async def test_what_stands_in_line_is_counted_once_and_by_its_kind() -> None:
    counted = Reservations(1)
    line, jobs = JobLine(counted), [job(0.0, owner) for owner in "aab"]
    for each in jobs:
        each.kind = "maths"
        line.push(each)
        line.push(each, first=True)
    assert counted._standing == {"maths": 3}
    line.remove(jobs[2])
    while line.pop() is not None:
        pass
    assert counted._standing == {"maths": 0}
    assert counted._ours == {}, "nothing is left of who left"
