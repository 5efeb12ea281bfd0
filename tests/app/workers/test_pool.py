"""Worker processes: one job at a time each, fairly; what is abandoned costs nobody else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from harmo.app.workers.jobs import WorkerFailedError
from harmo.scorers.types import Reason
from tests.app.workers.jobs import (
    MEMORY,
    Odd,
    Pool,
    echo,
    explode,
    fill,
    gone,
    leave,
    nap,
    pid,
    spin,
    until,
)


async def test_abandoned_jobs_cost_what_comes_next_nothing(pool: Pool) -> None:
    """Three hundred that would never end: the next is answered, and few workers were started."""
    await asyncio.gather(pool.run(pid), pool.run(pid))
    before = pool.workers.started
    abandoned = [asyncio.create_task(pool.run(spin, owner=n % 7)) for n in range(300)]
    await asyncio.sleep(0.2)
    for task in abandoned:
        task.cancel()
    await asyncio.wait(abandoned)
    assert await pool.run(echo, 7) == 7
    assert pool.workers.started - before <= 4
    assert pool.workers.load().backlog_s < 1.0


async def test_jobs_past_their_deadline_never_start(one: Pool) -> None:
    await one.run(pid)
    before = one.workers.started
    deadline_s = time.monotonic() + 0.2
    given = await asyncio.gather(
        *(one.run(spin, deadline_s=deadline_s) for _ in range(50)), return_exceptions=True
    )
    assert {getattr(error, "reason", None) for error in given} == {Reason.DEADLINE}
    assert await one.run(echo, 7) == 7
    assert one.workers.started - before <= 2, "only the one that ran was killed"


async def test_many_jobs_of_one_owner_do_not_keep_anothers_waiting(one: Pool) -> None:
    order: list[str] = []

    async def asked(owner: str) -> None:
        await one.run(pid, owner=owner)
        order.append(owner)

    await one.run(pid)
    many = [asyncio.create_task(asked("many")) for _ in range(2000)]
    await asyncio.sleep(0)
    await asked("other")
    assert order.count("many") < 20
    await asyncio.gather(*many)


async def test_whoever_is_next_may_stand_before_the_owners_others(one: Pool) -> None:
    order: list[int] = []

    async def asked(number: int, *, first: bool = False) -> None:
        await one.run(pid, owner="o", first=first)
        order.append(number)

    await one.run(pid)
    await asyncio.gather(*(asked(n) for n in range(5)), asked(9, first=True))
    assert order == [9, 0, 1, 2, 3, 4]


class Untravelled:
    """What cannot even say that it cannot travel."""

    def __reduce__(self) -> str:
        raise ZeroDivisionError


async def test_a_failure_of_ours_costs_a_job_and_not_its_place(one: Pool) -> None:
    await one.run(pid)
    with pytest.raises(WorkerFailedError) as failed:
        await one.run(echo, Untravelled())
    assert not failed.value.completions
    assert await one.run(echo, 7) == 7


async def test_closing_ends_every_process_and_tells_who_waits() -> None:
    pool = Pool(2)
    workers = set(await asyncio.gather(pool.run(nap, 0.2), pool.run(nap, 0.2)))
    server = pool.server
    waiting = [asyncio.create_task(pool.run(spin)) for _ in range(5)]
    await asyncio.sleep(0.1)
    await pool.close()
    outcomes = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 5.0)
    assert {type(outcome) for outcome in outcomes} == {WorkerFailedError}
    await until(lambda: all(map(gone, {server, *workers})))
    with pytest.raises(WorkerFailedError):
        await pool.run(pid)


async def test_no_task_of_a_job_is_left_once_it_was_answered_or_abandoned(pool: Pool) -> None:
    await asyncio.gather(pool.run(nap, 0.1), pool.run(nap, 0.1))
    before = asyncio.all_tasks()
    tasks = [asyncio.create_task(pool.run(spin)) for _ in range(20)]
    await asyncio.sleep(0.1)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    await pool.run(pid)
    assert asyncio.all_tasks() == before
    assert len(pool.workers._line) == 0


@pytest.mark.parametrize(
    ("function", "arguments", "name", "words"),
    [
        (explode, (), "ExplodesError", "one 1 and two 2"),
        (leave, (), "SystemExit", "3"),
        (echo, (Odd(),), "UnpicklingError", "answers with a"),
        (echo, (lambda: 0,), "PicklingError", "lambda"),
    ],
)
async def test_what_a_job_raises_reaches_who_asked_by_name(
    one: Pool, function: Callable[..., object], arguments: tuple[object, ...], name: str, words: str
) -> None:
    with pytest.raises(RuntimeError, match=words) as raised:
        await one.run(function, *arguments)
    assert type(raised.value).__name__ == name
    assert await one.run(echo, 7) == 7


async def test_large_jobs_and_answers_travel(one: Pool) -> None:
    text = "é" * (8 << 20)
    assert await one.run(echo, text) == text


async def test_what_one_job_left_in_memory_is_not_held_against_the_next(one: Pool) -> None:
    """Else a completion could have its siblings run out of memory, which is 0.0."""
    first = await one.run(fill, MEMORY * 6 // 10)
    assert await one.run(fill, MEMORY * 6 // 10) != first


async def test_the_backlog_says_how_long_a_job_would_wait(one: Pool) -> None:
    for _ in range(30):
        await one.run(nap, 0.05)
    assert one.workers.load().backlog_s == 0.0
    waiting = [asyncio.create_task(one.run(nap, 0.05)) for _ in range(20)]
    await asyncio.sleep(0.01)
    assert 0.5 < one.workers.load().backlog_s < 4.0
    await asyncio.gather(*waiting)
