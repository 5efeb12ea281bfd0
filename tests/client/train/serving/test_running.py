"""A service that a run starts: how it is called, that it answers, and that it never outlives it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
import pytest

from harmo_client.train.config import ServeConfig
from harmo_client.train.serving import running
from harmo_client.train.serving.running import (
    ServiceFailedError,
    running_service,
    serve_command,
)
from tests.client.train.serving.fake_harmo import CALLED, install

WHOLE = ServeConfig(
    recipe=["mine.yaml", "math"],
    model=["quality=/models/rm"],
    encoder=["owner/encoder"],
    device="cuda:1",
    tokenizer="owner/policy",
    workers=3,
    config=Path("harmo.yaml"),
)


@pytest.mark.parametrize(
    ("serve", "audit", "words", "why"),
    [
        (ServeConfig(), None, "", "the service's own defaults"),
        (ServeConfig(), Path("out/audit"), "--audit out/audit", "kept in the run's folder"),
        (
            WHOLE,
            Path("a"),
            "--recipe mine.yaml --recipe math --model quality=/models/rm --encoder owner/encoder "
            "--device cuda:1 --tokenizer owner/policy --workers 3 --config harmo.yaml --audit a",
            "everything",
        ),
    ],
)
def test_the_service_is_asked_for_what_the_config_says(
    serve: ServeConfig, audit: Path | None, words: str, why: str
) -> None:
    program, *rest = serve_command(serve, 18123, audit)
    assert Path(program).name == "harmo"
    assert rest == ["serve", "--host", "127.0.0.1", "--port", "18123", *words.split()], why


def test_it_answers_is_logged_and_is_gone_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = install(tmp_path / "bin", monkeypatch)
    with running_service(ServeConfig(recipe=["math"]), tmp_path / "out") as url:
        assert httpx.get(f"{url}/readyz", trust_env=False).status_code == 200
    assert not listens(url)
    called = (folder / CALLED).read_text().splitlines()
    assert called[-4:] == ["--recipe", "math", "--audit", str(tmp_path / "out" / "audit")]
    assert (tmp_path / "out" / "service.log").read_text() == "serving\n"


def test_a_second_part_of_a_run_goes_on_in_the_same_log_and_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = install(tmp_path / "bin", monkeypatch)
    called = []
    for _ in range(2):
        with running_service(ServeConfig(), tmp_path / "out"):
            called.append((folder / CALLED).read_text().splitlines()[-2:])
    assert called[0] == called[1] == ["--audit", str(tmp_path / "out" / "audit")]
    assert (tmp_path / "out" / "service.log").read_text() == "serving\n" * 2


def test_one_that_does_not_come_up_is_told_in_its_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path / "bin", monkeypatch, fails=True)
    out = tmp_path / "out"
    out.mkdir()
    (out / "service.log").write_text("of an earlier run\n")
    with pytest.raises(ServiceFailedError) as failed, running_service(ServeConfig(), out):
        pass
    assert "ended with 1" in str(failed.value)
    assert str(out / "service.log") in str(failed.value)
    assert "nowhere.yaml: no such recipe" in str(failed.value)
    assert "earlier" not in str(failed.value)


def test_without_a_harmo_it_is_said_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ServiceFailedError, match=r"pip install harmo, or .*service\.url"):
        serve_command(ServeConfig(), 1, None)


def test_one_that_crashes_is_started_again_on_the_same_port(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path / "bin", monkeypatch)
    out = tmp_path / "out"
    with running_service(ServeConfig(), out) as url:
        kill_listener(url)
        stop = time.monotonic() + 30
        while not listens(url) and time.monotonic() < stop:
            time.sleep(0.05)
        assert listens(url)
    assert not listens(url)
    assert "the service ended with -9; it is started again" in (out / "service.log").read_text()


def kill_listener(url: str) -> None:
    """Kill the process that answers there, and wait until nobody does."""
    port = httpx.URL(url).port
    (process,) = {
        each.pid
        for each in psutil.net_connections("tcp4")
        if each.status == psutil.CONN_LISTEN and each.laddr.port == port
    }
    os.kill(int(process or 0), signal.SIGKILL)
    while listens(url):
        time.sleep(0.01)


RUN = """
import sys
from pathlib import Path
from harmo_client.train.config import ServeConfig
from harmo_client.train.serving.running import running_service
sys.executable = sys.argv[1]
with running_service(ServeConfig(), Path(sys.argv[2])) as url:
    print(url, flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_however_a_run_dies_its_service_dies_too(
    number: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = sys.executable
    fake = install(tmp_path / "bin", monkeypatch) / "python"
    run = subprocess.Popen(
        [python, "-c", RUN, str(fake), str(tmp_path / "out")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert run.stdout is not None
    url = run.stdout.readline().strip()
    assert listens(url)
    run.send_signal(number)
    run.wait(30)
    stop = time.monotonic() + 30
    while listens(url) and time.monotonic() < stop:
        time.sleep(0.05)
    assert not listens(url)


def listens(url: str) -> bool:
    """True if somebody takes a connection there."""
    parsed = httpx.URL(url)
    with socket.socket() as probe:
        return probe.connect_ex((parsed.host, parsed.port or 0)) == 0


def test_the_port_is_one_that_nobody_listens_on() -> None:
    assert not listens(f"http://127.0.0.1:{running._free_port()}")
