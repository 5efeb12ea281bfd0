"""An nginx with the shipped configuration, and instances that refuse."""

from __future__ import annotations

import hashlib
import os
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Protocol, Self

import httpx

from tests.process import free_port
from tests.reliability.cluster import until

CONF = Path(__file__).parents[2] / "deploy" / "nginx" / "harmo.conf"
SEARCHED = f"{os.environ.get('PATH', '')}:/usr/sbin"
HOST = "rewards.example.org"
MAIN = """
# Where root runs the tests, nobody else may write to their folders.
user root;
daemon off;
worker_processes 1;
worker_rlimit_nofile 4096;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 2048; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  include {folder}/harmo.conf;
}}
"""


def missing() -> str:
    """What these tests need and is not here; empty if nothing is."""
    lacking = [each for each in ("nginx", "openssl") if shutil.which(each, path=SEARCHED) is None]
    return f"needs {' and '.join(lacking)} (Debian: nginx-light, openssl)" if lacking else ""


class Listens(Protocol):
    """What has a port."""

    @property
    def port(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """Where it listens, and the certificate it shows."""

    plain: str
    """The address on loopback, without TLS."""
    tls: str
    open: str
    """The address that sends browsers to TLS."""
    certificate: Path

    def trusting(self) -> ssl.SSLContext:
        """What a client trusts that knows its certificate."""
        return ssl.create_default_context(cafile=str(self.certificate))


@contextmanager
def proxied(
    folder: Path, *servers: Listens, changes: Mapping[str, str] | None = None
) -> Iterator[Proxy]:
    """An nginx with the shipped configuration in front of these servers.

    Args:
        folder: Where its files lie.
        *servers: Two.
        changes: What stands in the configuration for the test instead of what is shipped.
    """
    key, certificate = certified(folder)
    first, second = servers
    plain, tls, unsafe = (free_port() for _ in range(3))
    said = {
        "127.0.0.1:8001": f"127.0.0.1:{first.port}",
        "127.0.0.1:8002": f"127.0.0.1:{second.port}",
        "listen 127.0.0.1:8080": f"listen 127.0.0.1:{plain}",
        "listen 443": f"listen 127.0.0.1:{tls}",
        "listen 80;": f"listen 127.0.0.1:{unsafe};",
        f"/etc/nginx/tls/{HOST}.pem": str(certificate),
        f"/etc/nginx/tls/{HOST}.key": str(key),
        "/var/log/nginx": str(folder),
        **(changes or {}),
    }
    text = CONF.read_text()
    for shipped, here in said.items():
        assert shipped in text
        text = text.replace(shipped, here)
    (folder / "harmo.conf").write_text(text)
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder))
    nginx = str(shutil.which("nginx", path=SEARCHED))
    command = [nginx, "-e", str(folder / "nginx.log"), "-c", str(folder / "nginx.conf")]
    process = subprocess.Popen(command)
    proxy = Proxy(
        plain=f"http://127.0.0.1:{plain}",
        tls=f"https://127.0.0.1:{tls}",
        open=f"http://127.0.0.1:{unsafe}",
        certificate=certificate,
    )
    try:
        until(lambda: answers(f"{proxy.plain}/readyz"), "nginx answers")
        yield proxy
    finally:
        process.terminate()
        process.wait(30)


def certified(folder: Path) -> tuple[Path, Path]:
    """A key, and a certificate of its own for this machine and the shipped name."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    names = f"subjectAltName=DNS:{HOST},IP:127.0.0.1"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    files = ["-keyout", str(key), "-out", str(certificate)]
    said = ["-subj", f"/CN={HOST}", "-addext", names]
    subprocess.run([*command.split(), *said, *files], check=True, capture_output=True)
    return key, certificate


def answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


class Refusing(ThreadingHTTPServer):
    """An instance that is ready and answers every POST with one status, or hangs up on it: 0."""

    daemon_threads = True

    def __init__(self, status: int) -> None:
        super().__init__(("127.0.0.1", 0), _Refusal)
        self.status, self.port, self.digests = status, self.server_address[1], list[str]()

    @property
    def posts(self) -> int:
        return len(self.digests)

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.01,)).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class _Refusal(BaseHTTPRequestHandler):
    server: Refusing

    def do_GET(self) -> None:
        self._answer(200)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.digests.append(hashlib.sha256(body).hexdigest())
        if self.server.status:
            self._answer(self.server.status)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass
