"""Requests written by hand from the schemas of trainers whose code is not driven here.

NeMo-Gym (nemo_gym/base_resources_server.py) needs a later Python, axolotl
(integrations/nemo_gym/rewards.py) a head server; ROLL is driven through its adapter's tests.
"""

from __future__ import annotations

import http.client
import json
from typing import Any

import pytest

from tests.conformance.cases import rows, scored
from tests.conformance.drivers.driving import Row


def nemo_gym(row: Row) -> dict[str, Any]:
    """A rollout as NeMo-Gym's simple agent posts it, token ids and all."""
    said = {"type": "output_text", "text": row.completion, "annotations": []}
    message = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "status": "completed",
        "content": [said],
        "prompt_token_ids": [1, 2],
        "generation_token_ids": [3, 4],
        "generation_log_probs": [-0.1, -0.2],
    }
    response = {
        "id": "resp_1",
        "created_at": 1.0,
        "model": "policy",
        "object": "response",
        "output": [message],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
    }
    asked = [{"role": "user", "content": row.prompt}]
    return {
        "responses_create_params": {"input": asked, "tools": []},
        "response": response,
        "expected_answer": row.reference,
        "verifier_metadata": {"level": 3},
        "agent_ref": {"type": "responses_api_agents", "name": "simple"},
    }


def axolotl(row: Row) -> dict[str, Any]:
    """The same as axolotl's reward function builds it."""
    said = {"type": "output_text", "text": row.completion, "annotations": []}
    return {
        "responses_create_params": {"input": [{"role": "user", "content": row.prompt}]},
        "response": {
            "id": "resp",
            "created_at": 0,
            "model": "axolotl",
            "object": "response",
            "output": [
                {
                    "id": "msg",
                    "type": "message",
                    "role": "assistant",
                    "status": "completed",
                    "content": [said],
                }
            ],
            "parallel_tool_calls": False,
            "tool_choice": "none",
            "tools": [],
        },
        "expected_answer": row.reference,
    }


def asked(port: int, path: str, body: object, method: str = "POST") -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, path, json.dumps(body), {"content-type": "application/json"})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    assert answer.status == 200, content
    return json.loads(content)


@pytest.mark.parametrize("written", [nemo_gym, axolotl])
@pytest.mark.parametrize("prefix", ["", "/ng-rollout/17-2"])
def test_a_rollout_comes_back_with_its_reward(service: int, written: Any, prefix: str) -> None:
    some = rows()[:4]
    expected = scored(f"http://127.0.0.1:{service}", "answers", some)
    for row, reward in zip(some, expected, strict=True):
        body = written(row)
        answer = asked(service, f"{prefix}/verify?recipe=answers", body)
        assert {name: answer[name] for name in body} == body, "the request is echoed"
        assert answer["reward"] == pytest.approx(reward, abs=1e-6)
        components = answer["reward_components"]
        assert sum(components.values()) == pytest.approx(answer["reward"], rel=1e-5, abs=1e-6)


def test_a_rollout_without_a_reward_is_the_documented_failure(service: int) -> None:
    body = nemo_gym(rows()[0]) | {"expected_answer": None}
    answer = asked(service, "/verify?recipe=answers&on_unscored=stop", body)
    assert answer["reward"] == 0.0
    assert answer["_ng_failure_class"] == "judge_failed"
    assert answer["instance_config"]["mask_sample"] is True


def test_the_rest_of_a_resources_server_is_there(service: int) -> None:
    row = nemo_gym(rows()[0])
    asked(service, "/seed_session", row)
    verified = asked(service, "/verify?recipe=answers", row)
    metrics = asked(service, "/aggregate_metrics", {"verify_responses": [verified]})
    assert json.dumps(metrics).count("reward"), metrics
    asked(service, "/reverify_mode", None, method="GET")
