"""The end of a real process: in order, with answers, in bounded time, with a code that says why."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.app.plugged import RECIPES
from tests.process import free_port, wait_ready

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60.0


class Running:
    """A service that runs, and requests to it."""

    def __init__(self, port: int, process: subprocess.Popen[bytes], log: Path) -> None:
        self.port, self.process, self.log = port, process, log

    def status(self, path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        connection.request("GET", path)
        return connection.getresponse().status

    def ask(self, recipe: str, text: str, wait_ms: int = 0) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        completion = {"id": "0", "text": text}
        group = {"id": "g", "prompt": "p", "metadata": {"wait_ms": wait_ms}}
        asked = {"recipe": recipe, "groups": [group | {"completions": [completion]}]}
        connection.request(
            "POST", "/score", json.dumps(asked), {"content-type": "application/json"}
        )
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())

    def in_flight(self, count: int, wait_ms: int) -> tuple[list[int], list[threading.Thread]]:
        """Statuses, as they come, of so many requests that have all begun."""
        statuses: list[int] = []

        def one() -> None:
            with contextlib.suppress(ConnectionError):
                statuses.append(self.ask("slow", "4", wait_ms)[0])

        threads = [threading.Thread(target=one) for _ in range(count)]
        for thread in threads:
            thread.start()
        until_s = time.monotonic() + PATIENCE_S
        while self.gauge("harmo_completions_in_flight") < count and time.monotonic() < until_s:
            time.sleep(0.02)
        return statuses, threads

    def gauge(self, name: str) -> float:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        connection.request("GET", "/metrics")
        lines = connection.getresponse().read().decode().splitlines()
        return next(float(line.split()[1]) for line in lines if line.startswith(name + " "))

    def until_port_closed(self) -> None:
        while True:
            try:
                self.status("/livez")
            except ConnectionError:
                return

    def ended(self) -> int:
        return self.process.wait(PATIENCE_S)


@contextmanager
def running(folder: Path, *, ready: bool = True, **settings: object) -> Iterator[Running]:
    for name, text in RECIPES.items():
        (folder / f"{name}.yaml").write_text(text)
    port, log = free_port(), folder / "log"
    environment = {f"HARMO_{name.upper()}": str(value) for name, value in settings.items()}
    recipes = [part for name in RECIPES for part in ("--recipe", str(folder / f"{name}.yaml"))]
    paths = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.app.plugged", "serve", "--port", str(port), *recipes],
            env=os.environ | {"HARMO_WORKERS": "1", "PYTHONPATH": paths} | environment,
            stdout=output,
            stderr=output,
            cwd=folder,
            # Under `nohup` these tests would pass on that SIGHUP is ignored.
            preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),  # noqa: PLW1509
        )
    try:
        if ready:
            wait_ready(port, process)
        yield Running(port, process, log)
    finally:
        process.kill()
        process.wait(PATIENCE_S)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_lets_probes_see_it_and_everything_in_flight_is_answered(
    tmp_path: Path, number: signal.Signals
) -> None:
    with running(tmp_path, drain_wait_s=2) as service:
        statuses, threads = service.in_flight(20, wait_ms=3500)
        service.process.send_signal(number)
        while service.status("/readyz") == 200:
            time.sleep(0.02)
        assert service.status("/livez") == 204
        assert service.ask("slow", "4")[0] == 200, "whoever comes all the same is served"
        for thread in threads:
            thread.join()
        assert statuses == [200] * 20
        assert service.ended() == 0


def test_what_outlasts_the_drain_gets_a_503_and_so_does_what_comes_after_the_port_closed(
    tmp_path: Path,
) -> None:
    with running(tmp_path, drain_wait_s=0, drain_timeout_s=1) as service:
        kept = http.client.HTTPConnection("127.0.0.1", service.port, timeout=PATIENCE_S)
        kept.request("GET", "/livez")
        kept.getresponse().read()
        statuses, threads = service.in_flight(3, wait_ms=50_000)
        service.process.terminate()
        service.until_port_closed()
        kept.request("GET", "/recipes")
        refused = kept.getresponse()
        assert refused.status == 503
        assert refused.getheader("Retry-After")
        assert refused.getheader("Connection") == "close"
        for thread in threads:
            thread.join()
        assert statuses == [503] * 3
        assert service.ended() == 0


def test_a_second_signal_skips_the_wait_and_a_third_ends_at_once(tmp_path: Path) -> None:
    with running(tmp_path, drain_wait_s=1000, drain_timeout_s=1000) as service:
        service.in_flight(1, wait_ms=50_000)
        service.process.terminate()
        while service.status("/readyz") == 200:
            time.sleep(0.02)
        service.process.terminate()
        service.until_port_closed()
        assert service.process.poll() is None, "what is in flight has its time"
        os.kill(service.process.pid, signal.SIGINT)
        assert service.ended() == 128 + signal.SIGINT


def test_a_second_signal_during_the_drain_ends_what_is_in_flight(tmp_path: Path) -> None:
    with running(tmp_path, drain_wait_s=0, drain_timeout_s=1000) as service:
        statuses, threads = service.in_flight(2, wait_ms=50_000)
        service.process.terminate()
        service.until_port_closed()
        service.process.terminate()
        for thread in threads:
            thread.join()
        assert statuses == [503, 503]
        assert service.ended() == 0


def test_a_call_that_never_comes_back_does_not_keep_the_process(tmp_path: Path) -> None:
    with running(tmp_path, drain_wait_s=0, drain_timeout_s=1, deadline_ms=1000) as service:
        assert service.ask("hung", "hang for good")[0] in (200, 504)
        service.process.terminate()
        assert service.ended() == 0


def test_a_signal_while_it_loads_ends_it(tmp_path: Path) -> None:
    with running(tmp_path, ready=False) as service:
        while service.process.poll() is None:
            try:
                assert service.status("/readyz") == 503
                break
            except ConnectionError:
                time.sleep(0.02)
        service.process.terminate()
        assert service.ended() == 0


def test_what_cannot_be_loaded_is_a_mistake_with_a_code_of_its_own(tmp_path: Path) -> None:
    with running(tmp_path, ready=False, api_keys="hunter2:swordfish") as service:
        assert service.ended() == 2
        said = service.log.read_text()
        assert "API key 1 of 1 is for a recipe that is not loaded" in said
        assert "swordfish" not in said
        assert "hunter2" not in said


def test_what_scored_and_broke_for_good_is_unready_and_then_ends_with_a_code_of_its_own(
    tmp_path: Path,
) -> None:
    with running(tmp_path, canary_s=0.1, fatal_after_s=1, drain_wait_s=1000) as service:
        time.sleep(1.0)
        assert service.status("/readyz") == 200
        (tmp_path / "broken").touch()
        while service.process.poll() is None:
            with contextlib.suppress(ConnectionError):
                if service.status("/readyz") == 503:
                    break
        assert service.ended() == 3
        said = service.log.read_text()
        assert "recipe breaks does not score: aspect.breaks: scorer_error" in said
        assert "no cure in 1 s" in said


@pytest.mark.parametrize("close", ["pipe", "descriptors"])
def test_a_log_that_nobody_takes_loses_no_request(tmp_path: Path, close: str) -> None:
    port = free_port()
    command = [sys.executable, "-c", "from harmo.app.cli import main; main()", "serve"]
    command += ["--port", str(port), "--recipe", "math", "--log-level", "debug"]
    if close == "descriptors":
        command = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *command]
    process = subprocess.Popen(
        command,
        env=os.environ | {"HARMO_WORKERS": "1", "HARMO_DRAIN_WAIT_S": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert process.stdout is not None
    process.stdout.close()
    try:
        wait_ready(port, process)
        service = Running(port, process, tmp_path)
        for _ in range(5):
            status, answer = service.ask("math", "\\boxed{4}")
            assert (status, answer["groups"][0]["id"]) == (200, "g")
            with socket.create_connection(("127.0.0.1", port)) as wrong:
                wrong.sendall(b"\x16\x03\x01 not HTTP")
        process.terminate()
        assert process.wait(PATIENCE_S) == 0
    finally:
        process.kill()
        process.wait(PATIENCE_S)
