"""Killable worker processes: one job at a time each, from one fair line, replaced when they die."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Hashable
from functools import partial
from typing import TypeVar, cast

from harmo.app.logs import places
from harmo.app.workers.forked import Done
from harmo.app.workers.forkserver import ForkServer
from harmo.app.workers.jobs import (
    UNTIMED,
    Job,
    Timed,
    cause_of_death,
    gone,
    is_its_own_doing,
    late,
    pickled,
    tell,
    value_of,
)
from harmo.app.workers.line import JobLine
from harmo.app.workers.places import Place
from harmo.app.workers.reserved import Reservations
from harmo.app.workers.worker import Worker
from harmo.models.base import Load

log = logging.getLogger("harmo.workers")

T = TypeVar("T")
JOBS_PER_WORKER = 5000
PING_S = 5.0
"""An idle worker is asked so often whether it is there; of a busy one, whether it was halted."""
SILENT_S = 3.75
"""Workers that all owe a word for so long are a fault."""
VACANT_S = 10.0
"""Places where no worker comes up for so long are one."""
PAUSES_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Between tries to start a worker."""
YOUNG_S = 1.0
"""One that dies earlier and did nothing counts as a failure to start."""
MAX_UNREAD = 3
"""So many workers that did not read a job are no accident: it may be too large for them."""


