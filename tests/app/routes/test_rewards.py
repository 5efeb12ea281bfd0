"""POST /v1/rewards: one sample or a list of them, from whatever can post JSON."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.app.routes.conftest import Asking

pytestmark = pytest.mark.asyncio(loop_scope="session")

RULES = "/v1/rewards?recipe=rules"
TEXTS = ["\\boxed{4}", "\\boxed{5}", "4"]


def sample(text: str, **fields: Any) -> dict[str, Any]:
    """In the words of verl's scripts."""
    own = {"data_source": "gsm8k", "solution_str": text, "ground_truth": "4", "extra_info": {}}
    return own | fields


async def test_a_list_gets_the_rewards_of_score_in_its_order(
    http: httpx.AsyncClient, score: Asking
) -> None:
    got = (await http.post(RULES, json=[sample(text) for text in TEXTS])).json()
    assert [one["score"] for one in got] == await score.rewards(TEXTS)
    assert got[0] == {
        **{"score": 1.0, "answer": 1.0, "answer_ok": 1.0, "acc": 1.0},
        **{"stand_in": 0.0, "group_complete": 1.0},
    }


async def test_one_sample_gets_one_object_and_an_empty_list_an_empty_one(
    http: httpx.AsyncClient,
) -> None:
    one = {"response": "\\boxed{4}", "ground_truth": "4"}
    assert (await http.post(RULES, json=one)).json()["score"] == 1.0
    assert (await http.post(RULES, json=[one])).json()[0]["score"] == 1.0
    assert (await http.post(RULES, json=[])).json() == []


async def test_what_scorers_read_comes_from_extra_info(http: httpx.AsyncClient) -> None:
    extra = {"task": "choice", "question": "(A) 3 (B) 4", "num_tokens": 3, "truncated": True}
    choice = sample("\\boxed{B}", ground_truth="B", extra_info=extra)
    [one] = (await http.post("/v1/rewards?recipe=ruled", json=[choice])).json()
    assert one["score"] == 1.0
    number = sample("\\boxed{4}", extra_info={"task": "arithmetic/easy"})
    [one] = (await http.post("/v1/rewards?recipe=ruled&task=math", json=[number])).json()
    assert one["score"] == 1.0, "the URL's task goes before a column that is called so by chance"


async def test_siblings_are_judged_each_by_its_own_metadata(http: httpx.AsyncClient) -> None:
    schemas = [{"type": "object"}, {"type": "array"}]
    rows = [
        sample("<answer>{}</answer>", ground_truth=None, prompt="?", extra_info=extra)
        for extra in ({"task": "json", "schema": schema} for schema in schemas)
    ]
    query = "?recipe=ruled&group_size=2&run=own&wait_for_group_ms=5000"
    answer = await http.post(f"/v1/rewards{query}", json=rows)
    assert [one["score"] for one in answer.json()] == [1.0, 0.0], answer.text
    assert [one["group_complete"] for one in answer.json()] == [1.0, 1.0]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "exactly one of"),
        ({"solution_str": "4", "response": "4"}, "exactly one of"),
        ({"response": 4}, "response"),
        ([[{"response": "4"}]], ""),
        ("4", ""),
        ({"response": "4", "extra_info": []}, "extra_info"),
        ({"response": "4", "ground_truth": "4", "extra_info": {"num_tokens": -1}}, "num_tokens"),
        ({"response": "4", "ground_truth": "4", "extra_info": {"num_tokens": True}}, "num_tokens"),
        ({"response": "4", "prompt": [{"role": "user", "content": {}}]}, "content"),
    ],
)
async def test_what_is_wrong_is_said(http: httpx.AsyncClient, body: Any, said: str) -> None:
    answer = await http.post(RULES, json=body)
    assert answer.status_code == 422, answer.text
    assert said in answer.json()["error"]["message"]


@pytest.mark.parametrize("wrong", [0, {}, [], {"response": 1}])
async def test_many_wrong_values_cost_no_more_than_one(http: httpx.AsyncClient, wrong: Any) -> None:
    for count, status in ((2_900, 422), (200_000, 422 if wrong == 0 else 413)):
        answer = await http.post(RULES, json=[wrong] * count)
        assert answer.status_code == status
        assert len(answer.json()["error"]["message"]) < 700


HUNG, SOON = sample("5", extra_info={"wait_ms": 20_000}), sample("4")
LATE = "/v1/rewards?recipe=waits&run=late&deadline_ms=400"


async def test_what_hangs_to_the_deadline_gets_the_number_that_was_asked_for(
    http: httpx.AsyncClient,
) -> None:
    refused = await http.post(LATE, json=HUNG)
    assert (refused.status_code, refused.json()["error"]["type"]) == (504, "deadline")
    paid = await http.post(f"{LATE}&on_unscored=value&value=0.5", json=HUNG)
    assert paid.status_code == 200, paid.text
    assert (paid.json()["score"], paid.json()["stand_in"]) == (0.5, 1.0)


async def test_what_hangs_gets_its_siblings_mean_whichever_request_brought_them(
    http: httpx.AsyncClient,
) -> None:
    members = [http.post(f"{LATE}&group_size=2", json=each) for each in (HUNG, SOON)]
    answers = [answer.json() for answer in await asyncio.gather(*members)]
    assert [(each["score"], each["stand_in"]) for each in answers] == [(1.0, 1.0), (1.0, 0.0)]
