"""Trainers that send groups in pieces, simulated: their time goes by at once."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from harmo.app.admission.permits import Limit, Permits
from harmo.app.assembly import Assembly, Room
from harmo.app.engine import ScoredGroup
from harmo.app.samples import Received
from harmo.app.shed import ShedReason
from harmo.scorers.types import Group, Sample

PATIENCE_S = 60.0
SCORING_S = 0.02
BETWEEN_S = 0.005
"""What a caller does between an answer and its next request."""

Member = tuple[str, str]
"""Ids of group and completion."""


def room(members: int = 100, held_bytes: int = 1000) -> Room:
    def permits(total: int, what: str) -> Permits:
        return Permits(Limit(total=total, what=what, setting="max", reason=ShedReason.WAITING))

    return Room(members=permits(members, "members"), bytes=permits(held_bytes, "bytes"))


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What one member got."""

    group: str
    complete: bool
    cause: str | None
    waited_s: float


@dataclass(kw_only=True)
class Trainer:
    """One run of one caller, its members sent one a request."""

    assembly: Assembly
    run: str = "r"
    size: int = 8
    step: int | None = 1
    named: bool = True
    answers: list[Answered] = field(default_factory=list)

    async def ask(self, group: str, *ids: str) -> None:
        """Some members' rewards."""
        samples = tuple(Sample(completion=id) for id in ids)
        whole = Group(id=group, samples=samples, size=self.size, run=self.run, step=self.step)
        share = Received(group=whole, ids=ids, faults=(None,) * len(ids))
        now_s = asyncio.get_running_loop().time
        started_s = now_s()
        with self.assembly.visit(("", self.run), 1) as visit:
            got = await self.assembly.score(
                ("", "rules", self.run, self.step, "train", group),
                share,
                visit,
                wait_s=PATIENCE_S,
                deadline_s=started_s + 1000,
                score=scored,
                named=self.named,
            )
        short = got.received.shortfall
        assert got.complete is (short is None)
        cause = None if short is None else short.cause.value
        waited_s = now_s() - started_s
        assert waited_s < PATIENCE_S + 1, "nothing waits longer than it would"
        self.answers.append(
            Answered(group=group, complete=got.complete, cause=cause, waited_s=waited_s)
        )

    async def whole(self, scoring_s: float) -> None:
        """The rewards of a group that waits for nobody."""
        with self.assembly.visit(("", self.run), 1):
            await asyncio.sleep(scoring_s)

    async def by_pool(self, callers: int, members: Iterable[Member]) -> float:
        """The members one after the other by so many callers; the seconds that it took."""
        todo, began_s = iter(members), asyncio.get_running_loop().time()

        async def call() -> None:
            for group, id in todo:
                await self.ask(group, id)
                await asyncio.sleep(BETWEEN_S)

        await asyncio.gather(*(call() for _ in range(callers)))
        return asyncio.get_running_loop().time() - began_s

    async def at_once(self, written_s: Sequence[tuple[Member, float]]) -> None:
        """Every member when it is written, whatever the others do."""

        async def call(member: Member, after_s: float) -> None:
            await asyncio.sleep(after_s)
            await self.ask(*member)

        await asyncio.gather(*(call(member, after_s) for member, after_s in written_s))

    def causes(self) -> set[str | None]:
        """Why groups were short; None for those that were whole."""
        return {answer.cause for answer in self.answers}


async def scored(whole: Received, until_s: float) -> ScoredGroup:
    """Scores that take a while."""
    await asyncio.sleep(SCORING_S)
    return ScoredGroup(scores=[[]] * len(whole.ids), reward=None)  # type: ignore[arg-type]


def trainer(**fields: object) -> Trainer:
    """A trainer of a service of its own; call it where the event loop runs."""
    clock = asyncio.get_running_loop().time
    return Trainer(assembly=Assembly(room(10_000, 10_000), clock=clock), **fields)  # type: ignore[arg-type]


def members(groups: int, size: int = 8, *, shuffled: int | None = None) -> list[Member]:
    """Every member of so many groups, prompt by prompt or in any order."""
    all_of_them = [(f"g{n}", str(i)) for n in range(groups) for i in range(size)]
    if shuffled is not None:
        random.Random(shuffled).shuffle(all_of_them)
    return all_of_them
