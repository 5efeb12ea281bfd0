"""Killable worker processes, started again whenever they break."""

from __future__ import annotations

import asyncio
import multiprocessing
import resource
import signal
import time
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from harmo.scorers.types import Reason

T = TypeVar("T")
PRELOAD = ["harmo.scorers.preload"]
TASKS_PER_WORKER = 5000


class WorkerFailedError(RuntimeError):
    """A worker was killed at its deadline, died or ran out of memory."""

    def __init__(self, reason: Reason, why: str, *, completions: bool, certain: bool) -> None:
        super().__init__(why)
        self.reason = reason
        self.completions = completions
        """The task did it to itself: it spent its CPU time or memory, or crashed."""
        self.certain = certain
        """Trying again would show the same: neighbours have no part in it."""


class WorkerPool:
    """A pool of worker processes that share a queue."""

    def __init__(self, workers: int, memory_bytes: int) -> None:
        self._workers = workers
        self._memory_bytes = memory_bytes
        self._pool = self._build()

    def _build(self) -> ProcessPool:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(PRELOAD)
        return ProcessPool(
            max_workers=self._workers,
            max_tasks=TASKS_PER_WORKER,
            initializer=_start_worker,
            initargs=(self._memory_bytes,),
            context=context,
        )

    async def run(
        self,
        function: Callable[..., T],
        arguments: tuple[object, ...],
        wall_s: float,
        deadline_s: float,
    ) -> T:
        """What the function returns, from a worker.

        Args:
            function: Importable by name.
            arguments: Picklable.
            wall_s: The worker is killed after so long.
            deadline_s: `time.monotonic()` instant after which nobody waits any more.

        Raises:
            WorkerFailedError: If there is no result; says whether the task caused that.
        """
        remaining_s = deadline_s - time.monotonic()
        if remaining_s <= 0:
            raise _late("the request's deadline passed", certain=True)
        future = self._schedule(function, arguments, min(wall_s, remaining_s))
        try:
            async with asyncio.timeout(remaining_s):
                return await asyncio.wrap_future(future)
        except TimeoutError:
            future.cancel()
            raise _late("it was killed where a busy machine had kept it too long") from None
        except MemoryError:
            raise WorkerFailedError(
                Reason.OUT_OF_MEMORY, "it ran out of memory", completions=True, certain=True
            ) from None
        except ProcessExpired as death:
            raise _cause_of(death) from None
        except BrokenProcessPool:
            raise WorkerFailedError(
                Reason.WORKER_CRASHED, "its worker was gone", completions=False, certain=False
            ) from None

    def _schedule(
        self, function: Callable[..., T], arguments: tuple[object, ...], timeout_s: float
    ) -> ProcessFuture:
        try:
            return self._pool.schedule(function, args=arguments, timeout=timeout_s)
        except RuntimeError:
            # A worker that is killed while idle breaks the whole pool: start another one.
            self._pool.stop()
            self._pool = self._build()
            return self._pool.schedule(function, args=arguments, timeout=timeout_s)

    async def close(self) -> None:
        """Kill the workers."""
        self._pool.stop()
        await asyncio.to_thread(self._pool.join)


def _late(why: str, *, certain: bool = False) -> WorkerFailedError:
    return WorkerFailedError(Reason.DEADLINE, why, completions=False, certain=certain)


def _cause_of(death: ProcessExpired) -> WorkerFailedError:
    """Why a worker died: of the CPU time its task spent, or of a kill from outside (-9)."""
    if death.exitcode == -signal.SIGPROF:
        why = "it spent its CPU time"
        return WorkerFailedError(Reason.DEADLINE, why, completions=True, certain=True)
    killed = death.exitcode == -signal.SIGKILL
    why = f"its worker died with {death.exitcode}"
    return WorkerFailedError(Reason.WORKER_CRASHED, why, completions=not killed, certain=False)


def _start_worker(memory_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
