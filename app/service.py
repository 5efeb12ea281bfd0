"""The service behind the routes: what is loaded, and how one request is scored."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from harmo.app.admission import Answer, Answers, ApiKey, Doorkeeper, Permits, owner
from harmo.app.assembly import Assembly
from harmo.app.catalogue import Catalogue
from harmo.app.engine import Engine, ScoredGroup
from harmo.app.errors import ErrorType, ServiceError
from harmo.app.hosting import Hosting
from harmo.app.isolation import Isolation
from harmo.app.metrics import Metrics, judge
from harmo.app.respond import answer, group_answer
from harmo.app.samples import ImageCountError, Received, TokenCounter, receive
from harmo.app.settings import Settings
from harmo.rewards.recipe import Plan
from harmo.scorers.types import Cause, Group, Reason, Score
from harmo_client import wire

log = logging.getLogger("harmo.service")

GROUPS_AT_ONCE = 8
THREAD_BYTES = 256 << 10
"""Larger bodies, and those with images, are parsed off the event loop."""


@dataclass(slots=True, kw_only=True)
class Service:
    """One running service."""

    settings: Settings
    metrics: Metrics
    isolation: Isolation
    engine: Engine
    hosting: Hosting
    doorkeeper: Doorkeeper
    permits: Permits
    count_tokens: TokenCounter | None = None
    catalogue: Catalogue | None = None
    """None until models and recipes are loaded."""
    fault: str = ""
    """Why start-up failed."""
    on_fault: Callable[[], None] = lambda: None
    """Called when start-up failed, so that a server can stop."""
    draining: bool = False
    answers: Answers = field(default_factory=Answers)
    assembly: Assembly = field(default_factory=Assembly)
    _in_flight: set[asyncio.Timeout] = field(default_factory=set)
    _known_faults: set[tuple[str, int]] = field(default_factory=set)

    @property
    def ready(self) -> bool:
        """True once a warm-up group was scored, until the service drains."""
        return self.catalogue is not None and not self.draining

    def loaded(self) -> Catalogue:
        """The recipes; 503 while starting or draining."""
        if self.catalogue is None or self.draining:
            word = "draining" if self.draining else "starting"
            raise ServiceError(
                ErrorType.NOT_READY, self.fault or f"the service is {word}", retry_after_s=2
            )
        return self.catalogue

    def plan(self, name: str | None, key: ApiKey | None) -> Plan:
        """The recipe a request names; 404 lists the known ones, 403 where the key may not."""
        catalogue = self.loaded()
        plan = catalogue.get(name)
        if plan is None:
            known = ", ".join(catalogue.plans)
            raise ServiceError(
                ErrorType.NOT_FOUND, f"no recipe {name!r}; known: {known}", field="recipe"
            )
        self.doorkeeper.allow(key, plan.recipe.name)
        return plan

    async def score(
        self,
        request: wire.ScoreRequest,
        key: ApiKey | None,
        *,
        explain: bool,
        deadline_ms: int,
        started_s: float,
    ) -> Answer:
        """The answer to one request.

        Args:
            request: As parsed.
            key: Whose request it is.
            explain: True to add what was extracted and compared.
            deadline_ms: Time for the request, counted from `started_s`.
            started_s: `time.monotonic()` at arrival.

        Raises:
            ServiceError: 403, 404, 413, 422, 429, 503 or 504.
        """
        plan = self.plan(request.recipe, key)
        completions = self._admit(request)
        deadline_s = started_s + deadline_ms / 1000
        async with self._until_drained(), self.permits.hold(completions):
            received = await self._receive(request, deadline_s)
            queued_s = time.monotonic()
            scored = await self._score_groups(plan, request, received, key, deadline_s)
        _refuse_if_nothing_ran(scored, completions, deadline_ms)
        seconds = _phases([group for group, _ in scored])
        seconds |= {"queue": queued_s - started_s, "total": time.monotonic() - started_s}
        for phase, spent in seconds.items():
            self.metrics.phase_seconds.labels(phase).observe(spent)
        parts = zip(received, scored, strict=True)
        body = answer(
            plan,
            self.loaded().scorer_version,
            [group_answer(part, *rows, explain=explain) for part, rows in parts],
            interaction=any(group.reward.interaction for group, _ in scored),
            timings_ms={phase: spent * 1000 for phase, spent in seconds.items()},
        )
        return Answer(body=body, final=not any(_fell_short(*rows) for rows in scored))

    def begin_drain(self) -> None:
        """Stop taking requests; those in flight get the drain time, then a 503."""
        self.draining = True
        until_s = asyncio.get_running_loop().time() + self.settings.drain_timeout_s
        for limit in self._in_flight:
            limit.reschedule(until_s)

    @asynccontextmanager
    async def _until_drained(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(None) as limit:
                self._in_flight.add(limit)
                try:
                    yield
                finally:
                    self._in_flight.discard(limit)
        except TimeoutError:
            raise ServiceError(
                ErrorType.NOT_READY, "the service is draining", retry_after_s=2
            ) from None

    def _admit(self, request: wire.ScoreRequest) -> int:
        """The number of completions; 413 where they, the groups or the images are too many."""
        completions = sum(len(group.completions) for group in request.groups)
        counts = {
            "max_completions": completions,
            "max_groups": len(request.groups),
            "max_images": sum(len(group.images) for group in request.groups),
        }
        for name, count in counts.items():
            limit = getattr(self.settings, name)
            if count > limit:
                what = name.removeprefix("max_")
                message = f"{count} {what}; at most {limit} ({name})"
                raise ServiceError(ErrorType.TOO_LARGE, message, field="groups")
        self.metrics.request_items.observe(completions)
        return completions

    async def close(self) -> None:
        """Let go of workers, threads and models."""
        self.draining = True
        self.engine.close()
        await self.isolation.close()
        await self.hosting.close()

    async def _receive(self, request: wire.ScoreRequest, deadline_s: float) -> list[Received]:
        def convert() -> list[Received]:
            return [
                receive(group, request, self.settings, self.count_tokens, deadline_s=deadline_s)
                for group in request.groups
            ]

        try:
            if any(group.images for group in request.groups) or self.count_tokens:
                return await asyncio.to_thread(convert)
            return convert()
        except ImageCountError as error:
            raise ServiceError(ErrorType.INVALID, str(error), field="images") from None

    async def _score_groups(
        self,
        plan: Plan,
        request: wire.ScoreRequest,
        received: list[Received],
        key: ApiKey | None,
        deadline_s: float,
    ) -> list[tuple[ScoredGroup, range]]:
        """Every group's scores, and which of its rows are this request's."""

        async def whole(part: Received, until_s: float) -> ScoredGroup:
            lease = self.hosting.lease(until_s)
            scored = await self.engine.score(plan, part.group, part.faults, lease)
            self._observe(plan, part, scored)
            return scored

        async def one(part: Received) -> tuple[ScoredGroup, range]:
            if not request.wait_for_group_ms or len(part.ids) >= part.group.size:
                return await whole(part, deadline_s), range(len(part.ids))
            name = (plan.recipe.name, request.run, request.step, request.split, part.group.id)
            members = (owner(key), *name)
            wait_s = min(request.wait_for_group_ms / 1000, deadline_s - time.monotonic())
            return await self.assembly.score(
                members, part, wait_s=max(0.0, wait_s), deadline_s=deadline_s, score=whole
            )

        tasks = []
        for number, part in enumerate(received, 1):
            tasks.append(asyncio.ensure_future(one(part)))
            if number % GROUPS_AT_ONCE == 0:
                # Let the loop breathe: probes and other requests run between the slices.
                await asyncio.sleep(0)
        return list(await asyncio.gather(*tasks))

    def _observe(self, plan: Plan, received: Received, scored: ScoredGroup) -> None:
        group, columns = received.group, [(c.name, c.scorer.spec.name) for c in plan.columns]
        rewards = scored.reward.rewards
        self.metrics.observe(plan.recipe.name, columns, group, scored.scores, rewards)
        for k, column in enumerate(columns):
            for row in scored.scores:
                if row[k].reason is Reason.UNREADABLE_REFERENCE:
                    self._report_reference(column, row[k], group)
                    break

    def _report_reference(self, column: tuple[str, str], score: Score, group: Group) -> None:
        """Report a reference that cannot be read, once: a fault of the dataset."""
        name, scorer = column
        fault = (name, hash(repr(group.samples[0].reference)))
        if fault not in self._known_faults and len(self._known_faults) < 100_000:
            self._known_faults.add(fault)
            self.metrics.reference_faults.labels(name, judge(scorer, score)).inc()
            log.warning("unreadable_reference column=%s group=%r", name, group.id)


def _fell_short(group: ScoredGroup, rows: range) -> bool:
    """True if one of these samples has no reward because of us."""
    reasons = (group.reward.rewards[i].reason for i in rows)
    return any(reason is not None and reason.cause is Cause.SERVICE for reason in reasons)


def _phases(groups: list[ScoredGroup]) -> dict[str, float]:
    """Wall time by family: groups run side by side, so the slowest counts."""
    phases: dict[str, float] = {}
    for group in groups:
        for family, seconds in group.seconds.items():
            phases[family] = max(phases.get(family, 0.0), seconds)
    return phases


def _refuse_if_nothing_ran(
    scored: list[tuple[ScoredGroup, range]], completions: int, deadline_ms: int
) -> None:
    """Answer 504 or 429 where not one score exists, for lack of time or of room."""
    reasons = {s.reason for group, rows in scored for i in rows for s in group.scores[i]}
    if completions and reasons == {Reason.DEADLINE}:
        raise ServiceError(
            ErrorType.DEADLINE, f"{deadline_ms} ms passed before anything was scored"
        )
    if completions and reasons == {Reason.OVERLOADED}:
        raise ServiceError(ErrorType.OVERLOADED, "every queue is full", retry_after_s=1)
