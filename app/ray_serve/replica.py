"""One replica of a hosted model: the loader, batcher and rungs of the plain service in an actor."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harmo.app import logs
from harmo.app.loading import load_model
from harmo.app.metrics.exposition import Registry
from harmo.app.metrics.gpu import GpuMemory
from harmo.app.metrics.models import ModelMetrics
from harmo.app.ray_serve.exposition import replica
from harmo.models.base import Conversations, ModelCard, ModelScore


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a replica says to one group."""

    version: str
    """Of the model that it hosts."""
    scores: Sequence[ModelScore] | None = None
    """One per completion; None where it hosts another version than was asked for, or failed."""
    failure: str = ""
    """What was raised, by type and place: its words may quote a completion."""
    backlog_s: float = 0.0
    """Expected seconds until work that comes now would start there."""


class ModelReplica:
    """Scores groups, one a call; those of all callers are batched by the model's own batcher."""

    def __init__(self, name: str, path: str, device: str) -> None:
        logs.configure("info")
        self._registry = Registry()
        metrics = ModelMetrics(self._registry)
        GpuMemory(self._registry)
        self._model = load_model(path, name=name, device=device, metrics=metrics)
        metrics.loads = lambda: {name: self._model.load()}
        metrics.hosted([self._model.card])

    async def card(self) -> ModelCard:
        """What it hosts."""
        return self._model.card

    async def score(self, group: Conversations, version: str, left_s: float | None) -> Reply:
        """One group's scores by one version of the model.

        Args:
            group: Prompt, completions and images.
            version: That of the card that the gateway tells its clients.
            left_s: Seconds after which nobody waits; None for as long as it takes.
        """
        own = self._model.card.version
        if version != own:
            return Reply(version=own)
        deadline_s = None if left_s is None else time.monotonic() + left_s
        work = self._model.score(group, deadline_s=deadline_s)
        # Raised out of here, an error would be logged by Ray with its words.
        (scores,) = await asyncio.gather(work, return_exceptions=True)
        backlog_s = self._model.load().backlog_s
        if isinstance(scores, BaseException):
            failure = f"{type(scores).__name__} at {logs.places(scores)}"
            return Reply(version=own, failure=failure, backlog_s=backlog_s)
        return Reply(version=own, scores=scores, backlog_s=backlog_s)

    async def shown(self, group: Conversations) -> list[Mapping[str, object]]:
        """Per completion what the model reads of it."""
        return await self._model.shown(group)

    async def exposed(self) -> tuple[str, bytes]:
        """Which replica this is, and what it counts."""
        return replica(), await self._registry.scrape()

    async def check_health(self) -> None:
        """Raise if nothing gets done here: Serve then replaces the replica."""
        if fault := self._model.load().fault:
            raise RuntimeError(fault)
