"""Connections and files: so many at most, and what has waited longest makes room."""

from __future__ import annotations

import asyncio
import resource
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from harmo.app.front.connections import Closed, Limits, raise_file_limit
from harmo.app.settings import Settings
from tests.app.wires import LAST, PATIENCE_S, echo, post, rest_of, served, statuses, until


async def test_at_the_limit_the_one_that_has_waited_longest_makes_room() -> None:
    async with served(echo, connections=3) as service:
        busy = await service.open()
        busy[1].write(b"GET /never HTTP/1.1\r\nHost: h\r\n\r\n")
        body = await service.open()
        body[1].write(post(b"/p", b"Content-Length: 9", body=b"ab"))
        idle = await service.open()
        await until(lambda: service.table.in_flight == 2 and len(service.table) == 3)
        assert statuses(await service.said(LAST)) == [200]
        assert await rest_of(*idle) == b""
        others = [await service.open() for _ in range(20)]
        assert statuses(await service.said(LAST)) == [200]
        assert service.closed[Closed.ROOM] >= 19
        assert service.table.in_flight >= 1
        assert not busy[0].at_eof(), "what is being answered is left alone"
        for _, writer in (busy, body, *others):
            writer.transport.abort()


async def test_where_all_are_being_answered_one_more_is_refused() -> None:
    async with served(echo, connections=2) as service:
        busy = [await service.open() for _ in range(2)]
        for _, writer in busy:
            writer.write(b"GET /never HTTP/1.1\r\nHost: h\r\n\r\n")
        await until(lambda: service.table.in_flight == 2)
        assert await service.said(LAST) == b""
        assert service.closed == {Closed.FULL: 1}
        for _, writer in busy:
            writer.transport.abort()


async def test_an_address_has_a_limit_of_its_own() -> None:
    async with served(echo, per_address=2) as service:
        waiting = [await service.open() for _ in range(5)]
        assert statuses(await service.said(LAST)) == [200]
        assert len(service.table) <= 2
        assert service.closed == {Closed.ROOM: 4}
        for _, writer in waiting:
            writer.transport.abort()


@contextmanager
def few_files(spare: int) -> Iterator[None]:
    """This process with no more files than it has open and so many."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    with socket.socket() as probe:
        resource.setrlimit(resource.RLIMIT_NOFILE, (probe.fileno() + spare, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


async def test_running_out_of_files_is_survived_and_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with served(echo) as service:
        clients = [socket.socket() for _ in range(40)]
        with few_files(10):
            for client in clients:
                client.setblocking(False)
                client.connect_ex(("127.0.0.1", service.port))
            last = clients[-1]
            await asyncio.sleep(0)
            async with asyncio.timeout(PATIENCE_S):
                loop = asyncio.get_running_loop()
                await loop.sock_sendall(last, LAST)
                said = await loop.sock_recv(last, 1 << 16)
        assert statuses(said) == [200]
        assert service.closed[Closed.ROOM] > 0
        for client in clients:
            client.close()
    assert sum("out_of_files" in record.message for record in caplog.records) == 1
    assert len(caplog.records) == 1


@pytest.mark.parametrize(
    ("settings", "files", "connections", "why"),
    [
        ({}, 1 << 20, 16_384, "files are plenty"),
        ({}, 1024, 1024 - 64 - 16, "room is left for the rest"),
        ({"workers": 8, "spare_files": 100}, 1024, 1024 - 100 - 64, "for more of it"),
        ({}, 64, 8, "hardly any"),
        ({"max_connections": 5}, 64, 5, "as asked"),
    ],
)
def test_how_many_connections_there_may_be(
    settings: dict[str, int], files: int, connections: int, why: str
) -> None:
    limits = Limits.of(Settings(**settings), files)  # type: ignore[arg-type]
    assert limits.connections == connections, why
    assert limits.per_address == connections


def test_what_a_connection_may_take_is_what_the_settings_say() -> None:
    said = Settings(
        head_timeout_s=1.0, keep_alive_timeout_s=2.0, body_timeout_s=3.0, write_timeout_s=5.0
    )
    limits = Limits.of(said, 1024)
    assert (limits.head_s, limits.idle_s, limits.body_s, limits.write_s) == (1.0, 2.0, 4.0, 5.0)


def test_a_process_takes_as_many_files_as_it_may() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(256, before[1] // 2), before[1]))
    try:
        assert raise_file_limit() == before[1]
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (before[1], before[1])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
