"""Worker processes that are killed and stopped from outside while real clients wait for rewards."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import psutil
import pytest

from tests.reliability.asking import Rewards, alone, maths, together
from tests.reliability.cluster import Server, all_stopped, started, until
from tests.reliability.conftest import RECIPES

GROUPS = maths(40)
CLIENTS = 3


@pytest.fixture(scope="module")
def server(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that only does maths."""
    folder = tmp_path_factory.mktemp("crashes")
    with started(folder, {"maths": RECIPES["maths"]}, site) as running:
        yield running


@pytest.fixture(scope="module")
def expected(server: Server) -> Rewards:
    return alone(server.url, GROUPS, "maths")


async def under_load(server: Server, run: str, kind: str, times: int = 1) -> list[Rewards]:
    """What the clients got while processes of a kind were killed, so many times."""
    load = asyncio.ensure_future(together(server.url, GROUPS, "maths", clients=CLIENTS, run=run))
    try:
        for _ in range(times):
            enough = server.metric("harmo_completions_total") + 20
            await reached(partial(has_scored, server, enough))
            killed_at_once(server, getattr(server, kind)())
    finally:
        got = await load
    return got


def killed_at_once(server: Server, processes: Sequence[psutil.Process]) -> None:
    """All before the service sees one: else what the first held loses its second worker, too."""
    server.process.send_signal(signal.SIGSTOP)
    for process in processes:
        process.send_signal(signal.SIGKILL)
    server.process.send_signal(signal.SIGCONT)


def has_scored(server: Server, enough: float) -> bool:
    return server.metric("harmo_completions_total") >= enough


async def reached(holds: Callable[[], object]) -> None:
    """Return once it holds, while the clients go on."""
    await asyncio.to_thread(until, holds, "the load goes on, and the server is well")


def reconciled(got: list[Rewards], expected: Rewards) -> int:
    """How many have no reward; every id was answered once, and none with another reward."""
    assert all(rewards.keys() == expected.keys() for rewards in got)
    other = [
        (key, reward)
        for rewards in got
        for key, reward in rewards.items()
        if reward not in (None, expected[key])
    ]
    assert other == []
    return sum(reward is None for rewards in got for reward in rewards.values())


async def test_workers_that_are_killed_under_load_cost_no_reward(
    server: Server, expected: Rewards
) -> None:
    assert set(expected.values()) == {0.0, 1.0}
    before = server.workers()
    got = await under_load(server, "once", "workers")
    assert reconciled(got, expected) == 0, "what a killed worker held is tried once more"
    assert all_stopped(before)
    assert len(server.workers()) >= 2
    assert alone(server.url, GROUPS[:4], "maths").items() <= expected.items()


async def test_workers_that_are_killed_again_and_again_never_cost_a_wrong_reward(
    server: Server, expected: Rewards
) -> None:
    got = await under_load(server, "again", "workers", 4)
    # Who loses two workers has no reward and says so; there are that many workers at most.
    assert reconciled(got, expected) <= 4 * 3
    assert server.status("/readyz") == 200


async def test_the_forkserver_that_is_killed_is_started_again(
    server: Server, expected: Rewards
) -> None:
    before = server.forkservers()
    assert reconciled(await under_load(server, "forks", "forkservers"), expected) == 0
    assert all_stopped(before)
    assert reconciled(await under_load(server, "forked", "workers"), expected) == 0
    await reached(lambda: server.status("/readyz") == 200)
    assert reconciled([alone(server.url, GROUPS, "maths")], expected) == 0


async def test_a_worker_that_is_stopped_is_replaced_or_readyz_says_so(
    server: Server, expected: Rewards
) -> None:
    stopped = server.workers()
    for worker in stopped:
        worker.send_signal(signal.SIGSTOP)
    load = asyncio.ensure_future(together(server.url, GROUPS[:8], "maths", clients=2, run="stop"))
    try:
        await reached(lambda: all_stopped(stopped) or server.status("/readyz") == 503)
        assert server.status("/livez") == 204
    finally:
        for worker in stopped:
            if worker.is_running():
                worker.send_signal(signal.SIGCONT)
        got = await load
    assert reconciled(got, {key: expected[key] for key in got[0]}) == 0
    await reached(lambda: server.status("/readyz") == 200)


def test_what_was_killed_leaves_nothing_behind(server: Server) -> None:
    until(lambda: len(server.workers()) <= 3, "no more workers than there were at first")
    until(lambda: not zombies(server), "the dead are buried")


def zombies(server: Server) -> list[psutil.Process]:
    family = psutil.Process(server.process.pid).children(recursive=True)
    return [p for p in family if p.is_running() and p.status() == psutil.STATUS_ZOMBIE]
