"""What is killed, halted or cannot be started is replaced, and no job is blamed for it."""

from __future__ import annotations

import asyncio
import errno
import os
import resource
import signal
import tempfile
import threading
import time
from pathlib import Path

import pytest

from harmo.app.workers import forkserver as forkserver_module
from harmo.app.workers import pool as module
from harmo.app.workers import worker as worker_module
from harmo.app.workers.forkserver import ForkServer
from harmo.app.workers.jobs import WorkerFailedError
from harmo.app.workers.pool import WorkerPool
from harmo.scorers.types import Reason
from tests.app.workers.jobs import MEMORY, Pool, begun, echo, gone, nap, pid, spin, until


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
    await begun(one)
    os.kill(worker, signal.SIGKILL)
    with pytest.raises(WorkerFailedError) as failed:
        await running
    assert (failed.value.reason, failed.value.completions) == (Reason.WORKER_CRASHED, False)
    assert await one.run(echo, 7) == 7


async def test_a_fork_server_that_is_killed_is_replaced_and_its_workers_end(pool: Pool) -> None:
    workers = set(await asyncio.gather(pool.run(nap, 0.2), pool.run(nap, 0.2)))
    running = asyncio.create_task(pool.run(spin))
    await begun(pool)
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
    await begun(one)
    os.kill(worker, signal.SIGSTOP)
    with pytest.raises(WorkerFailedError) as failed:
        await asyncio.wait_for(running, 30.0)
    assert (failed.value.reason, failed.value.completions) == (Reason.DEADLINE, False)


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
    asked = asyncio.create_task(pool.run(pid, (), 60.0, time.monotonic() + 60.0))
    await until(lambda: "gone" in pool.load().fault)
    await asyncio.sleep(2.0)
    assert 1 <= len(forked.read_text().splitlines()) <= 8
    assert not asked.done(), "no job is blamed for it"
    await pool.close()
    with pytest.raises(WorkerFailedError, match="closing"):
        await asked
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
