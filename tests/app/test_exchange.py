"""The exchange, through a wire format that is not ours: what every scoring route gets."""

from __future__ import annotations

import asyncio
import json
import time
import tracemalloc
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import APIRouter, FastAPI, Request, Response
from pydantic import BaseModel
from starlette.types import Message, Receive, Scope, Send

from harmo.app import call as calling
from harmo.app.exchange import _while_connected, exchange
from harmo.app.main import create_app
from harmo.app.routes.dependencies import KeyDep, ServiceDep
from harmo.app.scored import ScoredRequest
from harmo.app.settings import Settings
from harmo.app.wireformat import WireFormat, documented
from harmo_client.wire import Completion, Group, ScoreRequest
from tests.app.raw import Raw
from tests.app.serving import Serving, group


class TheirRequest(BaseModel):
    queries: list[str]
    labels: list[str]


class TheirAnswer(BaseModel):
    rewards: list[float]


def to_groups(asked: TheirRequest) -> ScoreRequest:
    if len(asked.queries) != len(asked.labels):
        raise ValueError(f"{len(asked.queries)} queries but {len(asked.labels)} labels")
    groups = [
        Group(
            id=str(i),
            prompt="?",
            reference=label,
            completions=[Completion(id="0", text=query, num_tokens=8)],
        )
        for i, (query, label) in enumerate(zip(asked.queries, asked.labels, strict=True))
    ]
    return ScoreRequest(groups=groups)


def to_body(scored: ScoredRequest, theirs: TheirRequest) -> bytes:
    del theirs
    rewards = [reward.value for members in scored.groups for reward in members.rewards]
    return json.dumps({"rewards": rewards}).encode()


FORM = WireFormat(asked=TheirRequest, to_groups=to_groups, to_body=to_body)
router = APIRouter()


@router.post("/theirs", **documented(TheirRequest, TheirAnswer))
async def theirs(request: Request, service: ServiceDep, key: KeyDep) -> Response:
    return await exchange(request, service, key, FORM)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def foreign() -> AsyncIterator[httpx.AsyncClient]:
    serving = Serving(Settings(workers=1, max_body_bytes=10_000, max_groups=4))
    serving.app.include_router(router)
    async with serving as http:
        yield http


def asked(*queries: str, labels: list[str] | None = None) -> dict[str, Any]:
    return {"queries": list(queries), "labels": ["4"] * len(queries) if labels is None else labels}


pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_their_words_are_answered_with_the_rewards_of_score(
    foreign: httpx.AsyncClient,
) -> None:
    texts = ["\\boxed{4}", "\\boxed{5}"]
    answer = await foreign.post("/theirs", json=asked(*texts))
    completions = [{"id": "0", "text": text, "num_tokens": 8} for text in texts]
    groups = [
        {"id": str(i), "prompt": "?", "reference": "4", "completions": [completion]}
        for i, completion in enumerate(completions)
    ]
    ours = (await foreign.post("/score", json={"groups": groups})).json()["groups"]
    expected = [completion["reward"] for group in ours for completion in group["completions"]]
    assert answer.json() == {"rewards": expected}
    assert expected[0] > expected[1]


@pytest.mark.parametrize(
    ("sent", "headers", "status", "said"),
    [
        ({"content": "{"}, {}, 400, "not valid JSON"),
        ({"json": {"queries": ["a"]}}, {}, 422, "labels: Field required"),
        ({"json": asked("a", labels=[])}, {}, 422, "1 queries but 0 labels"),
        ({"json": asked("a" * 20_000)}, {}, 413, "max_body_bytes"),
        ({"json": asked(*"abcde")}, {}, 413, "max_groups"),
        ({"json": asked("a")}, {"X-Deadline-Ms": "soon"}, 422, "X-Deadline-Ms"),
        ({"json": asked("a")}, {"Idempotency-Key": "k" * 257}, 422, "at most 256"),
        ({"content": "a", "headers": {"Content-Type": "text/plain"}}, {}, 415, "application/json"),
    ],
    ids=["json", "schema", "meaning", "bytes", "items", "deadline", "key", "media"],
)
async def test_what_is_wrong_with_a_request_is_said_as_on_score(
    foreign: httpx.AsyncClient,
    sent: dict[str, Any],
    headers: dict[str, str],
    status: int,
    said: str,
) -> None:
    headers = {"Content-Type": "application/json", **headers, **sent.pop("headers", {})}
    answer = await foreign.post("/theirs", headers=headers, **sent)
    assert answer.status_code == status
    assert said in answer.json()["error"]["message"]


