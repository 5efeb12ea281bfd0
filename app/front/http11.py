"""One HTTP/1.1 connection: h11 on the side of the wire, ASGI on the side of the application.

Not uvicorn's, which waits without end for a head, reads what nobody wants, takes a body in pieces
of a byte, and logs what a bug says.
"""

from __future__ import annotations

import asyncio
import http
import time
from collections.abc import Callable, Sequence
from typing import cast

import h11
from starlette.types import ASGIApp, Scope

from harmo.app.errors import ErrorType, ServiceError
from harmo.app.front.connections import Closed, Connections, Stage
from harmo.app.front.framing import (
    END,
    MAX_HEAD_BYTES,
    fault_of_chunks,
    fault_of_framing,
    fault_of_head,
)
from harmo.app.front.turn import Turn, scope_of

HIGH_WATER_BYTES = 64 << 10
"""More of a body than this is not read before somebody wants it."""


class Connection(asyncio.Protocol):
    """One connection, answered request by request.

    Args:
        app: The application.
        table: All connections, this one among them.
        address: Of the peer.
        root_path: Path under which a proxy serves this.
        headers: Gives what every answer has.
    """

    def __init__(
        self,
        app: ASGIApp,
        table: Connections,
        address: str,
        *,
        root_path: str = "",
        headers: Callable[[], Sequence[tuple[bytes, bytes]]] = tuple,
    ) -> None:
        self._app, self._table = app, table
        self._root_path, self.headers = root_path, headers
        self.address, self.stage = address, Stage.WAITING
        self._transport: asyncio.Transport | None = None
        self.http = h11.Connection(h11.SERVER, MAX_HEAD_BYTES)
        self._head, self._next = bytearray(), bytearray()
        self._turn: Turn | None = None
        self._unread_before = 0
        self._paused = False
        self._chunks = 0
        self._answers = 0
        self._left = table.limits.linger_bytes
        self._since_s = self._unread_since_s = time.monotonic()
        self.writable = asyncio.Event()
        self.writable.set()
        table.add(self)

    @property
    def can_go(self) -> bool:
        return self._unread_bytes == 0

    @property
    def leaving(self) -> bool:
        """True if this answer is the connection's last."""
        return self._table.leaving or self.stage is Stage.BODY

    @property
    def _unread_bytes(self) -> int:
        return 0 if self._transport is None else self._transport.get_write_buffer_size()

    def overdue(self, now_s: float) -> Closed | None:
        limits, waited_s = self._table.limits, now_s - self._since_s
        unread_bytes, self._unread_before = self._unread_before, self._unread_bytes
        if not self._unread_bytes or self._unread_bytes < unread_bytes:
            self._unread_since_s = now_s
        elif now_s - self._unread_since_s > limits.write_s:
            return Closed.WRITE_TIMEOUT
        if self.stage is Stage.WAITING and self._answers and not self._head:
            return Closed.IDLE if waited_s > limits.idle_s else None
        if self.stage is Stage.WAITING:
            return Closed.HEAD_TIMEOUT if waited_s > limits.head_s else None
        if self.stage is Stage.BODY:
            return Closed.BODY_TIMEOUT if waited_s > limits.body_s else None
        if self.stage is Stage.CLOSING and not self._unread_bytes:
            return Closed.UNREAD_BODY if waited_s > limits.linger_s else None
        return None

    def abort(self) -> None:
        self._leave()
        if self._transport is not None:
            self._transport.abort()

    def end(self) -> None:
        if self.stage is Stage.WAITING and not self._head:
            self._close()

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        if self.stage is Stage.CLOSING:
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._leave()
        self._table.remove(self)

    def pause_writing(self) -> None:
        self.writable.clear()

    def resume_writing(self) -> None:
        self.writable.set()

    def data_received(self, data: bytes) -> None:
        match self.stage:
            case Stage.WAITING:
                self._read_head(data)
            case Stage.BODY:
                self.http.receive_data(data)
                self._read_body()
            case Stage.BUSY:
                self._next += data
                self._pause()
            case Stage.CLOSING:
                self._left -= len(data)
                if self._left < 0:
                    self._table.count(Closed.UNREAD_BODY)
                    self.abort()

    # Requests

    def _read_head(self, data: bytes) -> None:
        if not self._head:
            self._since_s = time.monotonic()
        scanned = max(0, len(self._head) - len(END))
        self._head += data
        end = self._head.find(END, scanned)
        if end < 0 and scanned and len(self._head) <= MAX_HEAD_BYTES:
            return
        head = bytes(self._head if end < 0 else self._head[: end + len(END)])
        if fault := fault_of_head(head):
            self.refuse(fault)
        elif end >= 0:
            rest = bytes(self._head[len(head) :])
            self._head.clear()
            self._begin(head, rest)

    def _begin(self, head: bytes, rest: bytes) -> None:
        self.http.receive_data(head)
        try:
            request = self.http.next_event()
        except h11.RemoteProtocolError as error:
            self.refuse(f"not a request: {str(error).partition(':')[0]}")
            return
        assert isinstance(request, h11.Request)  # noqa: S101 - a whole head is one
        headers = [(name.lower(), value) for name, value in request.headers]
        if fault := fault_of_framing(request.http_version, headers):
            self.refuse(fault)
            return
        self._chunks = 0
        self._turn = turn = Turn(self, head_only=request.method == b"HEAD")
        self._move(Stage.BODY)
        if rest:
            self.http.receive_data(rest)
        self._read_body()
        if not turn.gone:
            scope = scope_of(request, headers, self._transport, self._root_path)
            task = asyncio.ensure_future(self._answer(scope, turn))
            self._table.tasks.add(task)
            task.add_done_callback(self._table.tasks.discard)
            task.add_done_callback(turn.ended)

    async def _answer(self, scope: Scope, turn: Turn) -> None:
        await self._table.pace.take(self.address)
        await self._app(scope, turn.receive, turn.send)

    def _read_body(self) -> None:
        assert self._turn is not None  # noqa: S101 - only between a head and its answer
        turn = self._turn
        while True:
            try:
                event = self.http.next_event()
            except h11.RemoteProtocolError:
                self.refuse("the body is not what the head says")
                return
            if isinstance(event, h11.Data):
                turn.feed(event.data)
                self._chunks += event.chunk_start
                if fault := fault_of_chunks(self._chunks, turn.received):
                    self.refuse(fault)
                    return
            elif isinstance(event, h11.EndOfMessage):
                self._next += self.http.trailing_data[0]
                self._move(Stage.BUSY)
                turn.whole()
                return
            else:
                break
        if turn.buffered > HIGH_WATER_BYTES:
            self._pause()

    def refuse(self, fault: str) -> None:
        """Answer 400 to what cannot be read, and close."""
        self._table.count(Closed.MALFORMED)
        begun = self._turn is not None and self._turn.started
        self._leave()
        if begun:
            self.abort()
            return
        error = ServiceError(ErrorType.MALFORMED, fault)
        body = error.body()
        head = (
            f"HTTP/1.1 {error.status} {http.HTTPStatus(error.status).phrase}\r\n"
            f"connection: close\r\ncontent-type: application/json\r\ncontent-length: {len(body)}"
        )
        self.write(head.encode() + END + body)
        self._linger()

    # Answers

    def write(self, data: bytes | None) -> None:
        """Hand bytes to the client."""
        if self._transport is not None and data:
            self._transport.write(data)

    def answered(self) -> None:
        """An answer is complete: the next request, or the end."""
        self._answers += 1
        self._turn = None
        if self.stage is Stage.BODY or (self._next and self.http.our_state is h11.MUST_CLOSE):
            self._linger()
        elif self.http.our_state is h11.MUST_CLOSE or self._table.leaving:
            self._close()
        else:
            self.http = h11.Connection(h11.SERVER, MAX_HEAD_BYTES)
            self._move(Stage.WAITING)
            self.resume()
            if self._next:
                data, self._next = bytes(self._next), bytearray()
                self._read_head(data)

    def _linger(self) -> None:
        """Read on for a while and throw it away: closing at once would take the answer back."""
        self._move(Stage.CLOSING)
        self._head.clear()
        self._next.clear()
        self.resume()
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write_eof()

    def _close(self) -> None:
        self._move(Stage.CLOSING)
        if self._transport is not None:
            self._transport.close()

    def _leave(self) -> None:
        """Tell the application that the client is gone, or as good as gone."""
        turn, self._turn = self._turn, None
        self._move(Stage.CLOSING)
        self.writable.set()
        if turn is not None:
            turn.leave()

    def _move(self, stage: Stage) -> None:
        self._since_s = time.monotonic()
        self._table.move(self, stage)

    def _pause(self) -> None:
        if not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read again what the client sends."""
        if self._paused and self._transport is not None:
            self._paused = False
            self._transport.resume_reading()
