"""One device's queue: whole groups in, batches of shared tokens out. Free of torch."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Generic, Protocol, Self, TypeVar

from harmo.models.base import Fault, Load, ModelScore, Observer, Pass, Unobserved
from harmo.models.threads import STUCK_AFTER_S, Failure, attempt

log = logging.getLogger("harmo.models")

CLOSING_S = 5.0
"""For so long closing waits for the batch that runs."""
_SLOWER = 10.0
"""A batch that takes so many times longer than its tokens should has hung."""
_KEPT = 0.9
"""Of what earlier batches say about the device's rate, with each further one."""


class Work(Protocol):
    """A piece of a group, as the batcher sees it."""

    @property
    def tokens(self) -> int:
        """What a forward pass over it costs: the prompt once and every completion."""
        ...

    def __len__(self) -> int:
        """How many scores it yields, at least 1."""
        ...

    def halves(self) -> tuple[Self, Self]:
        """The same completions in two pieces; only asked of two or more."""
        ...


WorkT = TypeVar("WorkT", bound=Work)


@dataclass(slots=True, kw_only=True, eq=False)
class _Job(Generic[WorkT]):
    work: WorkT
    deadline_s: float | None
    begun: Callable[[], object]
    answer: Future[list[ModelScore]] = field(default_factory=Future)


@dataclass(slots=True)
class _Rate:
    """Tokens a second, the latest batches counting most."""

    tokens: float = 0.0
    seconds: float = 0.0

    def add(self, tokens: int, seconds: float) -> None:
        self.tokens = self.tokens * _KEPT + tokens
        self.seconds = self.seconds * _KEPT + seconds

    def time_for(self, tokens: float) -> float:
        """Seconds that so many tokens take; 0 before anything was measured."""
        return tokens * self.seconds / self.tokens if self.tokens else 0.0


