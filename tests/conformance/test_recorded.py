"""What the trainers' own code sent, sent again without the trainers: part of `make test`."""

from __future__ import annotations

import asyncio
import http.client
import json
import math
from collections.abc import Callable
from typing import Any, ClassVar

import pytest

from harmo_client import RewardClient
from harmo_client.adapters import swift, verl
from harmo_client.adapters.trl import HarmoReward
from tests.conformance.cases import GROUP_SIZE, rows, scored
from tests.conformance.recording import recorded

SETTINGS = {"recipe": "answers", "run": "recorded"}


def numbers(value: object) -> list[float]:
    """Every number of an answer, however deep."""
    if isinstance(value, dict):
        return [number for inner in value.values() for number in numbers(inner)]
    if isinstance(value, list):
        return [number for inner in value for number in numbers(inner)]
    return [float(value)] if isinstance(value, int | float) else []


def posted(port: int, request: dict[str, Any]) -> Any:
    """The JSON that comes back for a request, which must be a 200 of JSON without NaN."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    body = json.dumps(request["body"])
    connection.request("POST", request["path"], body, request["headers"])
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    assert answer.status == 200, content
    assert answer.headers["content-type"].startswith("application/json")
    value = json.loads(content)
    assert all(map(math.isfinite, numbers(value)))
    return value


def one(value: dict[str, Any]) -> float:
    """The reward of an answer to OpenRLHF: every log is a list of one number, as it wants it."""
    assert all(len(value[name]) == 1 for name in ("rewards", "scores"))
    assert all(len(log) == 1 for log in value["extra_logs"].values())
    assert value["extra_logs"]["reward_error"] == [0.0]
    reward: float = value["rewards"][0]
    return reward


@pytest.mark.parametrize(
    ("trainer", "recipe", "read"),
    [
        ("openrlhf", "answers", lambda answers: [one(answer) for answer in answers]),
        ("slime", "answers", lambda answers: answers),
        ("llamafactory", "texts", lambda answers: answers[0]["scores"]),
    ],
)
def test_a_recorded_request_is_answered_as_score_would(
    service: int, trainer: str, recipe: str, read: Callable[[list[Any]], list[float]]
) -> None:
    expected = scored(f"http://127.0.0.1:{service}", recipe, rows()[:GROUP_SIZE])
    answers = [posted(service, request) for request in recorded(trainer)]
    assert read(answers) == pytest.approx(expected, abs=1e-6)


def by_verl(url: str, calls: list[dict[str, Any]]) -> list[float]:
    async def all_at_once() -> list[dict[str, float]]:
        asked = {**SETTINGS, "url": url, "group_size": GROUP_SIZE}
        return await asyncio.gather(*(verl.compute_score(**call, **asked) for call in calls))

    given = asyncio.run(all_at_once())
    assert len({frozenset(each) for each in given}) == 1, "verl reads the first one's keys"
    assert not any("reward" in each for each in given), "verl would count it twice"
    return [each["score"] for each in given]


def by_swift(url: str, calls: list[dict[str, Any]]) -> list[float | None]:
    class Plugin(swift.Harmo):
        given: ClassVar = {**SETTINGS, "url": url}

    [call] = calls
    return asyncio.run(Plugin()(**call))


def by_trl(url: str, calls: list[dict[str, Any]]) -> list[float | None]:
    reward = HarmoReward(
        RewardClient(url),
        num_generations=GROUP_SIZE,
        end_token_ids=[1],
        reference="solution",
        recipe="answers",
    )
    [call] = calls
    return reward(**call)


@pytest.mark.parametrize(
    ("trainer", "score"), [("verl", by_verl), ("swift", by_swift), ("trl", by_trl)]
)
def test_a_recorded_call_gets_what_score_would_give(
    service: int, trainer: str, score: Callable[..., list[float | None]]
) -> None:
    url = f"http://127.0.0.1:{service}"
    calls = [call["arguments"] for call in recorded(trainer)]
    assert score(url, calls) == pytest.approx(scored(url, "answers", rows()[:GROUP_SIZE]), abs=1e-6)
