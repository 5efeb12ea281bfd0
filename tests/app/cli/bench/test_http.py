"""Answers as servers and proxies write them."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from harmo.app.cli.bench import http
from harmo.app.cli.bench.http import Answer, BrokenAnswerError, Connections
from tests.app.cli.bench.loads import answering, reply

CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def answered(raw: bytes, times: int = 1) -> Answer:
    """What is made of these bytes, the last time of so many."""

    async def ask() -> Answer:
        async with answering(lambda head, body: raw) as url:
            connections = Connections(url, {})
            try:
                for _ in range(times):
                    answer = await connections.post("/score", b"{}", key="k")
                return answer
            finally:
                connections.close()

    return asyncio.run(asyncio.wait_for(ask(), 10))


@pytest.mark.parametrize(
    ("raw", "content", "why"),
    [
        (reply(200, b"abc"), b"abc", "with its length"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b"", "without a body"),
        (f"{CHUNKED}3\r\nabc\r\n2;x=1\r\nde\r\n0\r\n\r\n".encode(), b"abcde", "in chunks"),
        (f"{CHUNKED}3\r\nabc\r\n0\r\nX-After: 1\r\n\r\n".encode(), b"abc", "with a trailer"),
        (b"HTTP/1.1 200\r\ncontent-length:3\r\n\r\nabc", b"abc", "no reason, no space"),
    ],
)
def test_an_answer_is_read_whole_and_its_connection_used_again(
    raw: bytes, content: bytes, why: str
) -> None:
    assert answered(raw, times=3).content == content, why


@pytest.mark.parametrize(
    ("line", "seconds"),
    [("Retry-After: 7", 7.0), ("retry-after:2", 2.0), ("Retry-After: soon", 0.0), ("X: 1", 0.0)],
)
def test_retry_after_is_read_where_it_is_a_number(line: str, seconds: float) -> None:
    answer = answered(reply(429, b"", line))
    assert (answer.status, answer.retry_after_s) == (429, seconds)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"SSH-2.0-OpenSSH\r\n\r\n", "no HTTP"),
        (b"HTTP/1.1 OK 200\r\n\r\n", "no status"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", "no number"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "below zero"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", "larger than anything"),
        (f"{CHUNKED}zz\r\n".encode(), "a chunk of no size"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000, "a head without end"),
    ],
)
def test_what_is_no_answer_is_broken_not_a_hang(raw: bytes, why: str) -> None:
    with pytest.raises(BrokenAnswerError):
        answered(raw)


def test_a_connection_that_the_server_closes_is_replaced() -> None:
    assert answered(reply(200, b"a", "Connection: close"), times=3).content == b"a"


def test_key_and_host_and_path_are_what_was_given() -> None:
    heads: list[str] = []

    async def ask() -> None:
        def note(head: str, body: bytes) -> bytes:
            heads.append(head)
            return reply(200)

        async with answering(note) as url:
            base = url.copy_with(path="/rewards")
            connections = Connections(base, {"Authorization": "Bearer s3cret"})
            await connections.get("/recipes")
            await connections.post("/score", b"{}", key="bench-1")
            connections.close()

    asyncio.run(ask())
    assert heads[0].startswith("GET /rewards/recipes HTTP/1.1\r\nHost: 127.0.0.1:")
    assert "Authorization: Bearer s3cret\r\n" in heads[1]
    assert "Idempotency-Key: bench-1\r\nContent-Length: 2\r\n" in heads[1]


def test_nobody_there_is_an_os_error() -> None:
    async def ask() -> None:
        await Connections(httpx.URL("http://127.0.0.1:1"), {}).get("/")

    with pytest.raises(OSError, match="Connect"):
        asyncio.run(ask())


def test_a_body_without_a_length_ends_with_its_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MAX_ANSWER_BYTES", 3)
    assert answered(b"HTTP/1.1 200 OK\r\n\r\nabc").content == b"abc"


def test_a_connection_that_was_closed_while_idle_is_not_used_again() -> None:
    async def answer_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"{}")
        writer.write(reply(200, b"a"))
        await writer.drain()
        writer.close()

    async def ask() -> list[bytes]:
        async with await asyncio.start_server(answer_once, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            connections = Connections(httpx.URL(f"http://127.0.0.1:{port}"), {})
            answers = []
            for _ in range(3):
                answers.append((await connections.post("/score", b"{}", key="k")).content)
                await asyncio.sleep(0.05)
            connections.close()
            return answers

    assert asyncio.run(ask()) == [b"a"] * 3
