"""`RewardClient` and `AsyncRewardClient`: POST /score and the endpoints that describe it.

`chunks` says what to send and what may come back, `retry` when to try again, `transfer` moves the
bytes, `connection` holds what both share.
"""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import Sequence
from typing import TYPE_CHECKING

import httpx

from harmo_client import wire
from harmo_client.connection import (
    Connection,
    Options,
    Split,
    is_ready,
    recipe_list,
    recipe_page,
)
from harmo_client.transfer import LoopThread, Threaded, Transfer

if TYPE_CHECKING:
    from typing_extensions import Unpack


class RewardClient(Connection):
    """Rewards for groups of completions, over HTTP; safe to share between threads.

    Every failure is a `HarmoError`: there is no reward that the service did not send.
    `Options` lists the keyword arguments.
    """

    def __init__(
        self,
        base_url: str,
        *,
        transport: httpx.BaseTransport | None = None,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(**options)
        self._base_url = base_url
        self._transport = None if transport is None else Threaded(transport)
        self._opening = threading.Lock()
        self._open: tuple[LoopThread, Transfer] | None = None
        self._closed = False
        self._opened()

    def score(
        self,
        groups: Sequence[wire.Group],
        *,
        recipe: str | None = None,
        run: str | None = None,
        step: int | None = None,
        split: Split = "train",
        explain: bool = False,
        wait_for_group_ms: int = 0,
        deadline_s: float | None = None,
    ) -> wire.ScoreResponse:
        """Rewards and scores for every completion of every group, in order, ids echoed.

        Args:
            groups: Whole groups; `wire.Group.size` tells where some members are elsewhere.
            recipe: Name of a recipe; default: the service's.
            run: Training run: a metric label, and what the version pin holds for.
            step: Training step.
            split: Whether these completions are trained on.
            explain: Ask for `detail` per score.
            wait_for_group_ms: How long the service may wait for members that others send.
            deadline_s: How long the service may work on one request. What was being scored then
                comes back unscored, with a reason; what had not begun is asked for again.

        Returns:
            Vectors line up with `columns`; a completion without a reward has a reason.

        Raises:
            HarmoError: If any part of the answer is missing or wrong; see `harmo_client.errors`.
        """
        asked = wire.ScoreRequest(
            groups=list(groups),
            recipe=recipe,
            run=run,
            step=step,
            split=split,
            wait_for_group_ms=wait_for_group_ms,
        )
        call = self.call(asked, explain=explain, deadline_s=deadline_s)
        loop, transfer = self._opened()
        return self.answer(call, loop.run(transfer.all(call.requests)))

    def recipes(self) -> list[wire.RecipeSummary]:
        """Every recipe the service can score with."""
        loop, transfer = self._opened()
        [response] = loop.run(transfer.all([self.get("recipes")]))
        return recipe_list(response)

    def recipe(self, name: str) -> wire.RecipePage:
        """One recipe with its columns."""
        loop, transfer = self._opened()
        [response] = loop.run(transfer.all([self.get("recipes", name)]))
        return recipe_page(response)

    def ready(self) -> bool:
        """True if the service answers and can score; asks once."""
        loop, transfer = self._opened()
        return is_ready(loop.run(transfer.send(self.get("readyz"))))

    @property
    def retries(self) -> int:
        """Attempts beyond the first, over all requests of this process so far."""
        return self._opened()[1].retries

    def close(self) -> None:
        """Drop the connections; calls under way are cancelled."""
        with self._opening:
            self._closed, opened, self._open = True, self._open, None
        if opened is not None and opened[0].is_here:
            loop, transfer = opened
            loop.run(transfer.close())
            loop.stop()

    def __enter__(self) -> RewardClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _opened(self) -> tuple[LoopThread, Transfer]:
        """The thread and the connections of this process: a fork has neither."""
        with self._opening:
            if self._closed:
                raise RuntimeError("the client is closed")
            if self._open is None or not self._open[0].is_here:
                loop = LoopThread()
                self._open = (loop, self.transfer(self._base_url, self._transport))
                weakref.finalize(self, loop.stop)
            return self._open


class AsyncRewardClient(Connection):
    """`RewardClient` for asyncio."""

    def __init__(
        self,
        base_url: str,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(**options)
        self._transfer = self.transfer(base_url, transport)

    async def score(
        self,
        groups: Sequence[wire.Group],
        *,
        recipe: str | None = None,
        run: str | None = None,
        step: int | None = None,
        split: Split = "train",
        explain: bool = False,
        wait_for_group_ms: int = 0,
        deadline_s: float | None = None,
    ) -> wire.ScoreResponse:
        """Rewards and scores for every completion, in order; see `RewardClient.score`."""
        asked = wire.ScoreRequest(
            groups=list(groups),
            recipe=recipe,
            run=run,
            step=step,
            split=split,
            wait_for_group_ms=wait_for_group_ms,
        )
        # Megabytes of JSON, and whoever else lives on this event loop must not wait for them.
        call = await asyncio.to_thread(self.call, asked, explain=explain, deadline_s=deadline_s)
        responses = await self._transfer.all(call.requests)
        return await asyncio.to_thread(self.answer, call, responses)

    async def recipes(self) -> list[wire.RecipeSummary]:
        """Every recipe the service can score with."""
        [response] = await self._transfer.all([self.get("recipes")])
        return recipe_list(response)

    async def recipe(self, name: str) -> wire.RecipePage:
        """One recipe with its columns."""
        [response] = await self._transfer.all([self.get("recipes", name)])
        return recipe_page(response)

    async def ready(self) -> bool:
        """True if the service answers and can score; asks once."""
        return is_ready(await self._transfer.send(self.get("readyz")))

    @property
    def retries(self) -> int:
        """Attempts beyond the first, over all requests so far."""
        return self._transfer.retries

    async def aclose(self) -> None:
        """Drop the connections."""
        await self._transfer.close()

    async def __aenter__(self) -> AsyncRewardClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()
