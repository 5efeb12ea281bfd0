"""A reward model whose replicas are Ray Serve's, as the engine sees it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Self

from ray.exceptions import RayError, RayTaskError
from ray.serve.exceptions import RayServeException
from ray.serve.handle import DeploymentHandle

from harmo.app.ray_serve.replica import ModelReplica, Reply
from harmo.models.base import Conversations, Fault, Load, ModelCard, ModelScore

TRIES = 2
"""Replicas that are asked for one group: scoring is pure, so what one lost another can do."""


class ReplicaFailedError(RuntimeError):
    """A replica raised where it should have scored."""


class RemoteModel:
    """A `RewardModel` in other processes: one call carries one group.

    Where no replica scored it, though none said that it cannot be scored, its completions are
    `overloaded`: the request is answered 429 and the client sends it again.
    """

    def __init__(self, handle: DeploymentHandle[ModelReplica], card: ModelCard) -> None:
        self._handle = handle
        self._card = card
        self._free_s = 0.0
        """When the replica that answered last expects to be through with what it had."""
        self.replaced_by = ""
        """Version of the model that a replica hosts instead; empty while all agree."""

    @classmethod
    async def reach(cls, handle: DeploymentHandle[ModelReplica]) -> Self:
        """The model behind a handle, once one of its replicas is up."""
        return cls(handle, await handle.card.remote())

    @property
    def card(self) -> ModelCard:
        return self._card

    async def score(
        self, group: Conversations, *, deadline_s: float | None = None
    ) -> list[ModelScore]:
        left_s = None if deadline_s is None else deadline_s - time.monotonic()
        try:
            async with asyncio.timeout(left_s) as limit:
                scores = await self._scored(group, deadline_s)
        except TimeoutError:
            if not limit.expired():
                raise
            return _faults(group, Fault.DEADLINE)
        return _faults(group, Fault.OVERLOADED) if scores is None else scores

    async def _scored(
        self, group: Conversations, deadline_s: float | None
    ) -> list[ModelScore] | None:
        """Scores of the first replica that answers; None if none of those asked does."""
        for _ in range(TRIES):
            reply = await self._reply(group, deadline_s)
            if reply is None:
                continue
            self._free_s = time.monotonic() + reply.backlog_s
            if reply.version != self._card.version:
                # Its numbers are not those that the clients were told of.
                self.replaced_by = reply.version
            elif reply.scores is None:
                raise ReplicaFailedError(reply.failure)
            else:
                return list(reply.scores)
        return None

    async def _reply(self, group: Conversations, deadline_s: float | None) -> Reply | None:
        """What one replica says; None if it ended before it answered, or none takes the group."""
        left_s = None if deadline_s is None else deadline_s - time.monotonic()
        response = self._handle.score.remote(group, self._card.version, left_s)
        try:
            reply: Reply = await response
        except RayTaskError:
            # Raised by code, which would raise again.
            raise
        except (RayError, RayServeException):
            # A replica that ended, be it for the machine's memory; a queue or a store that is full.
            return None
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                response.cancel()
                raise
            # Not ours: Ray says so of a replica that is told to end.
            return None
        return reply

    def load(self) -> Load:
        return Load(backlog_s=max(0.0, self._free_s - time.monotonic()))

    async def shown(self, group: Conversations) -> list[Mapping[str, object]]:
        shown: list[Mapping[str, object]] = await self._handle.shown.remote(group)
        return shown

    async def close(self) -> None:
        """Nothing: the replicas are Serve's."""


def _faults(group: Conversations, fault: Fault) -> list[ModelScore]:
    return [ModelScore(fault=fault)] * len(group.completions)
