"""Sends requests until the time is over: as others end (closed loop), or as they are due (open)."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from typing import Protocol

from harmo.app.cli.bench.bodies import Body
from harmo.app.cli.bench.http import Answer, BrokenAnswerError, Connections
from harmo.app.cli.bench.load import Load
from harmo.app.cli.bench.tally import Tally, bucket

_OK, _SHED = 200, (429, 503)
_LEAST_WAIT_S, _BROKEN_WAIT_S = 0.05, 0.1


class Bodies(Protocol):
    """Where requests come from."""

    distinct: int | None
    """How many groups there are before they come again; None where none ever does."""

    def body(self, number: int) -> Body:
        """The request with this number."""


class Driver:
    """One bench of one service.

    Args:
        load: What to send, and how.
        bodies: Where the requests come from.
        connections: To the service.
        keys: What idempotency keys begin with: an answer to another bench is none to this one.
    """

    def __init__(self, load: Load, bodies: Bodies, connections: Connections, keys: str) -> None:
        self._load, self._bodies, self._connections = load, bodies, connections
        self._keys = keys
        self.tally = Tally()
        self.distinct = bodies.distinct
        self._warm_s = self._end_s = self._last_s = 0.0
        self._cpu_before_s: float | None = None
        self._stopped = False

    def stop(self) -> None:
        """Begin no more requests; those under way are waited for."""
        self._stopped = True

    async def run(self) -> None:
        """Return once the last answer is there."""
        self._warm_s = time.monotonic() + self._load.warmup_s
        self._end_s = self._warm_s + self._load.duration_s
        await (self._open_loop() if self._load.open_loop else self._closed_loop())

    @property
    def passed_s(self) -> float:
        """Since the end of the warm-up; below 0 before."""
        return time.monotonic() - self._warm_s

    @property
    def measured_s(self) -> float:
        """What throughput is over: all of the time; to the last answer where it was cut short."""
        cut_short = self._stopped or self._load.requests is not None
        end_s = min(self._end_s, self._last_s) if cut_short else self._end_s
        return max(end_s - self._warm_s, 1e-9)

    @property
    def cpu_share(self) -> float:
        """Of one core, that this process used since the end of the warm-up."""
        if self._cpu_before_s is None:
            return 0.0
        return (time.process_time() - self._cpu_before_s) / max(self.passed_s, 1e-9)

    def _numbers(self) -> Iterator[int]:
        """The next request's number, as long as any may begin."""
        measured = 0
        for number in itertools.count():
            now_s = time.monotonic()
            if self._stopped or now_s >= self._end_s:
                return
            if now_s >= self._warm_s:
                if measured == self._load.requests:
                    return
                measured += 1
                self._cpu_before_s = self._cpu_before_s or time.process_time()
            yield number

    async def _closed_loop(self) -> None:
        numbers = self._numbers()

        async def caller() -> None:
            for number in numbers:
                body = self._bodies.body(number)
                await self._ask(number, body, due_s=time.monotonic())

        async with asyncio.TaskGroup() as callers:
            for _ in range(self._load.concurrency):
                callers.create_task(caller())

    async def _open_loop(self) -> None:
        rate = self._load.rate or 1.0
        gaps = random.Random(f"{self._load.seed} arrivals")  # noqa: S311 - no secret
        free = asyncio.Semaphore(self._load.concurrency)
        due_s = time.monotonic()
        async with asyncio.TaskGroup() as callers:
            for number in self._numbers():
                # Made while there is time, so that it begins when it is due.
                body = self._bodies.body(number)
                due_s += gaps.expovariate(rate)
                if due_s >= self._end_s:
                    return
                await asyncio.sleep(max(0.0, due_s - time.monotonic()))
                await free.acquire()
                self._note_late(time.monotonic() - due_s)
                asking = callers.create_task(self._ask(number, body, due_s=due_s))
                asking.add_done_callback(lambda _: free.release())
        if self._load.requests is None and not self._stopped:
            self.tally.unsent = round(rate * max(0.0, self._end_s - due_s))

    def _note_late(self, seconds: float) -> None:
        if self.passed_s >= 0.0:
            self.tally.late[bucket(seconds)] += 1

    async def _ask(self, number: int, body: Body, *, due_s: float) -> None:
        """Send one request, as often as it takes; whatever comes of it is counted."""
        # By when it began: in an open loop that lags, what is due now may begin after the end.
        measured = time.monotonic() >= self._warm_s
        for tries in itertools.count(1):
            status, answer = await self._try(f"{self._keys}-{number}", body)
            if measured:
                self.tally.statuses[status] += 1
                self.tally.sent_bytes += len(body.content)
                self.tally.received_bytes += len(answer.content) if answer else 0
            if answer is not None and answer.status == _OK:
                return self._count(body, answer, due_s=due_s, measured=measured)
            wait_s = self._wait_s(answer, tries)
            if wait_s is None or time.monotonic() + wait_s > due_s + self._load.timeout_s:
                break
            self.tally.retries += measured
            await asyncio.sleep(wait_s)
        self.tally.failed += measured
        if answer is None:
            # Whoever is refused at once would ask a thousand times a second.
            await asyncio.sleep(_BROKEN_WAIT_S)
        return None

    def _wait_s(self, answer: Answer | None, tries: int) -> float | None:
        """Seconds until the next try, as a trainer's client waits; None for no other try."""
        if not self._load.retry or answer is None or answer.status not in _SHED:
            return None
        jitter = random.random()  # noqa: S311 - no secret
        return answer.retry_after_s + jitter * min(15.0, _LEAST_WAIT_S * 2.0 ** min(tries, 16))

    async def _try(self, key: str, body: Body) -> tuple[str, Answer | None]:
        """What it is counted as, and the answer if there is one."""
        try:
            async with asyncio.timeout(self._load.timeout_s):
                answer = await self._connections.post("/score", body.content, key=key)
        except TimeoutError:
            return "timeout", None
        except BrokenAnswerError:
            return "broken answer", None
        except OSError as error:
            return type(error).__name__, None
        return str(answer.status), answer

    def _count(self, body: Body, answer: Answer, *, due_s: float, measured: bool) -> None:
        now_s = time.monotonic()
        reasons = _reasons(answer.content)
        if reasons is None or reasons.total() != body.completions:
            self.tally.statuses["no rewards"] += measured
            self.tally.failed += measured
            return
        at_s = min(now_s, self._end_s) - self._warm_s
        if self._warm_s <= now_s <= self._end_s:
            self._last_s = now_s
            self.tally.answered(body, at_s=at_s)
        if measured:
            self._last_s = now_s
            self.tally.took(now_s - due_s, at_s=at_s)
            del reasons[""]
            self.tally.unscored.update(reasons)


def _reasons(content: bytes) -> Counter[str] | None:
    """Completions by why they have no reward, an empty reason where they have; None if unreadable.

    Not the wire's models: they would cost more than all the rest of a request.
    """
    try:
        groups = json.loads(content)["groups"]
        return Counter(
            "" if completion["reward"] is not None else str(completion["reason"])
            for group in groups
            for completion in group["completions"]
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
