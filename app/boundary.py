"""Where scorers' failures end: what they raise, exit, cancel or return wrong becomes an abstention.

`tests/test_tree.py` lists the other broad `except`s, each with its reason.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from harmo.app.logs import places
from harmo.app.together import end
from harmo.app.workers.jobs import RaisedInWorkerError
from harmo.scorers.reading.quotes import unquoted, written
from harmo.scorers.spec import Bounds, ScorerSpec, within
from harmo.scorers.types import Group, NonFiniteError, Reason, Sample, Score

log = logging.getLogger("harmo.boundary")

MAX_REPORTS = 1000
"""Distinct faults that are logged; the metrics count every one."""

LINEAR_S = 60.0
"""A sample's time in a thread where the scorer is linear: it ends, however busy the machine."""

_FAULTS: Mapping[type[BaseException], Reason] = {
    NonFiniteError: Reason.NON_FINITE,
    MemoryError: Reason.OUT_OF_MEMORY,
}

Asked = TypeVar("Asked", bound=Sample | Group)


@dataclass(slots=True)
class Reports:
    """Logs each fault once: a scorer that always fails must not fill the disk."""

    _known: set[object] = field(default_factory=set)

    def once(self, fault: object, message: str, *arguments: object) -> None:
        """Log a warning unless this fault was logged before."""
        if fault not in self._known and len(self._known) < MAX_REPORTS:
            self._known.add(fault)
            log.warning(message, *arguments)


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundary:
    """One scorer's: what comes across it is one score per sample, finite and within its bounds."""

    spec: ScorerSpec
    bounds: Bounds
    """Least and greatest value, given the term's params and model; None if unbounded."""
    reports: Reports

    def guard(self, call: Callable[[Asked], object], asked: Asked) -> object:
        """What the call returns, or an abstention that says how it failed."""
        try:
            return call(asked)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - the boundary; native code panics past Exception
            reason = _FAULTS.get(type(error), Reason.SCORER_ERROR)
            name, said = type(error).__name__, unquoted(_words(error), written(asked))
            where = _places(error)
            self._report(reason, f"{name}: {said} at {where}", key=(name, where))
            return Score.abstain(reason, error=name, message=said)

    async def settle(
        self, work: Awaitable[Any], asked: Asked, *, limit_s: float, deadline_s: float
    ) -> object:
        """What the work yields, or an abstention where it raised or ran late.

        Args:
            work: The scorer's own.
            asked: What it scores.
            limit_s: `time.monotonic()` instant after which nobody waits for it.
            deadline_s: That of the request's end.
        """
        task = asyncio.create_task(self._contained(work))
        try:
            await asyncio.wait({task}, timeout=max(0.0, limit_s - time.monotonic()))
            return self.outcome(task, asked) if task.done() else self.late(deadline_s)
        finally:
            if not await end([task]):
                self._report(Reason.DEADLINE, "it does not end when it is cancelled")

    async def _contained(self, work: Awaitable[Any]) -> object:
        """The work's result; an exit inside it must not reach the event loop."""
        # A method, so that whoever looks at the loop's stack finds which scorer holds it.
        try:
            return await work
        except SystemExit as error:
            raise RuntimeError("the scorer called exit") from error

    def outcome(self, task: asyncio.Task[Any], asked: Asked) -> object:
        """What a task that is over came to, or an abstention that says how it failed."""
        return self.guard(lambda _: task.result(), asked)

    @property
    def own_s(self) -> float:
        """Seconds that a call in this process may take for a sample."""
        spec = self.spec
        if spec.resource is not None and not spec.isolate:
            return math.inf
        return max(spec.timeout_s, LINEAR_S) if spec.on_loop else spec.timeout_s

    def time_for(self, asked: Sample | Group) -> float:
        """Seconds that a call in this process may take for a sample, or for all of a group."""
        return self.own_s * (len(asked.samples) if isinstance(asked, Group) else 1)

    def late(self, deadline_s: float) -> Score:
        """The abstention of a scorer that took too long: its own limit, or the request's end."""
        if time.monotonic() >= deadline_s:
            # What is linear was kept from its turn: nothing in its text takes so long.
            reason = Reason.OVERLOADED if self.spec.on_loop else Reason.DEADLINE
            return Score.abstain(reason, why="the request's deadline passed")
        if self.spec.on_loop:
            limit = f"the {self.own_s:g} s of a scorer that says it is linear"
        else:
            limit = f"its timeout_s of {self.own_s:g}"
        self._report(Reason.DEADLINE, f"no answer within {limit}")
        why = f"the scorer took longer than {limit} a sample"
        return Score.abstain(Reason.DEADLINE, why=why)

    def scores(self, answer: object, length: int) -> list[Score]:
        """The answer if it is one score per sample, else as many abstentions."""
        if isinstance(answer, Score):
            return [self.score(answer)] * length
        if not isinstance(answer, list) or len(answer) != length:
            got = len(answer) if isinstance(answer, list) else type(answer).__name__
            self._report(Reason.WRONG_LENGTH, f"want={length} got={got}", key="wrong_length")
            return [Score.abstain(Reason.WRONG_LENGTH, want=length, got=str(got))] * length
        return [self.score(score) for score in answer]

    def score(self, answer: object) -> Score:
        """The answer if it is a score within the bounds, else an abstention."""
        if not isinstance(answer, Score):
            got = f"returned {type(answer).__name__}"
            self._report(Reason.SCORER_ERROR, got)
            return Score.abstain(Reason.SCORER_ERROR, error=got)
        held = within(answer, self.bounds)
        if held.reason is Reason.OUT_OF_BOUNDS and answer.value is not None:
            what = f"value={answer.value:g} bounds={self.bounds}"
            self._report(Reason.OUT_OF_BOUNDS, what, key="out_of_bounds")
        return held

    def _report(self, reason: Reason, what: str, *, key: object = None) -> None:
        fault = (self.spec.name, reason, what if key is None else key)
        self.reports.once(fault, "%s scorer=%s %s; logged once", reason.value, self.spec.name, what)


def _places(error: BaseException) -> str:
    """Where it was raised, innermost first, be it in a worker."""
    return error.places if isinstance(error, RaisedInWorkerError) else places(error, most=3)


def _words(error: BaseException) -> str:
    """What an exception says; of one that cannot say it, that."""
    return "".join(traceback.format_exception_only(error)).partition(": ")[2].strip()