class WorkerPool:
    """Worker processes that take jobs from one line.

    Args:
        workers: How many.
        memory_bytes: Address space of each.
        forks: Where they come from.
    """

    def __init__(self, workers: int, memory_bytes: int, forks: ForkServer) -> None:
        self._memory_bytes = memory_bytes
        self._forks = forks
        self.reserved = Reservations(workers)
        """For what was let in; what others bring goes first."""
        self._line = JobLine(self.reserved)
        self.places = [Place() for _ in range(workers)]
        self._idle: list[asyncio.Future[None]] = []
        self._closed = False
        self._fault = ""
        self.started = 0
        """Worker processes started so far."""

    def load(self) -> Load:
        """How long what waits will take the workers, and why no worker is there."""
        line, running = self._line, [p.job.kind for p in self.places if p.job is not None]
        waits = len(line) + len(running) >= len(self.places)
        backlog_s = self.reserved.backlog_s(running) if waits else 0.0
        fault, oldest_s = self._why_idle(), line.oldest_s
        return Load(backlog_s=backlog_s, fault=fault, completions=len(line), oldest_s=oldest_s)

    def _why_idle(self) -> str:
        """Why no worker does anything; empty where one does, or nobody needed one yet."""
        if all(place.silent for place in self.places):
            return "no worker process answers"
        if any(place.worker or place.keeper is None for place in self.places):
            return ""
        if self._fault:
            return self._fault
        began_s = time.monotonic() - VACANT_S
        if all(place.vacant_s < began_s for place in self.places):
            return f"no worker process came up within {VACANT_S:g} s"
        return ""

    async def run(
        self,
        function: Callable[..., T],
        arguments: tuple[object, ...],
        wall_s: float,
        deadline_s: float,
        *,
        owner: Hashable = None,
        kind: str = "",
        first: bool = False,
        goes_on: Callable[[asyncio.Future[Done | Exception]], object] = asyncio.Future.cancel,
        timed: Timed = UNTIMED,
    ) -> T:
        """What the function returns, from a worker.

        Whoever stops waiting ends the job: in line it costs nothing, in a worker it is killed.

        Args:
            function: Importable by name.
            arguments: Picklable.
            wall_s: The worker is killed after so long.
            deadline_s: `time.monotonic()` instant after which nobody waits any more.
            owner: Owners take turns.
            kind: Says how long it may take: about as long as others of its kind.
            first: Before the owner's others.
            goes_on: Takes over what a worker has at the deadline; cancelled, it is killed.
            timed: Told how long it waited and ran.

        Raises:
            WorkerFailedError: If there is no result; says whether the task caused that.
            RaisedInWorkerError: If the function raised.
        """
        remaining_s = deadline_s - time.monotonic()
        if self._closed:
            raise gone("the service is closing", certain=True)
        if remaining_s <= 0:
            raise late("the request's deadline passed", certain=True)
        self._employ()
        answer = asyncio.get_running_loop().create_future()
        job = Job(owner=owner, function=function, arguments=arguments, wall_s=wall_s, answer=answer)
        job.timed, job.kind = timed, kind
        self._push(job, first=first)
        try:
            await asyncio.wait({answer}, timeout=remaining_s)
            if answer.done():
                return cast("T", value_of(answer.result()))
            if job.begun:
                goes_on(answer)
            raise late("the request's deadline passed")
        except asyncio.CancelledError:
            answer.cancel()
            raise
        finally:
            self._line.remove(job)
            if not job.begun:
                job.timed.waited(time.monotonic() - job.queued_s)

    async def close(self) -> None:
        """Kill the workers; whoever waits for one is told."""
        self._closed = True
        keepers = [place.keeper for place in self.places if place.keeper is not None]
        for keeper in keepers:
            keeper.cancel()
        if keepers:
            await asyncio.wait(keepers)
        while (job := self._line.pop()) is not None:
            tell(job, gone("the service is closing", certain=True))

    def _push(self, job: Job, *, first: bool) -> None:
        self._line.push(job, first=first)
        self._wake()

    def _wake(self) -> None:
        """Have an idle worker look at the line."""
        while self._idle:
            turn = self._idle.pop()
            if not turn.done():
                turn.set_result(None)
                return

    def _employ(self) -> None:
        """Have a keeper at every place."""
        for place in self.places:
            if place.keeper is None or place.keeper.done():
                place.vacant_s = time.monotonic()
                place.keeper = asyncio.create_task(self._keep(place))

    async def _keep(self, place: Place) -> None:
        """Have a worker at a place, and another one whenever it is gone."""
        failures = 0
        while True:
            try:
                worker = await self._forks.fork(self._memory_bytes)
            except OSError as error:
                if not self._fault:
                    log.warning("no_worker %s", error)
                self._fault = f"no worker process: {error}"
                await asyncio.sleep(PAUSES_S[min(failures, len(PAUSES_S) - 1)])
                failures += 1
                continue
            self._fault = ""
            self.started += 1
            place.worker, since_s = worker, time.monotonic()
            useful = False
            try:
                useful = await self._serve(place, worker)
            except Exception as error:  # noqa: BLE001 - a place without a keeper would never be filled again
                log.error("keeper_failed %s at %s", type(error).__name__, places(error))  # noqa: TRY400 - words may quote a completion
            finally:
                place.worker, place.vacant_s = None, time.monotonic()
                worker.close()
            # One that dies young, again and again, must not keep the machine busy with forks.
            failures = 0 if useful or time.monotonic() - since_s > YOUNG_S else failures + 1
            if failures:
                await asyncio.sleep(PAUSES_S[min(failures, len(PAUSES_S)) - 1])

    async def _serve(self, place: Place, worker: Worker) -> bool:
        """Give a worker jobs for as long as it is fit for them; True if it read one."""
        for count in range(JOBS_PER_WORKER):
            job = await self._next(place, worker)
            if job is None:
                return count > 0
            place.job, began_s = job, time.monotonic()
            job.begun = True
            job.answer.add_done_callback(partial(place.left, job))
            outcome: Done | Exception | None = gone("its worker was let go", certain=self._closed)
            try:
                outcome = await self._outcome(place, worker, job)
            finally:
                place.job = None
                if outcome is not None:
                    tell(job, outcome)
            if outcome is None:
                self._again(job)
                return count > 0 or job.answer.done()
            took_s = time.monotonic() - began_s
            self._line.spend(job.owner, took_s)
            job.timed.waited(began_s - job.queued_s)
            job.timed.ran(took_s)
            self.reserved.took(job.owner, job.kind, took_s, whole=is_its_own_doing(outcome))
            if not isinstance(outcome, Done) or outcome.worn or job.answer.cancelled():
                return True
        return True

    def _again(self, job: Job) -> None:
        """Let another worker have a job that one did not read, a few times."""
        job.begun, job.unread = False, job.unread + 1
        if job.unread >= MAX_UNREAD:
            tell(job, gone("no worker reads it"))
        if not job.answer.done():
            self._push(job, first=True)

    async def _next(self, place: Place, worker: Worker) -> Job | None:
        """The next job in line; None once the worker is gone or does not answer."""
        while (job := self._line.pop()) is None:
            turn = asyncio.get_running_loop().create_future()
            self._idle.append(turn)
            either = {turn, worker.died}
            await asyncio.wait(either, timeout=PING_S, return_when=asyncio.FIRST_COMPLETED)
            if turn in self._idle:
                self._idle.remove(turn)
            if worker.died.done():
                # The job it was woken for is another's.
                self._wake()
                return None
            if not turn.done() and not await self._heard(place, worker.ping()):
                return None
        return job

    async def _heard(self, place: Place, word: Awaitable[None]) -> bool:
        """True if the worker gives a sign of life in time."""
        place.ask(SILENT_S)
        try:
            await word
        except OSError as error:
            log.info("worker_lost %s", error)
            return False
        finally:
            place.hear()
        return True

    async def _outcome(self, place: Place, worker: Worker, job: Job) -> Done | Exception | None:
        """What came of a job; None where the worker never read it, which is no try."""
        asked = pickled(job)
        if isinstance(asked, Done):
            return asked
        if not await self._heard(place, worker.give(asked)):
            return None
        until_s = time.monotonic() + job.wall_s
        while True:
            left_s = until_s - time.monotonic()
            try:
                async with asyncio.timeout(max(0.0, min(PING_S, left_s))):
                    return await worker.answer()
            except TimeoutError:
                if left_s <= PING_S or worker.stopped:
                    return late("it was killed where a busy machine had kept it too long")
            except OSError:
                return await cause_of_death(worker)
