"""A listener on a free port, an application of few lines behind it, and raw bytes to send it."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from starlette.types import ASGIApp, Receive, Scope, Send

from harmo.app.front.connections import Closed, Connections, Limits
from harmo.app.front.http11 import Connection
from harmo.app.front.listener import Listener, bind

LIMITS = Limits(
    connections=100,
    per_address=100,
    head_s=30.0,
    idle_s=30.0,
    body_s=30.0,
    write_s=30.0,
    linger_s=30.0,
    linger_bytes=1 << 20,
)
PATIENCE_S = 20.0
"""Longer than anything here takes, so that what hangs fails."""


LAST = b"GET /last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"


def post(path: bytes, *headers: bytes, body: bytes = b"") -> bytes:
    lines = (b"POST " + path + b" HTTP/1.1", b"Host: h", *headers)
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def statuses(said: bytes) -> list[int]:
    return [int(part[:3]) for part in said.split(b"HTTP/1.1 ")[1:]]


@dataclass(slots=True, kw_only=True)
class Served:
    """What listens, and why it closed connections."""

    port: int
    table: Connections
    listener: Listener
    closed: Counter[Closed]

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def said(self, *pieces: bytes) -> bytes:
        """Everything that comes back until the other side closes."""
        reader, writer = await self.open()
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        return await rest_of(reader, writer)


async def until(true: Callable[[], object]) -> None:
    """Return once it is."""
    async with asyncio.timeout(PATIENCE_S):
        while not true():  # noqa: ASYNC110 - a test may poll
            await asyncio.sleep(0.01)


async def rest_of(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """What comes until the end; a connection that is reset has ended too."""
    got = bytearray()
    try:
        while data := await asyncio.wait_for(reader.read(1 << 16), PATIENCE_S):
            got += data
    except ConnectionError:
        pass
    writer.close()
    return bytes(got)


@asynccontextmanager
async def served(app: ASGIApp, limits: Limits = LIMITS, **changed: float) -> AsyncIterator[Served]:
    """An application behind real sockets, swept often."""
    closed: Counter[Closed] = Counter()
    table = Connections(
        replace(limits, **changed),  # type: ignore[arg-type]
        lambda reason: closed.update([reason]),
    )
    listener = Listener(bind("127.0.0.1", 0), table, lambda peer: Connection(app, table, peer))
    port = listener.sockets[0].getsockname()[1]

    async def sweep() -> None:
        while True:
            await asyncio.sleep(0.01)
            table.sweep()

    sweeping = asyncio.ensure_future(sweep())
    try:
        yield Served(port=port, table=table, listener=listener, closed=closed)
    finally:
        sweeping.cancel()
        listener.close()
        table.abort()
        for task in table.tasks:
            task.cancel()
        await asyncio.sleep(0.01)


async def answer(send: Send, status: int, body: bytes) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [length]})
    await send({"type": "http.response.body", "body": body})


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with path and body; `/early` answers 401 and reads nothing, `/never` not at all."""
    path = scope["path"]
    if path == "/early":
        await answer(send, 401, b"no")
        return
    if path == "/large":
        await answer(send, 200, b"x" * (32 << 20))
        return
    if path == "/raises":
        logging.getLogger("test").debug("raising")
        raise RuntimeError("MARKER of the policy")
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body, more = body + message["body"], message["more_body"]
    if path == "/never":
        while (await receive())["type"] != "http.disconnect":
            pass
        return
    await answer(send, 200, path.encode() + b" " + body)
