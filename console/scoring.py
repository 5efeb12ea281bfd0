"""The running service as the playground asks it: its recipes, and rewards with their evidence."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from harmo.console.model.group.kept import tags_of
from harmo.console.settings import Settings
from harmo.scorers.types import ThinkTags
from harmo_client import wire
from harmo_client.client import AsyncRewardClient

TIMEOUT_S, DEADLINE_S = 90.0, 60.0
"""Of one attempt, and of the service's work in it; a person waits, so there is one attempt."""
_BEARER = "Bearer "


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """An answer, and what its recipe says of thinking."""

    answer: wire.ScoreResponse
    tags: ThinkTags


async def recipes(settings: Settings) -> Sequence[wire.RecipeSummary]:
    """The recipes of the service, its default first.

    Args:
        settings: Say where it is, and with what key.

    Raises:
        HarmoError: If it does not answer, or refuses.
    """
    async with _client(settings) as client:
        found = await client.recipes()
    return sorted(found, key=lambda recipe: (not recipe.default, recipe.name))


async def scored(settings: Settings, group: wire.Group, recipe: str | None) -> Scored:
    """A group's rewards by a recipe of the service, with evidence.

    Args:
        settings: Say where it is, and with what key.
        group: To be scored.
        recipe: Its name; None for the service's default.

    Raises:
        HarmoError: If the service does not answer, refuses, or answers something else.
    """
    async with _client(settings) as client:
        answer = await client.score([group], recipe=recipe, explain=True, deadline_s=DEADLINE_S)
        page = await client.recipe(answer.recipe.name)
    # Scorers are imported for it: seconds, the first time.
    return Scored(answer=answer, tags=await asyncio.to_thread(tags_of, page.recipe))


@asynccontextmanager
async def _client(settings: Settings) -> AsyncIterator[AsyncRewardClient]:
    token = settings.headers.get("Authorization", "")
    async with AsyncRewardClient(
        str(settings.service),
        api_key=token.removeprefix(_BEARER) or None,
        timeout_s=TIMEOUT_S,
        retry_for_s=0.0,
        allow_version_change=True,
    ) as client:
        yield client
