"""Attack 34: what a Host header or the form of a request line can make of a path."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from importlib.metadata import version

import pytest

from tests.security.target import Target, attacked, require_nothing_leaked

ROOT_LINES = re.compile(rb"HTTP/1\.1 (\d{3})")


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    env = {"HARMO_API_KEYS": "right-key"}
    with attacked(tmp_path_factory.mktemp("keyed"), env=env) as target:
        yield target


def raw(target: Target, line: bytes, *headers: bytes) -> tuple[int, bytes]:
    """The first status that comes back, and all of it; 0 where the connection is only closed."""
    with socket.create_connection(("127.0.0.1", target.port), timeout=20) as connection:
        connection.sendall(b"\r\n".join([line, *headers, b"Connection: close", b"", b""]))
        answer = b""
        try:
            while piece := connection.recv(65_536):
                answer += piece
        except OSError:
            pass
    found = ROOT_LINES.match(answer)
    return int(found[1]) if found else 0, answer


LINES = [
    (b"GET /recipes HTTP/1.1", b"Host: x/livez?"),
    (b"GET /recipes HTTP/1.1", b"Host: x/livez#"),
    (b"GET /recipes HTTP/1.1", b"Host: /livez"),
    (b"GET /recipes HTTP/1.1", b"Host: x\\@/livez"),
    (b"GET /recipes HTTP/1.1", b"Host: "),
    (b"GET http://x/livez/../recipes HTTP/1.1", b"Host: x"),
    (b"GET http://x/recipes HTTP/1.1", b"Host: x/livez"),
    (b"GET livez/../recipes HTTP/1.1", b"Host: x"),
    (b"GET //livez/recipes HTTP/1.1", b"Host: x"),
    (b"GET /livez/%2e%2e/recipes HTTP/1.1", b"Host: x"),
    (b"GET /recipes HTTP/1.1", b"Host: x\r\nHost: y/livez"),
    (b"GET /recipes HTTP/1.1", b"Host: x\r\nX-Forwarded-Prefix: /livez"),
    (b"GET /recipes HTTP/1.1", b"Host: x\r\nX-Original-URL: /livez\r\nX-Rewrite-URL: /livez"),
    (b"GET /recipes HTTP/1.1", b"Host: x\r\nX-Forwarded-For: ::1\r\nForwarded: for=127.0.0.1"),
    (b"GET /recipes HTTP/1.1", b"Host: x\r\nX-HTTP-Method-Override: OPTIONS"),
    (b"POST /score HTTP/1.1", b"Host: x/livez\r\nContent-Length: 0"),
    (b"GET /recipes HTTP/1.0", b"Host: x/livez?"),
    (b"CONNECT /recipes HTTP/1.1", b"Host: x"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "headers"), LINES)
def test_no_host_or_path_gets_past_the_key(keyed: Target, line: bytes, headers: bytes) -> None:
    status, answer = raw(keyed, line, headers)
    assert status in (0, 400, 401, 404, 405)
    assert b"sha256:" not in answer
    require_nothing_leaked(keyed)


CHUNKED = b"Transfer-Encoding: chunked\r\n"
SMUGGLED = [
    b"Host: x\r\nContent-Length: 5\r\n" + CHUNKED + b"\r\n0\r\n\r\nGET /recipes HTTP/1.1",
    b"Host: x\r\nTransfer-Encoding: xchunked\r\nContent-Length: 4\r\n\r\nGET /recipes HTTP/1.1",
    b"Host: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcd",
    b"Host: x\r\nContent-Length: +5\r\n\r\nabcde",
    b"Host: x\r\nContent-Length: -5\r\n\r\nabcde",
    b"Host: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    b"Host: x\r\nX: a\rGET /recipes HTTP/1.1",
    b"Host: x\r\nX: a\x00b",
    b"Host: x\r\n folded: y",
]


@pytest.mark.parametrize("headers", SMUGGLED)
def test_no_request_hides_in_another(keyed: Target, headers: bytes) -> None:
    _, answer = raw(keyed, b"POST /livez HTTP/1.1", headers)
    assert not set(ROOT_LINES.findall(answer)) & {b"200", b"204"}
    assert b"sha256:" not in answer
    require_nothing_leaked(keyed)


def test_a_host_header_leads_nowhere(keyed: Target) -> None:
    """It is shown where it is a host; `tests/app/test_pages.py` has what is none."""
    _, answer = raw(
        keyed, b"GET / HTTP/1.1", b'Host: x"><script>alert(1)</script>', b"Accept: text/html"
    )
    assert b"<script>alert" not in answer
    _, answer = raw(keyed, b"GET /score/ HTTP/1.1", b"Host: evil.example")
    assert b"sha256:" not in answer


def test_starlette_is_past_the_hole() -> None:
    """CVE-2026-48710: paths poisoned by the Host header, before 1.0.1."""
    assert tuple(map(int, version("starlette").split(".")[:3])) >= (1, 0, 1)