async def test_one_idempotency_key_on_two_routes_is_two_keys(foreign: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "once"}
    first = await foreign.post("/theirs", json=asked("\\boxed{4}"), headers=headers)
    again = await foreign.post("/theirs", json=asked("\\boxed{4}"), headers=headers)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.content == first.content
    elsewhere = await foreign.post("/score", json={"groups": []}, headers=headers)
    assert elsewhere.status_code == 200, "another route's key is not this one's"


async def test_both_bodies_are_documented_from_their_models(foreign: httpx.AsyncClient) -> None:
    document = (await foreign.get("/openapi.json")).json()
    post = document["paths"]["/theirs"]["post"]
    body = post["requestBody"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/TheirRequest"}
    assert set(document["components"]["schemas"]) >= {"TheirRequest", "TheirAnswer", "ScoreRequest"}
    references = set(_references(document))
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert references <= known, "no reference leads nowhere"


def _references(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [str(value["$ref"])] if "$ref" in value else []
        return own + [r for item in value.values() for r in _references(item)]
    return [r for item in value for r in _references(item)] if isinstance(value, list) else []


async def test_what_is_turned_away_is_counted_on_every_scoring_route_and_on_no_other() -> None:
    app = create_app(Settings(workers=1))
    app.include_router(router)
    transport = httpx.ASGITransport(app=app)
    shed = app.state.service.metrics.http.shed.labels("not_ready")
    async with httpx.AsyncClient(transport=transport, base_url="http://harmo") as http:
        for route, counted in (("/theirs", 1.0), ("/score", 2.0)):
            assert (await http.post(route, json=asked("a"))).status_code == 503
            assert shed._value.get() == counted, route
        assert (await http.get("/readyz")).status_code == 503
        assert shed._value.get() == 2.0, "a probe is no request for rewards"


SLOW = {"groups": [group("4", metadata={"wait_ms": 150})], "recipe": "slow"}


def counted(app: FastAPI, code: str) -> float:
    return float(app.state.service.metrics.http._requests["/score", "POST", code]._value.get())


@pytest.mark.parametrize(
    ("raw", "ends", "why"),
    [
        (Raw(b'{"groups":'), False, "while its body comes"),
        (Raw(json.dumps(SLOW).encode()), True, "while it is scored"),
        (Raw(json.dumps(SLOW).encode(), headers={"idempotency-key": "left"}), True, "with a key"),
    ],
    ids=["body", "scoring", "key"],
)
async def test_a_client_that_leaves_is_no_error_of_ours(
    raw: Raw, ends: bool, why: str, client: httpx.AsyncClient
) -> None:
    app: FastAPI = client._transport.app  # type: ignore[attr-defined]
    before = counted(app, "499"), counted(app, "500")
    asked = asyncio.create_task(raw.post(app, ends=ends))
    await asyncio.sleep(0.05)
    raw.left.set()
    await asked
    assert (raw.status, raw.answer) == (499, b""), why
    assert (counted(app, "499"), counted(app, "500")) == (before[0] + 1, before[1])


async def test_what_a_client_with_a_key_left_behind_is_there_when_it_comes_back(
    client: httpx.AsyncClient,
) -> None:
    app: FastAPI = client._transport.app  # type: ignore[attr-defined]
    headers = {"idempotency-key": "again"}
    first, again = (Raw(json.dumps(SLOW).encode(), headers=headers) for _ in range(2))
    asked = asyncio.create_task(first.post(app))
    await asyncio.sleep(0.05)
    first.left.set()
    await asked
    assert app.state.service.admission.bytes.taken > 0, "the work holds its memory"
    await again.post(app)
    assert (again.status, again.headers["idempotent-replayed"]) == (200, "true")
    assert app.state.service.admission.bytes.taken == 0


async def test_a_caller_in_a_hurry_gets_its_504_while_anothers_call_with_its_key_goes_on(
    client: httpx.AsyncClient,
) -> None:
    headers = {"Idempotency-Key": "hurry"}
    first = asyncio.create_task(client.post("/score", json=SLOW, headers=headers))
    await asyncio.sleep(0.02)
    hasty = await client.post("/score", json=SLOW, headers=headers | {"X-Deadline-Ms": "20"})
    assert hasty.status_code == 504
    assert "another call with this Idempotency-Key" in hasty.json()["error"]["message"]
    assert (await first).status_code == 200


def slowly(scored: ScoredRequest, theirs: TheirRequest) -> bytes:
    time.sleep(0.3)
    return to_body(scored, theirs)


slow_router = APIRouter()
SLOW_FORM = replace(FORM, to_body=slowly, explain=True)
ASIDE = replace(FORM, thread_bytes=0)


@slow_router.post("/slowly")
async def slow_answer(request: Request, service: ServiceDep, key: KeyDep) -> Response:
    return await exchange(request, service, key, SLOW_FORM)


@slow_router.post("/aside")
async def read_aside(request: Request, service: ServiceDep, key: KeyDep) -> Response:
    return await exchange(request, service, key, ASIDE)


async def test_an_answer_that_takes_too_long_to_write_and_a_body_too_long_to_read_get_504(
    foreign: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "ANSWER_S", 0.05)
    app: FastAPI = foreign._transport.app  # type: ignore[attr-defined]
    app.include_router(slow_router)
    headers = {"X-Deadline-Ms": "100"}
    late = await foreign.post("/slowly", json=asked("4"), headers=headers)
    assert late.status_code == 504, "the answer"
    for _ in range(2):
        app.state.service.parsing._threads.submit(time.sleep, 0.3)
    late = await foreign.post("/aside", json=asked("4"), headers=headers)
    assert late.status_code == 504, "the body"
    assert app.state.service.admission.bytes.taken == 0


async def test_a_request_counts_for_its_memory_until_its_answer_is_out(
    client: httpx.AsyncClient,
) -> None:
    app: FastAPI = client._transport.app  # type: ignore[attr-defined]
    held: list[int] = []

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        async def look(message: Message) -> None:
            held.append(app.state.service.admission.bytes.taken)
            await send(message)

        await app(scope, receive, look)

    raw = await Raw(json.dumps(SLOW).encode()).post(watched)
    assert held == [len(raw.answer)] * 2
    assert app.state.service.admission.bytes.taken == 0


async def test_a_body_of_very_many_values_is_refused_before_anything_is_built_of_it(
    client: httpx.AsyncClient,
) -> None:
    many = b'{"groups": [' + b"{}," * 400_000 + b"{}]}"
    headers = {"Content-Type": "application/json"}
    tracemalloc.start()
    refused = await client.post("/score", content=many, headers=headers)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (refused.status_code, refused.json()["error"]["type"]) == (413, "too_large")
    assert "max_values" in refused.json()["error"]["message"]
    assert peak < 40 << 20


async def test_a_refused_group_ends_its_siblings_before_the_answer_goes_out(
    client: httpx.AsyncClient,
) -> None:
    app: FastAPI = client._transport.app  # type: ignore[attr-defined]
    twice = [group("4", id="twice", size=2) for _ in range(2)]
    slow = group("4", id="slow", metadata={"wait_ms": 60_000})
    request = {"recipe": "slow", "run": "r", "wait_for_group_ms": 60_000, "groups": [slow, *twice]}
    before = asyncio.all_tasks()
    left: list[int] = []

    def scores(task: asyncio.Task[Any]) -> bool:
        return "_disconnected" not in repr(task.get_coro())

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        async def look(message: Message) -> None:
            left.append(app.state.service.permits.taken)
            left.append(len([t for t in asyncio.all_tasks() - before - {this} if scores(t)]))
            await send(message)

        this = asyncio.current_task()
        await app(scope, receive, look)

    raw = await Raw(json.dumps(request).encode()).post(watched)
    assert raw.status == 422
    assert "'0'" in raw.error["message"]
    assert left == [0, 0] * 2


@pytest.mark.parametrize(("leaves", "got"), [(True, None), (False, b"1")])
async def test_who_left_as_the_work_came_to_its_end_has_not_got_it(
    leaves: bool, got: bytes | None
) -> None:
    """Else its retry is scored once more, as one that no sibling waits for."""

    async def receive() -> Message:
        if not leaves:
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def work() -> bytes:
        return b"1"

    request = Request({"type": "http", "headers": []}, receive)
    assert await _while_connected(request, work()) == got
