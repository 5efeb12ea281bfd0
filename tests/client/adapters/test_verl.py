"""verl 0.9.1 calls: `NaiveRewardManager.run_single` and `RewardLoopWorker.compute_score`."""

from __future__ import annotations

import asyncio
import inspect
import sys
from functools import partial
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from harmo_client.adapters import verl
from harmo_client.errors import TransportError, UnscoredError

KEYS = {
    *("score", "answer", "answer_ok", "aspect.format", "aspect.format_ok"),
    *("reward_error", "group_complete"),
}


def extra_info(**more: Any) -> dict[str, Any]:
    """As verl's own preparation scripts and its manager fill it."""
    return {
        "split": "train",
        "index": 3,
        "question": "1 + 1 = ?",
        "num_turns": 2,
        "rollout_reward_scores": {},
        **more,
    }


async def score(text: str, info: dict[str, Any] | None = None, **kwargs: Any) -> Any:
    return await verl.compute_score(
        data_source="sums",
        solution_str=text,
        ground_truth="2",
        extra_info=extra_info() if info is None else info,
        **kwargs,
    )


async def test_the_function_gives_verl_a_score_and_numbers(listen: Any) -> None:
    served = listen()
    scored = await score("four")
    assert scored == {
        **{"score": 4.25, "answer": 4.0, "answer_ok": 1.0},
        **{"aspect.format": 1.0, "aspect.format_ok": 1.0},
        **{"reward_error": 0.0, "group_complete": 1.0},
    }
    [group] = served.groups
    assert group["prompt"] == "1 + 1 = ?"
    assert group["reference"] == "2"
    assert group["completions"][0]["text"] == "four"
    assert group["id"] == "sums.3"


def test_verls_wrapper_sees_a_coroutine_function() -> None:
    wrapped = partial(verl.compute_score, url="http://x")
    assert inspect.iscoroutinefunction(wrapped)


async def test_every_sample_has_the_same_numeric_keys_and_none_called_reward(listen: Any) -> None:
    listen()
    asked = {"on_unscored": "value", "unscored_value": -1.0}
    for text in ("right", "unscored"):
        scored = await score(text, **asked)
        assert scored.keys() == KEYS
        assert all(type(value) is float for value in scored.values())
    assert scored["score"] == -1.0
    assert scored["reward_error"] == 1.0
    assert scored["answer_ok"] == 0.0


async def test_a_sample_with_no_scored_sibling_stops(listen: Any) -> None:
    listen()
    with pytest.raises(UnscoredError, match="on_unscored=value"):
        await score("unscored")


async def test_the_groups_mean_stands_in_where_the_group_is_known(listen: Any) -> None:
    def others_came_from_elsewhere(answer: dict[str, Any]) -> None:
        answer["groups"][0]["stats"].update(scored=7, mean=0.75)

    served = listen(spoil=others_came_from_elsewhere)
    scored = await score("unscored", group_size=8, run="exp-42", wait_for_group_ms=5)
    assert (scored["score"], scored["reward_error"]) == (0.75, 1.0)
    assert served.fake.bodies[0]["wait_for_group_ms"] == 5
    assert served.groups[0]["size"] == 8


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"on_unscored": "skip"}, "verl trains on every sample"),
        ({"group_size": 8}, "HARMO_RUN"),
        ({"recipy": "math"}, "no setting 'recipy'"),
        ({"url": "reward-host:8000"}, "http://HOST:PORT"),
    ],
)
async def test_a_setting_that_does_not_fit_says_what_to_write(
    listen: Any, given: dict[str, Any], said: str
) -> None:
    listen()
    with pytest.raises(ValueError, match=said):
        await score("four", **given)


async def test_validation_waits_for_nobody(listen: Any) -> None:
    served = listen()
    await score("four", extra_info(split="test"), group_size=8, run="exp-42")
    assert served.fake.bodies[0]["split"] == "eval"
    assert not served.fake.bodies[0].get("wait_for_group_ms")


async def test_a_dead_service_is_an_error_that_says_where_it_was_looked_for(away: str) -> None:
    with pytest.raises(TransportError, match=r"127\.0\.0\.1:9.*HARMO_URL"):
        await score("four")


async def test_order_is_kept_under_concurrency(listen: Any) -> None:
    listen()
    texts = ["x" * n for n in range(1, 65)]
    scored = await asyncio.gather(*(score(text, extra_info(index=len(text))) for text in texts))
    assert [one["score"] for one in scored] == [len(text) + 0.25 for text in texts]


