"""The service behind the routes: what is loaded, and how one request is scored."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from harmo.app.assembly import Assembly
from harmo.app.catalogue import Catalogue
from harmo.app.engine import Engine, Program, ScoredGroup
from harmo.app.errors import ErrorType, ServiceError
from harmo.app.hosting import Hosting
from harmo.app.isolation import Isolation
from harmo.app.keys import ApiKey, Doorkeeper, owner
from harmo.app.life import Life
from harmo.app.metrics import Metrics, scored_by
from harmo.app.permits import Permits
from harmo.app.receiving import Receiving
from harmo.app.replies import Replies
from harmo.app.samples import ImageCountError, Received, Shortfall
from harmo.app.scored import ScoredMembers, ScoredRequest
from harmo.app.settings import Settings
from harmo.scorers.types import Group, Reason, Score
from harmo_client import wire

log = logging.getLogger("harmo.service")

GROUPS_AT_ONCE = 8
MAX_KNOWN_FAULTS = 100_000


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
    permits: Permits
    replies: Replies = field(default_factory=Replies)
    assembly: Assembly = field(default_factory=Assembly)
    _loaded: Loaded | None = None
    _known_faults: set[tuple[str, int]] = field(default_factory=set)
    _short_runs: set[tuple[str, str | None]] = field(default_factory=set)
    """Recipes and runs of which a group waited in vain: each is logged once."""

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
        explain: bool = False,
    ) -> ScoredRequest:
        """Every group's scores and rewards, in the order asked.

        Args:
            request: As parsed.
            key: Whose request it is.
            deadline_ms: Time for the request, counted from `started_s`.
            started_s: `time.monotonic()` at arrival.
            explain: True to have hosted models say, in the detail, what they read.

        Raises:
            ServiceError: 403, 404, 413, 422, 429, 503 or 504.
        """
        loaded, program = self.loaded, self.program(request.recipe, key)
        completions = self._admit(request)
        deadline_s = started_s + deadline_ms / 1000
        async with self.life.request(), self.permits.hold(completions):
            received = await self._receive(request, deadline_s)
            queued_s = time.monotonic()
            if explain:
                received = [replace(share, explain=True) for share in received]
            groups = await self._score_groups(program, request, received, key, deadline_s)
        _refuse_if_nothing_ran(program, groups, deadline_ms, deadline_s)
        seconds = _phases(members.group for members in groups)
        seconds |= {"queue": queued_s - started_s, "total": time.monotonic() - started_s}
        for phase, spent in seconds.items():
            self.metrics.phase_seconds.labels(phase).observe(spent)
        return ScoredRequest(
            plan=program.plan,
            scorer_version=loaded.catalogue.scorer_version,
            groups=groups,
            seconds=seconds,
        )

    def _admit(self, request: wire.ScoreRequest) -> int:
        """The number of completions; 413 where they, the groups or the images are too many."""
        completions = sum(len(group.completions) for group in request.groups)
        images = sum(len(group.images) for group in request.groups)
        limits = (
            ("completions", completions, self.settings.max_completions),
            ("groups", len(request.groups), self.settings.max_groups),
            ("images", images, self.settings.max_images),
        )
        for what, count, limit in limits:
            if count > limit:
                message = f"{count} {what}; at most {limit} (max_{what})"
                raise ServiceError(ErrorType.TOO_LARGE, message, field="groups")
        self.metrics.request_items.observe(completions)
        return completions

    async def close(self) -> None:
        """Let go of workers, threads and models."""
        self.life.drain()
        await self.receiving.close()
        await self.isolation.close()
        await self.hosting.close()

    async def _receive(self, request: wire.ScoreRequest, deadline_s: float) -> list[Received]:
        try:
            return await self.receiving.receive(request, deadline_s)
        except ImageCountError as error:
            raise ServiceError(ErrorType.INVALID, str(error), field="images") from None

    async def _score_groups(
        self,
        program: Program,
        request: wire.ScoreRequest,
        received: list[Received],
        key: ApiKey | None,
        deadline_s: float,
    ) -> list[ScoredMembers]:
        """The members asked about, with the scores of their groups."""
        recipe, run, step = program.plan.recipe.name, request.run, request.step

        async def whole(share: Received, until_s: float) -> ScoredGroup:
            lease = self.hosting.lease(until_s, explain=share.explain, owner=id(request))
            scored = await self.engine.score(program, share.group, share.faults, lease)
            self._observe(program, share, scored)
            if share.shortfall is not None:
                self._report_shortfall(recipe, share.group, share.shortfall)
            return scored

        async def one(share: Received) -> ScoredMembers:
            if not request.wait_for_group_ms or len(share.ids) >= share.group.size:
                group = await whole(share, deadline_s)
                return ScoredMembers(received=share, group=group, rows=range(len(share.ids)))
            shared = (owner(key), recipe, run, step, request.split, share.group.id)
            wait_s = min(request.wait_for_group_ms / 1000, deadline_s - time.monotonic())
            return await self.assembly.score(
                shared, share, visit, wait_s=max(0.0, wait_s), deadline_s=deadline_s, score=whole
            )

        with self.assembly.visit((owner(key), run)) as visit:
            return await _side_by_side(one(share) for share in received)

    def _observe(self, program: Program, received: Received, scored: ScoredGroup) -> None:
        recipe, group, rewards = program.plan.recipe.name, received.group, scored.reward.rewards
        self.metrics.observe(recipe, program.columns, group, scored.scores, rewards)
        for k, column in enumerate(program.columns):
            for row in scored.scores:
                if row[k].reason is Reason.UNREADABLE_REFERENCE:
                    self._report_reference(column, row[k], group)
                    break

    def _report_shortfall(self, recipe: str, group: Group, shortfall: Shortfall) -> None:
        """Count a group that waited in vain; the first of a recipe and run is logged."""
        self.metrics.count_incomplete(recipe, group)
        short = (recipe, group.run)
        if short not in self._short_runs and len(self._short_runs) < MAX_KNOWN_FAULTS:
            self._short_runs.add(short)
            log.warning(
                "incomplete_group recipe=%s run=%r group=%r %s",
                recipe,
                group.run,
                group.id,
                shortfall.note,
            )

    def _report_reference(self, column: tuple[str, str], score: Score, group: Group) -> None:
        """Report a reference that cannot be read, once: a fault of the dataset."""
        name, scorer = column
        fault = (name, hash(repr(group.samples[0].reference)))
        if fault not in self._known_faults and len(self._known_faults) < MAX_KNOWN_FAULTS:
            self._known_faults.add(fault)
            self.metrics.reference_faults.labels(name, scored_by(scorer, score)).inc()
            log.warning("unreadable_reference column=%s group=%r", name, group.id)


async def _side_by_side(groups: Iterable[Awaitable[ScoredMembers]]) -> list[ScoredMembers]:
    """Every group's members, in order; where one group is refused the others are given up."""
    tasks: list[asyncio.Future[ScoredMembers]] = []
    try:
        for number, group in enumerate(groups, 1):
            tasks.append(asyncio.ensure_future(group))
            if number % GROUPS_AT_ONCE == 0:
                # Let the loop breathe: probes and other requests run between the slices.
                await asyncio.sleep(0)
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()


def _phases(groups: Iterable[ScoredGroup]) -> dict[str, float]:
    """Wall time by family: groups run side by side, so the slowest counts."""
    phases: dict[str, float] = {}
    for group in groups:
        for family, seconds in group.seconds.items():
            phases[family] = max(phases.get(family, 0.0), seconds)
    return phases


def _refuse_if_nothing_ran(
    program: Program, groups: Sequence[ScoredMembers], deadline_ms: int, deadline_s: float
) -> None:
    """Answer 504 or 429 where not one score exists, because the deadline passed or for no room."""
    rows = [members.group.scores[i] for members in groups for i in members.rows]
    reasons = {score.reason for row in rows for score in row}
    if reasons == {Reason.DEADLINE} and time.monotonic() >= deadline_s:
        waited_for = ", ".join(program.columns[step.column][0] for step in program.first)
        raise ServiceError(
            ErrorType.DEADLINE,
            f"{deadline_ms} ms passed before anything was scored; waited for {waited_for}; "
            "send less at once or a longer X-Deadline-Ms",
        )
    if reasons == {Reason.OVERLOADED}:
        raise ServiceError(ErrorType.OVERLOADED, "every queue is full", retry_after_s=1)
