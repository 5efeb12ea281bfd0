"""Loads, recipe pages and servers for the tests of `harmo bench`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx

from harmo.app.cli.bench.load import Load
from harmo_client.wire import Column, RecipePage


def load(**changed: object) -> Load:
    """A small one, for half a second."""
    settings: dict[str, object] = {
        "recipe": "math",
        "groups": 2,
        "members": 3,
        "prompt_tokens": 40,
        "completion_tokens": 60,
        "images": 0,
        "wrong": 0.5,
        "seed": 7,
        "concurrency": 2,
        "rate": None,
        "duration_s": 0.5,
        "requests": None,
        "warmup_s": 0.0,
        "timeout_s": 5.0,
        "retry": False,
    }
    return Load(**{**settings, **changed})


def page(**recipe: object) -> RecipePage:
    """What a service says of a recipe."""
    return RecipePage(
        name="math",
        version="sha256:1",
        scorer_version="sha256:2",
        columns=[Column(name="answer", family="rule")],
        recipe=recipe,
    )


def scored(body: bytes, reason: str | None = None) -> bytes:
    """An answer to a body: a reward for every completion, or the reason for none."""
    reward = {"reward": None if reason else 1.0, "reason": reason}
    groups = [
        {"id": group["id"], "completions": [reward for _ in group["completions"]]}
        for group in json.loads(body)["groups"]
    ]
    return json.dumps({"groups": groups}).encode()


def reply(status: int, content: bytes = b"", *lines: str) -> bytes:
    """An answer of HTTP/1.1."""
    head = [f"HTTP/1.1 {status} X", f"Content-Length: {len(content)}", *lines, "", ""]
    return "\r\n".join(head).encode() + content


Answering = Callable[[str, bytes], bytes]
"""Head and body of a request -> every byte of the answer."""


@asynccontextmanager
async def answering(answer: Answering, *, delay_s: float = 0.0) -> AsyncIterator[httpx.URL]:
    """The address of a server that answers so, each connection one request after the other."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                lines = [line.partition(": ") for line in head.lower().split("\r\n")]
                size = next((int(v) for k, _, v in lines if k == "content-length"), 0)
                body = await reader.readexactly(size)
                await asyncio.sleep(delay_s)
                writer.write(answer(head, body))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield httpx.URL(f"http://127.0.0.1:{port}/")
