"""Start and stop `harmo serve` as a process of its own, on a free loopback port."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from harmo_client.errors import HarmoError
from harmo_client.train.config import ServeConfig
from harmo_client.train.serving import keeper

HOST = "127.0.0.1"
AUDIT_FOLDER, LOG_FILE = "audit", "service.log"
"""Beneath a run's folder: the groups that were scored, and what the service wrote."""
READY_TIMEOUT_S = 600.0
"""A large model is read from the disk in that time."""
_LAST_LINES = 15


class ServiceFailedError(HarmoError):
    """The service did not come up; the message ends with what it wrote."""


@contextmanager
def running_service(serve: ServeConfig, folder: Path) -> Iterator[str]:
    """Address of a service that answers; it is stopped on exit, and dies with this process.

    One that crashes later is started again, on the same port and in the same store.

    Args:
        serve: What it serves.
        folder: Where its log goes and, if it is to keep them, the groups that it scores.

    Raises:
        ServiceFailedError: If it does not come up, or there is no `harmo` to be started.
    """
    folder.mkdir(parents=True, exist_ok=True)
    port, log = _free_port(), folder / LOG_FILE
    audit = folder / AUDIT_FOLDER if serve.audit else None
    command = [sys.executable, "-I", keeper.__file__, *serve_command(serve, port, audit)]
    # Nothing balances a load before it that had to notice first that it drains.
    environment = {"HARMO_DRAIN_WAIT_S": "0", **os.environ}
    with log.open("ab") as output:
        began = output.tell()
        process = subprocess.Popen(  # noqa: S603  our own command
            command,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            # Ctrl-C is for the run, which ends the service once it needs it no more.
            start_new_session=True,
        )
        try:
            url = f"http://{HOST}:{port}"
            _wait_until_ready(process, url, log, began)
            _tell(process, keeper.ANSWERED)
            yield url
        finally:
            _stop(process)


def serve_command(serve: ServeConfig, port: int, audit: Path | None) -> Sequence[str]:
    """The command line of the service. Raises ServiceFailedError if no `harmo` is installed."""
    repeated = {"--recipe": serve.recipe, "--model": serve.model, "--encoder": serve.encoder}
    single = {
        "--device": serve.device,
        "--tokenizer": serve.tokenizer,
        "--workers": serve.workers,
        "--config": serve.config,
        "--audit": audit,
    }
    given = [(flag, value) for flag, values in repeated.items() for value in values]
    given += [(flag, str(value)) for flag, value in single.items() if value is not None]
    words = [word for flag, value in given for word in (flag, value)]
    return [_harmo(), "serve", "--host", HOST, "--port", str(port), *words]


def _harmo() -> str:
    beside = Path(sys.executable).with_name("harmo")
    found = str(beside) if beside.is_file() else shutil.which("harmo")
    if found is None:
        raise ServiceFailedError(
            f"no harmo command beside {sys.executable} or on the PATH: pip install harmo, or name "
            "a service that runs elsewhere by service.url"
        )
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(process: subprocess.Popen[bytes], url: str, log: Path, began: int) -> None:
    deadline = time.monotonic() + READY_TIMEOUT_S
    # One client for all tries, each would load its certificates anew; no proxy leads to ourselves.
    with httpx.Client(base_url=url, timeout=2.0, trust_env=False) as http:
        while process.poll() is None and time.monotonic() < deadline:
            if _is_ready(http):
                return
            time.sleep(0.1)
    state = "is not ready" if process.poll() is None else f"ended with {process.returncode}"
    written = log.read_bytes()[began:].decode("utf-8", "replace")
    last_lines = "\n".join(written.splitlines()[-_LAST_LINES:])
    raise ServiceFailedError(f"harmo serve {state} ({log}):\n{last_lines}")


def _is_ready(http: httpx.Client) -> bool:
    try:
        return http.get("/readyz").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _tell(process: subprocess.Popen[bytes], word: bytes) -> None:
    if process.stdin is not None:
        process.stdin.write(word)
        process.stdin.flush()


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Let go of it, and wait: what it keeps is on the disk when this returns."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(keeper.PATIENCE_S + 5.0)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
