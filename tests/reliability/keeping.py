"""Groups whose rewards tell whose they are, asked of servers that keep them, and what is kept."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from harmo.audit.read import Query, Reader
from harmo.audit.schema import FILE
from tests.reliability.asking import body, group
from tests.reliability.cluster import Server, started

RECIPE = {"maths": "rule: [{scorer: rule.math}]\n"}
SIBLINGS = 5
CLIENTS = 6
ASK_S = 120.0
"""What does not hold by then never will."""


@contextmanager
def keeping(folder: Path, mode: str, **settings: Any) -> Iterator[Server]:
    """A server that keeps its groups below its folder, ready."""
    settings = {"audit": str(folder / "store"), "audit_mode": mode, **settings}
    with started(folder, RECIPE, workers=1, canary_s=0, **settings) as server:
        yield server


def asked(n: int) -> dict[str, Any]:
    """A request of one group; which of its answers are right spells its number."""
    texts = [f"\\boxed{{{n + (n >> i & 1)}}}" for i in range(SIBLINGS)]
    return body(group(f"g-{n}", *texts, prompt=f"What is {n}?", reference=str(n)), run="kept")


def rewards_of(n: int) -> list[float]:
    """What every such group gets."""
    return [1.0 - (n >> i & 1) for i in range(SIBLINGS)]


@dataclass(slots=True)
class Asked:
    """What clients asked that never ask the same again, and what they got."""

    begun: int = 0
    acknowledged: set[int] = field(default_factory=set)
    refused: Counter[int] = field(default_factory=Counter)
    """Answers without rewards, by status; 0 where there was none."""

    async def ask(self, url: str, until: Callable[[], bool]) -> None:
        """Ask for group after group until it holds, or nobody answers."""
        async with (
            asyncio.timeout(ASK_S),
            httpx.AsyncClient(timeout=30.0, trust_env=False) as http,
        ):
            await asyncio.gather(*(self._client(http, url, until) for _ in range(CLIENTS)))

    async def _client(self, http: httpx.AsyncClient, url: str, until: Callable[[], bool]) -> None:
        while not until():
            n, self.begun = self.begun, self.begun + 1
            try:
                answer = await http.post(f"{url}/score", json=asked(n))
            except httpx.TransportError:
                self.refused[0] += 1
                return
            if answer.status_code != 200:
                self.refused[answer.status_code] += 1
                assert answer.status_code != 503 or "Retry-After" in answer.headers
                await asyncio.sleep(0.02)
                continue
            (got,) = answer.json()["groups"]
            assert [c["reward"] for c in got["completions"]] == rewards_of(n)
            self.acknowledged.add(n)


def kept(folder: Path) -> set[int]:
    """The numbers of the groups in a store, each there once, whole, with its own rewards."""
    db = sqlite3.connect(folder / FILE)
    assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    db.close()
    numbers = []
    reader = Reader(folder)
    for each in reader.groups(Query()):
        n = int(each.group.id.removeprefix("g-"))
        numbers.append(n)
        assert [reward.value for reward in each.rewards] == rewards_of(n)
        assert {sample.reference for sample in each.group.samples} == {str(n)}
        assert each.group.samples[0].prompt == f"What is {n}?"
        assert each.ids == tuple(map(str, range(SIBLINGS)))
    reader.close()
    assert len(numbers) == len(set(numbers)), "no group twice"
    return set(numbers)
