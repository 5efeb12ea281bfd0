"""NeMo-Gym calls: POST /verify of a `SimpleResourcesServer`, with OpenAI's Responses format."""

from __future__ import annotations

import json
import math
import sys
from types import ModuleType
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import BaseModel

from harmo_client.adapters import nemo_gym
from harmo_client.adapters.nemo_gym import to_sample, verified
from harmo_client.errors import TransportError

DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="


def message(text: str) -> dict[str, Any]:
    part = {"type": "output_text", "text": text, "annotations": []}
    return {
        **{"type": "message", "role": "assistant", "id": "m1", "status": "completed"},
        "content": [part],
        "generation_token_ids": [1, 2],
    }


def request(*output: dict[str, Any], asked: Any = "1 + 1 = ?", **columns: Any) -> dict[str, Any]:
    return {
        "responses_create_params": {"input": asked, "tools": []},
        "response": {
            **{"id": "r1", "created_at": 1.0, "model": "policy", "object": "response"},
            **{"parallel_tool_calls": True, "tool_choice": "auto", "tools": []},
            "output": list(output),
        },
        "expected_answer": "2",
        **columns,
    }


async def test_the_answer_echoes_the_request_and_its_components_sum_to_the_reward(
    listen: Any,
) -> None:
    served = listen()
    asked = request(message("four"), verifier_metadata={"a": 1}, answer="two, a column's name")
    given = await verified(asked, {"run": "exp-42"})
    assert {name: given[name] for name in asked} == asked
    assert given["reward"] == 4.25
    assert math.isclose(sum(given["reward_components"].values()), given["reward"])
    numbers = [given[f"harmo/{name}"] for name in ("answer", "answer_ok", "reward_error")]
    assert numbers == [4.0, 1.0, 0.0]
    assert "_ng_failure_class" not in given
    [group] = served.groups
    assert (group["prompt"], group["reference"]) == ("1 + 1 = ?", "2")
    assert group["completions"][0]["text"] == "four"


async def test_a_sample_without_a_reward_is_gyms_own_failure(listen: Any) -> None:
    listen()
    asked = request(message("unscored"), instance_config={"seed": 1})
    given = await verified(asked, {})
    assert given["reward"] == sum(given["reward_components"].values()) == 0.0
    assert given["_ng_failure_class"] == "judge_failed"
    assert "deadline" in given["_ng_failure_judge_error"]
    assert given["mask_sample"] is True
    assert given["instance_config"] == {"seed": 1, "mask_sample": True}
    stood_in = await verified(asked, {"on_unscored": "value", "unscored_value": 0.5})
    assert (stood_in["reward"], stood_in["reward_components"]["stand_in"]) == (0.5, 0.5)
    assert stood_in.keys() - given.keys() == set()


def test_tools_thoughts_and_images_become_turns() -> None:
    seen = {"type": "input_image", "image_url": f"data:image/png;base64,{DOT}"}
    content = [seen, {"type": "input_text", "text": "?"}]
    sample = to_sample(
        request(
            {"type": "reasoning", "id": "t1", "summary": [{"type": "summary_text", "text": "hm"}]},
            {"type": "function_call", "call_id": "c1", "name": "add", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c1", "output": "2"},
            message("two"),
            asked=[
                {"role": "developer", "content": "Be brief."},
                {"role": "user", "content": content},
            ],
        )
    )
    assert [turn["role"] for turn in sample.prompt] == ["developer", "user"]  # type: ignore[union-attr,call-overload,index]
    assert [turn["role"] for turn in sample.completion] == ["assistant", "tool", "assistant"]  # type: ignore[union-attr,call-overload,index]
    assert sample.completion[0]["reasoning_content"] == "hm"  # type: ignore[index,call-overload]
    assert sample.num_tokens is None


def test_counts_and_truncation_are_the_responses() -> None:
    asked = request(message("four"))
    asked["response"] |= {
        "usage": {"output_tokens": 7},
        "incomplete_details": {"reason": "max_output_tokens"},
    }
    sample = to_sample(asked)
    assert (sample.num_tokens, sample.truncated) == (7, True)
    assert to_sample(request()).completion == ""


class BaseVerifyRequest(BaseModel):
    responses_create_params: dict[str, Any]
    response: dict[str, Any]


class BaseResourcesServerConfig(BaseModel):
    entrypoint: str


class SimpleResourcesServer(BaseModel):
    """Gym's, as far as a POST /verify passes through it."""

    config: BaseResourcesServerConfig

    def setup_webserver(self) -> FastAPI:
        app = FastAPI()
        app.post("/verify")(self.verify)  # type: ignore[attr-defined]
        return app


@pytest.fixture
def gym(monkeypatch: pytest.MonkeyPatch) -> Any:
    module = ModuleType("nemo_gym.base_resources_server")
    for made in (BaseVerifyRequest, BaseResourcesServerConfig, SimpleResourcesServer):
        vars(module)[made.__name__] = made
    monkeypatch.setitem(sys.modules, module.__name__, module)
    server = nemo_gym.HarmoResourcesServer  # type: ignore[attr-defined]
    del nemo_gym.HarmoResourcesServer  # type: ignore[attr-defined]
    return server


async def test_the_server_answers_a_verify_with_columns_at_the_top(listen: Any, gym: Any) -> None:
    served = listen()
    server = gym(config={"entrypoint": "app.py", "harmo": {"recipe": "demo"}})
    transport = httpx.ASGITransport(app=server.setup_webserver())
    async with httpx.AsyncClient(transport=transport, base_url="http://gym") as client:
        answer = await client.post("/verify", json=request(message("four")))
    assert answer.status_code == 200
    given = json.loads(answer.content)
    assert (given["reward"], given["expected_answer"]) == (4.25, "2")
    assert served.groups[0]["reference"] == "2"


async def test_a_dead_service_is_an_error_that_says_where_it_was_looked_for(away: str) -> None:
    with pytest.raises(TransportError, match="HARMO_URL"):
        await verified(request(message("four")), {})


def test_the_class_alone_needs_gym() -> None:
    with pytest.raises(ModuleNotFoundError, match="nemo_gym"):
        _ = nemo_gym.HarmoResourcesServer  # type: ignore[attr-defined]
