"""What a hostile or broken service can do to a client: never more than its limits."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from harmo_client import errors, wire
from harmo_client.chunks import ChunkLimits
from harmo_client.client import AsyncRewardClient, RewardClient
from harmo_client.errors import TransportError
from tests.client.conftest import answer, make_group

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
LIMIT_S = 0.2
"""Of one attempt; a service that drips would hold a client without one for ever."""
GROUPS = [make_group("7", ["yes"])]


class RawServer:
    """Sends what a generator yields, whatever comes in, until it is closed."""

    def __init__(self, reply: Callable[[bytes], Iterator[bytes]]) -> None:
        self._reply = reply
        self._closed = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.received: list[bytes] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while not self._closed.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            asked = read_request(connection)
            self.received.append(asked)
            try:
                for piece in self._reply(asked):
                    if self._closed.is_set():
                        return
                    connection.sendall(piece)
            except OSError:
                return  # the client hung up

    def pause(self) -> None:
        """One beat of a drip: far below any limit per read."""
        self._closed.wait(0.01)

    def close(self) -> None:
        self._closed.set()
        self._listener.close()


def read_request(connection: socket.socket) -> bytes:
    asked = b""
    while b"\r\n\r\n" not in asked:
        asked += connection.recv(65_536)
    head, _, body = asked.partition(b"\r\n\r\n")
    [size] = [int(line.split(b":")[1]) for line in head.lower().split(b"\r\n")
              if line.startswith(b"content-length")] or [0]  # fmt: skip
    while len(body) < size:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


@contextmanager
def served(reply: Callable[[RawServer, bytes], Iterator[bytes]]) -> Iterator[RawServer]:
    server: RawServer
    server = RawServer(lambda asked: reply(server, asked))
    try:
        yield server
    finally:
        server.close()


def ask(kind: str, url: str, groups: Any = GROUPS, **options: Any) -> wire.ScoreResponse:
    """One call of `score` on the sync or the async client."""

    async def once() -> wire.ScoreResponse:
        async with AsyncRewardClient(url, **options) as client:
            return await client.score(groups)

    if kind == "async":
        return asyncio.run(once())
    with RewardClient(url, **options) as client:
        return client.score(groups)


def drip(server: RawServer, text: bytes) -> Iterator[bytes]:
    for byte in text:
        yield bytes([byte])
        server.pause()


def endless_header(server: RawServer, asked: bytes) -> Iterator[bytes]:
    yield from drip(server, OK + b"X-Slow: " + b"x" * 100_000)


def slow_body(server: RawServer, asked: bytes) -> Iterator[bytes]:
    yield OK + b"Content-Length: 100000\r\n\r\n"
    yield from drip(server, b" " * 100_000)


def slow_chunks(server: RawServer, asked: bytes) -> Iterator[bytes]:
    yield OK + b"Transfer-Encoding: chunked\r\n\r\n"
    while True:
        yield b"1\r\n \r\n"
        server.pause()


def endless_interim(server: RawServer, asked: bytes) -> Iterator[bytes]:
    while True:
        yield b"HTTP/1.1 102 Processing\r\n\r\n"
        server.pause()


def silence(server: RawServer, asked: bytes) -> Iterator[bytes]:
    while True:
        server.pause()
        yield b""


def slow_error(server: RawServer, asked: bytes) -> Iterator[bytes]:
    yield b"HTTP/1.1 503 Busy\r\nContent-Length: 100000\r\n\r\n"
    yield from drip(server, b" " * 100_000)


DRIPS = [endless_header, slow_body, slow_chunks, endless_interim, silence, slow_error]
KINDS = pytest.mark.parametrize("kind", ["sync", "async"])


@KINDS
@pytest.mark.parametrize("reply", DRIPS, ids=lambda reply: reply.__name__)
def test_a_dripping_service_does_not_stretch_an_attempt(reply: Any, kind: str) -> None:
    with served(reply) as server, pytest.raises(errors.TransportError, match=r"within 0\.2 s"):
        ask(kind, server.url, timeout_s=LIMIT_S, retry_for_s=0.0)


@KINDS
def test_nor_does_it_stretch_the_call(kind: str) -> None:
    with served(slow_body) as server, pytest.raises(errors.BudgetExhaustedError) as ended:
        ask(kind, server.url, timeout_s=LIMIT_S, retry_for_s=0.5, first_wait_s=0.01)
    assert isinstance(ended.value.__cause__, errors.TransportError)
    # Every attempt ran to its own limit, and none began after the call's.
    assert 1 < len(server.received) <= 1 + 0.5 / LIMIT_S + 1


@KINDS
def test_requests_that_wait_for_a_place_end_with_the_call(kind: str) -> None:
    groups = [make_group(str(i), ["x"]) for i in range(40)]
    one_each = {"limits": ChunkLimits(completions=1), "in_flight": 1}
    with served(honest_but_slow) as server, pytest.raises(errors.BudgetExhaustedError):
        ask(kind, server.url, groups, timeout_s=LIMIT_S, retry_for_s=0.2, **one_each)
    assert len(server.received) < 40


def honest(asked: bytes) -> bytes:
    return json.dumps(answer(json.loads(asked.partition(b"\r\n\r\n")[2]))).encode()


def honest_but_slow(server: RawServer, asked: bytes) -> Iterator[bytes]:
    body = honest(asked)
    yield OK + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
    for _ in range(10):
        server.pause()
    yield body


def of_size(num_bytes: int) -> Callable[[RawServer, bytes], Iterator[bytes]]:
    def reply(server: RawServer, asked: bytes) -> Iterator[bytes]:
        yield OK + b"Connection: close\r\n\r\n"
        for _ in range(num_bytes // 65_536):
            yield b" " * 65_536
        yield honest(asked)

    return reply


@KINDS
def test_an_answer_is_read_up_to_its_limit(kind: str) -> None:
    limits = ChunkLimits(answer_bytes=1 << 20)
    with served(of_size(1 << 19)) as server:
        assert ask(kind, server.url, limits=limits).groups[0].completions[0].reward == 3.25
    with served(of_size(1 << 40)) as server, pytest.raises(errors.InvalidResponseError) as refused:
        ask(kind, server.url, limits=limits)
    assert "answer_bytes" in str(refused.value)


@KINDS
def test_a_packed_answer_is_not_unpacked(kind: str) -> None:
    def bomb(server: RawServer, asked: bytes) -> Iterator[bytes]:
        packed = gzip.compress(b" " * (64 << 20))
        yield OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
        yield packed

    with served(bomb) as server, pytest.raises(errors.InvalidResponseError, match="compressed"):
        ask(kind, server.url)
    assert b"accept-encoding: identity" in server.received[0].lower()


@KINDS
def test_a_redirect_is_not_followed_and_the_key_goes_nowhere_else(kind: str) -> None:
    with served(silence) as elsewhere:

        def away(server: RawServer, asked: bytes) -> Iterator[bytes]:
            place = elsewhere.url.encode()
            yield b"HTTP/1.1 307 Moved\r\nContent-Length: 0\r\nLocation: %s/score\r\n\r\n" % place

        with served(away) as server, pytest.raises(errors.BadRequestError, match="HTTP 307"):
            ask(kind, server.url, api_key="secret-key")
    assert elsewhere.received == []


UNCLEAR = [
    (lambda text: text.replace('"reward": 3.25', '"reward": 0.0, "reward": 3.25'), "twice"),
    (lambda text: text.replace('"total": 1.0', '"total": NaN'), "no finite number"),
    (lambda text: text.replace('"total": 1.0', '"total": 1e999'), "no finite number"),
    (lambda text: text.replace('"total": 1.0', '"total": -Infinity'), "no finite number"),
    (lambda text: "[" * 100_000, "not plain JSON"),
    (lambda text: text + "{}", "not plain JSON"),
]


@KINDS
@pytest.mark.parametrize(("spoil", "why"), UNCLEAR, ids=range(len(UNCLEAR)))
def test_an_answer_that_can_be_read_in_two_ways_is_refused(
    kind: str, spoil: Callable[[str], str], why: str
) -> None:
    def reply(server: RawServer, asked: bytes) -> Iterator[bytes]:
        body = spoil(honest(asked).decode()).encode()
        yield OK + b"Content-Length: %d\r\n\r\n" % len(body) + body

    with served(reply) as server, pytest.raises(errors.InvalidResponseError, match=why):
        ask(kind, server.url)


@KINDS
def test_a_request_shed_after_work_is_sent_again_whole(kind: str) -> None:
    """A 429 that stands for a whole request, with the wait it asks for in it."""
    turns = iter([False, True])

    def reply(server: RawServer, asked: bytes) -> Iterator[bytes]:
        error = {"type": "overloaded", "message": "work was begun, not finished", "field": None}
        head, body = b"HTTP/1.1 429 Later\r\nRetry-After: 0\r\n", json.dumps({"error": error})
        if next(turns):
            head, body = OK, honest(asked).decode()
        yield head + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body.encode()

    with served(reply) as server:
        done = ask(kind, server.url, first_wait_s=0.01)
    assert done.groups[0].completions[0].reward == 3.25
    first, second = server.received
    assert first == second, "the same body under the same key"


@KINDS
def test_the_key_is_in_no_message_no_log_and_no_repr(
    kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Not even where a proxy's page quotes the request, or colours the log."""

    def echo(server: RawServer, asked: bytes) -> Iterator[bytes]:
        # Where a quote of 200 characters would end, within the key.
        head = b"Bearer secret-key".rjust(203, b"x")
        page = head + b"<pre>\x1b[31m" + asked + b"\r\nroot: all is well</pre>"
        yield b"HTTP/1.1 502 Bad\r\nContent-Length: %d\r\n\r\n" % len(page) + page

    caplog.set_level(logging.DEBUG)
    with served(echo) as server, pytest.raises(errors.HarmoError) as failed:
        ask(kind, server.url, api_key="secret-key", retry_for_s=0.02, first_wait_s=0.01)
    shown = f"{failed.value!r} {failed.value.__cause__!r} {caplog.text}"
    assert b"Bearer secret-key" in server.received[0]
    assert "secret" not in shown
    assert "\x1b" not in caplog.text
    assert "\r" not in caplog.text
    assert not any(line.startswith("root:") for line in caplog.text.splitlines())
    assert "secret-key" not in repr(RewardClient(server.url, api_key="secret-key"))


