"""`RewardClient` and `AsyncRewardClient`: POST /score and the endpoints that describe it.

Both only move bytes; `chunks` says what to send and what may come back, `retry` when to try
again, `connection` holds what they share.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, CancelledError, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

import httpx

from harmo_client import wire
from harmo_client.connection import (
    LOOPBACK,
    Connection,
    Options,
    Request,
    Split,
    is_ready,
    recipe_list,
    recipe_page,
)
from harmo_client.retry import Outcome, attempts

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
        self._http = httpx.Client(
            base_url=base_url,
            headers=self.headers,
            transport=transport,
            mounts=LOOPBACK,
            limits=self.connections,
        )
        self._threads = ThreadPoolExecutor(self.in_flight, thread_name_prefix="harmo-client")

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
            deadline_s: How long the service may work on one request; what is not done by then
                comes back unscored, with a reason.

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
        return self.answer(call, self._exchange_all(call.requests))

    def recipes(self) -> list[wire.RecipeSummary]:
        """Every recipe the service can score with."""
        [response] = self._exchange_all([self.get("recipes")])
        return recipe_list(response)

    def recipe(self, name: str) -> wire.RecipePage:
        """One recipe with its columns."""
        [response] = self._exchange_all([self.get("recipes", name)])
        return recipe_page(response)

    def ready(self) -> bool:
        """True if the service answers and can score; asks once."""
        return is_ready(self._send(self.get("readyz")))

    def close(self) -> None:
        """Drop the connections."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._http.close()

    def __enter__(self) -> RewardClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _exchange_all(self, requests: Sequence[Request]) -> list[httpx.Response]:
        started_s, stopped = time.monotonic(), threading.Event()
        if len(requests) == 1:
            return [self._exchange(requests[0], started_s, stopped)]
        tasks = [self._threads.submit(self._exchange, r, started_s, stopped) for r in requests]
        try:
            # The first failure settles the call; the other chunks are not waited for.
            for task in wait(tasks, return_when=FIRST_EXCEPTION).done:
                task.result()
            return [task.result() for task in tasks]
        finally:
            stopped.set()
            for task in tasks:
                task.cancel()

    def _exchange(
        self, request: Request, started_s: float, stopped: threading.Event
    ) -> httpx.Response:
        tries = attempts(self.retry, started_s=started_s)
        wait_s = next(tries)
        while not stopped.wait(wait_s):
            try:
                wait_s = tries.send(self._send(request))
            except StopIteration as done:
                response: httpx.Response = done.value
                return response
            self.count_retry()
        raise CancelledError

    def _send(self, request: Request) -> Outcome:
        try:
            return self._http.request(
                request.method,
                request.path,
                content=request.content,
                headers=request.headers,
                params=request.params,
                timeout=request.timeout,
            )
        except httpx.RequestError as error:
            return error


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
        self._http = httpx.AsyncClient(
            base_url=base_url,
            headers=self.headers,
            transport=transport,
            mounts=LOOPBACK,
            limits=self.connections,
        )
        self._slots = asyncio.Semaphore(self.in_flight)

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
        responses = await self._exchange_all(call.requests)
        return await asyncio.to_thread(self.answer, call, responses)

    async def recipes(self) -> list[wire.RecipeSummary]:
        """Every recipe the service can score with."""
        [response] = await self._exchange_all([self.get("recipes")])
        return recipe_list(response)

    async def recipe(self, name: str) -> wire.RecipePage:
        """One recipe with its columns."""
        [response] = await self._exchange_all([self.get("recipes", name)])
        return recipe_page(response)

    async def ready(self) -> bool:
        """True if the service answers and can score; asks once."""
        return is_ready(await self._send(self.get("readyz")))

    async def aclose(self) -> None:
        """Drop the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> AsyncRewardClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _exchange_all(self, requests: Sequence[Request]) -> list[httpx.Response]:
        started_s = time.monotonic()
        tasks = [asyncio.ensure_future(self._exchange(r, started_s)) for r in requests]
        try:
            return await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()

    async def _exchange(self, request: Request, started_s: float) -> httpx.Response:
        async with self._slots:
            tries = attempts(self.retry, started_s=started_s)
            wait_s = next(tries)
            while True:
                await asyncio.sleep(wait_s)
                try:
                    wait_s = tries.send(await self._send(request))
                except StopIteration as done:
                    response: httpx.Response = done.value
                    return response
                self.count_retry()

    async def _send(self, request: Request) -> Outcome:
        try:
            return await self._http.request(
                request.method,
                request.path,
                content=request.content,
                headers=request.headers,
                params=request.params,
                timeout=request.timeout,
            )
        except httpx.RequestError as error:
            return error
