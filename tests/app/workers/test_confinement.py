"""A worker thinks, reads and answers: everything else the kernel refuses it."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from harmo.app.isolation import Isolation
from harmo.app.workers import confinement
from harmo.app.workers.forkserver import ForkServer
from harmo.app.workers.pool import WorkerPool
from harmo.scorers.registry import bind, scorer
from harmo.scorers.types import Sample, Score

in_module = pytest.mark.asyncio(loop_scope="module")


def tcp() -> None:
    socket.create_connection(("127.0.0.1", 9), timeout=1.0)


def unix() -> None:
    socket.socket(socket.AF_UNIX)


def netlink() -> None:
    socket.socket(socket.AF_NETLINK)


def resolve() -> None:
    socket.getaddrinfo("localhost", 80)
    socket.socket()


def program() -> None:
    subprocess.run(["/bin/true"], check=True)


def shell() -> None:
    if os.system("true") != 0:
        raise PermissionError


def replace_itself() -> None:
    os.execv("/bin/true", ["true"])


def fork() -> None:
    if os.fork() == 0:
        os._exit(0)


def spawn() -> None:
    os.posix_spawn("/bin/true", ["true"], {})


def kill_the_service() -> None:
    os.kill(int(os.environ.get("SERVICE", os.getppid())), signal.SIGKILL)


def kill_everybody() -> None:
    os.kill(-1, signal.SIGKILL)


def limit_the_service() -> None:
    resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE, (3, 3))


def trace_the_service() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(16, os.getppid(), 0, 0) != 0:
        raise PermissionError(ctypes.get_errno(), "ptrace")


def read_the_services_memory() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.process_vm_readv(os.getppid(), None, 0, None, 0, 0) != 0:
        raise PermissionError(ctypes.get_errno(), "process_vm_readv")


def write() -> None:
    Path("/tmp/harmo-test-written").write_text("x")


def truncate() -> None:
    os.close(os.open("/tmp/harmo-test-kept", os.O_RDONLY | os.O_TRUNC))


def delete() -> None:
    Path("/tmp/harmo-test-kept").unlink()


def rename() -> None:
    Path("/tmp/harmo-test-kept").rename("/tmp/harmo-test-moved")


def make_a_folder() -> None:
    Path("/tmp/harmo-test-folder").mkdir()


FORBIDDEN = [
    tcp, unix, netlink, resolve, program, shell, replace_itself, fork, spawn, kill_the_service,
    kill_everybody, limit_the_service, trace_the_service, read_the_services_memory, write,
    truncate, delete, rename, make_a_folder,
]  # fmt: skip


def read_a_file() -> object:
    return len(Path(__file__).read_text())


def start_a_thread() -> object:
    done: list[int] = []
    thread = threading.Thread(target=done.append, args=(1,))
    thread.start()
    thread.join()
    return done


def import_something() -> object:
    import wave  # noqa: F401

    return True


ALLOWED = [read_a_file, start_a_thread, import_something]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def workers() -> AsyncIterator[WorkerPool]:
    forks = ForkServer([__name__])
    pool = WorkerPool(1, 1 << 30, forks)
    yield pool
    await pool.close()
    forks.close()


@pytest.fixture
def kept() -> Iterator[Path]:
    """A file that nobody changes."""
    path = Path("/tmp/harmo-test-kept")
    path.write_text("kept")
    yield path
    assert path.read_text() == "kept"
    path.unlink()


def attempt(what: Callable[[], object]) -> str:
    """What the kernel says to it."""
    try:
        what()
    except OSError as error:
        return type(error).__name__
    return "done"


async def run(workers: WorkerPool, what: Callable[[], object]) -> str:
    return await workers.run(attempt, (what,), 60.0, time.monotonic() + 60.0)


@in_module
@pytest.mark.parametrize("what", FORBIDDEN, ids=lambda what: what.__name__)
async def test_a_worker_may_not(
    workers: WorkerPool, what: Callable[[], object], kept: Path
) -> None:
    assert await run(workers, what) == "PermissionError"


@in_module
@pytest.mark.parametrize("what", ALLOWED, ids=lambda what: what.__name__)
async def test_a_worker_may(workers: WorkerPool, what: Callable[[], object]) -> None:
    assert await run(workers, what) == "done"


def files() -> list[str]:
    """What every open file is, but for the one that lists them."""
    named = []
    for link in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            named.append(str(link.readlink()))
    return [name for name in named if "/proc/" not in name]


@in_module
async def test_a_worker_has_no_files_of_the_service(workers: WorkerPool) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.set_inheritable(True)
        given = await workers.run(files, (), 60.0, time.monotonic() + 60.0)
    assert sorted({name.partition(":")[0] for name in given}) == ["/dev/null", "socket"]
    assert sum(name.startswith("socket") for name in given) == 1, "its own channel"


def environment() -> list[str]:
    return [Path("/proc/self/environ").read_text(), str(dict(os.environ))]


@in_module
@pytest.mark.parametrize("name", ["HARMO_API_KEYS", "HF_TOKEN", "AWS_SECRET_ACCESS_KEY"])
async def test_a_worker_knows_no_secrets(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "hush-hush")
    forks = ForkServer([])
    pool = WorkerPool(1, 1 << 30, forks)
    for given in await pool.run(environment, (), 60.0, time.monotonic() + 60.0):
        assert "hush-hush" not in given
        assert "PATH" in given
    await pool.close()
    forks.close()


@scorer("rule.reaches_out", isolate=True, timeout_s=5.0)
def reaches_out(sample: Sample) -> Score:
    """1.0 if it could open a socket, else 0.0."""
    return Score(value=float(attempt(unix) == "done"), detail={"files": files()})


@in_module
async def test_a_plugins_isolated_scorer_has_no_network() -> None:
    isolation = Isolation(workers=1, memory_bytes=2 << 30)
    bound = bind("rule.reaches_out", {})
    score = await isolation.score(bound, Sample(), deadline_s=time.monotonic() + 60.0)
    await isolation.close()
    assert score.value == 0.0


PROGRAM = """
import asyncio, os, sys, time
from harmo.app.workers.forkserver import ForkServer
from harmo.app.workers.pool import WorkerPool

