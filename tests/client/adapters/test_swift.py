"""ms-swift 4.6.0 calls: `compute_rewards_per_func` of swift/rl_core/grpo_algorithm.py."""

from __future__ import annotations

import asyncio
import base64
import io
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from harmo_client.adapters import swift
from harmo_client.adapters.core import ranks
from harmo_client.errors import TransportError, UnscoredError


@pytest.fixture
def orms(monkeypatch: pytest.MonkeyPatch) -> dict[str, type]:
    """ms-swift's registry of reward classes."""
    registry: dict[str, type] = {}
    rewards = ModuleType("swift.rewards")
    vars(rewards)["orms"] = registry
    monkeypatch.setitem(sys.modules, "swift", ModuleType("swift"))
    monkeypatch.setitem(sys.modules, "swift.rewards", rewards)
    return registry


def prepared(orms: dict[str, type], *names: str, **args: Any) -> list[Any]:
    """What `_prepare_rewards` makes of `--reward_funcs`."""
    told = SimpleNamespace(**{"num_generations": 2, "scale_rewards": "group", **args})
    return [orms[name](args=told) for name in names]


def rows(texts: list[str], **more: Any) -> dict[str, Any]:
    """`RowPreprocessor.rows_to_batched` of `to_reward_row`: two completions a prompt."""
    prompts = [f"{i // 2} + 1 = ?" for i in range(len(texts))]
    return {
        "messages": [
            [{"role": "user", "content": prompt}, {"role": "assistant", "content": text}]
            for prompt, text in zip(prompts, texts, strict=True)
        ],
        "prompt_id": [f"prompt_{i // 2}" for i in range(len(texts))],
        "request_id": [f"chatcmpl-{i}" for i in range(len(texts))],
        "finish_reason": ["stop"] * len(texts),
        "is_truncated": [text == "long" for text in texts],
        "rollout_infos": [{}] * len(texts),
        "response_token_ids": [[5, 6, 7]] * len(texts),
        "solution": [str(i // 2 + 1) for i in range(len(texts))],
        **more,
    }


def computed(functions: list[Any], texts: list[str], **more: Any) -> list[list[float | None]]:
    """As `compute_rewards_per_func` runs asynchronous functions: gathered, on a new event loop."""
    columns = {"trainer_state": SimpleNamespace(global_step=4), **rows(texts, **more)}

    async def run() -> list[list[float | None]]:
        return await asyncio.gather(*(function(texts, **columns) for function in functions))

    return asyncio.run(run())


def test_a_batch_is_whole_groups_on_an_event_loop_of_its_own(listen: Any, orms: Any) -> None:
    served = listen()
    swift.register(run="exp-42")
    [harmo] = prepared(orms, "harmo")
    assert asyncio.iscoroutinefunction(harmo.__call__)  # how ms-swift tells that it is async
    assert type(harmo).__name__ == "harmo"  # the name that it logs
    for _ in range(2):
        assert computed([harmo], ["a", "bb", "ccc", "long"]) == [[1.25, 2.25, 3.25, 4.25]]
    first, second = served.groups[:2]
    assert first["prompt"] == [{"role": "user", "content": "0 + 1 = ?"}]
    assert first["reference"] == "1"
    assert [c["id"] for c in first["completions"]] == ["chatcmpl-0", "chatcmpl-1"]
    assert [c.get("truncated", False) for c in second["completions"]] == [False, True]
    assert [c["num_tokens"] for c in second["completions"]] == [3, 3]
    assert served.fake.bodies[0]["step"] == 4
    assert not served.fake.bodies[0].get("wait_for_group_ms")


def test_columns_share_the_request_and_are_logged_under_their_names(listen: Any, orms: Any) -> None:
    served = listen()
    swift.register(["answer", "aspect.format"])
    names = ["harmo", "harmo.answer", "harmo.aspect.format", "harmo.reward_error"]
    functions = prepared(orms, *names)
    assert [type(function).__name__ for function in functions] == names
    given = computed(functions, ["a", "unscored"])
    assert given == [[1.25, 1.25], [1.0, None], [1.0, 1.0], [0.0, 1.0]]
    assert len(served.fake.requests) == 1


def test_a_column_that_is_not_there_names_those_that_are(listen: Any, orms: Any) -> None:
    listen()
    swift.register(["format"])
    with pytest.raises(ValueError, match=r"no column 'format'; it has answer, aspect\.format"):
        computed(prepared(orms, "harmo.format"), ["a", "b"])


def test_none_is_kept_from_ms_swift_where_it_would_count_as_zero(listen: Any, orms: Any) -> None:
    listen()
    swift.register(on_unscored="skip")
    with pytest.raises(ValueError, match="counts a None as 0"):
        prepared(orms, "harmo")
    [harmo] = prepared(orms, "harmo", scale_rewards="gdpo")
    assert computed([harmo], ["a", "unscored"]) == [[1.25, None]]


def test_a_group_without_any_reward_stops(listen: Any, orms: Any) -> None:
    listen()
    swift.register()
    with pytest.raises(UnscoredError, match="deadline 2"):
        computed(prepared(orms, "harmo"), ["unscored", "unscored"])


def test_equal_words_about_other_pictures_are_other_groups(listen: Any, orms: Any) -> None:
    served = listen()
    swift.register()
    texts = ["a", "bb", "ccc", "dddd"]
    pictures = [encoded(c) for c in ("red", "red", "blue", "blue")]
    asked = [{"role": "user", "content": "<image>What colour?"}, {"role": "assistant"}]
    given = computed(
        prepared(orms, "harmo"),
        texts,
        messages=[asked] * 4,
        prompt_id=["prompt_0"] * 4,
        solution=["?"] * 4,
        images=[[{"bytes": picture, "path": None}] for picture in pictures],
    )
    assert given == [[1.25, 2.25, 3.25, 4.25]]
    assert [len(group["completions"]) for group in served.groups] == [2, 2]
    for group, picture in zip(served.groups, (pictures[0], pictures[2]), strict=True):
        assert base64.b64decode(group["images"][0]["data"]) == picture
        kinds = [part["type"] for part in group["prompt"][0]["content"]]
        assert kinds == ["image", "text"]


def encoded(colour: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (2, 2), colour).save(buffer, "PNG")
    return buffer.getvalue()


def test_a_group_that_processes_share_comes_in_pieces(
    listen: Any, orms: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = listen()
    monkeypatch.setattr(ranks, "world_size", lambda: 2)
    swift.register(run="exp-42")
    computed(prepared(orms, "harmo", num_generations=4), ["a", "bb"])
    [group] = served.groups
    assert (group["size"], len(group["completions"])) == (4, 2)
    assert served.fake.bodies[0]["wait_for_group_ms"] == 60_000


def test_a_dead_service_is_an_error_that_says_where_it_was_looked_for(away: str, orms: Any) -> None:
    swift.register()
    with pytest.raises(TransportError, match="HARMO_URL"):
        computed(prepared(orms, "harmo"), ["a", "b"])