class Batcher(Generic[WorkT]):
    """Runs work on one device, a batch at a time, as soon as the device is idle.

    It never waits for a batch to fill: what arrives while one batch runs is the next one, and takes
    all that is submitted. Callers get a future; cancelling it before its batch starts drops the
    work at once. Where a batch raises, each of its works runs again alone, so that an error stays
    with the work that causes it.
    """

    def __init__(
        self,
        forward: Callable[[Sequence[WorkT]], Sequence[list[ModelScore]]],
        *,
        max_batch_tokens: int,
        observer: Observer | None = None,
        forwarded_tokens: Callable[[], int] | None = None,
        name: str = "device",
        stuck_after_s: float = STUCK_AFTER_S,
    ) -> None:
        """Start the device thread.

        Args:
            forward: Scores a batch, one list per work in order; raises MemoryError where the
                batch does not fit. Runs on the device thread only.
            max_batch_tokens: Budget of one forward pass; a single completion may exceed it.
            observer: Who counts.
            forwarded_tokens: How many went through the model up to now, padding included; without
                it a batch forwards its own tokens. Called on the device thread only.
            name: The thread's name.
            stuck_after_s: A batch that runs for longer, and ten times longer than expected, has
                hung: `load` says so.
        """
        self._forward = forward
        self._max_batch_tokens = max_batch_tokens
        self._observer: Observer = observer if observer is not None else Unobserved()
        self._ran_tokens = 0
        self._forwarded_tokens = forwarded_tokens or (lambda: self._ran_tokens)
        self._stuck_after_s = stuck_after_s
        self._queue: OrderedDict[_Job[WorkT], None] = OrderedDict()
        self._queued_tokens = 0
        self._running: list[_Job[WorkT]] = []
        self._began_s = 0.0
        self._rate = _Rate()
        self._closed = False
        self._changed = threading.Condition()
        self._device = threading.Thread(target=self._serve, name=name, daemon=True)
        self._device.start()

    @property
    def load_tokens(self) -> int:
        """Tokens that wait or run."""
        with self._changed:
            return self._queued_tokens + self._running_tokens

    def load(self, *, ahead_tokens: float = 0.0, each_tokens: float = 0.0) -> Load:
        """How long what comes now would wait and take, and whether the device still works.

        Args:
            ahead_tokens: What has not been submitted yet and comes before it.
            each_tokens: Of one completion.
        """
        with self._changed:
            queued, running = self._queued_tokens + ahead_tokens, self._running_tokens
            ran_s = time.monotonic() - self._began_s if self._running else 0.0
            expected_s = self._rate.time_for(running)
            backlog_s = self._rate.time_for(queued) + max(0.0, expected_s - ran_s)
            completion_s = self._rate.time_for(each_tokens)
            closed = self._closed
        fault = ""
        if not self._device.is_alive() and not closed:
            fault = f"{self._device.name}: its thread has ended"
        elif ran_s > max(self._stuck_after_s, _SLOWER * expected_s):
            fault = f"{self._device.name}: a batch has been running for {ran_s:.0f} s"
        return Load(backlog_s=backlog_s, completion_s=completion_s, fault=fault)

    def submit(
        self,
        work: WorkT,
        *,
        deadline_s: float | None = None,
        begun: Callable[[], object] = lambda: None,
    ) -> Future[list[ModelScore]]:
        """The scores of `work`, later.

        Args:
            work: What to score.
            deadline_s: `time.monotonic()` instant after which it must not start.
            begun: Called on the device thread as it leaves the queue.

        Returns:
            A future; cancel it to drop work that has not started.

        Raises:
            RuntimeError: After `close`.
        """
        job = _Job(work=work, deadline_s=deadline_s, begun=begun)
        with self._changed:
            if self._closed:
                raise RuntimeError("the batcher is closed; nothing scores any more")
            self._queue[job] = None
            self._queued_tokens += work.tokens
            self._changed.notify()
        job.answer.add_done_callback(lambda _: self._forget(job))
        return job.answer

    def close(self) -> None:
        """Cancel what waits, finish what runs unless it hangs, end the thread."""
        with self._changed:
            self._closed = True
            waiting = list(self._queue)
            self._changed.notify()
        for job in waiting:
            job.answer.cancel()
        self._device.join(CLOSING_S)
        if self._device.is_alive():
            log.warning("%s: gave up on a batch after %g s", self._device.name, CLOSING_S)

    @property
    def _running_tokens(self) -> int:
        return sum(job.work.tokens for job in self._running)

    def _forget(self, job: _Job[WorkT]) -> None:
        """Take a job out of the queue, if it is still there."""
        with self._changed:
            if job in self._queue:
                del self._queue[job]
                self._queued_tokens -= job.work.tokens

    def _serve(self) -> None:
        while True:
            with self._changed:
                while not self._queue and not self._closed:
                    self._changed.wait()
                if self._closed:
                    return
            self._step()

    def _step(self) -> None:
        batch = self._take()
        error = self._settle(batch) if batch else None
        if error is not None:
            for job in batch:
                own = self._settle([job]) if len(batch) > 1 else error
                if own is not None:
                    job.answer.set_exception(own)

    def _take(self) -> list[_Job[WorkT]]:
        """The next batch: in order of arrival, up to the budget, without what nobody awaits."""
        batch: list[_Job[WorkT]] = []
        left: list[_Job[WorkT]] = []
        late: list[_Job[WorkT]] = []
        tokens = 0
        now_s = time.monotonic()
        with self._changed:
            while self._queue:
                job = next(iter(self._queue))
                if batch and tokens + job.work.tokens > self._max_batch_tokens:
                    break
                del self._queue[job]
                self._queued_tokens -= job.work.tokens
                if not job.answer.set_running_or_notify_cancel():
                    continue
                left.append(job)
                if job.deadline_s is not None and now_s >= job.deadline_s:
                    late.append(job)
                    continue
                batch.append(job)
                tokens += job.work.tokens
            self._running, self._began_s = batch, now_s
        for job in late:
            job.answer.set_result(_faults(job.work, Fault.DEADLINE))
        for job in left:
            job.begun()
        return batch

    def _settle(self, batch: Sequence[_Job[WorkT]]) -> Exception | None:
        """Answers a batch; or what its forward pass raised, and then nobody is answered."""
        with self._changed:
            self._running, self._began_s = list(batch), time.monotonic()
        scores = attempt(lambda: self._scores([job.work for job in batch]))
        with self._changed:
            self._running = []
        if isinstance(scores, Failure):
            return scores.error
        for job, answer in zip(batch, scores, strict=True):
            job.answer.set_result(answer)
        return None

    def _scores(self, batch: Sequence[WorkT]) -> list[list[ModelScore]]:
        scores = self._run(batch)
        # Raised here, a wrong length is the batch's failure and not the thread's.
        return [answer for _, answer in zip(batch, scores, strict=True)]

    def _run(self, batch: Sequence[WorkT]) -> list[list[ModelScore]]:
        """Scores per work; halves what does not fit in memory, down to one completion."""
        started_s, before = time.monotonic(), self._forwarded_tokens()
        try:
            scores = list(self._forward(batch))
        except MemoryError:
            # Handled below: by then the failed batch's tensors are gone.
            pass
        else:
            tokens, seconds = sum(work.tokens for work in batch), time.monotonic() - started_s
            with self._changed:
                self._rate.add(tokens, seconds)
            self._ran_tokens += tokens
            ran = Pass(
                completions=sum(map(len, batch)),
                tokens=tokens,
                forwarded=self._forwarded_tokens() - before,
                seconds=seconds,
            )
            self._observer.forwarded(ran)
            return scores
        if len(batch) == 1 and len(batch[0]) == 1:
            return [_faults(batch[0], Fault.OUT_OF_MEMORY)]
        self._observer.split_for_memory()
        if len(batch) > 1:
            middle = len(batch) // 2
            return self._run(batch[:middle]) + self._run(batch[middle:])
        first, second = batch[0].halves()
        return [self._run([first])[0] + self._run([second])[0]]


def _faults(work: Work, fault: Fault) -> list[ModelScore]:
    return [ModelScore(fault=fault)] * len(work)
