"""One request and its answer on a connection, as ASGI sees them."""

from __future__ import annotations

import asyncio
import http
import logging
from collections.abc import Callable, Sequence
from typing import Protocol
from urllib.parse import unquote

import h11
from starlette.types import Message, Scope

from harmo.app.logs import places

log = logging.getLogger("harmo.http")

_PHRASED = frozenset(int(status) for status in http.HTTPStatus)


def scope_of(
    request: h11.Request,
    headers: list[tuple[bytes, bytes]],
    transport: asyncio.Transport | None,
    root_path: str,
) -> Scope:
    """What ASGI knows of a request.

    Args:
        request: Its head.
        headers: With names in lower case.
        transport: On which it came.
        root_path: Path under which a proxy serves this.
    """
    path, _, query = request.target.partition(b"?")
    server = None if transport is None else transport.get_extra_info("sockname")
    client = None if transport is None else transport.get_extra_info("peername")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": request.http_version.decode("ascii"),
        "server": tuple(server[:2]) if server else None,
        "client": tuple(client[:2]) if client else None,
        "scheme": "http",
        "method": request.method.decode("ascii"),
        "root_path": root_path,
        "path": root_path + unquote(path.decode("ascii")),
        "raw_path": root_path.encode("ascii") + path,
        "query_string": query,
        "headers": headers,
        "state": {},
    }


class Wire(Protocol):
    """The connection, as a turn uses it."""

    http: h11.Connection
    headers: Callable[[], Sequence[tuple[bytes, bytes]]]
    writable: asyncio.Event

    @property
    def leaving(self) -> bool: ...

    def write(self, data: bytes | None) -> None: ...

    def resume(self) -> None: ...

    def answered(self) -> None: ...

    def abort(self) -> None: ...


class Turn:
    """One request and its answer.

    Args:
        connection: On which it came.
        head_only: True for a HEAD request.
    """

    def __init__(self, connection: Wire, *, head_only: bool) -> None:
        self._connection, self._head_only = connection, head_only
        self._body = bytearray()
        self._more = asyncio.Event()
        self._is_whole = False
        self.received = 0
        self.started = self.complete = False
        self.gone = False
        """The client is."""

    @property
    def buffered(self) -> int:
        return len(self._body)

    def feed(self, data: bytes) -> None:
        self.received += len(data)
        self._body += data
        self._more.set()

    def whole(self) -> None:
        self._is_whole = True
        self._more.set()

    def leave(self) -> None:
        self.gone = True
        self._more.set()

    async def receive(self) -> Message:
        connection = self._connection
        if not self.gone and not self.started and connection.http.they_are_waiting_for_100_continue:
            go_on = h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue")
            connection.write(connection.http.send(go_on))
        if not self.gone and not self.complete:
            connection.resume()
            await self._more.wait()
            self._more.clear()
        if self.gone or self.complete:
            return {"type": "http.disconnect"}
        body, self._body = bytes(self._body), bytearray()
        return {"type": "http.request", "body": body, "more_body": not self._is_whole}

    async def send(self, message: Message) -> None:
        connection = self._connection
        await connection.writable.wait()
        if self.gone:
            return
        if not self.started:
            self.started = True
            status: int = message["status"]
            headers = [*connection.headers(), *message.get("headers", [])]
            if connection.leaving:
                headers.append((b"connection", b"close"))
            reason = http.HTTPStatus(status).phrase.encode() if status in _PHRASED else b""
            answer = h11.Response(status_code=status, headers=headers, reason=reason)
            connection.write(connection.http.send(answer))
            return
        if self.complete:
            raise RuntimeError(f"{message['type']} after a complete answer")
        data = b"" if self._head_only else message.get("body", b"")
        connection.write(connection.http.send(h11.Data(data=data)))
        if not message.get("more_body", False):
            connection.write(connection.http.send(h11.EndOfMessage()))
            self.complete = True
            self._more.set()
            connection.answered()
            # Until the client has taken most of it, it counts for its bytes.
            await connection.writable.wait()

    def ended(self, task: asyncio.Future[None]) -> None:
        """The application is done; what it raised is named by its place, never by its words."""
        error = None if task.cancelled() else task.exception()
        if error is not None:
            log.error("bug %s at %s", type(error).__name__, places(error))
        if not self.complete and not self.gone:
            self._connection.abort()
