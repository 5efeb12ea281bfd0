"""What workers do for others: calls, what comes of them, and whose fault a failure is."""

from __future__ import annotations

import asyncio
import contextlib
import pickle
import signal
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import NamedTuple

from harmo.app.workers.forked import Done
from harmo.app.workers.worker import Worker
from harmo.scorers.types import NonFiniteError, Reason

UNPICKLABLE = (pickle.PicklingError, TypeError, AttributeError, ValueError, RecursionError)
"""What pickling raises where a param or metadata cannot travel."""
WALL_PER_CPU = 10.0
"""Wall time a job may take for each second of its CPU time: neighbours slow it down."""


class Timed(NamedTuple):
    """Who is told how long a job took, in seconds; once each."""

    waited: Callable[[float], object]
    """In line, until a worker has it or nobody wants it any more."""
    ran: Callable[[float], object]
    """In a worker, until that is done with it; not told of a job that none had."""


def _untold(seconds: float) -> None:
    """Nobody wants to know."""


UNTIMED = Timed(_untold, _untold)


class WorkerFailedError(RuntimeError):
    """A worker was killed at its deadline, died or ran out of memory."""

    def __init__(self, reason: Reason, why: str, *, completions: bool, certain: bool) -> None:
        super().__init__(why)
        self.reason = reason
        self.completions = completions
        """The task did it to itself: it spent its CPU time or memory, or crashed."""
        self.certain = certain
        """Trying again would show the same: neighbours have no part in it."""


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
    kind: str = ""
    """Jobs of one kind take about the same time."""
    timed: Timed = UNTIMED
    queued_s: float = field(default_factory=time.monotonic)
    """`time.monotonic()` instant."""
    begun: bool = False
    """A worker has it."""
    unread: int = 0
    """Workers that it was given to in vain."""


def pickled(job: Job) -> bytes | Done:
    """The call as it travels to a worker, or why it cannot."""
    try:
        return pickle.dumps((job.function, job.arguments))
    except UNPICKLABLE as error:
        return Done(raised=type(error).__name__, words=str(error))


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


def late(why: str, *, certain: bool = False) -> WorkerFailedError:
    """Time ran out, through no fault of the job."""
    return WorkerFailedError(Reason.DEADLINE, why, completions=False, certain=certain)


def gone(why: str, *, certain: bool = False) -> WorkerFailedError:
    """The worker is no more, through no fault of the job."""
    return WorkerFailedError(Reason.WORKER_CRASHED, why, completions=False, certain=certain)


def is_its_own_doing(outcome: Done | Exception) -> bool:
    """True where a job took its own time: it was done, or died of itself."""
    if isinstance(outcome, WorkerFailedError):
        return outcome.completions
    return isinstance(outcome, Done)


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
