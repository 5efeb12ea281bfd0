"""Connections over real sockets: what a client does slowly, wrongly or too often costs it alone."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket

import pytest

from harmo.app.front import framing
from harmo.app.front.connections import Closed
from tests.app.wires import LAST, PATIENCE_S, echo, post, rest_of, served, statuses, until

GET = b"GET /x HTTP/1.1\r\nHost: h\r\n\r\n"

ASKED = [
    (LAST, [200], b"/last ", "a request with its end"),
    (GET + LAST, [200, 200], b"/last ", "pipelined"),
    (GET * 50 + LAST, [200] * 51, b"/last ", "pipelined, many"),
    (
        post(b"/p", b"Content-Length: 2", body=b"ab") + LAST,
        [200, 200],
        b"/p ab",
        "what follows a body is the next request",
    ),
    (
        post(b"/p", b"Transfer-Encoding: chunked", body=b"2\r\nab\r\n0\r\n\r\n") + LAST,
        [200, 200],
        b"/p ab",
        "a body in chunks",
    ),
    (
        post(b"/early", b"Expect: 100-continue", b"Content-Length: 9"),
        [401],
        b"no",
        "asks before it sends, and is refused",
    ),
    (b"GET /x HTTP/1.0\r\n\r\n", [200], b"/x ", "HTTP/1.0 ends with its answer"),
]


@pytest.mark.parametrize(
    ("sent", "want", "within", "why"), ASKED, ids=lambda v: v if isinstance(v, str) else ""
)
async def test_what_is_http_is_answered_in_order(
    sent: bytes, want: list[int], within: bytes, why: str
) -> None:
    async with served(echo, linger_s=0.2) as service:
        said = await service.said(sent)
    assert statuses(said) == want, why
    assert within in said
    assert service.closed[Closed.MALFORMED] == 0


async def test_the_answer_to_head_has_no_body() -> None:
    async with served(echo) as service:
        said = await service.said(b"HEAD /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    assert b"content-length: 3" in said.lower()
    assert said.endswith(b"\r\n\r\n")


CHUNKED = b"Transfer-Encoding: chunked"
REFUSED = [
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "TLS"),
    (b"\x00" * 64, "bytes that are not HTTP"),
    (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "another protocol"),
    (b"GET /x HTTP/1.1\r\n\r\n", "no host"),
    (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/2"),
    (b"GET /x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "two hosts"),
    *(
        (
            b"GET /x HTTP/1.1\r\nHost: a\r\n%s: 1\r\n%s: 2\r\n\r\n" % (name, name.lower()),
            f"two {name!r}",
        )
        for name in (
            b"Authorization",
            b"Content-Type",
            b"Idempotency-Key",
            b"X-Deadline-Ms",
            b"X-Harmo-Run",
        )
    ),
    (b"GET /x HTTP/1.1\nHost: a\r\n\r\n", "a line that ends with LF"),
    (b"GET /x HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", "a CR inside a line"),
    (b"GET /x HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", "a folded header"),
    (b"GET /x HTTP/1.1\r\nHost : a\r\n\r\n", "a blank before the colon"),
    (b"GET /x HTTP/1.1\r\nHost: a\r\nX: \x00\r\n\r\n", "a NUL"),
    (b"GET /x HTTP/9.9 y\r\nHost: a\r\n\r\n", "a request line of four words"),
    (b"GET /" + b"x" * (64 << 10), "a target without end"),
    (b"GET /x HTTP/1.1\r\nHost: a\r\nX: " + b"x" * (64 << 10), "a header without end"),
    (b"GET /x HTTP/1.1\r\nHost: a\r\n" + b"a:\r\n" * 2000 + b"\r\n", "2,000 headers"),
    (post(b"/p", b"Content-Length: 3", CHUNKED, body=b"0\r\n\r\n"), "two ways to end"),
    (post(b"/p", b"Content-Length: 1", b"Content-Length: 2", body=b"ab"), "two lengths"),
    (post(b"/p", b"Content-Length: +1", body=b"a"), "a length with a sign"),
    (post(b"/p", b"Content-Length: 1" + b"0" * 40), "a length of 41 digits"),
    (post(b"/p", CHUNKED, CHUNKED, body=b"0\r\n\r\n"), "chunked twice"),
    (post(b"/p", b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"), "compressed chunks"),
    (post(b"/p", b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n"), "an unknown encoding"),
    (post(b"/p", CHUNKED, body=b"0x1\r\na\r\n0\r\n\r\n"), "a chunk size with 0x"),
    (post(b"/p", CHUNKED, body=b"-1\r\na\r\n0\r\n\r\n"), "a negative chunk size"),
    (post(b"/p", CHUNKED, body=b"1\r\nabc\r\n0\r\n\r\n"), "a chunk longer than it says"),
    (post(b"/p", CHUNKED, body=b"f" * 30 + b"\r\n"), "a chunk size of 30 digits"),
    (
        b"POST /p HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
        "chunks in HTTP/1.0",
    ),
]


@pytest.mark.parametrize(("sent", "why"), REFUSED, ids=[why for _, why in REFUSED])
async def test_what_two_readers_may_read_differently_is_refused_and_the_connection_ends(
    sent: bytes, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with served(echo, linger_s=0.2) as service:
        said = await service.said(sent + LAST)
        assert statuses(said) == [400], why
        assert b"malformed" in said
        assert service.closed[Closed.MALFORMED] == 1
        assert statuses(await service.said(LAST)) == [200]
    assert [r for r in caplog.records if r.name != "asyncio"] == []


async def test_what_is_said_twice_and_the_same_is_one_thing() -> None:
    told = b"Idempotency-Key: a\r\nAccept: a\r\nidempotency-key: a\r\naccept: b\r\n"
    async with served(echo) as service:
        said = await service.said(
            b"GET /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n" + told + b"\r\n"
        )
    assert statuses(said) == [200]


def test_a_head_is_judged_the_same_in_whatever_pieces_it_comes() -> None:
    for sent, why in REFUSED[:9]:
        head = sent[: sent.find(b"\r\n\r\n") + 4] if b"\r\n\r\n" in sent else sent
        if framing.fault_of_head(head):
            continue
        assert framing.fault_of_head(head[: len(head) // 2]) == "", why


async def test_a_head_in_pieces_of_a_byte_is_read() -> None:
    async with served(echo) as service:
        assert statuses(await service.said(*(bytes([byte]) for byte in LAST))) == [200]


@pytest.mark.parametrize(
    ("sent", "limit", "reason"),
    [
        (b"", "head_s", Closed.HEAD_TIMEOUT),
        (b"GET /x HTTP/1.1\r\nHost: h\r\nX-", "head_s", Closed.HEAD_TIMEOUT),
        (GET, "idle_s", Closed.IDLE),
        (GET + b"GET ", "head_s", Closed.HEAD_TIMEOUT),
        (post(b"/p", b"Content-Length: 9", body=b"ab"), "body_s", Closed.BODY_TIMEOUT),
    ],
    ids=["nothing", "half a head", "idle", "half a second head", "half a body"],
)
async def test_what_does_not_come_in_time_ends_the_connection(
    sent: bytes, limit: str, reason: Closed
) -> None:
    async with served(echo, **{limit: 0.1}) as service:
        await service.said(sent)
        assert service.closed == {reason: 1}
        assert len(service.table) == 0


async def test_dripping_does_not_stretch_the_time_for_a_head() -> None:
    async with served(echo, head_s=0.3) as service:
        reader, writer = await service.open()
        over = asyncio.ensure_future(rest_of(reader, writer))
        while not over.done():
            writer.write(b"G")
            await asyncio.sleep(0.02)
        assert service.closed == {Closed.HEAD_TIMEOUT: 1}


async def test_a_client_that_does_not_read_its_answer_is_let_go() -> None:
    async with served(echo, write_s=0.2) as service:
        _, writer = await service.open()
        writer.transport.pause_reading()
        writer.write(b"GET /large HTTP/1.1\r\nHost: h\r\n\r\n")
        await until(lambda: service.closed)
        assert service.closed == {Closed.WRITE_TIMEOUT: 1}
        writer.transport.abort()


async def test_a_slow_answer_that_is_read_is_whole() -> None:
    async with served(echo) as service:
        said = await service.said(b"GET /large HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    assert said.endswith(b"x" * 100)
    assert len(said) > 32 << 20


@pytest.mark.parametrize("length", [b"Content-Length: 900000000", CHUNKED])
async def test_an_answer_before_the_end_of_a_body_is_seen_and_the_rest_is_not_read_for_ever(
    length: bytes,
) -> None:
    piece = b"10000\r\n" + b"a" * (64 << 10) + b"\r\n"
    async with served(echo, linger_bytes=1 << 20) as service:
        reader, writer = await service.open()
        writer.write(post(b"/early", length) + piece)
        said = await reader.read(1 << 16)
        assert statuses(said) == [401]
        assert b"connection: close" in said.lower()
        for _ in range(4096):
            if writer.transport.is_closing():
                break
            writer.write(piece)
            await asyncio.sleep(0)
        assert writer.transport.is_closing()
        assert service.closed == {Closed.UNREAD_BODY: 1}


async def test_the_rest_of_a_body_that_does_not_come_is_not_waited_for() -> None:
    async with served(echo, linger_s=0.1) as service:
        reader, writer = await service.open()
        writer.write(post(b"/early", b"Content-Length: 9", body=b"ab"))
        assert statuses(await reader.read(1 << 16)) == [401]
        await until(lambda: service.closed)
        assert service.closed == {Closed.UNREAD_BODY: 1}
        writer.transport.abort()


async def test_a_client_that_asks_before_it_sends_is_told_to() -> None:
    async with served(echo) as service:
        reader, writer = await service.open()
        writer.write(post(b"/p", b"Expect: 100-continue", b"Content-Length: 2"))
        assert statuses(await reader.read(1 << 16)) == [100]
        writer.write(b"ab" + LAST)
        assert statuses(await rest_of(reader, writer)) == [200, 200]


@pytest.mark.parametrize("size", [1, 7, 100])
async def test_a_body_in_crumbs_is_refused_before_it_costs(size: int) -> None:
    chunk = b"%x\r\n" % size + b"a" * size + b"\r\n"
    async with served(echo, linger_bytes=1 << 30) as service:
        said = await service.said(post(b"/p", CHUNKED, body=chunk * 20_000 + b"0\r\n\r\n"))
    assert statuses(said) == [400]
    assert b"bytes on average" in said


@pytest.mark.parametrize(
    ("chunks", "received", "good", "why"),
    [
        (framing.FREE_CHUNKS, 0, True, "a small body in any pieces"),
        (framing.FREE_CHUNKS + 1, 1024, True, "and a little more"),
        (framing.FREE_CHUNKS + 1, framing.FREE_CHUNKS + 1, True, "the free ones and a few"),
        (framing.FREE_CHUNKS + 10, framing.FREE_CHUNKS + 10, False, "crumbs"),
        (100_000, 100_000 * 512, True, "chunks of half a kilobyte"),
        (100_000, 100_000 * 500, False, "smaller ones"),
    ],
)
def test_chunks_are_paid_for_by_their_bytes(
    chunks: int, received: int, good: bool, why: str
) -> None:
    assert (framing.fault_of_chunks(chunks, received) == "") == good, why


async def test_a_body_in_ordinary_chunks_is_read() -> None:
    chunk = b"400\r\n" + b"a" * 1024 + b"\r\n"
    async with served(echo) as service:
        sent = post(b"/p", CHUNKED, b"Connection: close", body=chunk * 5000 + b"0\r\n\r\n")
        said = await service.said(sent)
    assert said.endswith(b"a" * 100)
    assert len(said) > 5000 * 1024


async def test_a_client_that_goes_is_told_to_the_application() -> None:
    async with served(echo) as service:
        _, writer = await service.open()
        writer.write(b"GET /never HTTP/1.1\r\nHost: h\r\n\r\n")
        await writer.drain()
        await until(lambda: service.table.in_flight)
        writer.transport.abort()
        await until(lambda: not service.table.tasks)
        assert len(service.table) == 0


async def test_an_error_of_the_application_is_not_logged_with_its_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    async with served(echo) as service:
        said = await service.said(b"GET /raises HTTP/1.1\r\nHost: h\r\n\r\n")
    assert statuses(said) == []
    assert "RuntimeError at" in caplog.text
    assert "MARKER" not in caplog.text


async def test_a_listener_that_closes_takes_what_has_come() -> None:
    async with served(echo) as service:
        late = socket.create_connection(("127.0.0.1", service.port))
        late.setblocking(False)
        service.listener.close()
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(late, LAST)
        async with asyncio.timeout(PATIENCE_S):
            assert statuses(await loop.sock_recv(late, 1 << 16)) == [200]
        late.close()
        with pytest.raises(OSError, match=str(errno.ECONNREFUSED)):
            await service.open()


async def test_the_end_closes_what_is_idle_and_answers_the_rest_with_close() -> None:
    async with served(echo) as service:
        idle, half = await service.open(), await service.open()
        half[1].write(GET[:10])
        await until(lambda: len(service.table) == 2)
        await asyncio.sleep(0.05)
        service.table.end()
        assert await rest_of(*idle) == b""
        half[1].write(GET[10:])
        said = await rest_of(*half)
        assert statuses(said) == [200]
        assert b"connection: close" in said.lower()
