"""verifiers calls: v1 `Task.score` and `invoke`; the legacy `Rubric._call_..._reward_func`."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from harmo_client.adapters import verifiers
from harmo_client.errors import TransportError, UnscoredError

DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="


class Message(BaseModel):
    """`verifiers.v1.types`: system, user, assistant and tool messages."""

    role: str
    content: Any = None
    reasoning_content: str | None = None
    tool_calls: list[dict[str, Any]] | None = None
    tool_call_id: str | None = None


class TaskData(BaseModel):
    model_config = ConfigDict(extra="allow")
    answer: str | None = "2"


@dataclass
class Trace:
    nodes: list[Any]
    id: str = "5f"
    info: dict[str, Any] = field(default_factory=dict)
    task: Any = field(default_factory=lambda: SimpleNamespace(key="k1"))
    num_output_tokens: int = 3

    @property
    def branches(self) -> list[Any]:
        return [SimpleNamespace(nodes=self.nodes)]


def node(role: str, content: Any = None, *, sampled: bool = False, **more: Any) -> Any:
    message = Message(role=role, content=content, **more)
    return SimpleNamespace(message=message, sampled=sampled)


def trace(text: str) -> Trace:
    return Trace([node("user", "1 + 1 = ?"), node("assistant", text, sampled=True)])


def invoke(fn: Any, available: dict[str, Any]) -> Any:
    """`verifiers.v1.utils.decorators.invoke`: arguments by name."""
    names = inspect.signature(fn).parameters
    return fn(**{name: available[name] for name in names if name in available})


async def rewarded(traced: Trace, fn: Any = verifiers.reward, **task: Any) -> Any:
    return await invoke(fn, {"task": TaskData(**task), "trace": traced, "runtime": None})


async def test_the_columns_contributions_sum_to_the_reward(listen: Any) -> None:
    served, traced = listen(), trace("four")
    given = await rewarded(traced)
    assert given == {"answer": 4.0, "aspect.format": 0.25, "stand_in": 0.0}
    assert traced.info["harmo"]["answer_ok"] == 1.0
    [group] = served.groups
    assert group["prompt"] == [{"role": "user", "content": "1 + 1 = ?"}]
    assert (group["id"], group["reference"]) == ("k1", "2")
    assert group["completions"][0] == {"id": "5f", "text": "four", "num_tokens": 3}


async def test_tool_turns_and_images_arrive(listen: Any) -> None:
    served = listen()
    seen = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{DOT}"}}
    call = {"id": "c1", "type": "function", "name": "add", "arguments": "{}"}
    nodes = [
        node("system", "Be brief."),
        node("user", [seen, {"type": "text", "text": "?"}]),
        node("assistant", None, sampled=True, tool_calls=[call]),
        node("tool", "2", tool_call_id="c1"),
        node("assistant", "two", sampled=True),
    ]
    await rewarded(Trace(nodes))
    [group] = served.groups
    assert [turn["role"] for turn in group["prompt"]] == ["system", "user"]
    assert group["images"][0]["data"] == DOT
    turns = group["completions"][0]["messages"]
    assert [turn["role"] for turn in turns] == ["assistant", "tool", "assistant"]
    assert turns[0]["tool_calls"][0]["function"]["name"] == "add"


async def test_a_rollout_without_a_reward_is_left_out_by_an_error(listen: Any) -> None:
    listen()
    traced = trace("unscored")
    with pytest.raises(UnscoredError, match="deadline"):
        await rewarded(traced)
    assert traced.info["harmo"]["reward_error"] == 1.0
    asked = verifiers.make(on_unscored="value", unscored_value=-1.0)
    assert (await rewarded(traced, asked))["stand_in"] == -1.0


async def test_a_dead_service_is_an_error_that_says_where_it_was_looked_for(away: str) -> None:
    with pytest.raises(TransportError, match="HARMO_URL"):
        await rewarded(trace("four"))


def state(text: str, answer: str = "2", prompt: str = "1 + 1 = ?") -> dict[str, Any]:
    return {
        "prompt": [{"role": "user", "content": prompt}],
        "completion": [{"role": "assistant", "content": text}],
        "answer": answer,
        "info": {},
        "is_truncated": text == "long",
    }


async def legacy(fn: Any, merged: dict[str, Any], nothing: Any) -> Any:
    """As `Rubric` calls a function: what it takes, and an Exception becomes 0.0."""
    names = inspect.signature(fn).parameters
    try:
        return await fn(**{name: merged[name] for name in names})
    except Exception:  # noqa: BLE001 - as Rubric does
        return nothing


def of_group(states: list[dict[str, Any]]) -> dict[str, Any]:
    fields = ("prompt", "completion", "answer", "info")
    plural = {f"{name}s": [state[name] for state in states] for name in fields}
    return {**plural, "states": states, "tasks": [None] * len(states)}


async def test_a_legacy_rubrics_group_is_one_request(listen: Any) -> None:
    served = listen()
    states = [state("a"), state("unscored"), state("long"), state("a", "3", "2 + 1 = ?")]
    given = await legacy(verifiers.group_reward, of_group(states), None)
    assert given == [1.25, 2.75, 4.25, 1.25]
    assert [len(group["completions"]) for group in served.groups] == [3, 1]
    truncated = [c.get("truncated", False) for c in served.groups[0]["completions"]]
    assert truncated == [False, False, True]


async def test_a_legacy_rubric_may_ask_one_at_a_time(listen: Any) -> None:
    listen()
    asked = {**state("a"), "state": state("a")}
    assert await legacy(verifiers.rubric_reward, asked, 0.0) == 1.25


def test_the_legacy_functions_look_as_a_rubric_tells_them_apart() -> None:
    assert "prompts" in inspect.signature(verifiers.group_reward).parameters
    assert "prompts" not in inspect.signature(verifiers.rubric_reward).parameters


@pytest.mark.parametrize("text", ["unscored", "four"])
async def test_what_ends_a_run_passes_a_rubric_that_makes_exceptions_zeros(
    listen: Any, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    listen()
    if text == "four":  # the service is away
        monkeypatch.setenv("HARMO_URL", "http://127.0.0.1:9")
        monkeypatch.setenv("HARMO_RETRY_FOR_S", "0")
    with pytest.raises(verifiers.LostReward):
        await legacy(verifiers.rubric_reward, {**state(text), "state": state(text)}, 0.0)
