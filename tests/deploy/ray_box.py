"""A live `deploy/ray_serve.py`, watched from outside and ended whatever comes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from tests.process import free_port

ROOT = Path(__file__).parents[2]
TOKEN = "a-token-of-this-test-and-of-nobody-else"
KEY = "key-of-the-test"
GATEWAY, MODEL = "ray::ServeReplica:harmo:gateway", "ray::ServeReplica:harmo:model-rm"
SOON_S = 120.0


def until(holds: Callable[[], object], what: str, *, within_s: float = SOON_S) -> None:
    """Return once it holds."""
    stop_s = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < stop_s, f"not within {within_s:g} s: {what}"
        time.sleep(0.05)


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One Ray with two gateways and two replicas of a model."""

    url: str
    process: psutil.Process
    folder: Path

    def said(self) -> str:
        """All that it wrote."""
        return (self.folder / "out").read_text()

    def processes(self) -> list[psutil.Process]:
        """All of it that is alive."""
        below = []
        with suppress(psutil.NoSuchProcess):
            below = [self.process, *self.process.children(recursive=True)]
        return below

    def replicas(self, kind: str) -> list[psutil.Process]:
        """Those of one deployment that are up: a port of its own is what a replica opens last."""
        found = []
        for process in self.processes():
            with suppress(psutil.NoSuchProcess):
                # Ray writes behind the name what runs just now.
                named = "".join(process.cmdline()[:1]).startswith(kind)
                if named and any(not on_loopback(ip) for ip, _ in listening(process)):
                    found.append(process)
        return found

    def whole(self) -> None:
        """Return once all replicas are up and every gateway scores."""
        until(
            lambda: len(self.replicas(GATEWAY)) == len(self.replicas(MODEL)) == 2,
            "two replicas of each",
        )
        headers = {"Authorization": f"Bearer {KEY}"}
        with httpx.Client(base_url=self.url, headers=headers, timeout=10) as client:
            until(lambda: all(_ready(client) for _ in range(6)), "ready, whoever is asked")


def _ready(client: httpx.Client) -> bool:
    with suppress(httpx.TransportError):
        return client.get("/readyz").status_code == 200
    return False


def _environment(settings: Mapping[str, str]) -> Mapping[str, str]:
    """Our tree first, and settings of the gateways."""
    ours = [str(ROOT), str(ROOT / "client"), os.environ.get("PYTHONPATH", "")]
    given = {"PYTHONPATH": os.pathsep.join(filter(None, ours)), "RAY_AUTH_TOKEN": TOKEN}
    return {**os.environ, "HARMO_API_KEYS": KEY, **given, **settings}


@contextmanager
def starting(*arguments: str, **settings: str) -> Iterator[Box]:
    """A box that is being started; nothing of it is left afterwards."""
    # Ray's sockets lie in it, and a socket's path is short.
    folder = Path(tempfile.mkdtemp(prefix="hr", dir="/tmp"))
    port = free_port()
    command = [sys.executable, "deploy/ray_serve.py", "--port", str(port), "--num-cpus", "1"]
    for what in ("--gateway-cpus", "--model-cpus"):
        command += [what, "0.1"]
    with (folder / "out").open("wb") as out:
        started = subprocess.Popen(
            [*command, "--folder", str(folder / "ray"), *arguments],
            cwd=ROOT,
            env=_environment(settings),
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    it = Box(url=f"http://127.0.0.1:{port}", process=psutil.Process(started.pid), folder=folder)
    try:
        yield it
    finally:
        _end(it, started)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def box(*arguments: str, **settings: str) -> Iterator[Box]:
    """A box that is ready; nothing of it is left afterwards."""
    with starting(*arguments, **settings) as it:
        until(lambda: "ready url" in it.said() or not alive(it.process), "ready", within_s=240)
        assert alive(it.process), it.said()
        yield it


def alive(process: psutil.Process) -> bool:
    """True of what runs."""
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def _end(it: Box, started: subprocess.Popen[bytes]) -> None:
    """What a failed test leaves is killed: first the names of all, then all of them."""
    known = it.processes()
    if started.poll() is None:
        started.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            started.wait(20)
    for process in known:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    started.wait(10)


def listening(process: psutil.Process) -> list[tuple[str, int]]:
    """Addresses and ports on which a process takes connections."""
    with suppress(psutil.NoSuchProcess):
        return [
            (connection.laddr.ip, connection.laddr.port)
            for connection in process.net_connections(kind="tcp")
            if connection.status == psutil.CONN_LISTEN
        ]
    return []


def on_loopback(address: str) -> bool:
    """True of 127.0.0.1, in whatever family it is written."""
    return address.removeprefix("::ffff:") in ("127.0.0.1", "::1")
