"""Requests of one sample each, as OpenRLHF sends them: at once, each on a connection of its own."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

BEFORE = "<|im_start|>user\n"
BEHIND = "<|im_end|>\n<|im_start|>assistant\n"
CONNECT_S = 60.0
ANSWER_S = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back on one connection."""

    status: int
    body: Any


def prompt(number: int) -> str:
    return f"{BEFORE}What is {number} + 7?{BEHIND}"


def completion(number: int) -> str:
    """Right for every third number, so that answers that change places are noticed."""
    return f"That is \\boxed{{{number + 7 + (number % 3 > 0)}}}.<|im_end|>"


def asked(number: int) -> dict[str, object]:
    """One request of OpenRLHF's client."""
    return {
        "query": [prompt(number) + completion(number)],
        "prompts": [prompt(number)],
        "labels": [str(number + 7)],
    }


async def send(port: int, path: str, body: dict[str, object]) -> Answer:
    """Post on a new connection, which is closed afterwards."""
    async with asyncio.timeout(CONNECT_S):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    content = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: harmo\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(content)}\r\nConnection: close\r\n\r\n"
    )
    writer.write(head.encode() + content)
    async with asyncio.timeout(ANSWER_S):
        answered = await reader.read(-1)
    writer.close()
    first, _, rest = answered.partition(b"\r\n")
    return Answer(status=int(first.split()[1]), body=json.loads(rest.partition(b"\r\n\r\n")[2]))


async def storm(port: int, path: str, numbers: range) -> list[Answer]:
    """The answers to all requests, opened at once, in order."""
    return await asyncio.gather(*(send(port, path, asked(number)) for number in numbers))
