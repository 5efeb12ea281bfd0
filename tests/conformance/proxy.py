"""A small HTTP proxy before the service: it notes what clients send, and may turn them away."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

BUSY = b'{"error": {"type": "overloaded", "message": "from the proxy", "field": null}}'


@dataclass(slots=True)
class Proxy:
    """Where it listens, what came, and how many requests it is still to turn away with 503."""

    port: int
    refuse: int = 0
    refused: int = 0
    seen: list[dict[str, Any]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def note(self, seen: dict[str, Any]) -> bool:
        """True if this one is turned away."""
        with self.lock:
            self.seen.append(seen)
            if self.refused >= self.refuse:
                return False
            self.refused += 1
            return True


@contextmanager
def proxied(port: int, *, refuse: int = 0) -> Iterator[Proxy]:
    """A proxy of the service on that port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            seen = {
                "path": self.path,
                "headers": {name.lower(): value for name, value in self.headers.items()},
                "body": json.loads(body),
            }
            if proxy.note(seen):
                self.answer(503, {"content-type": "application/json", "retry-after": "0"}, BUSY)
                return
            onward = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
            sent = {
                k: v for k, v in self.headers.items() if k.lower() not in ("host", "connection")
            }
            onward.request("POST", self.path, body, sent)
            answer = onward.getresponse()
            content = answer.read()
            onward.close()
            self.answer(answer.status, {"content-type": answer.headers["content-type"]}, content)

        def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        request_queue_size = 256
        daemon_threads = True

    server = Server(("127.0.0.1", 0), Handler)
    proxy = Proxy(server.server_address[1], refuse)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
