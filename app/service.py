"""The service behind the routes: what is loaded, and how one request is scored."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from harmo.app.admission.gate import Admission
from harmo.app.admission.permits import Hold, Permits
from harmo.app.admission.tally import require
from harmo.app.assembly import Assembly, Visit
from harmo.app.catalogue import Catalogue
from harmo.app.engine import Engine, Program, ScoredGroup
from harmo.app.errors import ErrorType, ServiceError
from harmo.app.hosting import Hosting
from harmo.app.isolation import Isolation
from harmo.app.keeping.entry import Answered, Entry
from harmo.app.keeping.keeper import Keeper
from harmo.app.keys import ApiKey, Doorkeeper, owner
from harmo.app.life import Life
from harmo.app.metrics import Metrics
from harmo.app.observe import Observer
from harmo.app.orphans import Orphans
from harmo.app.parsing import Parsing
from harmo.app.receiving import Receiving
from harmo.app.replies import Replies
from harmo.app.samples import ImageCountError, Received
from harmo.app.scored import ScoredMembers, ScoredRequest, phases
from harmo.app.settings import Settings
from harmo.app.together import side_by_side
from harmo.app.unfinished import require_finished
from harmo.app.workers.reserved import Reservation
from harmo_client import wire

SCORING_S, SCORING_SHARE = 5.0, 0.25
"""What is left of a deadline for scoring a group that was waited for: so long, or a share of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What a service that is ready has to score with."""

    catalogue: Catalogue
    programs: Mapping[str, Program]
    """By recipe name."""


@dataclass(slots=True, kw_only=True)
class Service:
    """One running service."""

    settings: Settings
    life: Life
    metrics: Metrics
    isolation: Isolation
    engine: Engine
    hosting: Hosting
    receiving: Receiving
    doorkeeper: Doorkeeper
    admission: Admission
    observer: Observer
    assembly: Assembly
    parsing: Parsing = field(default_factory=Parsing)
    replies: Replies = field(default_factory=Replies)
    orphans: Orphans = field(default_factory=Orphans)
    keeper: Keeper | None = None
    """Keeps what is answered, if anything is kept."""
    _loaded: Loaded | None = None

    @property
    def permits(self) -> Permits:
        """Completions in flight."""
        return self.admission.completions

    def begin(self, loaded: Loaded) -> None:
        """Take requests."""
        self._loaded = loaded
        self.life.begin()

    @property
    def loaded(self) -> Loaded:
        """What it scores with; 503 while starting or draining."""
        self.life.require_ready()
        if self._loaded is None:
            raise RuntimeError("ready with nothing loaded: call begin")
        return self._loaded

    @property
    def catalogue(self) -> Catalogue:
        """The recipes; 503 while starting or draining."""
        return self.loaded.catalogue

    def program(self, name: str | None, key: ApiKey | None) -> Program:
        """The recipe a request names; 404 lists the known ones, 403 where the key may not."""
        loaded = self.loaded
        program = loaded.programs.get(name or loaded.catalogue.default)
        if program is None:
            known = ", ".join(n for n in loaded.programs if key is None or key.may_use(n))
            raise ServiceError(
                ErrorType.NOT_FOUND, f"no recipe {name!r}; known: {known}", field="recipe"
            )
        self.doorkeeper.allow(key, program.plan.recipe.name)
        return program

    async def score(
        self,
        request: wire.ScoreRequest,
        key: ApiKey | None,
        *,
        deadline_ms: int,
        started_s: float,
        held_bytes: int = 0,
        explain: bool = False,
        named: bool = True,
        always_paid: bool = False,
    ) -> ScoredRequest:
        """Every group's scores and rewards, in the order asked.

        Args:
            request: As parsed.
            key: Whose request it is.
            deadline_ms: Time for the request, counted from `started_s`.
            started_s: `time.monotonic()` at arrival.
            held_bytes: What it takes of memory.
            explain: True to have hosted models say, in the detail, what they read.
            named: False where the service made up the completions' ids.
            always_paid: True where the caller named a number for what has no reward.

        Raises:
            ServiceError: 403, 404, 413, 422, 429, 503 or 504.
        """
        loaded, program = self.loaded, self.program(request.recipe, key)
        asked = self._fitting(request)
        if self.keeper is not None:
            self.keeper.require()
        deadline_s = started_s + deadline_ms / 1000
        ready = sum(len(g.completions) for g in request.groups if not _waits(g, request))
        whose = owner(key)
        room = self.admission.room(program, asked, deadline_s, ready=ready)
        visited = self.assembly.visit((whose, request.run), held_bytes)
        async with self.life.request():
            with room as turns, self.permits.hold(whose, ready) as held, visited as visit:
                self.metrics.http.asked(asked)
                received = await self._receive(request, deadline_s)
                queued_s = time.monotonic()
                if explain:
                    received = [replace(share, explain=True) for share in received]
                call = _Call(self, program, request, whose, deadline_s, named, turns)
                groups = await call.score(received, held, visit)
        await self._finish(program, groups, deadline_s, always_paid=always_paid)
        seconds = phases(members.group for members in groups)
        seconds |= {"queue": queued_s - started_s, "total": time.monotonic() - started_s}
        for phase, spent in seconds.items():
            self.metrics.http.spent(phase, spent)
        version = loaded.catalogue.scorer_version
        return ScoredRequest(
            plan=program.plan, scorer_version=version, groups=groups, seconds=seconds
        )

    async def _finish(
        self,
        program: Program,
        groups: Sequence[ScoredMembers],
        deadline_s: float,
        *,
        always_paid: bool,
    ) -> None:
        """Refuse what is no answer, and keep what is one."""
        backlog_s = self.isolation.load().backlog_s
        require_finished(program, groups, deadline_s, backlog_s, always_paid=always_paid)
        if self.keeper is not None:
            entries = [m.group.entry for m in groups if m.group.entry is not None]
            await self.keeper.keep(entries, deadline_s)

    def _fitting(self, request: wire.ScoreRequest) -> int:
        """How many completions are asked about; 413 for too many, 422 for a wait without a run."""
        completions = sum(len(group.completions) for group in request.groups)
        images = sum(len(group.images) for group in request.groups)
        tally = Counter(completions=completions, groups=len(request.groups), images=images)
        require(tally, self.settings)
        if not request.run and any(_waits(group, request) for group in request.groups):
            message = "wait_for_group_ms needs a run: it keeps equal group ids of two runs apart"
            raise ServiceError(ErrorType.INVALID, message, field="run")
        return completions

    async def close(self) -> None:
        """Let go of workers, threads and models."""
        self.life.drain()
        await self.receiving.close()
        await self.replies.close()
        await self.orphans.close()
        if self.keeper is not None:
            await self.keeper.close()
        self.parsing.close()
        await self.isolation.close()
        await self.hosting.close()

    async def _receive(self, request: wire.ScoreRequest, deadline_s: float) -> list[Received]:
        try:
            return await self.receiving.receive(request, deadline_s)
        except ImageCountError as error:
            raise ServiceError(ErrorType.INVALID, str(error), field="images") from None


def _waits(group: wire.Group, request: wire.ScoreRequest) -> bool:
    """True for members that are to be held for others; without any there is nothing to hold."""
    sent = len(group.completions)
    return bool(request.wait_for_group_ms) and 0 < sent < (group.size or sent)


@dataclass(frozen=True, slots=True)
class _Call:
    """One request while it is scored."""

    service: Service
    program: Program
    request: wire.ScoreRequest
    owner: str
    deadline_s: float
    named: bool
    """False where the service made up the completions' ids."""
    turns: Reservation
    """Whose turn it is where there is a line: this request's, but for what joins others'."""

    async def score(
        self, received: Sequence[Received], held: Hold, visit: Visit
    ) -> list[ScoredMembers]:
        """The members asked about, with the scores of their groups.

        Args:
            received: Every group as it came.
            held: The completions that wait for no others.
            visit: The request, for those that do.
        """
        asked = zip(received, self.request.groups, strict=True)
        return await side_by_side(
            self._joined(share, visit) if _waits(group, self.request) else self._alone(share, held)
            for share, group in asked
        )

    async def _alone(self, share: Received, held: Hold) -> ScoredMembers:
        group = await self._scored(share, self.deadline_s, held, self.turns)
        return ScoredMembers(received=share, group=group, rows=range(len(share.ids)))

    async def _joined(self, share: Received, visit: Visit) -> ScoredMembers:
        asked = self.request
        recipe = self.program.plan.recipe.name
        shared = (self.owner, recipe, asked.run, asked.step, asked.split, share.group.id)
        left_s = max(0.0, self.deadline_s - time.monotonic())
        # What waited until its deadline would have no time to be scored: it ends as a 504.
        scoring_s = min(SCORING_S, left_s * SCORING_SHARE)
        wait_s = min(asked.wait_for_group_ms / 1000, left_s - scoring_s)
        return await self.service.assembly.score(
            shared,
            share,
            visit,
            wait_s=wait_s,
            deadline_s=self.deadline_s,
            score=self._whole,
            named=self.named,
        )

    async def _whole(self, joined: Received, until_s: float) -> ScoredGroup:
        live = sum(fault is None for fault in joined.faults)
        claim = self.service.admission.claim(self.program, self.owner, live, until_s)
        async with claim as (held, turns):
            return await self._scored(joined, until_s, held, turns)

    async def _scored(
        self, share: Received, until_s: float, held: Hold, turns: Reservation
    ) -> ScoredGroup:
        service, program = self.service, self.program
        lease = service.hosting.lease(until_s, explain=share.explain, owner=turns)
        scored = await service.engine.score(program, share.group, share.faults, lease)
        held.give_back(len(share.ids))
        service.observer.scored(program, share, scored)
        if service.keeper is None or not share.ids:
            return scored
        return replace(scored, entry=self._entry(share, scored))

    def _entry(self, share: Received, scored: ScoredGroup) -> Entry:
        answered = Answered(
            group=scored.group,
            ids=share.ids,
            faults=share.faults,
            scores=scored.scores,
            reward=scored.reward,
            scored_at_s=time.time(),
        )
        version = self.service.loaded.catalogue.scorer_version
        return Entry.of(self.program.plan, version, answered)
