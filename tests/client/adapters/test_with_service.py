"""Adapters against a service that runs: groups in pieces, recovery, and one that hangs."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from types import SimpleNamespace
from typing import Any

import pytest

from harmo_client.adapters import areal, easyr1, openrlhf, slime, verl
from harmo_client.errors import BudgetExhaustedError, HarmoError, UnscoredError
from tests.process import serving

PROMPTS, GROUP_SIZE = 8, 8
RIGHT, WRONG = r"\boxed{%d}", "no idea"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving("--log-level", "warning") as port:
        yield f"http://localhost:{port}"


@pytest.fixture
def here(address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("HARMO_URL", address)
    monkeypatch.setenv("HARMO_RECIPE", "math")
    monkeypatch.setenv("HARMO_RUN", "exp-42")
    return address


async def of_prompts(prompts: range, group_size: int = GROUP_SIZE) -> list[dict[str, float]]:
    # The first members of all groups, then the second ones: no group is whole until the end.
    calls = [
        verl.compute_score(
            data_source="sums",
            solution_str=RIGHT % prompt if member % 2 else WRONG,
            ground_truth=str(prompt),
            extra_info={"index": prompt, "split": "train", "num_turns": 2},
            group_size=group_size,
        )
        for member in range(GROUP_SIZE)
        for prompt in prompts
    ]
    return await asyncio.gather(*calls)


async def test_members_that_come_one_by_one_are_scored_as_a_group(here: str) -> None:
    # Few threads must be enough: nothing that waits may hold one.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(2))
    scores = await of_prompts(range(PROMPTS))
    assert len(scores) == PROMPTS * GROUP_SIZE
    assert len({frozenset(score) for score in scores}) == 1
    assert all(score["group_complete"] == 1.0 for score in scores)
    for at, score in enumerate(scores):
        assert (score["score"] >= 1.0) is bool(at // PROMPTS % 2)


def half(first: int) -> list[dict[str, float]]:
    """Half of the members of each group, in a worker process of its own."""

    async def run() -> list[dict[str, float]]:
        calls = [
            verl.compute_score("halves", RIGHT % prompt, str(prompt), {"index": prompt})
            for prompt in range(PROMPTS)
            for _ in range(first, first + GROUP_SIZE // 2)
        ]
        return await asyncio.gather(*calls)

    return asyncio.run(run())


def test_a_groups_members_may_come_from_several_processes(
    here: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARMO_GROUP_SIZE", str(GROUP_SIZE))
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        scores = [score for part in pool.map(half, (0, GROUP_SIZE // 2)) for score in part]
    assert [score["group_complete"] for score in scores] == [1.0] * PROMPTS * GROUP_SIZE


async def test_slimes_group_and_samples_alone_get_the_same_rewards(here: str) -> None:
    args = SimpleNamespace(reward_key=None, eval_reward_key=None)
    group = [rollout(text) for text in (RIGHT % 2, WRONG)]
    together = await slime.custom_rm(args, group)
    alone = [await slime.custom_rm(args, rollout(text)) for text in (RIGHT % 2, WRONG)]
    assert together == alone
    assert together[0] > 1.0 > together[1]


def rollout(text: str) -> Any:
    return SimpleNamespace(
        **{"group_index": 7, "index": None, "prompt": "1 + 1 = ?", "response": text},
        **{"response_length": 5, "label": "2", "loss_mask": None, "status": "completed"},
        **{"metadata": {}, "remove_sample": False},
    )


def test_a_batch_and_a_thread_a_sample_get_the_same_rewards(here: str) -> None:
    texts = [RIGHT % 2, WRONG] * 16
    rows = [{"response": text, "response_length": 5, "ground_truth": "2"} for text in texts]
    batch = [row["overall"] for row in easyr1.compute_score(rows)]

    def single(text: str) -> Any:
        return openrlhf.reward_func([f"1 + 1 = ?{text}"], ["1 + 1 = ?"], ["2"])["rewards"][0]

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(single, texts)) == batch


def test_a_reference_that_nobody_can_read_stops_a_sample_alone(here: str) -> None:
    with pytest.raises(UnscoredError, match=r"no_reference.*on_unscored=value"):
        areal.reward_fn("1 + 1 = ?", RIGHT % 2, [1], [2])


async def test_a_service_that_is_busy_once_is_asked_again(listen: Any) -> None:
    served = listen(script=[503, (429, {"Retry-After": "0"})])
    scored = await verl.compute_score("sums", "four", "2")
    assert scored["score"] == 4.25
    assert len(served.fake.requests) == 3


@pytest.fixture
def silent() -> Iterator[str]:
    """A service that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    held.append(server.accept()[0])
                except OSError:
                    return

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        for connection in held:
            connection.close()


@pytest.mark.parametrize("retry_for_s", [0.0, 0.3])
async def test_a_service_that_hangs_ends_as_an_error(silent: str, retry_for_s: float) -> None:
    asked = {"url": silent, "timeout_s": 0.2, "retry_for_s": retry_for_s}
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    beside = asyncio.create_task(others())
    with pytest.raises(HarmoError, match="HARMO_URL") as raised:
        await verl.compute_score("sums", "four", "2", **asked)
    beside.cancel()
    assert isinstance(raised.value, BudgetExhaustedError) is bool(retry_for_s)
    assert turns > 100  # the event loop was never held up
    with pytest.raises(HarmoError, match="HARMO_URL"):
        await asyncio.to_thread(
            easyr1.compute_score,
            [{"response": "four", "response_length": 1, "ground_truth": "2"}],
            **asked,
        )