class Base:
    """`RewardManagerBase.__init__` of verl 0.9.1, without its imports."""

    def __init__(self, config: Any, tokenizer: Any, compute_score: Any) -> None:
        self.config, self.tokenizer, self.compute_score = config, tokenizer, compute_score
        self.loop = asyncio.get_event_loop()


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`load_reward_manager`'s way to the class, by name from the module."""
    base = ModuleType("verl.experimental.reward_loop.reward_manager.base")
    vars(base)["RewardManagerBase"] = Base
    monkeypatch.setitem(sys.modules, base.__name__, base)

    def load(**reward_kwargs: Any) -> Any:
        config = SimpleNamespace(
            reward={"reward_kwargs": reward_kwargs},
            trainer={"experiment_name": "exp-42"},
            actor_rollout_ref=SimpleNamespace(rollout=SimpleNamespace(response_length=4)),
        )
        words = {1: "four", 2: "unscored", 7: "?", 8: "<think>"}
        tokenizer = SimpleNamespace(
            eos_token_id=9,
            decode=lambda ids, skip_special_tokens: " ".join(words[i] for i in ids if i != 9),
        )
        made: Any = verl.HarmoRewardManager  # type: ignore[attr-defined]
        del verl.HarmoRewardManager  # type: ignore[attr-defined]
        return made(
            config=config,
            tokenizer=tokenizer,
            compute_score=None,
            reward_router_address=None,
            reward_model_tokenizer=None,
        )

    return load


class Data(list[Any]):
    """A `DataProto`: a slice of it is one, an index an item."""

    def __getitem__(self, at: Any) -> Any:
        return (
            Data(list.__getitem__(self, at)) if isinstance(at, slice) else super().__getitem__(at)
        )


def item(ids: list[int], padding: int = 0, prompt: tuple[int, ...] = (7, 7), **row: Any) -> Data:
    """A row as `AgentLoopWorker._compute_score` makes it."""
    batch = {
        "prompts": np.array(prompt),
        "responses": np.array(ids + [0] * padding),
        "attention_mask": np.array([1] * (len(prompt) + len(ids)) + [0] * padding),
    }
    told = {
        "data_source": "sums",
        "reward_model": {"style": "rule", "ground_truth": "2"},
        "extra_info": {"split": "train", "index": 3},
        # np.array([v] * n) of a list of messages is an array of them in each row.
        "raw_prompt": np.array([{"role": "user", "content": "1 + 1 = ?"}], dtype=object),
        "uid": np.str_("6f1c"),
        "__num_turns__": np.int64(2),
        "tool_extra_fields": {},
        **row,
    }
    return Data([SimpleNamespace(batch=batch, non_tensor_batch=told)])


async def test_the_manager_sees_prompt_tokens_and_group(listen: Any, manager: Any) -> None:
    served = listen()
    ran = await manager(group_size=8).run_single(item([1, 9], padding=2))
    assert ran["reward_score"] == 4.25
    assert ran["reward_extra_info"].keys() == KEYS
    [group] = served.groups
    assert group["id"] == "6f1c"
    assert group["size"] == 8
    assert group["prompt"] == [{"role": "user", "content": "1 + 1 = ?"}]
    assert group["reference"] == "2"
    assert group["completions"][0]["num_tokens"] == 2
    assert served.fake.bodies[0]["run"] == "exp-42"


@pytest.mark.parametrize(
    ("ids", "truncated"),
    [([1, 1, 1, 1], True), ([1, 1, 1, 9], False), ([1, 1, 1], False)],
    ids=["at the limit", "ended at the limit", "stopped before it"],
)
async def test_the_manager_tells_what_was_truncated(
    listen: Any, manager: Any, ids: list[int], truncated: bool
) -> None:
    served = listen()
    await manager().run_single(item(ids))
    assert served.groups[0]["completions"][0].get("truncated", False) is truncated


async def test_what_tools_said_is_not_counted(listen: Any, manager: Any) -> None:
    served = listen()
    await manager().run_single(item([1, 9], __num_turns__=np.int64(4)))
    assert "num_tokens" not in served.groups[0]["completions"][0]


@pytest.mark.parametrize(("prompt", "prefix"), [((7, 8), "<think>"), ((8, 7), None)])
async def test_the_manager_finds_what_the_template_opened(
    listen: Any, manager: Any, prompt: tuple[int, ...], prefix: str | None
) -> None:
    served = listen()
    await manager().run_single(item([1, 9], prompt=prompt))
    assert served.groups[0].get("prefix") == prefix


async def test_the_managers_images_arrive(listen: Any, manager: Any) -> None:
    served = listen()
    content = [
        {"type": "image", "image": Image.new("RGB", (3, 2))},
        {"type": "text", "text": "How many?"},
    ]
    raw = np.array([{"role": "user", "content": content}], dtype=object)
    await manager().run_single(item([1, 9], raw_prompt=raw))
    [group] = served.groups
    assert [part["type"] for part in group["prompt"][0]["content"]] == ["image", "text"]
    assert len(group["images"]) == 1


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="HarmoReward"):
        _ = verl.HarmoReward  # type: ignore[attr-defined]