def test_a_forked_process_has_a_client_of_its_own() -> None:
    def reply(server: RawServer, asked: bytes) -> Iterator[bytes]:
        body = honest(asked)
        yield OK + b"Content-Length: %d\r\n\r\n" % len(body) + body

    with served(reply) as server, RewardClient(server.url, timeout_s=20.0) as client:
        client.score(GROUPS)
        loop, _ = client._opened()
        child = os.fork()
        if child == 0:
            client.score(GROUPS)
            client.close()
            loop.stop()  # as the interpreter does with what it collects
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        with ThreadPoolExecutor(1) as pool:
            pool.submit(client.score, GROUPS).result(timeout=20)
        assert len(server.received) == 3


def test_a_closed_client_says_so_and_ends_its_thread() -> None:
    before = threading.active_count()
    client = RewardClient("http://127.0.0.1:9")
    assert threading.active_count() == before + 1
    client.close()
    client.close()
    assert threading.active_count() == before
    with pytest.raises(RuntimeError, match="closed"):
        client.ready()


def test_a_forgotten_client_ends_its_thread() -> None:
    before = threading.active_count()
    client = RewardClient("http://127.0.0.1:9")
    del client
    assert threading.active_count() == before


def test_closing_ends_a_call_under_way() -> None:
    with served(silence) as server, ThreadPoolExecutor(1) as pool:
        client = RewardClient(server.url)
        call = pool.submit(client.score, GROUPS)
        while not server.received:
            server.pause()
        client.close()
        with pytest.raises(TransportError, match="closed"):
            call.result(timeout=10)


def test_a_transport_of_ones_own_may_be_sync() -> None:
    class Own(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            return httpx.Response(200, json=answer(json.loads(request.read())))

    with RewardClient("http://service", transport=Own()) as client:
        assert client.score(GROUPS).groups[0].completions[0].reward == 3.25
