"""What real clients ask of real servers, and what they got."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from harmo_client import wire
from harmo_client.client import AsyncRewardClient, RewardClient
from tests.reliability.cluster import Server, until

Rewards = dict[tuple[str, str], float | None]
"""By the ids of group and completion."""

LENGTH = "5 \\text{ m}"
HARD = ("\\boxed{500 \\text{ cm}}", "\\boxed{400 \\text{ cm}}")
"""A right and a wrong answer to LENGTH, which only a worker can tell apart."""


def group(id: str, *texts: str, **fields: Any) -> wire.Group:
    """One group of text completions, which have their places as ids."""
    completions = [
        wire.Completion(id=str(i), text=text, num_tokens=8) for i, text in enumerate(texts)
    ]
    given = {"prompt": "2 + 2 = ?", "reference": "4", **fields}
    return wire.Group(id=id, completions=completions, **given)


def body(*groups: wire.Group, **fields: Any) -> dict[str, Any]:
    """The same as JSON, for requests that no client would send."""
    return {"groups": [each.model_dump(exclude_defaults=True) for each in groups], **fields}


def maths(count: int) -> list[wire.Group]:
    """Groups of a right and a wrong answer; every other one needs a worker."""
    return [
        group(f"hard-{n}", *HARD, prompt="How long is it?", reference=LENGTH)
        if n % 2
        else group(f"easy-{n}", f"\\boxed{{{n}}}", f"\\boxed{{{n + 1}}}", reference=str(n))
        for n in range(count)
    ]


def rewards(answer: wire.ScoreResponse) -> Rewards:
    """What every completion got; none comes twice."""
    got = [(g.id, c.id, c.reward) for g in answer.groups for c in g.completions]
    by_id = {(group_id, id): reward for group_id, id, reward in got}
    assert len(by_id) == len(got)
    return by_id


def alone(url: str, groups: Sequence[wire.Group], recipe: str) -> Rewards:
    """What every group gets where it is asked by itself, one after the other."""
    with client(url) as asking:
        answers = [asking.score([each], recipe=recipe) for each in groups]
    return {key: reward for answer in answers for key, reward in rewards(answer).items()}


def client(url: str, **options: Any) -> RewardClient:
    return RewardClient(url, **{"retry_for_s": 60.0, "first_wait_s": 0.05, **options})


async def together(
    url: str,
    groups: Sequence[wire.Group],
    recipe: str,
    *,
    clients: int,
    run: str = "client",
    **options: Any,
) -> list[Rewards]:
    """What every client got that asked for all groups, one group a request, with retries.

    Each has a run of its own: equal requests of one run are one, and have one answer.
    """
    patient = {"retry_for_s": 120.0, "first_wait_s": 0.05, "longest_wait_s": 2.0, "in_flight": 8}

    async def one(run: str) -> Rewards:
        async with AsyncRewardClient(url, **{**patient, **options}) as asking:
            work = (asking.score([each], recipe=recipe, run=run) for each in groups)
            answers = await asyncio.gather(*work)
        return {key: reward for answer in answers for key, reward in rewards(answer).items()}

    return await asyncio.gather(*(one(f"{run}-{n}") for n in range(clients)))


async def sent(
    url: str, bodies: Sequence[Mapping[str, Any]], *, at_once: int
) -> list[tuple[httpx.Response, float]]:
    """Each body's one answer and the seconds it took, so many requests at a time; no retries."""
    places = asyncio.Semaphore(at_once)
    limits = httpx.Limits(max_connections=at_once)

    async with httpx.AsyncClient(timeout=120.0, limits=limits, trust_env=False) as http:

        async def one(asked: Mapping[str, Any]) -> tuple[httpx.Response, float]:
            async with places:
                answer = await http.post(f"{url}/score", json=asked)
            return answer, answer.elapsed.total_seconds()

        return await asyncio.gather(*(one(asked) for asked in bodies))


def leave(server: Server, asked: Mapping[str, object], **headers: str) -> None:
    """Ask, and reset the connection once the request is in flight."""
    before = server.metric("harmo_completions_in_flight")
    content = json.dumps(asked).encode()
    headers |= {"Host": "harmo", "Content-Length": str(len(content))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        # A reset, as of a process that was killed, and not an orderly end.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.sendall(f"POST /score HTTP/1.1\r\n{lines}\r\n".encode() + content)
        until(lambda: server.metric("harmo_completions_in_flight") > before, "it is in flight")
