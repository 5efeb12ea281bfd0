"""Real clients that ask everything at once, and check every answer."""

from __future__ import annotations

import asyncio
import json
import math
import random
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import httpx

from benchmarks.soak import bank
from harmo_client import wire
from harmo_client.client import AsyncRewardClient
from harmo_client.errors import HarmoError

SHARES = {
    "normal": 90.0,
    "bomb": 1.0,
    "broken picture": 1.0,
    "disconnect": 5.0,
    "retry": 2.0,
    "mistake": 1.0,
}
"""In a hundred requests; a burst is many normal ones at once."""
CLIENTS = 6
BURST, BURST_EVERY_S = 60, 15.0
PATIENCE_S = 120.0


@dataclass(slots=True)
class Tally:
    """What came of the requests."""

    asked: Counter[str] = field(default_factory=Counter)
    """Completions by kind."""
    lost: list[str] = field(default_factory=list)
    """Requests that got no answer, or not the one they had to get."""
    wrong: list[str] = field(default_factory=list)
    """Completions with another reward than alone."""
    nulls: Counter[str] = field(default_factory=Counter)
    """Completions without a reward that have one alone, by reason."""
    seconds: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """Of every answer, by kind."""
    retries: int = 0
    """Attempts beyond the first."""


class Traffic:
    """Clients of one server, for so many seconds."""

    def __init__(self, url: str, known: Sequence[bank.Known], seed: int) -> None:
        self.tally = Tally()
        self._url = url
        self._known = known
        self._rng = random.Random(seed)
        self._step = 0
        self._kinds: dict[str, Callable[[], Awaitable[None]]] = {
            "normal": self._normal,
            "bomb": self._bomb,
            "broken picture": self._picture,
            "disconnect": self._disconnect,
            "retry": self._retry,
            "mistake": self._mistake,
        }

    async def run(self, seconds: float) -> None:
        """Ask until the time is over and everything is answered."""
        until_s = time.monotonic() + seconds
        patient = {"retry_for_s": PATIENCE_S, "longest_wait_s": 2.0, "in_flight": 2 * BURST}
        async with AsyncExitStack() as stack:
            self._client = await stack.enter_async_context(AsyncRewardClient(self._url, **patient))
            self._http = await stack.enter_async_context(
                httpx.AsyncClient(base_url=self._url, trust_env=False, timeout=PATIENCE_S)
            )
            async with asyncio.TaskGroup() as group:
                for _ in range(CLIENTS):
                    group.create_task(self._one_client(until_s))
                group.create_task(self._bursts(until_s))
            self.tally.retries = self._client.retries

    async def _one_client(self, until_s: float) -> None:
        names, weights = zip(*SHARES.items(), strict=True)
        while time.monotonic() < until_s:
            (kind,) = self._rng.choices(names, weights)
            await self._timed(kind, self._kinds[kind])

    async def _bursts(self, until_s: float) -> None:
        while time.monotonic() + BURST_EVERY_S < until_s:
            await asyncio.sleep(BURST_EVERY_S)
            burst = (self._timed("burst", self._normal) for _ in range(BURST))
            await asyncio.gather(*burst)

    async def _timed(self, kind: str, ask: Callable[[], Awaitable[None]]) -> None:
        started_s = time.monotonic()
        try:
            await ask()
        except (HarmoError, httpx.HTTPError) as error:
            self.tally.lost.append(f"{kind}: {type(error).__name__}: {error}")
        self.tally.seconds[kind].append(time.monotonic() - started_s)
        self.tally.asked[kind] += 1

    async def _normal(self) -> None:
        known = self._rng.sample(self._known, 3)
        same = [each for each in known if each.recipe == known[0].recipe]
        groups = [each.group for each in same]
        answer = await self._client.score(groups, recipe=same[0].recipe, step=self._next())
        for each, got in zip(same, answer.groups, strict=True):
            self._compare(each, got)

    def _next(self) -> int:
        """A step of its own makes a request one that was not answered before."""
        self._step += 1
        return self._step

    def _compare(self, known: bank.Known, got: wire.GroupRewards) -> None:
        rewards = [completion.reward for completion in got.completions]
        for right, own, one in zip(
            known.right(rewards), known.rewards, got.completions, strict=True
        ):
            if not right and one.reward is None:
                self.tally.nulls[str(one.reason)] += 1
            elif not right:
                self.tally.wrong.append(f"{known.group.id}/{one.id}: {one.reward}, alone {own}")

    async def _bomb(self) -> None:
        asked = bank.bombed(self._rng)
        answer = await self._client.score([asked], recipe="math", step=self._next())
        scores = [completion.scores[0] for completion in answer.groups[0].completions]
        if scores[:2] != [1.0, 0.0] or scores[2] not in (0.0, None):
            self.tally.wrong.append(f"bomb {str(asked.completions[2].text)[:30]!r}: {scores}")
        if scores[2] is None:
            self.tally.nulls[f"bomb: {answer.groups[0].completions[2].reasons[0]}"] += 1

    async def _picture(self) -> None:
        asked = bank.pictured(self._rng)
        answer = await self._client.score([asked], recipe="math", step=self._next())
        reasons = {completion.reason for completion in answer.groups[0].completions}
        if reasons != {"unreadable_image"}:
            self.tally.wrong.append(f"broken picture: {reasons}")

    def _body(self, known: bank.Known) -> bytes:
        asked = wire.ScoreRequest(groups=[known.group], recipe=known.recipe, step=self._next())
        return asked.model_dump_json(exclude_defaults=True).encode()

    async def _disconnect(self) -> None:
        body = self._body(self._rng.choice(self._known))
        _, writer = await asyncio.open_connection(*self._address())
        head = f"POST /score HTTP/1.1\r\nHost: harmo\r\nContent-Length: {len(body)}\r\n\r\n"
        sent = self._rng.choice((len(body), len(body), len(body) // 2))
        writer.write(head.encode() + body[:sent])
        await asyncio.sleep(self._rng.random() * 0.05)
        writer.transport.abort()

    def _address(self) -> tuple[str, int]:
        url = httpx.URL(self._url)
        return url.host, url.port or 80

    async def _retry(self) -> None:
        known = self._rng.choice(self._known)
        body, key = self._body(known), f"soak-{self._step}"
        answers = [await self._posted(body, key) for _ in range(2)]
        if answers[0] != answers[1]:
            self.tally.lost.append("retry: another answer to the same key")
        self._compare(known, wire.ScoreResponse.model_validate_json(answers[0]).groups[0])

    async def _posted(self, body: bytes, key: str) -> bytes:
        """The body of a 200, as often as it is shed before."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        while True:
            answer = await self._http.post("/score", content=body, headers=headers)
            if answer.status_code != 429:
                answer.raise_for_status()
                return answer.content
            await asyncio.sleep(float(answer.headers["Retry-After"]))

    async def _mistake(self) -> None:
        mistake = self._rng.choice(bank.MISTAKES)
        headers = {"Content-Type": "application/json", **mistake.headers}
        answer = await self._http.post("/score", content=mistake.body, headers=headers)
        if answer.status_code not in (mistake.status, 429):
            got = json.dumps(answer.text[:80])
            self.tally.lost.append(f"mistake: {answer.status_code}, not {mistake.status}: {got}")


def quantile(values: Sequence[float], q: float) -> float:
    """The value that a share `q` of them does not exceed; NaN of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))] if ordered else math.nan
