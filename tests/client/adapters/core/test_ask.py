from __future__ import annotations

import json
import logging
import threading
from typing import Any

import pytest

from harmo_client.adapters.core import ask
from harmo_client.adapters.core.ask import judge, judge_now
from harmo_client.adapters.core.samples import Sample
from harmo_client.adapters.core.settings import settings
from harmo_client.errors import (
    BadRequestError,
    InvalidResponseError,
    ServiceError,
    TransportError,
    UnscoredError,
)
from tests.client.conftest import LateError

SAMPLES = [Sample(completion=text, group="7") for text in ("a", "unscored", "ccc")]


def not_a_number(answer: dict[str, Any]) -> None:
    answer["groups"][0]["completions"][0]["reward"] = float("nan")


def infinite(answer: dict[str, Any]) -> None:
    answer["groups"][0]["completions"][2]["scores"][0] = float("inf")


def short(answer: dict[str, Any]) -> None:
    del answer["groups"][0]["completions"][2]


def turned_round(answer: dict[str, Any]) -> None:
    answer["groups"][0]["completions"].reverse()


def more_than_its_parts(answer: dict[str, Any]) -> None:
    answer["groups"][0]["completions"][0]["reward"] += 1.0


@pytest.mark.parametrize(
    "spoil", [not_a_number, infinite, short, turned_round, more_than_its_parts]
)
async def test_no_part_of_a_broken_answer_arrives(listen: Any, spoil: Any) -> None:
    listen(spoil=spoil)
    with pytest.raises(InvalidResponseError):
        await judge(SAMPLES, settings())
    with pytest.raises(InvalidResponseError):
        judge_now(SAMPLES, settings())


async def test_rewards_come_in_the_order_of_the_samples(listen: Any) -> None:
    listen()
    samples = [Sample(completion="x" * n, group=str(n % 3)) for n in range(1, 50)]
    expected = [n + 0.25 for n in range(1, 50)]
    assert [each.reward for each in await judge(samples, settings())] == expected
    assert [each.reward for each in judge_now(samples, settings())] == expected


async def test_nothing_to_judge_asks_nobody(listen: Any) -> None:
    served = listen()
    assert await judge([], settings()) == judge_now([], settings()) == []
    assert served.fake.requests == []


async def test_stand_ins_are_counted_and_each_reason_is_logged_once(
    listen: Any, caplog: pytest.LogCaptureFixture
) -> None:
    listen()
    with caplog.at_level(logging.WARNING, logger=ask.__name__):
        for step in (1, 2):
            await judge(SAMPLES, settings(), step=step)
    assert ask.stand_ins == {"deadline": 2}
    [record] = caplog.records
    assert record.getMessage() == (
        "step 1: 1 of 3 completions unscored: deadline 1; on_unscored is group_mean"
    )


async def test_what_stops_is_logged_and_counted_too(listen: Any) -> None:
    listen()
    with pytest.raises(UnscoredError, match="on_unscored is 'stop'"):
        await judge(SAMPLES, settings({"on_unscored": "stop"}))
    assert ask.stand_ins == {"deadline": 1}


ONE_LATE = [Sample(completion="a", group="7")]
VALUE = {"on_unscored": "value", "unscored_value": 0.5}


def late_if_asked(answer: dict[str, Any]) -> None:
    """Time for nothing."""
    if answer["groups"]:
        raise LateError


@pytest.mark.parametrize("retry_for_s", [0.0, 0.05], ids=["asked once", "asked again"])
@pytest.mark.parametrize(
    ("choice", "reward"), [(VALUE, 0.5), ({"on_unscored": "skip"}, None)], ids=["value", "skip"]
)
async def test_a_sample_that_hangs_to_the_deadline_goes_unscored(
    listen: Any, choice: dict[str, Any], reward: float | None, retry_for_s: float
) -> None:
    told = {**choice, "retry_for_s": retry_for_s}
    served = listen(spoil=late_if_asked)
    [late] = await judge(ONE_LATE, settings(told))
    assert (late.reward, late.reason, late.numbers["reward_error"]) == (reward, "deadline", 1.0)
    assert ask.stand_ins == {"deadline": 1}
    assert judge_now(ONE_LATE, settings(told)) == [late]
    served.fake.spoil = lambda answer: None
    [scored] = await judge(ONE_LATE, settings(told))
    assert late.numbers.keys() == scored.numbers.keys(), "the same names for every sample"


@pytest.mark.parametrize(
    ("samples", "choice", "error", "why"),
    [
        (ONE_LATE, {}, UnscoredError, "no sibling's mean, and no number was asked for"),
        (ONE_LATE, {"on_unscored": "stop"}, UnscoredError, "as it was chosen"),
        ([*ONE_LATE, Sample(completion="b", group="8")], VALUE, ServiceError, "an outage"),
    ],
)
async def test_what_hangs_to_the_deadline_and_ends_the_run(
    listen: Any, samples: list[Sample], choice: dict[str, Any], error: type[Exception], why: str
) -> None:
    listen(spoil=late_if_asked)
    with pytest.raises(error):
        await judge(samples, settings({**choice, "retry_for_s": 0.0}))
    assert why


async def test_no_password_of_the_url_is_in_an_error(away: str) -> None:
    url = away.replace("http://", "http://user:secret@")
    with pytest.raises(TransportError, match=r"http://127\.0\.0\.1:9 \(url") as raised:
        await judge(SAMPLES, settings({"url": url}))
    assert "secret" not in str(raised.value)


async def test_what_is_refused_is_not_asked_again(listen: Any) -> None:
    served = listen(script=[422])
    with pytest.raises(BadRequestError, match="from the script"):
        await judge(SAMPLES, settings())
    assert len(served.fake.requests) == 1


async def test_what_the_settings_say_travels(listen: Any) -> None:
    served = listen()
    told = {"api_key": "k", "recipe": "demo", "run": "exp", "deadline_s": 2.0, "prefix": "<think>"}
    await judge(SAMPLES, settings(told), step=3, split="eval")
    [request] = served.fake.requests
    body = json.loads(request.content)
    assert request.headers["authorization"] == "Bearer k"
    assert request.headers["x-deadline-ms"] == "2000"
    sent = (body["recipe"], body["run"], body["step"], body["split"])
    assert sent == ("demo", "exp", 3, "eval")
    assert body["groups"][0]["prefix"] == "<think>"


async def test_pictures_are_encoded_off_the_event_loop(
    listen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    listen()
    seen: list[bool] = []
    laid = ask.layout

    def watched(*arguments: Any) -> Any:
        seen.append(threading.current_thread() is threading.main_thread())
        return laid(*arguments)

    monkeypatch.setattr(ask, "layout", watched)
    await judge(SAMPLES, settings())
    assert seen == [False]
