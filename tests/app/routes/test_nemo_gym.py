"""POST /verify and its neighbours, as NeMo-Gym, NeMo-RL and axolotl ask."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.app.routes.conftest import Asking

pytestmark = pytest.mark.asyncio(loop_scope="session")

GONE = {"_ng_failure_class", "_ng_failure_judge_error", "failure_reason", "mask_sample"}


def message(text: str, **fields: Any) -> dict[str, Any]:
    content = [{"type": "output_text", "text": text, "annotations": []}]
    own = {"type": "message", "role": "assistant", "id": "msg", "status": "completed"}
    return own | {"content": content} | fields


def rollout(*output: dict[str, Any], **row: Any) -> dict[str, Any]:
    """As NeMo-Gym's simple agent posts it, with axolotl's ids."""
    return {
        "responses_create_params": {"input": [{"role": "user", "content": "2 + 2 = ?"}]},
        "response": {
            **{"id": "resp", "created_at": 1.5, "model": "m", "object": "response"},
            **{"output": list(output), "parallel_tool_calls": True, "tool_choice": "auto"},
            "tools": [],
        },
        "expected_answer": "4",
        **row,
    }


async def verified(
    http: httpx.AsyncClient, body: dict[str, Any], query: str = "?recipe=rules", prefix: str = ""
) -> dict[str, Any]:
    answer = await http.post(f"{prefix}/verify{query}", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


TEXTS = ["\\boxed{4}", "\\boxed{5}", "4", "It must be \\boxed{4}, since 2 + 2 = 4."]


@pytest.mark.parametrize("recipe", ["rules", "sum", "gated", "geometric"])
async def test_the_components_sum_to_the_reward_of_score(
    http: httpx.AsyncClient, score: Asking, recipe: str
) -> None:
    for text in TEXTS:
        got = await verified(http, rollout(message(text)), f"?recipe={recipe}")
        [expected] = await score.rewards([text], recipe=recipe)
        assert got["reward"] == expected
        assert math.fsum(got["reward_components"].values()) == pytest.approx(
            got["reward"], rel=1e-6, abs=1e-6
        )


async def test_the_components_of_siblings_sum_to_their_rewards(http: httpx.AsyncClient) -> None:
    query = "?recipe=heroic&run=hero&group_size=4"
    asked = [http.post(f"/verify{query}", json=rollout(message(text))) for text in TEXTS]
    answers = [answer.json() for answer in await asyncio.gather(*asked)]
    names = [set(got["reward_components"]) for got in answers]
    assert names == [{"model.reward", "answer", "combine.interaction"}] * 4
    for got in answers:
        total = math.fsum(got["reward_components"].values())
        assert total == pytest.approx(got["reward"], rel=1e-6, abs=1e-6)
    assert answers[0]["reward"] != answers[3]["reward"], "the model spreads the right ones"


ECHOED = {
    "question": "2 + 2 = ?",
    "verifier_metadata": {"deep": [{"a": None}, [], {}, ["\u4e2d", "\\u0000", ""]]},
    "floats": [-0.6931471805599453, 1e-300, 1.7976931348623157e308, -0.0, 0.1],
    "whole": [1, 1.0, 2**53 + 1, -(2**63), 2**70, True],
    "columns": ["a column of this name"],
    "model_config": {"extra": "forbid"},
    "_ng_task_index": 3,
    "instance_config": {"mask_sample": True, "timeout": None},
}


async def test_the_request_comes_back_untouched(http: httpx.AsyncClient) -> None:
    answer = message(
        "\\boxed{4}",
        prompt_token_ids=[1, 2, 3],
        generation_token_ids=[4, 5],
        generation_log_probs=[-0.12345678901234567, -1e-9],
    )
    unknown = {"type": "web_search_call", "action": {"query": None}}
    body = rollout(unknown, answer, **ECHOED)
    body["responses_create_params"] |= {"temperature": 0.7, "tools": [{"name": "f"}], "n": None}
    got = await verified(http, body)
    for name, value in body.items():
        assert got[name] == value, name
        assert repr(got[name]) == repr(value), "not even 1 for 1.0"
    assert got["reward"] == 1.0
    own = {name for name in got if name not in body}
    assert own == {
        *("reward", "reward_components"),
        *("harmo/answer", "harmo/answer_ok", "harmo/group_complete"),
    }


@pytest.mark.parametrize(("rollouts", "complete"), [(1, 0.0), (2, 1.0)])
async def test_a_rollout_says_whether_its_group_was_here(
    http: httpx.AsyncClient, rollouts: int, complete: float
) -> None:
    query = f"/verify?recipe=rules&run=rollouts-{rollouts}&group_size=2&wait_for_group_ms=400"
    body = rollout(message("\\boxed{4}"), **ECHOED)
    answers = await asyncio.gather(*(http.post(query, json=body) for _ in range(rollouts)))
    said = [(answer.json()["reward"], answer.json()["harmo/group_complete"]) for answer in answers]
    assert said == [(1.0, complete)] * rollouts


async def test_a_rollout_without_a_reward_is_the_documented_failure(
    http: httpx.AsyncClient,
) -> None:
    stand_ins = http._transport.app.state.service.metrics.http.stand_ins  # type: ignore[attr-defined]
    counted = stand_ins.labels("rules", "group_mean")._value.get()
    body = rollout(message("\\boxed{4}"), expected_answer=None, instance_config={"a": 1})
    answer = await http.post("/verify?recipe=rules", json=body)
    got = answer.json()
    assert (got["reward"], got["reward_components"]) == (0.0, {"answer": 0.0})
    assert got["_ng_failure_class"] == "judge_failed"
    assert "no_reference" in got["_ng_failure_judge_error"]
    assert got["mask_sample"] is True
    assert got["instance_config"] == {"a": 1, "mask_sample": True}
    assert "X-Harmo-Stand-Ins" not in answer.headers, "a failure is no number that stands in"
    assert stand_ins.labels("rules", "group_mean")._value.get() == counted

    again = await verified(http, got | {"expected_answer": "4"})
    assert again["reward"] == 1.0
    assert not GONE & again.keys()
    assert again["instance_config"] == {"a": 1}, "masked by us, and scored now"


async def test_a_number_of_ones_own_is_a_component_of_its_own(http: httpx.AsyncClient) -> None:
    body = rollout(message("4"), expected_answer=None)
    got = await verified(http, body, "?recipe=rules&on_unscored=value&value=-0.5")
    assert got["reward"] == -0.5
    assert got["reward_components"] == {"answer": 0.0, "stand_in": -0.5}
    assert not GONE & got.keys()


def thought(text: str) -> dict[str, Any]:
    return {"type": "reasoning", "id": "r", "summary": [{"type": "summary_text", "text": text}]}


CALL = {"type": "function_call", "call_id": "c", "name": "add", "arguments": '{"a": 2, "b": 2}'}
RESULT = {"type": "function_call_output", "call_id": "c", "output": "4"}


@pytest.mark.parametrize(
    ("output", "reward", "why"),
    [
        ([thought("It is \\boxed{5}."), message("\\boxed{4}")], 1.0, "thoughts are no answer"),
        ([thought("It is \\boxed{4}.")], 0.0, "thoughts that never end have no answer"),
        ([CALL, RESULT, message("\\boxed{4}")], 1.0, "the last words count"),
        ([CALL, RESULT], 0.0, "what a tool said is not the policy's"),
        ([RESULT], 0.0, "not even alone"),
        ([CALL], 0.0, "a call is no answer"),
        ([message("\\boxed{5}"), CALL, RESULT, message("\\boxed{4}")], 1.0, "of several turns"),
        ([], 0.0, "nothing"),
        ([message("")], 0.0, "no words"),
        ([{"type": "message", "role": "assistant", "content": "\\boxed{4}"}], 1.0, "plain text"),
        ([{"type": "message", "role": "assistant", "content": None}], 0.0, "no content"),
        ([{"type": "message", "role": "user", "content": "\\boxed{4}"}], 0.0, "somebody else"),
        ([{"role": "assistant", "content": "\\boxed{4}"}], 1.0, "an item that says no type"),
        ([{"type": "code_interpreter_call", "code": "4"}], 0.0, "an item of another kind"),
    ],
)
async def test_output_items_are_read_as_what_the_policy_said(
    http: httpx.AsyncClient, output: list[dict[str, Any]], reward: float, why: str
) -> None:
    assert (await verified(http, rollout(*output)))["reward"] == reward, why


@pytest.mark.parametrize("query", ["", "&reference=verifier_metadata.answers.first"])
async def test_the_reference_is_found_in_the_row(http: httpx.AsyncClient, query: str) -> None:
    row = {"expected_answer": "5", "verifier_metadata": {"answers": {"first": "4"}}}
    got = await verified(http, rollout(message("\\boxed{4}"), **row), f"?recipe=rules{query}")
    assert got["reward"] == (1.0 if query else 0.0)


def wrong() -> Iterator[tuple[dict[str, Any], str, str]]:
    fine = rollout(message("4"))
    yield fine | {"response": "4"}, "", "response"
    yield {"response": {}}, "", "responses_create_params"
    yield fine | {"responses_create_params": {}}, "", "input"
    yield fine | {"responses_create_params": {"input": None}}, "", "input"
    yield fine | {"responses_create_params": {"input": ["text"]}}, "", "input"
    yield fine, "&reference=answer.deep", "no column 'answer.deep'"
    part = {"type": "input_image", "image_url": "http://127.0.0.1/a.png"}
    asked = {"input": [{"role": "user", "content": [part]}]}
    yield fine | {"responses_create_params": asked}, "", "images=leave_out"
    asked = {"input": [{"role": "critic", "content": "x"}]}
    yield fine | {"responses_create_params": asked}, "", "role"


@pytest.mark.parametrize(("body", "query", "said"), wrong())
async def test_what_is_wrong_is_said(
    http: httpx.AsyncClient, body: dict[str, Any], query: str, said: str
) -> None:
    answer = await http.post(f"/verify?recipe=rules{query}", json=body)
    assert answer.status_code == 422
    assert said in answer.json()["error"]["message"]


@pytest.mark.parametrize("prefix", ["", "/ng-rollout/r-1"])
async def test_every_route_answers_with_and_without_a_rollouts_id(
    http: httpx.AsyncClient, prefix: str
) -> None:
    got = await verified(http, rollout(message("\\boxed{4}")), prefix=prefix)
    assert got["reward"] == 1.0
    assert (await http.post(f"{prefix}/seed_session", json=rollout())).json() == {}
    session = await http.post(f"{prefix}/seed_session", json={"resources_session_id": "s"})
    assert session.json() == {"resources_session_id": "s"}
    assert (await http.get(f"{prefix}/reverify_mode")).json() == "stateless"
    many = await http.post(f"{prefix}/aggregate_metrics", json={"verify_responses": [got]})
    assert many.json()["key_metrics"] == {"mean/reward": 1.0}
    bad = await http.post(f"{prefix}/aggregate_metrics", json={"verify_responses": [1] * 100_000})
    assert bad.status_code == 422
    assert len(bad.json()["error"]["message"]) < 500
