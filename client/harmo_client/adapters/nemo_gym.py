"""Rewards for NeMo-Gym and NeMo-RL: a resources server whose `verify` asks us.

    # resources_servers/harmo/app.py, and harmo-client in its requirements.txt
    from harmo_client.adapters.nemo_gym import HarmoResourcesServer

    if __name__ == "__main__":
        HarmoResourcesServer.run_webserver()

    # resources_servers/harmo/configs/harmo.yaml
    harmo:
      resources_servers:
        harmo:
          entrypoint: app.py
          domain: math
          harmo: {url: http://reward-host:8000, recipe: math, run: exp-42}

The settings (`core.settings.Settings`) stand under `harmo`; what does not is read from the
environment. The prompt is `responses_create_params.input` with its images, the completion the
response's output with its tool calls, the ground truth the column `expected_answer` (`reference`
names another).

The answer echoes the request and adds `reward`, `reward_components` (the columns' contributions
and `stand_in`, which sum to it, as NeMo-RL requires) and at the top level, for Gym's metrics, as
`harmo/NAME` a number for each column, `NAME_ok`, `reward_error` and `group_complete`.

A sample without a reward is Gym's own failure by default (`on_unscored=skip`): reward 0.0 with
`_ng_failure_class: judge_failed`, the reason, and `mask_sample`, so that it is not trained on. A
service that is away after `retry_for_s` is an HTTP 500, which Gym and NeMo-RL take for a fault of
the infrastructure and try again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any

from pydantic import ConfigDict, Field, create_model

from harmo_client.adapters.core import chat
from harmo_client.adapters.core.ask import judge
from harmo_client.adapters.core.judged import Judged
from harmo_client.adapters.core.samples import Sample
from harmo_client.adapters.core.settings import settings

ENVELOPE = frozenset({"responses_create_params", "response"})


async def verified(request: Mapping[str, Any], given: Mapping[str, object]) -> dict[str, Any]:
    """The body that answers a POST /verify: the request, its reward and what is behind it.

    Args:
        request: The body of the request, dataset columns at the top.
        given: Settings.
    """
    chosen = settings(given, defaults={"on_unscored": "skip"})
    [judged] = await judge([to_sample(request)], chosen)
    # A column may be called as the dataset's are: the request comes back as it was.
    numbers = {f"harmo/{name}": number for name, number in judged.numbers.items()}
    return {**request, **numbers, **_outcome(request, judged)}


def to_sample(request: Mapping[str, Any]) -> Sample:
    """What was asked and what was answered, from OpenAI's Responses format."""
    response = request["response"]
    asked = request["responses_create_params"].get("input") or ""
    prompt = asked if isinstance(asked, str) else list(_turns(asked))
    row = {name: value for name, value in request.items() if name not in ENVELOPE}
    cut = response.get("incomplete_details") or {}
    usage = response.get("usage") or {}
    turns = list(_turns(response["output"]))
    return Sample(
        prompt=prompt,
        completion=turns or "",
        columns=row,
        reference=row.get("expected_answer"),
        # The sum over the calls of a rollout, each of which has its own.
        num_tokens=usage.get("output_tokens") if len(turns) == 1 else None,
        truncated=cut.get("reason") == "max_output_tokens",
    )


def _turns(items: Sequence[Mapping[str, Any]]) -> Iterator[chat.Turn]:
    """Chat turns: thoughts go before what they lead to."""
    thoughts = ""
    for item in items:
        kind = item.get("type", "message")
        if kind == "reasoning":
            thoughts += _thoughts(item)
            continue
        turn = _turn(kind, item)
        if turn is not None:
            spoken = thoughts and turn["role"] == "assistant"
            yield {**turn, "reasoning_content": thoughts} if spoken else turn
            thoughts = ""
    if thoughts:
        yield {"role": "assistant", "content": "", "reasoning_content": thoughts}


def _turn(kind: str, item: Mapping[str, Any]) -> chat.Turn | None:
    if kind == "function_call":
        call = {"name": item.get("name"), "arguments": item.get("arguments")}
        return {"role": "assistant", "content": "", "tool_calls": [{"function": call}]}
    if kind == "function_call_output":
        told = {"tool_call_id": item.get("call_id"), "content": str(item.get("output", ""))}
        return {"role": "tool", **told}
    if kind == "message" or "role" in item:
        return {"role": item.get("role"), "content": item.get("content") or ""}
    return None


def _thoughts(item: Mapping[str, Any]) -> str:
    parts = [*(item.get("content") or ()), *(item.get("summary") or ())]
    return "".join(str(part.get("text", "")) for part in parts)


def _outcome(request: Mapping[str, Any], judged: Judged) -> dict[str, Any]:
    if judged.reward is not None:
        return {"reward": judged.reward, "reward_components": judged.parts}
    config = request.get("instance_config") or {}
    return {
        "reward": 0.0,
        "reward_components": judged.parts,
        "mask_sample": True,
        "instance_config": {**config, "mask_sample": True},
        "_ng_failure_class": "judge_failed",
        "_ng_failure_judge_error": f"no reward: {judged.reason}",
    }


def _server() -> type:
    """The resources server, over the classes of the Gym that is installed."""
    gym = import_module("nemo_gym.base_resources_server")
    starlette = import_module("starlette.responses")
    config = create_model(
        "HarmoConfig",
        __base__=gym.BaseResourcesServerConfig,
        harmo=(dict[str, Any], Field(default_factory=dict)),
    )
    # Dataset columns stand at the top level of a request.
    request = type("HarmoVerifyRequest", (gym.BaseVerifyRequest,), {"model_config": _OPEN})

    async def verify(self: Any, body: Any) -> Any:  # noqa: ANN401 - Gym's
        asked = body.model_dump(mode="json", by_alias=True)
        return starlette.JSONResponse(await verified(asked, self.config.harmo))

    # FastAPI reads the body's type from here.
    verify.__annotations__ = {"body": request, "return": starlette.JSONResponse}
    members = {"verify": verify, "__module__": __name__, "__annotations__": {"config": config}}
    return type("HarmoResourcesServer", (gym.SimpleResourcesServer,), members)


_OPEN = ConfigDict(extra="allow", populate_by_name=True)


def __getattr__(name: str) -> object:
    if name != "HarmoResourcesServer":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = made = _server()
    return made
