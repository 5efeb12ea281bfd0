"""Never run: mypy checks that the client's public names have the types users rely on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import httpx
from typing_extensions import assert_type

import harmo_client
from harmo_client import (
    AsyncRewardClient,
    ChunkLimits,
    Column,
    Completion,
    Group,
    HarmoError,
    Message,
    RecipeSummary,
    RewardClient,
    ScoreResponse,
    StatusError,
    TextPart,
    errors,
    wire,
)
from harmo_client.adapters.trl import HarmoReward, RewardColumn

GROUPS = [
    Group(
        id="7",
        prompt=[Message(role="user", content=[TextPart(type="text", text="1 + 1?")])],
        reference="2",
        completions=[Completion(id="0", text="2", num_tokens=3)],
    )
]


def short_names_are_the_long_ones(group: wire.Group, error: errors.HarmoError) -> None:
    assert_type(group, Group)
    assert_type(error, HarmoError)
    _ = harmo_client.Groups  # type: ignore[attr-defined]  # no such name


def sync_client(transport: httpx.BaseTransport) -> None:
    with RewardClient(
        "http://localhost:8000",
        api_key="k",
        timeout_s=30,
        retry_for_s=60.0,
        in_flight=2,
        limits=ChunkLimits(completions=128),
        transport=transport,
    ) as client:
        answer = client.score(GROUPS, recipe="math", run="exp", step=1, split="eval", explain=True)
        assert_type(answer, ScoreResponse)
        assert_type(answer.groups[0].completions[0].reward, float | None)
        assert_type(client.recipes(), list[RecipeSummary])
        assert_type(client.recipe("math").columns, list[Column])
        assert_type(client.ready(), bool)
        client.score(GROUPS, split="test")  # type: ignore[arg-type]  # train or eval
        RewardClient("http://localhost:8000", retries=3)  # type: ignore[call-arg]  # no such option


async def async_client() -> None:
    async with AsyncRewardClient("http://localhost:8000") as client:
        assert_type(await client.score(GROUPS), ScoreResponse)
        assert_type(await client.ready(), bool)


def typed_errors(client: RewardClient) -> int | None:
    try:
        client.score(GROUPS)
    except StatusError as error:
        return error.status
    except HarmoError:
        pass
    return None


def trl_adapter(client: RewardClient) -> None:
    reward = HarmoReward(
        client,
        recipe="math",
        run="exp",
        reference="solution",
        references={"caption": "caption"},
        on_unscored="value",
        unscored_value=0.5,
    )
    function: Callable[..., list[float | None]] = reward
    assert_type(function(prompts=["p"], completions=["c"]), list[float | None])
    assert_type(reward.columns(["answer"]), list[RewardColumn])
    HarmoReward(client, on_unscored="zero")  # type: ignore[arg-type]  # not one of the four


def groups_are_any_sequence(client: RewardClient, groups: Sequence[Group]) -> None:
    client.score(tuple(groups))
