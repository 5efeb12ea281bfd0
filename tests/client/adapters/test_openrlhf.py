"""OpenRLHF 0.11.2 calls: `SingleTurnAgentExecutor._fetch_rewards_via_func`."""

from __future__ import annotations

import asyncio
import importlib.util
from pathlib import Path
from typing import Any

import pytest

from harmo_client.adapters import openrlhf
from harmo_client.errors import TransportError, UnscoredError

PROMPT = "<|im_start|>user\n1 + 1 = ?<|im_end|>\n<|im_start|>assistant\n"


@pytest.fixture
def reward_func(tmp_path: Path) -> Any:
    """The file of the page, loaded by its path as OpenRLHF does."""
    file = tmp_path / "harmo_openrlhf.py"
    file.write_text("from harmo_client.adapters.openrlhf import reward_func\n")
    spec = importlib.util.spec_from_file_location("reward_func", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.reward_func


async def test_samples_come_one_by_one_in_threads_and_keep_their_order(
    listen: Any, reward_func: Any
) -> None:
    served = listen()
    texts = ["a" * n for n in range(1, 33)]
    queries = [f"{PROMPT}{text}<|im_end|>" for text in texts]
    answers = await asyncio.gather(
        *(asyncio.to_thread(reward_func, [query], [PROMPT], ["2"]) for query in queries)
    )
    assert [answer["rewards"] for answer in answers] == [[len(text) + 0.25] for text in texts]
    assert {group["completions"][0]["text"] for group in served.groups} == set(texts)
    assert {group["reference"] for group in served.groups} == {"2"}
    first = answers[0]
    assert first["scores"] == [1.0]
    assert first["extra_logs"] == {
        **{"answer": [1.0], "answer_ok": [1.0], "aspect.format": [1.0], "aspect.format_ok": [1.0]},
        **{"reward_error": [0.0], "group_complete": [1.0]},
    }


def test_without_an_end_of_turn_nobody_knows_what_was_truncated(
    listen: Any, reward_func: Any
) -> None:
    served = listen()
    reward_func([PROMPT + "a"], [PROMPT], [None])
    assert not served.groups[0]["completions"][0].get("truncated")


def test_thoughts_that_the_template_opened_are_the_completions(listen: Any) -> None:
    served = listen()
    openrlhf.reward_func([PROMPT + "<think>\nhm</think>2"], [PROMPT + "<think>\n"], ["2"])
    [group] = served.groups
    assert (group["prompt"], group["prefix"]) == (PROMPT, "<think>\n")
    assert group["completions"][0]["text"] == "hm</think>2"


def test_an_empty_batch_is_answered(listen: Any) -> None:
    listen()
    assert openrlhf.reward_func([], [], []) == {"rewards": [], "scores": [], "extra_logs": {}}


def test_a_sample_without_a_reward_stops_or_gets_the_number_that_was_asked_for(
    listen: Any,
) -> None:
    listen()
    asked = ([PROMPT + "unscored"], [PROMPT], ["2"])
    with pytest.raises(UnscoredError, match="on_unscored=value"):
        openrlhf.reward_func(*asked)
    given = openrlhf.make(on_unscored="value", unscored_value=0.5)(*asked)
    assert given["rewards"] == given["scores"] == [0.5]
    assert given["extra_logs"]["reward_error"] == [1.0]


def test_a_dead_service_is_an_error_that_says_where_it_was_looked_for(away: str) -> None:
    with pytest.raises(TransportError, match="HARMO_URL"):
        openrlhf.reward_func([PROMPT + "a"], [PROMPT], ["2"])
