"""What workers do for others: calls, what comes of them, and whose fault a failure is."""

from __future__ import annotations

import asyncio
import contextlib
import math
import signal
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from harmo.app.workers.forked import Done
from harmo.app.workers.worker import Worker
from harmo.scorers.types import NonFiniteError, Reason

WALL_PER_CPU = 10.0
"""Wall time a job may take for each second of its CPU time: neighbours slow it down."""


class WorkerFailedError(RuntimeError):
    """A worker was killed at its deadline, died or ran out of memory."""

    def __init__(
        self,
        reason: Reason,
        why: str,
        *,
        completions: bool,
        certain: bool,
        crowded_out: bool = False,
    ) -> None:
        super().__init__(why)
        self.reason = reason
        self.completions = completions
        """The task did it to itself: it spent its CPU time or memory, or crashed."""
        self.certain = certain
        """Trying again would show the same: neighbours have no part in it."""
        self.crowded_out = crowded_out
        """It spent most of its time in line: sent again, it may come out."""


class RaisedInWorkerError(RuntimeError):
    """A job raised; a subclass has the name of what it raised."""

    places = ""
    """Where, innermost first."""


@dataclass(eq=False, slots=True, kw_only=True)
class Job:
    """One call, from its place in line to its answer."""

    owner: Hashable
    function: Callable[..., object]
    arguments: tuple[object, ...]
    wall_s: float
    answer: asyncio.Future[Done | Exception]
    """Cancelled once nobody wants it any more."""
    unread: int = 0
    """Workers that it was given to in vain."""
    pushed_s: float = field(default_factory=time.monotonic)
    given_s: float = math.inf
    """`time.monotonic()` instants at which it came in line, and to a worker."""

    @property
    def crowded_out(self) -> bool:
        """True if it was in line for longer than in a worker."""
        now_s = time.monotonic()
        given_s = min(self.given_s, now_s)
        return given_s - self.pushed_s > now_s - given_s


def tell(job: Job, outcome: Done | Exception) -> None:
    """Hand over what came of a job, if somebody still wants it."""
    if not job.answer.done():
        job.answer.set_result(outcome)


def value_of(outcome: Done | Exception) -> object:
    """The value that a job came to; raises where it came to none."""
    if isinstance(outcome, Exception):
        raise outcome
    if outcome.raised == MemoryError.__name__:
        raise WorkerFailedError(
            Reason.OUT_OF_MEMORY, "it ran out of memory", completions=True, certain=True
        )
    if outcome.raised == NonFiniteError.__name__:
        raise NonFiniteError(outcome.words)
    if outcome.raised:
        error = type(outcome.raised, (RaisedInWorkerError,), {"places": outcome.places})
        raise error(outcome.words)
    return outcome.value


def late(why: str, *, certain: bool = False, crowded_out: bool = False) -> WorkerFailedError:
    """Time ran out, through no fault of the job."""
    return WorkerFailedError(
        Reason.DEADLINE, why, completions=False, certain=certain, crowded_out=crowded_out
    )


def gone(why: str, *, certain: bool = False) -> WorkerFailedError:
    """The worker is no more, through no fault of the job."""
    return WorkerFailedError(Reason.WORKER_CRASHED, why, completions=False, certain=certain)


async def cause_of_death(worker: Worker) -> WorkerFailedError:
    """Why a worker died: of the CPU time its task spent, of a kill from outside, or of the task."""
    worker.kill()
    code = None
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(1.0):
            code = await asyncio.shield(worker.died)
    if code == -signal.SIGPROF:
        why = "it spent its CPU time"
        return WorkerFailedError(Reason.DEADLINE, why, completions=True, certain=True)
    if code in (None, -signal.SIGKILL):
        return gone("its worker was killed")
    why = f"its worker died with {code}"
    return WorkerFailedError(Reason.WORKER_CRASHED, why, completions=True, certain=False)
