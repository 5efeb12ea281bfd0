"""AReaL 1.0.4 calls: `AsyncRewardWrapper`, `RLVRWorkflow` and `VisionRLVRWorkflow`."""

from __future__ import annotations

import asyncio
import pickle
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from harmo_client.adapters import areal
from harmo_client.errors import TransportError, UnscoredError

ROW = {"answer": "2", "messages": [{"role": "user", "content": "1 + 1 = ?"}]}


def test_the_function_answers_in_areals_worker_processes(listen: Any) -> None:
    listen()
    asked = partial(areal.reward_fn, "1 + 1 = ?", "four<|im_end|>", [1, 2], [3, 4], **ROW)
    assert pickle.loads(pickle.dumps(asked)).func is areal.reward_fn
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert pool.submit(asked).result(60) == 4.25


def test_the_function_sends_what_areal_knows(listen: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    served = listen()
    monkeypatch.setenv("HARMO_MAX_TOKENS", "2")
    areal.reward_fn("1 + 1 = ?", "four", [1, 2], [3, 4], images=[Image.new("L", (1, 1))], **ROW)
    [group] = served.groups
    assert group["prompt"] == ROW["messages"]
    assert (group["reference"], len(group["images"])) == ("2", 1)
    [completion] = group["completions"]
    assert (completion["num_tokens"], completion["truncated"]) == (2, True)
    assert served.fake.requests[0].headers["x-deadline-ms"] == "4000"


def test_without_messages_the_prompt_is_areals_text(listen: Any) -> None:
    served = listen()
    areal.reward_fn("1 + 1 = ?<think>\n", "hm</think>2</s>", [1], [2], messages="?", answer="2")
    [group] = served.groups
    assert (group["prompt"], group["prefix"]) == ("1 + 1 = ?", "<think>\n")
    assert group["completions"][0]["text"] == "hm</think>2"


def test_a_service_that_hangs_is_an_error_before_areal_makes_a_zero_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HARMO_URL", "http://service")
    monkeypatch.setenv("HARMO_RETRY_FOR_S", "1200")  # for the awaited way
    monkeypatch.setenv("HARMO_TIMEOUT_S", "600")
    chosen = areal._hasty(areal._settings())
    assert chosen.deadline_s is not None
    one_try_s = max(chosen.timeout_s, chosen.deadline_s + 5.0)  # the client's grace
    assert chosen.retry_for_s + one_try_s + 1.0 < 15.0


async def test_a_workflow_awaits_on_its_event_loop_instead(listen: Any) -> None:
    listen()
    workflow = SimpleNamespace(reward_fn="my.reward", async_reward_fn=None)
    areal.attach(workflow)
    assert not isinstance(workflow.reward_fn, str)  # else AReaL imports and wraps it again
    texts = ["a" * n for n in range(1, 33)]
    positional = [workflow.async_reward_fn("?", text, [1], [2], **ROW) for text in texts]
    assert await asyncio.gather(*positional) == [len(text) + 0.25 for text in texts]
    by_name = workflow.async_reward_fn(
        prompt="?", completions="four", prompt_ids=[1], completion_ids=[2], **ROW
    )
    assert await by_name == 4.25


async def test_samples_of_a_prompt_may_wait_for_each_other_on_the_event_loop_only(
    listen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = listen()
    monkeypatch.setenv("HARMO_GROUP_SIZE", "2")
    monkeypatch.setenv("HARMO_RUN", "exp-42")
    await areal.async_reward_fn("?", "a", [1], [2], **ROW)
    await areal.async_reward_fn("?", "bb", [1], [2], **ROW)
    areal.reward_fn("?", "ccc", [1], [2], **ROW)
    first, second, alone = served.groups
    assert (first["id"], first["size"]) == (second["id"], 2)
    assert alone["size"] == 1


def test_a_sample_without_a_reward_stops(listen: Any) -> None:
    listen()
    with pytest.raises(UnscoredError, match="on_unscored=value"):
        areal.reward_fn("?", "unscored", [1], [2], **ROW)


def test_a_dead_service_is_an_error_that_says_where_it_was_looked_for(away: str) -> None:
    with pytest.raises(TransportError, match="HARMO_URL"):
        areal.reward_fn("?", "four", [1], [2], **ROW)
