"""The console behind `deploy/nginx/console.conf`: its password, its cookie, and its websocket."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.console.browser import console
from tests.deploy.nginx import MAIN, SEARCHED, certified, missing
from tests.process import free_port
from tests.reliability.cluster import until

pytestmark = [
    pytest.mark.skipif(bool(missing()), reason=missing()),
    pytest.mark.slow,
]
CONF = Path(__file__).parents[2] / "deploy" / "nginx" / "console.conf"
WORD = "open sesame"
SOCKET = "/_nicegui_ws/socket.io/?EIO=4&transport=websocket"


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """A console behind nginx."""

    port: int
    """Of nginx."""
    certificate: Path

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def visitor(self) -> httpx.Client:
        trusting = ssl.create_default_context(cafile=str(self.certificate))
        return httpx.Client(base_url=self.url, verify=trusting, trust_env=False, timeout=30)


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Behind]:
    pytest.importorskip("nicegui")
    folder, port = tmp_path_factory.mktemp("console"), free_port()
    key, certificate = certified(folder)
    with console(env={"HARMO_CONSOLE_PASSWORD": WORD}) as address:
        said = {
            "127.0.0.1:8600": address.removeprefix("http://"),
            "listen 443": f"listen 127.0.0.1:{port}",
            "/etc/nginx/tls/console.example.org.pem": str(certificate),
            "/etc/nginx/tls/console.example.org.key": str(key),
            "/var/log/nginx": str(folder),
        }
        text = CONF.read_text()
        for shipped, here in said.items():
            assert shipped in text
            text = text.replace(shipped, here)
        (folder / "harmo.conf").write_text(text)
        (folder / "nginx.conf").write_text(MAIN.format(folder=folder))
        nginx = str(shutil.which("nginx", path=SEARCHED))
        process = subprocess.Popen(
            [nginx, "-e", str(folder / "nginx.log"), "-c", str(folder / "nginx.conf")],
            env=os.environ,
        )
        try:
            until(lambda: takes(port), "nginx listens")
            yield Behind(port=port, certificate=certificate)
        finally:
            process.terminate()
            process.wait(30)


def takes(port: int) -> bool:
    """True if somebody takes a connection there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def upgraded(behind: Behind, cookie: str, origin: str) -> str:
    """The status line that answers who asks for a websocket."""
    trusting = ssl.create_default_context(cafile=str(behind.certificate))
    head = (
        f"GET {SOCKET} HTTP/1.1\r\nHost: 127.0.0.1:{behind.port}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nOrigin: {origin}\r\n"
        f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nCookie: {cookie}\r\n\r\n"
    )
    with (
        socket.create_connection(("127.0.0.1", behind.port), 30) as plain,
        trusting.wrap_socket(plain, server_hostname="127.0.0.1") as connection,
    ):
        connection.sendall(head.encode())
        return connection.recv(1000).partition(b"\r\n")[0].decode()


def test_a_visitor_says_the_password_and_has_a_websocket(behind: Behind) -> None:
    with behind.visitor() as visitor:
        asked = visitor.get("/", headers={"Accept": "text/html"})
        assert (asked.status_code, asked.headers["location"]) == (303, "/login?to=/")
        answer = visitor.post("/login", data={"word": WORD}, headers={"Origin": behind.url})
        assert answer.status_code == 303
        assert "secure" in answer.headers["set-cookie"].lower(), "it knows that this is TLS"
        cookie = answer.headers["set-cookie"].partition(";")[0]
        assert upgraded(behind, cookie, behind.url) == "HTTP/1.1 101 Switching Protocols"


@pytest.mark.parametrize(
    ("with_cookie", "origin", "why"),
    [(False, None, "nobody said the password"), (True, "https://evil.example", "another site")],
)
def test_nobody_else_has_one(
    behind: Behind, with_cookie: bool, origin: str | None, why: str
) -> None:
    with behind.visitor() as visitor:
        answer = visitor.post("/login", data={"word": WORD}, headers={"Origin": behind.url})
    cookie = answer.headers["set-cookie"].partition(";")[0] if with_cookie else "none=1"
    assert "403" in upgraded(behind, cookie, origin or behind.url), why
