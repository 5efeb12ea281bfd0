"""What a service stands on and cannot trust: a disk that is full, and a clock that jumps."""

from __future__ import annotations

import ast
import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path

import pytest

from tests.reliability.asking import Rewards, alone, body, group, maths, together
from tests.reliability.cluster import Server, installed, started, until
from tests.reliability.conftest import RECIPES

ROOT = Path(__file__).parents[2]
GROUPS = maths(20)
SUSPENDED_S = 7.0


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of 256 kB; where none may be mounted, a link to the device that is always full."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(folder)]
    mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    if not mounted:
        (folder / "log").symlink_to("/dev/full")
    try:
        yield folder
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


async def test_on_a_full_disk_scoring_goes_on(site: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        recipes = {name: RECIPES[name] for name in ("maths", "threaded")}
        environment = {"TMPDIR": str(disk)}
        with started(
            tmp_path / "server", recipes, site, log=disk / "log", environment=environment
        ) as server:
            expected = alone(server.url, GROUPS, "maths")
            fill(disk)
            for worker in server.workers():
                worker.kill()
            noisy = body(group("g", "fault: raises", "right"), recipe="threaded")
            assert server.post(noisy).json()["groups"][0]["completions"][1]["reward"] == 1.0
            assert await together(server.url, GROUPS, "maths", clients=2) == [expected] * 2
            assert server.status("/readyz") == 200
            assert server.metric("harmo_completions_total") > 0
            server.terminate()
            assert server.wait() == 0


def fill(disk: Path) -> None:
    """Leave not one byte."""
    if (disk / "log").is_symlink():
        return
    rest = os.open(disk / "rest", os.O_WRONLY | os.O_CREAT)
    for size in (4096, 1):
        with suppress(OSError):
            while os.write(rest, b"x" * size):
                pass
    os.close(rest)
    assert shutil.disk_usage(disk).free == 0


FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)


SLEEP = """
# libfaketime 0.9.10 breaks clock_nanosleep.
import select, time
time.sleep = lambda seconds: select.select([], [], [], seconds) and None
"""


@pytest.mark.skipif(FAKETIME is None, reason="needs libfaketime (Debian: faketime)")
async def test_a_clock_that_jumps_ahead_and_back_costs_no_reward(tmp_path: Path) -> None:
    site, clock = installed(tmp_path / "site"), tmp_path / "clock"
    (site / "sitecustomize.py").write_text(SLEEP)
    clock.write_text("+0")
    environment = {
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }
    recipes = {name: RECIPES[name] for name in ("maths", "held")}
    # No canary: what is held would hold it too, and `/readyz` fall.
    with started(tmp_path / "server", recipes, site, environment=environment, canary_s=0) as server:
        expected = alone(server.url, GROUPS, "maths")
        asked = body(group("g", "kept"), recipe="held")
        kept = server.post(asked, Idempotency_Key="kept")
        for jump in ("+90d", "-90d"):
            got, waited = await during(server, partial(clock.write_text, jump), jump)
            assert got == [expected] * 2
            assert waited == 200
            # The header of an answer follows within a second.
            until(lambda: day_of(server) != date.today(), "the clock did jump")
        again = server.post(asked, Idempotency_Key="kept")
        assert (again.content, again.headers["Idempotent-Replayed"]) == (kept.content, "true")
        assert server.status("/readyz") == 200


async def test_a_machine_that_is_suspended_and_wakes_costs_no_reward(
    site: Path, tmp_path: Path
) -> None:
    """Longer than workers may owe a word: what they said meanwhile is heard first."""
    with started(tmp_path, {"maths": RECIPES["maths"]}, site) as server:
        expected = alone(server.url, GROUPS, "maths")
        load = asyncio.ensure_future(together(server.url, GROUPS, "maths", clients=2))
        before = server.metric("harmo_completions_total")
        await asyncio.to_thread(
            until, lambda: server.metric("harmo_completions_total") > before, "it is under way"
        )
        server.process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(SUSPENDED_S)
        server.process.send_signal(signal.SIGCONT)
        assert server.status("/readyz") == 200
        assert await load == [expected] * 2


async def during(server: Server, jump: Callable[[], object], run: str) -> tuple[list[Rewards], int]:
    """What clients got, and the status of a request that was held, while the clock jumped."""
    hold = server.tell("hold")
    held = body(group("g", run), recipe="held")
    waiting = asyncio.ensure_future(asyncio.to_thread(server.post, held))
    await asyncio.to_thread(
        until, lambda: server.metric("harmo_completions_in_flight") > 0, "a request is held"
    )
    load = asyncio.ensure_future(together(server.url, GROUPS, "maths", clients=2, run=run))
    jump()
    got = await load
    hold.unlink()
    return got, (await waiting).status_code


def day_of(server: Server) -> date:
    """What the server takes for today."""
    return parsedate_to_datetime(server.get("/livez").headers["Date"]).date()


WALL_CLOCKS = {"time.time", "time.time_ns", "time.localtime", "time.gmtime", "time.ctime"} | {
    f"{kind}.{now}" for kind in ("datetime", "date") for now in ("now", "utcnow", "today")
}
READ_IN = {
    "client/harmo_client/retry.py": "Retry-After may be a date; at most 60 s come of it",
    "app/service.py": "what is kept says when it was scored",
    "app/keeping/writing.py": "runs are dropped by their age in days",
    "app/cli/audit/command.py": "an operator asks for, and drops, what is so many days old",
    "app/cli/bench/running.py": "a result says when it was made",
    "app/cli/top/watched.py": "how long a service runs, from when it says it began: shown only",
}


def test_no_deadline_and_no_age_comes_from_the_wall_clock() -> None:
    found = {
        path.relative_to(ROOT).as_posix()
        for top in ("app", "rewards", "scorers", "models", "client/harmo_client")
        for path in (ROOT / top).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if reads_the_wall_clock(node)
    }
    assert found == READ_IN.keys()


def reads_the_wall_clock(node: ast.AST) -> bool:
    if isinstance(node, ast.ImportFrom):
        return any(f"{node.module}.{alias.name}" in WALL_CLOCKS for alias in node.names)
    return isinstance(node, ast.Attribute) and ast.unparse(node).endswith(tuple(WALL_CLOCKS))
