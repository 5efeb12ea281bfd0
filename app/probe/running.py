"""Attacks rows through a service in this process, as trainers' completions come through it."""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterator, Sequence

from harmo.app.errors import ServiceError
from harmo.app.probe.attacks import Attempt, attempts
from harmo.app.probe.contract import Contract, contract
from harmo.app.probe.dataset.rows import Row
from harmo.app.probe.judged import JudgedRow, Verdict, judged
from harmo.app.probe.tally import Found
from harmo.app.service import Service
from harmo.rewards.plan import Plan
from harmo_client.wire import ScoreRequest

DAY_MS = 86_400_000
"""Nobody waits for an answer: scorers have their own time limits."""
HUGE_ROWS = 5
"""Enormous texts are tried on so many rows: they cost as much as all the others."""


async def probe_rows(
    service: Service, plan: Plan, rows: Sequence[Row], *, seed: int
) -> AsyncIterator[JudgedRow]:
    """Every row with what a recipe made of the attacks on it, one after another.

    Args:
        service: One that is ready.
        plan: A recipe of its.
        rows: The rows; their references are tried on each other.
        seed: Of what is drawn among them.

    Yields:
        The rows in order.

    Raises:
        ValueError: If nothing in the recipe says what is right, or a row is refused.
    """
    _require_judges(plan)
    read = [contract(plan, row) for row in rows]
    draw = random.Random(seed)  # noqa: S311 - no secret
    for place, each in enumerate(read):
        tried = attempts(each, _others(each, read), draw, huge=place < HUGE_ROWS)
        yield await _judge(service, plan, each.row, tried)


async def slowest(
    service: Service, plan: Plan, rows: Sequence[JudgedRow]
) -> tuple[Found, float] | None:
    """The text that takes longest, alone, on the row that took longest; and its seconds.

    Args:
        service: One that is ready.
        plan: A recipe of its.
        rows: What was probed.
    """
    row = max(rows, key=lambda judged: judged.seconds, default=None)
    if row is None:
        return None
    alone: list[tuple[float, Verdict]] = []
    for verdict in row.verdicts:
        timed = await _judge(service, plan, row.row, [verdict.attempt])
        alone.append((timed.seconds, verdict))
    seconds, verdict = max(alone, key=lambda pair: pair[0])
    return Found(judged=row, verdict=verdict), seconds


def _require_judges(plan: Plan) -> None:
    if not plan.judging:
        raise ValueError(
            f"recipe {plan.recipe.name!r} has no rule and no model: nothing in it says what is "
            "right, so there is nothing to probe"
        )


def _others(of: Contract, rows: Sequence[Contract]) -> list[str]:
    """What rows of the same task have as their references."""
    task = of.row.group.task
    alike = (each for each in rows if each is not of and each.row.group.task == task)
    return list(dict.fromkeys(text for each in alike for text in each.right[:1]))


async def _judge(service: Service, plan: Plan, row: Row, tried: Sequence[Attempt]) -> JudgedRow:
    began_s = time.perf_counter()
    group = row.asked([attempt.text for attempt in tried])
    request = ScoreRequest(recipe=plan.recipe.name, groups=[group])
    try:
        scored = await service.score(request, None, deadline_ms=DAY_MS, started_s=time.monotonic())
    except ServiceError as error:
        raise ValueError(f"row {row.number}: {error.message}") from None
    seconds = time.perf_counter() - began_s
    (members,) = scored.groups
    came = (members.received.group, members.group.scores, members.rewards)
    return judged(plan, row, tried, came, seconds=seconds)
