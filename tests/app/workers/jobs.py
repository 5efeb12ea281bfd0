"""Workers with the fork server they come from, and jobs for them."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harmo.app.workers.forkserver import ForkServer
from harmo.app.workers.pool import WorkerPool

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


hoard: list[bytearray] = []


def fill(size: int) -> int:
    hoard.append(bytearray(size))
    return os.getpid()


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


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(30.0):
        while not true():  # noqa: ASYNC110 - a test may poll
            await asyncio.sleep(0.02)


async def begun(pool: Pool) -> None:
    """Return once a worker has read a job: what is killed now is not given to another."""

    def has_read() -> bool:
        return any(place.job and place._owes is None for place in pool.workers.places)

    await until(has_read)


def gone(process: int) -> bool:
    """True once nothing of a process is left but, at most, its exit code."""
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return True
    return status.rpartition(")")[2].split()[0] == "Z"
