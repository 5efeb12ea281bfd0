"""The installed commands as processes of their own; services on a free loopback port."""

from __future__ import annotations

import http.client
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import cycle
from pathlib import Path

HARMO = str(Path(sys.executable).parent / "harmo")
HARMO_TRAIN = str(Path(sys.executable).parent / "harmo-train")


def run(
    command: str,
    *arguments: str,
    cwd: Path | None = None,
    stdin: str | None = None,
    env: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """What a command printed and its exit code; it sees a pipe of 80 columns, not a terminal."""
    return subprocess.run(
        [command, *arguments],
        capture_output=True,
        text=True,
        input=stdin,
        cwd=cwd,
        env={**os.environ, "COLUMNS": "80", **(env or {})},
        timeout=120,
        check=False,
    )


@contextmanager
def heeding(number: signal.Signals) -> Iterator[None]:
    """What is started within heeds a signal that whoever started the tests may ignore."""
    before = signal.signal(number, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(number, before)


@contextmanager
def serving(*arguments: str) -> Iterator[int]:
    """The port of a `harmo serve` that is ready."""
    port = free_port()
    process = subprocess.Popen([HARMO, "serve", "--port", str(port), *arguments])
    try:
        wait_ready(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def wait_ready(port: int, process: subprocess.Popen[bytes], timeout_s: float = 120.0) -> None:
    """Return once `/readyz` answers 200."""
    stop = time.monotonic() + timeout_s
    while time.monotonic() < stop and process.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"{process.args!r} did not become ready")


@contextmanager
def heeding_interrupts() -> Iterator[None]:
    """What is started within heeds SIGINT, which is ignored where tests run in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


# Below what a kernel gives out by itself; of processes that test side by side each has its own.
_PORTS = range(
    18_000 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")),
    32_768,
    int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")),
)
_DEALT = cycle(random.SystemRandom().sample(_PORTS, len(_PORTS)))
"""None comes twice before all have come: one that was given is in use a moment later."""


def free_port() -> int:
    """A loopback port that nobody listens on, nor will by chance before it is used."""
    while True:
        port = next(_DEALT)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
