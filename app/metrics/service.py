"""All there is to count in one service."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence

from harmo.app.metrics.audit import AuditMetrics
from harmo.app.metrics.exposition import Registry
from harmo.app.metrics.gpu import GpuMemory
from harmo.app.metrics.http import HttpMetrics
from harmo.app.metrics.models import ModelMetrics
from harmo.app.metrics.runs import Labels, Runs
from harmo.app.metrics.scorers import ScorerMetrics
from harmo.app.metrics.server import ServerMetrics
from harmo.app.shortfall import ShortfallCause
from harmo.scorers.types import Group, Reward, Score


class Metrics:
    """One registry per application; nothing is global."""

    def __init__(self, version: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.registry = Registry()
        self.runs = Runs(self.registry, clock=clock)
        self.http = HttpMetrics(self.registry)
        self.server = ServerMetrics(version, self.registry)
        self.scorers = ScorerMetrics(self.registry)
        self.models = ModelMetrics(self.registry)
        self.gpus = GpuMemory(self.registry)
        self.audit = AuditMetrics(self.registry)
        self.exposed: Callable[[], Awaitable[bytes]] = self.scrape
        """What `/metrics` answers; of all replicas where there are several."""

    def observe(
        self,
        recipe: str,
        columns: Sequence[tuple[str, str]],
        group: Group,
        scores: Sequence[Sequence[Score]],
        rewards: Sequence[Reward],
    ) -> None:
        """Count a scored group.

        Args:
            recipe: Its name.
            columns: Name and scorer of each column.
            group: For its run and split.
            scores: By sample and column.
            rewards: By sample.
        """
        self.runs.count(self._labels(recipe, group), columns, scores, rewards)

    def count_incomplete(self, recipe: str, group: Group, cause: ShortfallCause) -> None:
        """Count a group that was scored before all of its members had come."""
        self.runs.count_incomplete(self._labels(recipe, group), cause)

    def _labels(self, recipe: str, group: Group) -> Labels:
        return recipe, self.runs.label(group.run), group.split

    def expose(self) -> bytes:
        """The text format, without the runs that are idle."""
        self.runs.evict_idle()
        return self.registry.expose()

    async def scrape(self) -> bytes:
        """What `expose` gives, written in a thread: tens of thousands of series take a second."""
        self.runs.evict_idle()
        return await self.registry.scrape()
