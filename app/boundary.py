"""Where scorers' failures end: what they raise, exit, cancel or return wrong becomes an abstention.

The only broad `except` of the service but the batcher's, which hands errors to another thread.
"""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from harmo.models.base import QueueFullError
from harmo.scorers.spec import BoundScorer
from harmo.scorers.types import NonFiniteError, Reason, Score

log = logging.getLogger("harmo.boundary")

_FAULTS: Mapping[type[BaseException], Reason] = {
    NonFiniteError: Reason.NON_FINITE,
    QueueFullError: Reason.OVERLOADED,
    MemoryError: Reason.OUT_OF_MEMORY,
}


def guard(bound: BoundScorer, call: Callable[..., object], *arguments: object) -> object:
    """What the call returns, or an abstention that says how it failed."""
    try:
        return call(*arguments)
    except (Exception, SystemExit, asyncio.CancelledError) as error:  # noqa: BLE001 - the boundary
        reason = _FAULTS.get(type(error), Reason.SCORER_ERROR)
        if reason is Reason.SCORER_ERROR:
            # Frames only: the message may quote the completion.
            frames = traceback.extract_tb(error.__traceback__)[-3:]
            places = " < ".join(f"{f.filename}:{f.lineno}" for f in reversed(frames))
            log.warning("scorer_error scorer=%s %s at %s", bound.spec.name, type(error), places)
        return Score.abstain(reason, error=type(error).__name__)


async def settle(bound: BoundScorer, work: Awaitable[Any], limit_s: float) -> object:
    """What the work yields, or an abstention where it raised or ran late."""
    task = asyncio.ensure_future(_contained(work))
    try:
        await asyncio.wait({task}, timeout=max(0.0, limit_s - time.monotonic()))
        return guard(bound, task.result) if task.done() else Score.abstain(Reason.DEADLINE)
    finally:
        task.cancel()


async def _contained(work: Awaitable[Any]) -> object:
    """The work's result; an exit inside it must not reach the event loop."""
    try:
        return await work
    except SystemExit as error:
        raise RuntimeError("the scorer called exit") from error


def as_score(bound: BoundScorer, answer: object) -> Score:
    """The answer if it is a score, else an abstention."""
    if isinstance(answer, Score):
        return answer
    log.warning("scorer_error scorer=%s returned=%s", bound.spec.name, type(answer).__name__)
    return Score.abstain(Reason.SCORER_ERROR, error=f"returned {type(answer).__name__}")


def as_scores(bound: BoundScorer, answer: object, length: int) -> list[Score]:
    """The answer if it is one score per sample, else as many abstentions."""
    if isinstance(answer, Score):
        return [answer] * length
    if not isinstance(answer, list) or len(answer) != length:
        got = len(answer) if isinstance(answer, list) else type(answer).__name__
        log.warning("wrong_length scorer=%s want=%d got=%s", bound.spec.name, length, got)
        return [Score.abstain(Reason.WRONG_LENGTH, want=length, got=str(got))] * length
    return [as_score(bound, score) for score in answer]
