"""From start to end of a real server: what probes see, what clients get, and the exit code."""

from __future__ import annotations

import asyncio
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.process import heeding
from tests.reliability.asking import alone, body, group, maths, together
from tests.reliability.cluster import Server, all_stopped, started, until
from tests.reliability.conftest import RECIPES

HELD = {"held": RECIPES["held"]}
MATHS = {"maths": RECIPES["maths"]}
IN_FLIGHT = 20


def test_a_server_that_loads_slowly_lives_and_is_ready_once_it_scored(
    site: Path, tmp_path: Path
) -> None:
    hold = tmp_path / "hold"
    hold.touch()
    with started(tmp_path, HELD, site, wait=False) as server:
        until(lambda: server.status("/livez") == 204, "it lives")
        early = server.get("/readyz")
        assert (early.status_code, early.json()["error"]["type"]) == (503, "not_ready")
        assert float(early.headers["Retry-After"]) > 0
        asked = body(group("g", "a"), recipe="held")
        assert server.post(asked).status_code == 503
        until(server.workers, "its workers are there")
        assert server.status("/readyz") == 503, "nothing was scored yet"
        hold.unlink()
        server.wait_ready()
        assert server.post(asked).status_code == 200


def test_at_sigterm_readyz_falls_first_and_what_is_in_flight_is_answered(
    site: Path, tmp_path: Path
) -> None:
    with started(tmp_path, HELD, site, drain_wait_s=5.0) as server:
        hold = server.tell("hold")
        with ThreadPoolExecutor(IN_FLIGHT) as clients:
            asked = [body(group(f"g{n}", f"text {n}"), recipe="held") for n in range(IN_FLIGHT)]
            waiting = [clients.submit(server.post, each) for each in asked]
            until(
                lambda: server.metric("harmo_completions_in_flight") == IN_FLIGHT,
                "all are in flight",
            )
            processes = [*server.forkservers(), *server.workers()]
            server.terminate()
            until(lambda: server.status("/readyz") == 503, "probes see it before the port closes")
            assert server.status("/livez") == 204
            hold.unlink()
            answers = [each.result() for each in waiting]
        assert [answer.status_code for answer in answers] == [200] * IN_FLIGHT
        got = [answer.json()["groups"][0]["id"] for answer in answers]
        assert got == [f"g{n}" for n in range(IN_FLIGHT)]
        assert server.wait() == 0
        until(lambda: all_stopped(processes), "and leaves no process behind")


async def test_sigterm_and_a_restart_under_load_cost_no_client_a_reward(
    site: Path, tmp_path: Path
) -> None:
    groups = maths(30)
    with started(tmp_path, MATHS, site) as server:
        expected = alone(server.url, groups, "maths")
        load = asyncio.ensure_future(together(server.url, groups, "maths", clients=3))
        await asyncio.to_thread(restarted, server)
        assert await load == [expected] * 3


def restarted(server: Server) -> None:
    """As a rolling update does it, in the middle of the load."""
    before = server.metric("harmo_completions_total")
    until(lambda: server.metric("harmo_completions_total") > before + 20, "the load is under way")
    server.terminate()
    assert server.wait() == 0
    server.start()
    server.wait_ready()


HELD_UP = """
import os, sys, time

class Held:
    def find_spec(self, name, path=None, target=None):
        while name == "pydantic_core" and os.path.exists("hold"):
            open("held", "w").close()
            time.sleep(0.01)

sys.meta_path.insert(0, Held())
"""
"""What takes seconds to import never comes: signals are heard before it."""
ENDING = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]


@pytest.mark.parametrize("number", ENDING)
def test_a_signal_before_anything_is_loaded_ends_it_in_peace(
    site: Path, tmp_path: Path, number: signal.Signals
) -> None:
    """A deployment that is rolled back at once sees no crash."""
    (tmp_path / "sitecustomize.py").write_text(HELD_UP)
    (tmp_path / "hold").touch()
    with heeding(signal.SIGHUP), started(tmp_path, MATHS, tmp_path, wait=False) as server:
        until((tmp_path / "held").exists, "it imports")
        server.process.send_signal(number)
        assert server.wait() == 0
        assert server.logged() == f"harmo: {number.name} before it served anything\n"


@pytest.mark.parametrize("number", ENDING)
def test_a_signal_while_it_loads_ends_it_in_peace(
    site: Path, tmp_path: Path, number: signal.Signals
) -> None:
    with heeding(signal.SIGHUP), started(tmp_path, MATHS, site, wait=False) as server:
        until(lambda: loads(server, "pydantic_core"), "it imports")
        server.process.send_signal(number)
        assert server.wait() == 0
        assert "Traceback" not in server.logged()


def test_signals_that_mean_nothing_to_a_service_cost_it_nothing(site: Path, tmp_path: Path) -> None:
    """What rotates logs and what profiles send them; they end a process that does not say no."""
    with started(tmp_path, MATHS, site) as server:
        for number in (signal.SIGUSR1, signal.SIGUSR2):
            server.process.send_signal(number)
        assert server.post(body(*maths(2), recipe="maths")).status_code == 200
        server.terminate()
        assert server.wait() == 0


def loads(server: Server, library: str) -> bool:
    return library in Path(f"/proc/{server.process.pid}/maps").read_text()


def test_what_cannot_start_exits_with_an_error_that_is_one_sentence(
    site: Path, tmp_path: Path
) -> None:
    # Known only once the port is open; tests/app/cli/test_commands.py has what comes before.
    with started(tmp_path, MATHS, site, wait=False, api_keys=["key:nowhere"]) as server:
        assert server.wait() == 2
        assert server.logged().splitlines()[-1].startswith("harmo: ")
        assert "Traceback" not in server.logged()
