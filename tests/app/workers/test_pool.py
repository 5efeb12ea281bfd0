"""Worker processes: one job at a time each, fairly; what dies or is abandoned costs nobody else."""

from __future__ import annotations

import asyncio
import errno
import os
import resource
import signal
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from harmo.app.workers import forkserver as forkserver_module
from harmo.app.workers import pool as module
from harmo.app.workers import worker as worker_module
from harmo.app.workers.forkserver import ForkServer
from harmo.app.workers.jobs import WorkerFailedError
from harmo.app.workers.pool import WorkerPool
from harmo.scorers.types import Reason

MEMORY = 1 << 30


def pid() -> int:
    return os.getpid()


def spin() -> None:
    while True:
        pass


def nap(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def echo(value: object) -> object:
    return value


def soon() -> float:
    return time.monotonic() + 60.0


class Pool:
    """Workers, with the fork server they come from."""

    def __init__(self, workers: int) -> None:
        self.forks = ForkServer((__name__,))
        self.workers = WorkerPool(workers, MEMORY, self.forks)

    async def run(self, function: Callable[..., Any], *arguments: object, **given: Any) -> Any:
        given = {"wall_s": 60.0, "deadline_s": soon(), **given}
        return await self.workers.run(function, arguments, **given)

    @property
    def server(self) -> int:
        assert self.forks._process is not None
        return self.forks._process.pid

    async def close(self) -> None:
        await self.workers.close()
        self.forks.close()


@pytest_asyncio.fixture
async def pool() -> AsyncIterator[Pool]:
    pool = Pool(2)
    yield pool
    await pool.close()


@pytest_asyncio.fixture
async def one() -> AsyncIterator[Pool]:
    pool = Pool(1)
    yield pool
    await pool.close()


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(30.0):
        while not true():  # noqa: ASYNC110 - a test may poll
            await asyncio.sleep(0.02)


def gone(process: int) -> bool:
    """True once nothing of a process is left but, at most, its exit code."""
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return True
    return status.rpartition(")")[2].split()[0] == "Z"


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


@pytest.mark.parametrize("count", [1, 3])
async def test_idle_workers_that_are_killed_are_replaced(pool: Pool, count: int) -> None:
    for _ in range(count):
        workers = set(await asyncio.gather(pool.run(nap, 0.2), pool.run(nap, 0.2)))
        assert len(workers) == 2
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        await until(lambda workers=workers: all(map(gone, workers)))
        assert await pool.run(echo, 7) == 7


async def test_a_busy_worker_that_is_killed_is_no_fault_of_its_job(one: Pool) -> None:
    worker = await one.run(pid)
    running = asyncio.create_task(one.run(spin))
    await asyncio.sleep(0.1)
    os.kill(worker, signal.SIGKILL)
    with pytest.raises(WorkerFailedError) as failed:
        await running
    assert (failed.value.reason, failed.value.completions) == (Reason.WORKER_CRASHED, False)
    assert await one.run(echo, 7) == 7


async def test_a_fork_server_that_is_killed_is_replaced_and_its_workers_end(pool: Pool) -> None:
    workers = set(await asyncio.gather(pool.run(nap, 0.2), pool.run(nap, 0.2)))
    running = asyncio.create_task(pool.run(spin))
    await asyncio.sleep(0.1)
    os.kill(pool.server, signal.SIGKILL)
    with pytest.raises(WorkerFailedError, match="killed"):
        await running
    assert await pool.run(echo, 7) == 7
    await until(lambda: all(map(gone, workers)))


async def test_a_fork_that_nobody_waits_for_any_more_is_not_the_next_ones() -> None:
    forks = ForkServer((__name__,))
    (await forks.fork(MEMORY)).close()
    waiting = asyncio.create_task(forks.fork(MEMORY))
    while forks._reply is None:  # noqa: ASYNC110 - between two turns of the loop it comes and goes
        await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait({waiting})
    worker = await forks.fork(MEMORY)
    await worker.ping()
    worker.kill()
    assert await asyncio.wait_for(worker.died, 10.0) == -signal.SIGKILL
    with pytest.raises(OSError, match="is gone"):
        await worker.ping()
    forks.close()


async def test_an_idle_worker_that_is_halted_is_found_and_replaced(
    one: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PING_S", 0.2)
    monkeypatch.setattr(worker_module, "ANSWER_S", 0.5)
    worker = await one.run(pid)
    os.kill(worker, signal.SIGSTOP)
    await until(lambda: gone(worker))
    assert await one.run(pid) != worker


async def test_a_job_given_to_a_halted_worker_is_done_by_another(
    one: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "ANSWER_S", 0.5)
    worker = await one.run(pid)
    os.kill(worker, signal.SIGSTOP)
    assert await one.run(pid) != worker, "it was never read, so this was no try"


async def test_a_busy_worker_that_is_halted_is_found_long_before_its_wall_limit(
    one: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PING_S", 0.2)
    worker = await one.run(pid)
    running = asyncio.create_task(one.run(nap, 50.0))
    await asyncio.sleep(0.1)
    os.kill(worker, signal.SIGSTOP)
    with pytest.raises(WorkerFailedError) as failed:
        await asyncio.wait_for(running, 30.0)
    assert (failed.value.reason, failed.value.completions) == (Reason.DEADLINE, False)


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


async def test_workers_that_all_say_nothing_are_a_fault(
    one: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PING_S", 0.1)
    monkeypatch.setattr(module, "SILENT_S", 0.2)
    worker = await one.run(pid)
    assert one.workers.load().fault == ""
    os.kill(worker, signal.SIGSTOP)
    await until(lambda: one.workers.load().fault)
    os.kill(worker, signal.SIGCONT)
    await until(lambda: not one.workers.load().fault)
    assert await one.run(pid) == worker, "it was there again in time"


async def test_a_halted_fork_server_is_a_fault_and_replaced(
    one: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forkserver_module, "ANSWER_S", 0.5)
    worker, server = await one.run(pid), one.server
    os.kill(server, signal.SIGSTOP)
    os.kill(worker, signal.SIGKILL)
    await until(lambda: one.workers.load().fault)
    assert await one.run(echo, 7) == 7
    assert one.workers.load().fault == ""
    assert gone(server)


@pytest.mark.parametrize("number", [errno.EAGAIN, errno.ENOMEM, errno.EMFILE])
async def test_where_no_worker_can_be_started_jobs_wait_and_it_is_said(
    one: Pool, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    worker = await one.run(pid)
    fork = one.forks.fork

    async def fails(memory_bytes: int) -> object:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(one.forks, "fork", fails)
    os.kill(worker, signal.SIGKILL)
    with pytest.raises(WorkerFailedError) as failed:
        await one.run(pid, deadline_s=time.monotonic() + 0.5)
    assert failed.value.reason is Reason.DEADLINE
    assert os.strerror(number) in one.workers.load().fault
    waiting = asyncio.create_task(one.run(echo, 7))
    monkeypatch.setattr(one.forks, "fork", fork)
    assert await waiting == 7
    assert one.workers.load().fault == ""


async def test_out_of_files_really_is_survived(one: Pool) -> None:
    worker = await one.run(pid)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    used = max(open_files()) + 1
    resource.setrlimit(resource.RLIMIT_NOFILE, (used, hard))
    hog = []
    try:
        while True:
            hog.append(os.dup(0))
    except OSError:
        pass
    try:
        os.kill(worker, signal.SIGKILL)
        await until(lambda: "open files" in one.workers.load().fault)
    finally:
        for each in hog:
            os.close(each)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert await one.run(echo, 7) == 7


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_workers_that_die_at_once_are_a_fault_and_not_forked_without_end(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Each leaves a line behind."""
    module_of = (
        "import os\nos.register_at_fork(after_in_child=lambda: (print(file=log), os._exit(1)))"
    )
    forked = tmp_path / "forked"
    opened = f"log = open({str(forked)!r}, 'a', buffering=1)\n"
    (tmp_path / "dies_young.py").write_text(opened + module_of)
    monkeypatch.syspath_prepend(str(tmp_path))
    forks = ForkServer(("dies_young",))
    pool = WorkerPool(1, MEMORY, forks)
    with pytest.raises(WorkerFailedError) as failed:
        await pool.run(pid, (), 60.0, time.monotonic() + 3.0)
    assert failed.value.reason is Reason.DEADLINE
    assert "gone" in pool.load().fault
    assert 1 <= len(forked.read_text().splitlines()) <= 8
    await pool.close()
    forks.close()


async def test_a_job_that_no_worker_reads_is_given_up(
    one: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = 0

    async def give(worker: worker_module.Worker, job: bytes) -> None:
        nonlocal given
        given += 1
        raise worker_module.SilentWorkerError

    monkeypatch.setattr(worker_module.Worker, "give", give)
    with pytest.raises(WorkerFailedError) as failed:
        await one.run(pid)
    assert (failed.value.reason, failed.value.completions) == (Reason.WORKER_CRASHED, False)
    assert given == module.MAX_UNREAD


def open_files() -> list[int]:
    return [int(name) for name in names(Path("/proc/self/fd"))]


async def test_two_hundred_kills_leave_nothing_behind(
    one: Pool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for number in range(200):
        os.kill(await one.run(pid), signal.SIGKILL)
        if number == 10:
            before = len(open_files()), threading.active_count()
    await one.run(pid)
    after = len(open_files()), threading.active_count()
    assert after <= before
    assert names(tmp_path) == []
    assert one.workers.started >= 100


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


class Odd:
    """Something that travels to a worker, which must not travel back."""


class ExplodesError(Exception):
    """An exception that cannot be made from its words."""

    def __init__(self, one: int, *, two: int) -> None:
        super().__init__(f"one {one} and two {two}")


def explode() -> None:
    raise ExplodesError(1, two=2)


def leave() -> None:
    raise SystemExit(3)


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


hoard: list[bytearray] = []


def fill(size: int) -> int:
    hoard.append(bytearray(size))
    return os.getpid()


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
