"""A store that breaks when a test says so, and groups for it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from harmo.app.keeping.entry import Answered, Entry
from harmo.app.keeping.frames import Content, unpickled
from harmo.app.keeping.keeper import Keeper
from harmo.app.keeping.plain import Plain
from harmo.app.keeping.process import Stand, Trimmed
from harmo.app.keeping.store import Place
from harmo.app.keeping.trouble import GoneError, StoreFaultError, UnwritableError
from harmo.app.metrics.audit import AuditMetrics
from harmo.app.settings import Settings
from harmo.audit.errors import Trouble
from harmo.rewards.combine import combine
from harmo.scorers.types import Group, Sample, Score
from tests.rewards import tables

PLAN = tables.plan(columns="r")


def entry(id: str, *, run: str | None = "a", detail: object = "4", chars: int = 10) -> Entry:
    """A scored group of one sample."""
    group = Group(id=id, samples=(Sample(prompt="?", completion="x" * chars),), size=1, run=run)
    scores = [[Score(value=1.0, detail={"answer": detail})]]
    answered = Answered(
        group=group,
        ids=("0",),
        faults=(None,),
        scores=scores,
        reward=combine(PLAN, group, scores),
        scored_at_s=86_400.0,
    )
    return Entry.of(PLAN, "v", answered)


def _bare(group: Plain) -> Plain:
    own, samples, scores, *rest = group
    return (own, samples, [tuple(score[:3] for score in row) for row in scores], *rest)


class Disk:
    """What is on it, and what is wrong with it."""

    def __init__(self) -> None:
        self.trouble: Trouble | None = None
        self.opens = True
        self.unwritable: Callable[[Plain], bool] = lambda group: False
        self.deadly: Callable[[Plain], bool] = lambda group: False
        """What ends the process that writes it."""
        self.untold: list[Exception] = []
        """What is raised by writes that are on the disk all the same, one each."""
        self.free = threading.Event()
        """While it is not set a write does not end."""
        self.free.set()
        self.groups: list[Plain] = []
        self.batches: list[int] = []
        self.bytes = 0
        self.trims: list[Trimmed] = []
        """What is dropped, time by time."""
        self.done: list[str] = []

    @property
    def ids(self) -> list[str]:
        """Of the groups that are kept."""
        return [group[0][0] for group in self.groups]

    def __call__(self, place: Place) -> Disk:
        self.done.append("start")
        return self

    def open(self) -> Stand:
        self.done.append("open")
        if not self.opens:
            raise StoreFaultError(Trouble.HELD, "another has it")
        return self._stand()

    def write(
        self, recipes: Sequence[Plain], groups: Sequence[tuple[int, Content]], *, detail: bool
    ) -> Stand:
        self.free.wait()
        self._meet()
        taken = [unpickled(group) for _, group in groups]
        if not detail:
            taken = [_bare(group) for group in taken]
        if any(map(self.deadly, taken)):
            raise GoneError
        if any(map(self.unwritable, taken)):
            raise UnwritableError("ValueError")
        self.groups += taken
        self.batches.append(len(taken))
        if self.untold:
            raise self.untold.pop()
        return self._stand()

    def probe(self, size: int) -> None:
        self.done.append("probe")
        self._meet()

    def trim(self, now_s: float) -> Trimmed:
        return self.trims.pop(0) if self.trims else Trimmed(runs=0, over=False, more=False)

    def close(self) -> None:
        self.done.append("close")

    def kill(self) -> None:
        self.done.append("kill")

    def _stand(self) -> Stand:
        return Stand(bytes=self.bytes, last=len(self.groups))

    def _meet(self) -> None:
        if self.trouble is not None:
            raise StoreFaultError(self.trouble, "as the test says")


def detail_of(group: Plain) -> Any:
    """The evidence of a group's one score; None where it was left out."""
    score = group[2][0][0]
    return score[3] if len(score) > 3 else None


@asynccontextmanager
async def keeping(disk: Disk, metrics: AuditMetrics, **settings: Any) -> AsyncIterator[Keeper]:
    given = Settings(audit=Path("store"), **settings)
    keeper = Keeper(given, metrics, open_store=disk)
    await keeper.start()
    try:
        yield keeper
    finally:
        disk.free.set()
        await keeper.close()


async def until(holds: Callable[[], object]) -> None:
    """Return once it holds; what never does ends the test."""
    async with asyncio.timeout(20.0):
        while not holds():  # noqa: ASYNC110 - a thread makes it so
            await asyncio.sleep(0.002)


def later() -> float:
    return time.monotonic() + 60.0


def dropped(metrics: AuditMetrics) -> dict[str, float]:
    """By cause, without those that dropped nothing."""
    counts = {cause.value: counter._value.get() for cause, counter in metrics.dropped.items()}
    return {cause: count for cause, count in counts.items() if count}
