"""One device's queue: whole groups in, batches of shared tokens out. Free of torch."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Generic, Protocol, Self, TypeVar

from harmo.models.base import Fault, Load, ModelScore, QueueFullError


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


class Observer(Protocol):
    """Who counts what the batcher does; called on the device thread."""

    def waited(self, seconds: float) -> None:
        """A piece of work left the queue after so long."""

    def forwarded(self, tokens: int, seconds: float) -> None:
        """One batch ran."""

    def split_for_memory(self) -> None:
        """A batch did not fit in memory and was halved."""


class Unobserved:
    """Counts nothing."""

    def waited(self, seconds: float) -> None: ...

    def forwarded(self, tokens: int, seconds: float) -> None: ...

    def split_for_memory(self) -> None: ...


@dataclass(slots=True, kw_only=True, eq=False)
class _Job(Generic[WorkT]):
    work: WorkT
    deadline_s: float | None
    queued_s: float = field(default_factory=time.monotonic)
    answer: Future[list[ModelScore]] = field(default_factory=Future)


class Batcher(Generic[WorkT]):
    """Runs work on one device, a batch at a time, as soon as the device is idle.

    It never waits for a batch to fill: what arrives while one batch runs is the next one. Callers
    get a future; cancelling it before its batch starts drops the work. Where a batch raises, each
    of its works runs again alone, so that an error stays with the work that causes it.
    """

    def __init__(
        self,
        forward: Callable[[Sequence[WorkT]], Sequence[list[ModelScore]]],
        *,
        max_batch_tokens: int,
        max_queue_tokens: int,
        observer: Observer | None = None,
        name: str = "device",
    ) -> None:
        """Start the device thread.

        Args:
            forward: Scores a batch, one list per work in order; raises MemoryError where the
                batch does not fit. Runs on the device thread only.
            max_batch_tokens: Budget of one forward pass; a single completion may exceed it.
            max_queue_tokens: What may wait; beyond it `submit` raises QueueFullError.
            observer: Who counts.
            name: The thread's name.
        """
        self._forward = forward
        self._max_batch_tokens = max_batch_tokens
        self._max_queue_tokens = max_queue_tokens
        self._observer: Observer = observer if observer is not None else Unobserved()
        self._queue: deque[_Job[WorkT]] = deque()
        self._queued_tokens = 0
        self._running: list[_Job[WorkT]] = []
        self._closed = False
        self._lock = threading.Lock()
        self._device = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    @property
    def load_tokens(self) -> int:
        """Tokens that wait or run."""
        with self._lock:
            return self._queued_tokens + sum(job.work.tokens for job in self._running)

    def load(self) -> Load:
        """How long what comes now would wait, judged by what was forwarded so far."""
        return Load()

    def check_room(self) -> None:
        """Raise QueueFullError if nothing more may wait."""
        with self._lock:
            self._check_room(1)

    def submit(self, work: WorkT, *, deadline_s: float | None = None) -> Future[list[ModelScore]]:
        """The scores of `work`, later.

        Args:
            work: What to score; a queue that is empty takes it however large it is.
            deadline_s: `time.monotonic()` instant after which it must not start.

        Returns:
            A future; cancel it to drop work that has not started.

        Raises:
            QueueFullError: If it does not fit in the queue.
            RuntimeError: After `close`.
        """
        job = _Job(work=work, deadline_s=deadline_s)
        with self._lock:
            if self._closed:
                raise RuntimeError("the batcher is closed; nothing scores any more")
            self._check_room(work.tokens)
            self._queue.append(job)
            self._queued_tokens += work.tokens
            # One step per job: the steps that find their job already taken return at once.
            self._device.submit(self._step)
        return job.answer

    def close(self) -> None:
        """Cancel what waits, finish what runs, end the thread."""
        with self._lock:
            self._closed = True
            waiting = list(self._queue)
            self._queue.clear()
            self._queued_tokens = 0
        for job in waiting:
            job.answer.cancel()
        self._device.shutdown(wait=True, cancel_futures=True)

    def _check_room(self, tokens: int) -> None:
        if self._queued_tokens and self._queued_tokens + tokens > self._max_queue_tokens:
            raise QueueFullError(
                f"{self._queued_tokens} tokens wait and {tokens} more would pass the limit of"
                f" {self._max_queue_tokens}; retry later or raise max_queue_tokens"
            )

    def _step(self) -> None:
        batch = self._running = self._take()
        error = self._settle(batch) if batch else None
        if error is not None:
            for job in batch:
                own = self._settle([job]) if len(batch) > 1 else error
                if own is not None:
                    job.answer.set_exception(own)
        self._running = []

    def _take(self) -> list[_Job[WorkT]]:
        """The next batch: in order of arrival, up to the budget, without what nobody awaits."""
        batch: list[_Job[WorkT]] = []
        tokens = 0
        now_s = time.monotonic()
        with self._lock:
            while self._queue:
                job = self._queue[0]
                if batch and tokens + job.work.tokens > self._max_batch_tokens:
                    break
                self._queue.popleft()
                self._queued_tokens -= job.work.tokens
                if not job.answer.set_running_or_notify_cancel():
                    continue
                self._observer.waited(now_s - job.queued_s)
                if job.deadline_s is not None and now_s >= job.deadline_s:
                    job.answer.set_result(_faults(job.work, Fault.DEADLINE))
                    continue
                batch.append(job)
                tokens += job.work.tokens
        return batch

    def _settle(self, batch: Sequence[_Job[WorkT]]) -> Exception | None:
        """Answers a batch; or what its forward pass raised, and then nobody is answered."""
        try:
            scores = self._run([job.work for job in batch])
            answered = list(zip(batch, scores, strict=True))
        except Exception as error:  # noqa: BLE001 - who waits for it is on another thread
            return error
        for job, answer in answered:
            job.answer.set_result(answer)
        return None

    def _run(self, batch: Sequence[WorkT]) -> list[list[ModelScore]]:
        """Scores per work; halves what does not fit in memory, down to one completion."""
        started_s = time.monotonic()
        try:
            scores = list(self._forward(batch))
        except MemoryError:
            # Handled below: by then the failed batch's tensors are gone.
            pass
        else:
            tokens = sum(work.tokens for work in batch)
            self._observer.forwarded(tokens, time.monotonic() - started_s)
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
