"""What routes in trainers' formats share: options, keys in the URL, groups in pieces, patience."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from harmo.app.main import create_app
from harmo.app.routes.dependencies import TRAINERS
from harmo.app.settings import Settings
from tests.app.routes.test_openrlhf import asked
from tests.app.serving import Serving

pytestmark = pytest.mark.asyncio(loop_scope="session")

SCORING = sorted(TRAINERS - {"/seed_session", "/aggregate_metrics", "/reverify_mode"})
SECRET = "swordfish-7f3a"


@pytest.mark.parametrize("path", SCORING)
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("recepie=rules", "no option 'recepie' in the URL; there are recipe"),
        ("recipe=rules&recipe=math", "twice"),
        ("on_unscored=value", "on_unscored=value with value=None"),
        ("on_unscored=value&value=inf", "value"),
        ("template=chatlm", "known: chatml"),
        ("group_size=0", "group_size"),
        ("deadline_ms=99999999999", "deadline_ms must be"),
    ],
)
async def test_an_option_that_cannot_be_meant_is_refused(
    http: httpx.AsyncClient, path: str, query: str, said: str
) -> None:
    answer = await http.post(f"{path}?{query}", json={})
    assert answer.status_code == 422, answer.text
    assert said in answer.json()["error"]["message"]


@pytest.mark.parametrize(("name", "value"), [("Group-Size", "many"), ("Step", "-1"), ("Group", "")])
async def test_a_header_that_cannot_be_meant_is_refused(
    http: httpx.AsyncClient, name: str, value: str
) -> None:
    headers = {f"X-Harmo-{name}": value}
    answer = await http.post("/get_reward?recipe=rules", json=asked("4"), headers=headers)
    assert answer.status_code == 422


async def test_an_unknown_recipe_is_not_found(http: httpx.AsyncClient) -> None:
    answer = await http.post("/get_reward?recipe=nope", json=asked("4"))
    assert answer.status_code == 404


@pytest.mark.parametrize("recipe", ["lengths", "heroic"])
async def test_a_recipe_that_compares_siblings_needs_to_know_how_many_there_are(
    http: httpx.AsyncClient, recipe: str
) -> None:
    answer = await http.post(f"/get_reward?recipe={recipe}", json=asked("4"))
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == "group_size"


def words(count: int) -> str:
    return "so " * count + "\\boxed{4}"


async def singles(http: httpx.AsyncClient, count: int, query: str, **more: Any) -> list[Any]:
    """Answers to so many samples of one prompt, each the longer, each by itself."""
    sent = [
        http.post(f"/get_reward?{query}", json=asked(words(3 * number)), **more)
        for number in range(count)
    ]
    answers = [answer.json() for answer in await asyncio.gather(*sent)]
    assert all("rewards" in answer for answer in answers), answers[0]
    return answers


async def test_eight_samples_that_come_alone_are_one_group(http: httpx.AsyncClient) -> None:
    got = await singles(http, 8, "recipe=heroic&run=eight&group_size=8")
    assert all(one["extra_logs"]["group_complete"] == [1.0] for one in got)
    rewards = [one["rewards"][0] for one in got]
    assert rewards == sorted(rewards), "in the order of their model scores"
    assert rewards[7] - rewards[0] == pytest.approx(2 * 0.1), "siblings fill their stratum"


async def test_a_sample_whose_answer_was_lost_gets_it_again(http: httpx.AsyncClient) -> None:
    """It comes once more when all of its siblings have their answers, and waits for none."""
    query = "recipe=lengths&run=lost&group_size=4&wait_for_group_ms=300"
    got = await singles(http, 4, query)
    again = await http.post(f"/get_reward?{query}", json=asked(words(9)))
    assert again.json() == got[3]
    assert again.headers["Idempotent-Replayed"] == "true"


async def test_two_steps_of_a_prompt_are_two_groups(http: httpx.AsyncClient) -> None:
    steps = [
        singles(http, 4, "recipe=heroic&run=steps", headers=headers)
        for step in ("1", "2")
        for headers in [{"X-Harmo-Group-Size": "4", "X-Harmo-Step": step}]
    ]
    for got in await asyncio.gather(*steps):
        assert all(one["extra_logs"]["group_complete"] == [1.0] for one in got)


async def test_a_ninth_opens_the_next_group(http: httpx.AsyncClient) -> None:
    query = "recipe=rules&run=nine&group_size=8&wait_for_group_ms=400"
    got = await singles(http, 9, query)
    complete = sorted(one["extra_logs"]["group_complete"][0] for one in got)
    assert complete == [0.0] + [1.0] * 8


async def test_a_sample_without_a_reward_gets_the_mean_of_siblings_elsewhere(
    http: httpx.AsyncClient,
) -> None:
    """A completion that is too long to be scored, beside a right one and a wrong one."""
    limit = http._transport.app.state.service.settings.max_completion_chars  # type: ignore[attr-defined]
    query = "/get_reward?recipe=rules&run=mean&group_size=3"
    texts = ["\\boxed{4}", "\\boxed{5}", "x" * (limit + 1)]
    answers = await asyncio.gather(*(http.post(query, json=asked(text)) for text in texts))
    got = [answer.json() for answer in answers]
    assert [one["rewards"] for one in got] == [[1.0], [0.0], [0.5]]
    assert [one["scores"] for one in got] == [[1.0], [0.0], [0.5]]
    assert [one["extra_logs"]["reward_error"] for one in got] == [[0.0], [0.0], [1.0]]
    assert got[2]["extra_logs"]["answer_ok"] == [0.0]
    assert len({tuple(one["extra_logs"]) for one in got}) == 1
    assert answers[2].headers["X-Harmo-Stand-Ins"] == "1"
    alone = await http.post("/get_reward?recipe=rules", json=asked(texts[2]))
    assert alone.status_code == 422
    assert alone.json()["error"]["type"] == "unscored"


async def test_a_wait_as_long_as_the_deadline_leaves_time_to_score(http: httpx.AsyncClient) -> None:
    """As `/verify` has it, where the wait is 60 s and the deadline 25 s."""
    query = "recipe=rules&run=short&group_size=2&deadline_ms=2000"
    [alone] = await singles(http, 1, query)
    assert (alone["rewards"], alone["extra_logs"]["group_complete"]) == ([1.0], [0.0])


async def test_what_stands_in_is_named_however_often_a_key_comes(http: httpx.AsyncClient) -> None:
    sample = {"prompt": "2 + 2 = ?", "response": "4", "label": None}
    for key in ({}, {"Idempotency-Key": "made-up"}, {"Idempotency-Key": "made-up"}):
        answer = await http.post(
            "/slime?recipe=rules&on_unscored=value&value=0.5", json=sample, headers=key
        )
        assert (answer.text, answer.headers.get("X-Harmo-Stand-Ins")) == ("0.5", "1"), key
    assert answer.headers["Idempotent-Replayed"] == "true"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def keyed(trainer_recipes: tuple[str, ...]) -> AsyncIterator[httpx.AsyncClient]:
    rules = tuple(path for path in trainer_recipes if path.endswith(("rules.yaml", "slow.yaml")))
    settings = Settings(recipes=rules, workers=1, api_keys=(SECRET, "narrow:slow"))
    async with Serving(settings) as client:
        yield client


@pytest.mark.parametrize("prefix", ["", "/ng-rollout/r"])
@pytest.mark.parametrize("path", sorted(TRAINERS))
async def test_a_key_in_the_url_is_as_good_as_one_in_a_header(
    keyed: httpx.AsyncClient, path: str, prefix: str, caplog: pytest.LogCaptureFixture
) -> None:
    nemo = path in {"/verify", "/seed_session", "/aggregate_metrics", "/reverify_mode"}
    if prefix and not nemo:
        return
    method = "GET" if path == "/reverify_mode" else "POST"
    caplog.set_level(logging.DEBUG)
    answers = [
        await keyed.request(method, f"{prefix}{path}{query}", json=[])
        for query in ("", "?token=wrong", f"?token={SECRET}", f"?token={SECRET}&x=1&run=%00")
    ]
    assert [answer.status_code for answer in answers[:2]] == [401, 401]
    assert all(answer.status_code in (200, 422) for answer in answers[2:])
    exposed = (await keyed.get("/metrics")).text
    said = [answer.text + repr(answer.headers) for answer in answers]
    ours = [record for record in caplog.messages if not record.startswith("HTTP Request")]
    assert not any(SECRET in text for text in (*said, exposed, *ours))


async def test_a_key_in_the_url_opens_no_other_route(keyed: httpx.AsyncClient) -> None:
    for path in ("/score", "/recipes", "/ng-rollout/r/score", "/scorers"):
        answer = await keyed.request("POST", f"{path}?token={SECRET}", json={"groups": []})
        assert answer.status_code in (401, 404, 405), path
        assert answer.status_code != 200


async def test_a_key_in_the_url_opens_no_more_than_it_may(keyed: httpx.AsyncClient) -> None:
    answer = await keyed.post("/get_reward?token=narrow&recipe=rules", json=asked("4"))
    assert answer.status_code == 403


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def small(trainer_recipes: tuple[str, ...]) -> AsyncIterator[httpx.AsyncClient]:
    """A service with room for one completion, that the last of its tests drains."""
    slow = next(path for path in trainer_recipes if path.endswith("slow.yaml"))
    settings = Settings(
        recipes=(slow,), workers=1, max_in_flight_completions=1, max_in_flight_bytes=6_000
    )
    async with Serving(settings) as client:
        yield client


def slow(wait_ms: int, text: str = "\\boxed{4}", **more: Any) -> dict[str, Any]:
    extra = {"wait_ms": wait_ms}
    return {"response": text, "ground_truth": "4", "extra_info": extra, **more}


SLOW = "/v1/rewards?recipe=slow"


async def test_a_trainers_route_waits_for_room_where_score_says_429(
    small: httpx.AsyncClient,
) -> None:
    first = asyncio.create_task(small.post(SLOW, json=slow(400)))
    await asyncio.sleep(0.1)
    group = {"id": "g", "prompt": "?", "reference": "4", "completions": [{"id": "0", "text": "4"}]}
    turned = await small.post("/score", json={"recipe": "slow", "groups": [group]})
    assert turned.status_code == 429
    waited = await asyncio.gather(*(small.post(SLOW, json=slow(0)) for _ in range(3)), first)
    assert [answer.status_code for answer in waited] == [200] * 4


async def test_it_waits_for_bytes_as_well(small: httpx.AsyncClient) -> None:
    large = slow(300, note="x" * 3_500)
    answers = await asyncio.gather(*(small.post(SLOW, json=large) for _ in range(3)))
    assert [answer.status_code for answer in answers] == [200] * 3
    group = {"id": "g", "prompt": "?" * 3_500, "completions": [{"id": "0", "text": "4"}]}
    first = asyncio.create_task(small.post(SLOW, json=large))
    await asyncio.sleep(0.1)
    turned = await small.post("/score", json={"recipe": "slow", "groups": [group]})
    assert (turned.status_code, (await first).status_code) == (429, 200)


async def test_patience_ends_with_the_deadline(small: httpx.AsyncClient) -> None:
    first = asyncio.create_task(small.post(SLOW, json=slow(1_500)))
    await asyncio.sleep(0.1)
    late = await small.post(f"{SLOW}&deadline_ms=300", json=slow(0))
    assert late.status_code == 429
    assert (await first).status_code == 200


async def test_patience_ends_where_the_service_does(small: httpx.AsyncClient) -> None:
    app: FastAPI = small._transport.app  # type: ignore[attr-defined]
    first = asyncio.create_task(small.post(SLOW, json=slow(1_000)))
    await asyncio.sleep(0.1)
    waiting = asyncio.create_task(small.post(SLOW, json=slow(0)))
    await asyncio.sleep(0.1)
    app.state.service.life.drain()
    late = await small.post(SLOW, json=slow(0))
    assert late.status_code == 503, "nobody waits for a service that ends"
    assert not first.done()
    came = await asyncio.gather(first, waiting)
    assert [answer.status_code for answer in came] == [200, 200], "what came in time is finished"


async def test_a_service_that_starts_is_waited_for(trainer_recipes: tuple[str, ...]) -> None:
    app = create_app(Settings(recipes=trainer_recipes, workers=1))
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://harmo") as client:
        early = asyncio.create_task(client.post("/get_reward?recipe=rules", json=asked("4")))
        unsuited = asyncio.create_task(client.post("/slime?recipe=lengths", json=slow(0)))
        await asyncio.sleep(0.05)
        assert (await client.post("/score", json={"groups": []})).status_code == 503
        assert not early.done()
        app.state.service.life.fail("nothing to serve")
        assert (await early).status_code == 503, "and no longer once it never will be"
        assert (await unsuited).status_code == 503


HOSTILE: list[tuple[bytes, str]] = [
    (b"", "nothing"),
    (b"null", "null"),
    (b"[" * 100_000, "a bomb of lists"),
    (b'{"a":' * 100_000, "a bomb of objects"),
    (b'{"response": "\\ud800", "ground_truth": "4"}', "a lone surrogate"),
    (b'{"response": NaN}', "no JSON"),
    (b'{"response": 1e999}', "infinity in disguise"),
    (b'{"response": "4", "response": "5"}', "a key twice"),
    (b'{"response": "4", "ground_truth": ' + b"9" * 5_000 + b"}", "a number of 5,000 digits"),
    (b'{"query": ["a"], "labels": [' + b"1," * 400_000 + b"1]}", "a label for nobody"),
    (b'{"messages": [' + b'"",' * 400_000 + b'""]}', "empty texts"),
    (json.dumps({"response": "4", "extra_info": {"a" * 70_000: 1}}).encode(), "a long key"),
    (json.dumps({str(i): 1 for i in range(100_000)}).encode(), "fields without end"),
    (
        json.dumps(
            {
                "responses_create_params": {"input": "?"},
                "response": {"output": [{"type": {}}, {"type": "message", "content": [[], 1]}]},
            }
        ).encode(),
        "items of no kind",
    ),
    (
        json.dumps(
            {
                "responses_create_params": {"input": [{"content": [None, 1, {"text": 1}]}]},
                "response": {"output": {"a": 1}, "usage": {"output_tokens": True}},
            }
        ).encode(),
        "parts of no kind",
    ),
]


@pytest.mark.parametrize(("body", "why"), HOSTILE, ids=[why for _, why in HOSTILE])
async def test_no_body_is_a_bug_of_ours(http: httpx.AsyncClient, body: bytes, why: str) -> None:
    headers = {"Content-Type": "application/json"}
    for path in (*SCORING, "/seed_session", "/aggregate_metrics"):
        answer = await http.post(path, content=body, headers=headers)
        assert answer.status_code < 500, (path, why, answer.text)
        assert b"NaN" not in answer.content
        assert b"Infinity" not in answer.content
        assert len(answer.content) < 2 * len(body) + 2_000
