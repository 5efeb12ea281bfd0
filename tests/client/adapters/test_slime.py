"""slime calls: `async_rm` and `batched_async_rm` of slime/rollout/rm_hub/__init__.py."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from enum import Enum
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from harmo_client.adapters.slime import custom_rm
from harmo_client.errors import TransportError, UnscoredError


class Status(Enum):
    COMPLETED = "completed"
    TRUNCATED = "truncated"


@dataclass
class Sample:
    """`slime.utils.types.Sample`, as far as a reward function meets it."""

    response: str
    group_index: int | None = 7
    index: int | None = None
    prompt: Any = "1 + 1 = ?"
    multimodal_inputs: dict[str, Any] | None = None
    response_length: int = 5
    label: str | None = "2"
    loss_mask: list[int] | None = None
    status: Status = Status.COMPLETED
    metadata: dict[str, Any] = field(default_factory=dict)
    remove_sample: bool = False


def args(**more: Any) -> Any:
    return SimpleNamespace(**{"reward_key": None, "eval_reward_key": None, **more})


async def test_a_group_is_one_request_and_one_number_each(listen: Any) -> None:
    served = listen()
    samples = [Sample("a", index=14), Sample("bb", index=15, status=Status.TRUNCATED)]
    assert await custom_rm(args(), samples) == [1.25, 2.25]
    [group] = served.groups
    assert (group["id"], group["prompt"], group["reference"]) == ("7", "1 + 1 = ?", "2")
    assert [c["id"] for c in group["completions"]] == ["14", "15"]
    assert [c.get("truncated", False) for c in group["completions"]] == [False, True]
    assert samples[0].metadata["harmo"]["answer"] == 1.0


async def test_a_list_may_hold_several_groups_and_groups_without_a_number(listen: Any) -> None:
    served = listen()
    samples = [Sample(text, group_index=i) for i in (1, 2) for text in ("a", "bb")]
    assert await custom_rm(args(), samples) == [1.25, 2.25, 1.25, 2.25]
    fanned = [Sample(text, group_index=None) for text in ("a", "bb")]
    assert await custom_rm(args(), fanned) == [1.25, 2.25]
    assert [len(group["completions"]) for group in served.groups] == [2, 2, 2]


async def test_a_sample_alone_is_answered_alone(listen: Any) -> None:
    served = listen()
    assert await custom_rm(args(), Sample("a")) == 1.25
    assert served.groups[0]["size"] == 1


async def test_samples_that_come_one_by_one_may_wait_for_each_other(listen: Any) -> None:
    served = listen()
    asked = args(harmo_group_size=8, harmo_run="exp-42", harmo_wait_for_group_ms=9)
    await asyncio.gather(*(custom_rm(asked, Sample("a" * n, index=n)) for n in (1, 2)))
    assert [(group["id"], group["size"]) for group in served.groups] == [("7", 8)] * 2
    assert served.fake.bodies[0]["wait_for_group_ms"] == 9


async def test_a_sample_of_an_evaluation_waits_for_nobody(listen: Any) -> None:
    served = listen()
    asked = args(harmo_group_size=8, harmo_run="exp-42", harmo_wait_for_group_ms=9)
    assert await custom_rm(asked, Sample("a"), evaluation=True) == 1.25
    assert (served.groups[0]["size"], served.fake.bodies[0].get("split")) == (1, "eval")


async def test_with_a_reward_key_the_reward_is_a_dict_of_numbers(listen: Any) -> None:
    listen()
    asked = args(reward_key="score", eval_reward_key="eval_score")
    given = await custom_rm(asked, Sample("a"))
    assert isinstance(given, dict)
    assert given["score"] == given["eval_score"] == 1.25
    assert given["answer_ok"] == 1.0
    assert all(type(value) is float for value in given.values())


async def test_a_sample_without_a_reward_is_masked_and_moves_no_baseline(listen: Any) -> None:
    listen()
    samples = [Sample("a"), Sample("unscored"), Sample("bbb")]
    assert await custom_rm(args(), samples) == [1.25, 2.25, 3.25]
    assert [sample.remove_sample for sample in samples] == [False, True, False]
    assert samples[1].metadata["harmo"]["reward_error"] == 1.0


async def test_a_group_without_any_reward_is_masked_whole(listen: Any) -> None:
    listen()
    samples = [Sample("unscored"), Sample("unscored"), Sample("a", group_index=8)]
    assert await custom_rm(args(), samples) == [0.0, 0.0, 1.25]
    assert [sample.remove_sample for sample in samples] == [True, True, False]


@pytest.mark.parametrize("more", [{}, {"harmo_on_unscored": "group_mean"}])
async def test_a_sample_whose_siblings_nobody_knows_stops(
    listen: Any, more: dict[str, Any]
) -> None:
    listen()
    with pytest.raises(UnscoredError, match="on_unscored=value"):
        await custom_rm(args(**more), Sample("unscored"))


async def test_images_arrive(listen: Any) -> None:
    served = listen()
    shown = {"images": [Image.new("RGB", (2, 2))]}
    await custom_rm(args(), Sample("a", multimodal_inputs=shown))
    assert len(served.groups[0]["images"]) == 1


@pytest.mark.parametrize(("mask", "count"), [(None, 5), ([1, 0, 1], 2)])
async def test_what_tools_wrote_is_not_counted(
    listen: Any, mask: list[int] | None, count: int
) -> None:
    served = listen()
    await custom_rm(args(), Sample("a", loss_mask=mask))
    assert served.groups[0]["completions"][0]["num_tokens"] == count


async def test_a_dead_service_is_an_error_that_says_where_it_was_looked_for(away: str) -> None:
    with pytest.raises(TransportError, match="HARMO_URL"):
        await custom_rm(args(), [Sample("a")])
