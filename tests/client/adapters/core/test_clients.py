from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from multiprocessing import get_context
from typing import Any

import pytest

from harmo_client.adapters.core import clients
from harmo_client.adapters.core.ask import judge, judge_now
from harmo_client.adapters.core.samples import Sample
from harmo_client.adapters.core.settings import Settings, settings
from harmo_client.errors import VersionChangedError

SAMPLE = Sample(completion="four")


def rewards(chosen: Settings) -> list[float | None]:
    return [judged.reward for judged in asyncio.run(judge([SAMPLE], chosen))]


def test_every_batch_may_have_an_event_loop_of_its_own(listen: Any) -> None:
    served = listen()
    for _ in range(5):
        assert rewards(settings()) == [4.25]
    assert len(served.fake.requests) == 5
    assert clients.held().loops == 1  # those of closed loops are dropped


async def test_an_event_loop_keeps_its_client(listen: Any) -> None:
    listen()
    held = clients.held()
    first = held.running(settings())
    await judge([SAMPLE], settings())
    assert held.running(settings()) is first
    assert held.running(settings({"timeout_s": 1})) is not first


def test_threads_with_event_loops_of_their_own_ask_at_once(listen: Any) -> None:
    listen()
    chosen, given = settings(), [[] for _ in range(8)]
    threads = [
        threading.Thread(target=lambda mine=mine: mine.extend(rewards(chosen))) for mine in given
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert given == [[4.25]] * 8


def test_a_run_is_held_to_its_recipe_across_event_loops(listen: Any) -> None:
    def other(answer: dict[str, Any]) -> None:
        answer["recipe"]["version"] = f"sha256:{len(served.fake.requests)}"

    served = listen(spoil=other)
    chosen = settings({"run": "exp-42"})
    assert rewards(chosen) == [4.25]
    with pytest.raises(VersionChangedError, match="exp-42"):
        rewards(chosen)
    with pytest.raises(VersionChangedError, match="exp-42"):
        asyncio.run(asked_freshly(chosen))


async def asked_freshly(chosen: Settings) -> None:
    async with clients.held().fresh(chosen) as client:
        await judge([SAMPLE], chosen, client=client)


def in_a_fork(work: Callable[[], object]) -> None:
    child = get_context("fork").Process(target=work)
    child.start()
    child.join(60)
    assert child.exitcode == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_fork_has_clients_of_its_own_and_leaves_the_parents_alone(listen: Any) -> None:
    listen()
    chosen = settings()
    loop = asyncio.new_event_loop()
    assert loop.run_until_complete(judge([SAMPLE], chosen))[0].reward == 4.25
    assert judge_now([SAMPLE], chosen)[0].reward == 4.25

    def work() -> None:
        assert clients.held().loops == 0
        assert judge_now([SAMPLE], chosen)[0].reward == 4.25
        assert rewards(chosen) == [4.25]

    in_a_fork(work)
    assert loop.run_until_complete(judge([SAMPLE], chosen))[0].reward == 4.25
    assert judge_now([SAMPLE], chosen)[0].reward == 4.25
    loop.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_fork_while_a_thread_opens_a_client_does_not_wait_for_it_for_ever(listen: Any) -> None:
    listen()
    chosen = settings()
    with clients.held()._lock:  # as if a thread of the parent were inside at that moment
        child = get_context("fork").Process(target=lambda: judge_now([SAMPLE], chosen))
        child.start()
    child.join(60)
    assert child.exitcode == 0
