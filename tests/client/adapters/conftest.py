"""The fake service of the client's tests on a loopback port: adapters open their own clients."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from harmo_client.adapters.core import ask, clients


@dataclass(frozen=True)
class Listening:
    """A fake service and where it listens."""

    url: str
    fake: Any

    @property
    def groups(self) -> list[dict[str, Any]]:
        """What was posted, over all requests."""
        return [group for body in self.fake.bodies for group in body["groups"]]


@contextmanager
def listening(fake: Any) -> Iterator[Listening]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            url = f"http://fake{self.path}"
            asked = httpx.Request(self.command, url, headers=dict(self.headers), content=content)
            given = fake(asked)
            self.send_response(given.status_code)
            for name, value in given.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(given.content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield Listening(f"http://127.0.0.1:{server.server_port}", fake)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def listen(service: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Listening]]:
    """A fake service that listens, with HARMO_URL set to it: `listen(script=[503])`."""
    ask.stand_ins.clear()
    monkeypatch.setattr(clients, "_HELD", [clients.Clients()])
    monkeypatch.setenv("HARMO_RECIPE", "demo")
    with ExitStack() as open_:

        def start(**arguments: Any) -> Listening:
            served = open_.enter_context(listening(service(**arguments)))
            monkeypatch.setenv("HARMO_URL", served.url)
            return served

        yield start


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a service that is not there, with little patience for it."""
    monkeypatch.setenv("HARMO_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("HARMO_RETRY_FOR_S", "0")
    return "http://127.0.0.1:9"
