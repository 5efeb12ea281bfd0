"""Samples in, one number for each out: what every adapter but TRL's does."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Sequence

import httpx

from harmo_client import wire
from harmo_client.adapters import unscored
from harmo_client.adapters.core import clients
from harmo_client.adapters.core.judged import Judged, read, unrewarded
from harmo_client.adapters.core.samples import Layout, Sample, layout
from harmo_client.adapters.core.settings import Settings
from harmo_client.client import AsyncRewardClient
from harmo_client.connection import Split
from harmo_client.errors import BudgetExhaustedError, HarmoError, ServiceError, TransportError

logger = logging.getLogger(__name__)

stand_ins: Counter[str] = Counter()
"""How many samples of this process went unscored, by reason."""


async def judge(
    samples: Sequence[Sample],
    settings: Settings,
    *,
    step: int | None = None,
    split: Split = "train",
    client: AsyncRewardClient | None = None,
) -> list[Judged]:
    """What each sample came to, in their order; the event loop is never held up.

    Args:
        samples: Of one call of the trainer.
        settings: How to ask.
        step: Training step.
        split: What the samples are for.
        client: Instead of the one of this process and event loop.

    Raises:
        HarmoError: If the service gave no whole answer, or `on_unscored` says to stop.
    """
    if not samples:
        return []
    laid = await asyncio.to_thread(layout, samples, settings)
    asked = client or clients.held().running(settings)
    try:
        answer = await asked.score(
            laid.groups,
            recipe=settings.recipe,
            run=settings.run,
            step=step,
            split=split,
            wait_for_group_ms=laid.wait_for_group_ms,
            deadline_s=settings.deadline_s,
        )
    except HarmoError as error:
        _require_late(error, laid, settings)
        nothing = await asked.score([], recipe=settings.recipe, run=settings.run)
        answer = unrewarded(laid, nothing)
    return _told(laid, answer, settings, step)


def judge_now(
    samples: Sequence[Sample],
    settings: Settings,
    *,
    step: int | None = None,
    split: Split = "train",
) -> list[Judged]:
    """`judge` for callers without an event loop; it may be called from many threads."""
    if not samples:
        return []
    laid = layout(samples, settings)
    asked = clients.held().blocking(settings)
    try:
        answer = asked.score(
            laid.groups,
            recipe=settings.recipe,
            run=settings.run,
            step=step,
            split=split,
            wait_for_group_ms=laid.wait_for_group_ms,
            deadline_s=settings.deadline_s,
        )
    except HarmoError as error:
        _require_late(error, laid, settings)
        answer = unrewarded(laid, asked.score([], recipe=settings.recipe, run=settings.run))
    return _told(laid, answer, settings, step)


def _told(
    laid: Layout, answer: wire.ScoreResponse, settings: Settings, step: int | None
) -> list[Judged]:
    reasons = unscored.reasons(answer)
    # Each reason once: a run where it stays would log nothing else.
    new = reasons.keys() - stand_ins.keys()
    stand_ins.update(reasons)
    if new:
        told = unscored.describe(answer)
        logger.warning("step %s: %s; on_unscored is %s", step, told, settings.on_unscored)
    return read(laid, answer, settings.unscored)


def _require_late(error: HarmoError, laid: Layout, settings: Settings) -> None:
    """Raise the error, unless it is that the one group's time passes without a reward.

    The service is there then and has been asked again: `on_unscored` says what becomes of it. Where
    many groups all go without, that is an outage.
    """
    last = error.__cause__ if isinstance(error, BudgetExhaustedError) else error
    late = isinstance(last, ServiceError) and last.type == "deadline"
    if late and len(laid.groups) == 1:
        return
    if isinstance(error, TransportError | BudgetExhaustedError):
        raise _away(error, settings) from error
    raise error


def _away(error: HarmoError, settings: Settings) -> HarmoError:
    where = httpx.URL(settings.url).copy_with(userinfo=b"", query=None)
    return type(error)(
        f"{error}. Is the service up at {where} (url, HARMO_URL)? It was asked for "
        f"retry_for_s={settings.retry_for_s:g}; continue from the last checkpoint once it is"
    )
