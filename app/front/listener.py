"""Accepts connections. Not asyncio's server, which logs each failed accept 2,048 times a second."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import time
from collections.abc import Callable

from harmo.app.front.connections import Connections

log = logging.getLogger("harmo.listener")

BACKLOG = 2048
AT_ONCE = 64
"""Connections accepted before others have their turn."""
RETRY_S = 0.1
"""Before the next try, where there is no file for a connection."""
QUIET_S = 60.0
"""Running out of files is logged once in so long."""


class Listener:
    """Listening sockets, and what becomes of their connections.

    Args:
        sockets: Bound, not yet listening.
        table: Every connection.
        make: Makes the protocol of a connection from the peer's address.
    """

    def __init__(
        self,
        sockets: list[socket.socket],
        table: Connections,
        make: Callable[[str], asyncio.Protocol],
    ) -> None:
        self.sockets = sockets
        self._table, self._make = table, make
        self._loop = asyncio.get_running_loop()
        self._logged_s = -QUIET_S
        self._coming: set[asyncio.Task[object]] = set()
        self._is_open = True
        for listening in sockets:
            listening.settimeout(0)
            listening.listen(BACKLOG)
            self._listen(listening)

    def close(self) -> None:
        """Take what has already come, and no more."""
        if self._is_open:
            self._is_open = False
            for listening in self.sockets:
                self._loop.remove_reader(listening)
                self._accept(listening)
                listening.close()

    def _listen(self, listening: socket.socket) -> None:
        if self._is_open:
            self._loop.add_reader(listening, self._accept, listening)

    def _accept(self, listening: socket.socket) -> None:
        for _ in range(AT_ONCE if self._is_open else BACKLOG):
            try:
                accepted, peer = listening.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                self._out_of_files(listening, error)
                return
            address = str(peer[0]) if isinstance(peer, tuple) else ""
            if self._table.make_room(address):
                connected = self._connect(accepted, self._make(address))
                task = self._loop.create_task(connected)
                self._coming.add(task)
                task.add_done_callback(self._coming.discard)
            else:
                accepted.close()

    async def _connect(self, accepted: socket.socket, protocol: asyncio.Protocol) -> None:
        try:
            await self._loop.connect_accepted_socket(lambda: protocol, accepted)
        except OSError as error:
            protocol.connection_lost(error)
            accepted.close()

    def _out_of_files(self, listening: socket.socket, error: OSError) -> None:
        """Close the connection that waited longest, and try again soon."""
        made_room = self._table.evict()
        if time.monotonic() - self._logged_s >= QUIET_S:
            self._logged_s = time.monotonic()
            log.error(
                "out_of_files cannot accept: %s; connections=%d made_room=%s; said once a minute",
                error.strerror,
                len(self._table),
                made_room,
            )
        with contextlib.suppress(OSError, ValueError):
            self._loop.remove_reader(listening)
        self._loop.call_later(RETRY_S, self._listen, listening)


def bind(host: str, port: int) -> list[socket.socket]:
    """Sockets on every address of a host, all on one port.

    Args:
        host: Name or address.
        port: 0 picks a free one.
    """
    flags = socket.AI_PASSIVE
    found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=flags)
    sockets: list[socket.socket] = []
    failures: list[OSError] = []
    for family, kind, protocol, _, address in dict.fromkeys(found):
        picked = sockets[0].getsockname()[1] if sockets else address[1]
        try:
            sockets.append(_bound((family, kind, protocol), (address[0], picked, *address[2:])))
        except OSError as error:
            # A name may have an address of a family that this machine does not speak.
            failures.append(error)
    if not sockets:
        raise failures[0]
    return sockets


def _bound(sort: tuple[int, int, int], address: tuple[object, ...]) -> socket.socket:
    bound = socket.socket(*sort)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if bound.family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound
