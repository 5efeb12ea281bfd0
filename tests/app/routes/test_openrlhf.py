"""POST /get_reward, as OpenRLHF's client asks and as its older forks do."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.app.routes.conftest import Asking
from tests.app.trainers.rendering import QWEN

pytestmark = pytest.mark.asyncio(loop_scope="session")

PROMPT = QWEN.prompt([("user", "2 + 2 = ?")])
TEXTS = ["\\boxed{4}", "\\boxed{5}", "no idea", "4 is \\boxed{4}"]
RULES = "/get_reward?recipe=rules"


def asked(*texts: str, label: Any = "4") -> dict[str, Any]:
    """As `_fetch_rewards_via_http` of openrlhf/utils/agent.py sends it."""
    return {
        "query": [PROMPT + text + "<|im_end|>" for text in texts],
        "prompts": [PROMPT] * len(texts),
        "labels": [label] * len(texts),
    }


async def test_single_samples_get_the_rewards_of_score(
    http: httpx.AsyncClient, score: Asking
) -> None:
    answers = await asyncio.gather(*(http.post(RULES, json=asked(text)) for text in TEXTS))
    got = [answer.json() for answer in answers]
    assert [one["rewards"] for one in got] == [[each] for each in await score.rewards(TEXTS)]
    assert [one["scores"] for one in got] == [[1.0], [0.0], [0.0], [1.0]]
    assert got[0]["extra_logs"] == {
        **{"answer": [1.0], "answer_ok": [1.0]},
        **{"reward_error": [0.0], "group_complete": [1.0]},
    }
    assert len({tuple(one["extra_logs"]) for one in got}) == 1
    assert "X-Harmo-Stand-Ins" not in answers[0].headers


async def test_a_micro_batch_is_answered_in_its_order(
    http: httpx.AsyncClient, score: Asking
) -> None:
    labels = ["4", "5", "4", "5"]
    batch = asked(*TEXTS) | {"labels": labels}
    got = (await http.post(RULES, json=batch)).json()
    expected = [
        reward
        for text, label in zip(TEXTS, labels, strict=True)
        for reward in await score.rewards([text], reference=label)
    ]
    assert got["rewards"] == expected
    assert all(len(column) == 4 for column in got["extra_logs"].values())


@pytest.mark.parametrize("lists", [("query",), ("query", "prompts", "labels")])
async def test_an_empty_batch_is_answered(http: httpx.AsyncClient, lists: tuple[str, ...]) -> None:
    answer = await http.post(RULES, json={name: [] for name in lists})
    assert answer.json() == {"rewards": [], "scores": [], "extra_logs": {}}


async def test_a_query_alone_is_cut_by_its_markers(http: httpx.AsyncClient) -> None:
    batch = {"query": asked("\\boxed{4}")["query"], "labels": ["4"], "step": 3}
    assert (await http.post(RULES, json=batch)).json()["rewards"] == [1.0]


async def test_a_recipe_that_does_not_know_who_is_right_says_no_scores(
    http: httpx.AsyncClient,
) -> None:
    got = (await http.post("/get_reward?recipe=form", json=asked("\\boxed{4}"))).json()
    assert got.keys() == {"rewards", "extra_logs"}


async def test_what_the_prompt_says_is_no_answer_of_the_policy(http: httpx.AsyncClient) -> None:
    prompt = QWEN.prompt([("user", "Is it \\boxed{4}?")])
    batch = {"query": [prompt + "I don't know."], "prompts": [prompt], "labels": ["4"]}
    assert (await http.post(RULES, json=batch)).json()["rewards"] == [0.0]


@pytest.mark.parametrize(
    ("change", "said", "why"),
    [
        ({"labels": ["4", "5"]}, "1 in query but 2 in labels", "lists that do not line up"),
        ({"prompts": []}, None, "no prompts are as good as none"),
        ({"prompts": [PROMPT, PROMPT]}, "1 in query but 2 in prompts", "the same of prompts"),
        ({"query": "text"}, "query: ", "a text for a list"),
        ({"query": [4]}, "query", "a number for a text"),
        ({"prompts": [QWEN.prompt([("user", "Cats?")])]}, "belong together", "rows mixed up"),
        ({"query": None}, "query", "nothing"),
        ({"labels": [{"answer": "4"}]}, "no reward", "a reference that no rule reads"),
    ],
)
async def test_what_is_wrong_is_said(
    http: httpx.AsyncClient, change: dict[str, Any], said: str | None, why: str
) -> None:
    answer = await http.post(RULES, json=asked("\\boxed{4}") | change)
    if said is None:
        assert answer.status_code == 200, why
    else:
        assert answer.status_code == 422, why
        assert said in answer.json()["error"]["message"]


async def test_many_wrong_values_cost_no_more_than_one(http: httpx.AsyncClient) -> None:
    answer = await http.post(RULES, json={"query": [0] * 400_000})
    assert answer.status_code == 422
    assert len(answer.json()["error"]["message"]) < 500


async def test_more_than_a_request_may_ask_for_is_refused_by_its_limit(
    http: httpx.AsyncClient,
) -> None:
    many = {"query": ["ASSISTANT:"] * 5_000}
    turns = QWEN.prompt([("user", "Hi"), ("assistant", "Hello")] * 50 + [("user", "2 + 2?")])
    long = {"query": [turns + "4"] * 30}
    listed = {"query": [PROMPT + "4"] * 2, "labels": [["4"] * 140_000] * 2}
    for body, limit in ((many, "completions"), (long, "messages"), (listed, "references")):
        answer = await http.post("/get_reward?recipe=rules&turns=many", json=body)
        assert answer.status_code == 413, limit
        assert f"max_{limit}" in answer.json()["error"]["message"]