async def main():
    pool = WorkerPool(2, 1 << 30, ForkServer([]))
    calls = (pool.run(time.sleep, (s,), 60.0, time.monotonic() + 60.0) for s in (0.2, 0.2, 90.0))
    pid = await pool.run(os.getpid, (), 60.0, time.monotonic() + 60.0)
    busy = [asyncio.create_task(call) for call in calls]
    await asyncio.sleep(1.0)
    print(pool._forks._process.pid, pid, flush=True)
    await asyncio.sleep(60.0)

asyncio.run(main())
"""


@in_module
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_no_process_outlives_the_service(number: int) -> None:
    service = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, stdout=subprocess.PIPE
    )
    assert service.stdout is not None
    said = await asyncio.wait_for(service.stdout.readline(), 60.0)
    server, worker = map(int, said.split())
    children = children_of(server)
    assert str(worker) in children
    service.send_signal(number)
    await service.wait()
    async with asyncio.timeout(10.0):
        while any(map(alive, [server, *map(int, children)])):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def children_of(process: int) -> list[str]:
    return Path(f"/proc/{process}/task/{process}/children").read_text().split()


def alive(process: int) -> bool:
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def test_without_a_filter_an_audit_hook_holds_python_back() -> None:
    program = f"""
        import sys
        sys.path.insert(0, {str(Path(__file__).parents[3])!r})
        from harmo.app.workers import confinement
        confinement._MACHINES = {{}}
        assert not confinement.confine(1 << 30)
        from tests.app.workers.test_confinement import attempt, tcp, program, fork, write, delete
        print([attempt(what) for what in (tcp, program, fork, write, delete)])
    """
    lines = "\n".join(line.strip() for line in program.strip().splitlines())
    done = subprocess.run(
        [sys.executable, "-c", lines], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.stdout.strip() == str(["PermissionError"] * 5), done.stderr


def test_every_machine_denies_the_same() -> None:
    """Numbers differ; old calls without a `...at` exist on one machine only."""
    assert set(confinement._MACHINES) == {"x86_64", "aarch64"}
    for machine in confinement._MACHINES.values():
        assert len(set(machine.denied)) == len(machine.denied)
        program = list(confinement._program(machine, 1))
        assert len(program) < 4096, "the kernel takes no longer one"
        assert all(skip < 256 for _, true, false, _ in program for skip in (true, false))
