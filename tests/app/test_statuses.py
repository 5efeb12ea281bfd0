"""Every HTTP status of the table, provoked; the documented ones are those that come."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from harmo.app.errors import STATUS, ErrorType, ServiceError
from harmo.app.settings import Settings
from tests.app.serving import Serving, body, group

pytestmark = pytest.mark.asyncio(loop_scope="session")

JSON = {"content-type": "application/json"}
MALFORMED = [
    (b"", "empty"),
    (b"{", "not JSON"),
    (b"\xff\xfe", "not UTF-8"),
    (b"[" * 200_000, "too deep"),
    (json.dumps(body(group("4"))).replace('"4"', "NaN", 1).encode(), "NaN"),
    (json.dumps(body(group("4"))).replace('"4"', "-Infinity", 1).encode(), "Infinity"),
    (b'{"groups": [], "run": "\\ud800"}', "lone surrogate"),
    (b'{"groups": [], "step": ' + b"9" * 10_000 + b"}", "10,000 digits"),
]


@pytest.mark.parametrize(("content", "why"), MALFORMED, ids=[why for _, why in MALFORMED])
async def test_what_is_not_strict_json_gets_400(
    client: httpx.AsyncClient, content: bytes, why: str
) -> None:
    response = await client.post("/score", content=content, headers=JSON)
    assert response.status_code == 400, why
    assert response.json()["error"]["type"] == "malformed"


INVALID: list[tuple[dict[str, Any], str, str]] = [
    (body(group("4"), surprise=1), "surprise", "unknown field"),
    (body(group("4", surprise=1)), "groups.0.surprise", "unknown field of a group"),
    (body(group("4", reference=1e999)), "groups.0.reference", "1e999 is infinite"),
    (body(group("4", prompt=[{"content": "x"}])), "groups.0.prompt.0.role", "no role in a turn"),
    (body(group("4", prompt=[{"role": "user", "content": [{"type": "image", "x": 1}]}])),
     "groups.0.prompt.0.content.0.x", "an unknown field of an image part"),
    (body(group("4", prompt=5)), "groups.0.prompt", "a prompt that is neither text nor turns"),
    (body(group("4") | {"completions": [{"id": "0", "text": "4", "num_tokens": True}]}),
     "groups.0.completions.0.num_tokens", "true is not a number"),
    (body(group("4") | {"completions": [{"id": "0", "text": "4", "num_tokens": "8"}]}),
     "groups.0.completions.0.num_tokens", "a string is not a number"),
    (body(group("4") | {"completions": [{"id": "0"}]}), "groups.0.completions.0", "no text"),
    (body(group("4") | {"completions": [{"id": "0", "text": "4"}] * 2}), "groups.0", "ids twice"),
    (body(group("4", "5", size=1)), "groups.0", "size below the number sent"),
    (body(group("4", prompt=[{"role": "user", "content": [{"type": "image"}]}])), "images",
     "an image part without an image"),
    (body(group("4"), step=-1), "step", "a negative step"),
    (body(group("4"), step=10**30), "step", "a step beyond all counting"),
    (body(group("4")) | {"recipe": ""}, "recipe", "an empty recipe name"),
    (body(group("4")) | {"recipe": "x" * 10_000}, "recipe", "an endless recipe name"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "field", "why"), INVALID, ids=[why for *_, why in INVALID])
async def test_a_schema_violation_gets_422_naming_the_field(
    client: httpx.AsyncClient, asked: dict[str, Any], field: str, why: str
) -> None:
    content = json.dumps(asked).replace("Infinity", "1e999")
    response = await client.post("/score", content=content, headers=JSON)
    assert response.status_code == 422, why
    error = response.json()["error"]
    assert (error["type"], error["field"]) == ("invalid", field)


async def test_an_unknown_recipe_gets_404_with_the_known_names(client: httpx.AsyncClient) -> None:
    response = await client.post("/score", json=body(recipe="nope"))
    assert response.status_code == 404
    assert "rules" in response.json()["error"]["message"]


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/score", 405), ("POST", "/nope", 404)]
)
async def test_unknown_routes_and_methods_have_the_error_body(
    client: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    response = await client.request(method, path)
    assert response.status_code == status
    assert set(response.json()["error"]) == {"type", "message", "field"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-type": "text/plain"}, 415),
        ({**JSON, "content-encoding": "gzip"}, 415),
        ({**JSON, "x-deadline-ms": "soon"}, 422),
        ({**JSON, "x-deadline-ms": "0"}, 422),
        ({**JSON, "x-deadline-ms": "000000000001" + "9" * 400}, 422),
        ({**JSON, "idempotency-key": "k" * 300}, 422),
        ({"content-type": "text/plain", "idempotency-key": "k" * 300}, 415),
    ],
)
async def test_headers_are_checked(
    client: httpx.AsyncClient, headers: dict[str, str], status: int
) -> None:
    response = await client.post("/score", content=b'{"groups": []}', headers=headers)
    assert response.status_code == status


async def test_limits_are_named_with_the_value(client: httpx.AsyncClient) -> None:
    too_many = await client.post("/score", json=body(group(*["4"] * 65)))
    assert too_many.status_code == 413
    assert "65" in too_many.json()["error"]["message"]
    assert "64" in too_many.json()["error"]["message"]
    too_big = await client.post("/score", content=b" " * (5 << 20), headers=JSON)
    assert too_big.status_code == 413

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(80):
            yield b" " * 65_536

    unannounced = await client.post("/score", content=chunks(), headers=JSON)
    assert unannounced.status_code == 413


async def test_a_deadline_that_passes_before_anything_is_scored_gets_504(
    client: httpx.AsyncClient,
) -> None:
    asked = body(group("4", metadata={"wait_ms": 5000}), recipe="slow")
    response = await client.post("/score", json=asked, headers={"X-Deadline-Ms": "50"})
    assert response.status_code == 504
    assert "the deadline passed" in response.json()["error"]["message"]
    assert "aspect.waits" in response.json()["error"]["message"]


async def test_an_idempotency_key_replays_and_refuses_another_body(
    client: httpx.AsyncClient,
) -> None:
    headers = {"Idempotency-Key": "k-1"}
    first = await client.post("/score", json=body(group("4")), headers=headers)
    again = await client.post("/score", json=body(group("4")), headers=headers)
    assert again.content == first.content
    assert again.headers["Idempotent-Replayed"] == "true"
    for query, why in (("?explain=false", "the default, spelled out"), ("?trace=7", "a proxy's")):
        spelled = await client.post(f"/score{query}", json=body(group("4")), headers=headers)
        assert spelled.content == first.content, why
    explained = await client.post("/score?explain=1", json=body(group("4")), headers=headers)
    assert "Idempotent-Replayed" not in explained.headers, "another answer was asked for"
    other = await client.post("/score", json=body(group("5")), headers=headers)
    assert other.status_code == 409


async def test_a_failed_request_is_not_replayed(client: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "k-2"}
    assert (await client.post("/score", content=b"{", headers=JSON | headers)).status_code == 400
    assert (await client.post("/score", json=body(), headers=headers)).status_code == 200


async def test_keys_recipes_load_and_readiness() -> None:
    """401, 403, 429 and 503 need a service of their own."""
    settings = Settings(
        recipes=("math", "chart"),
        workers=1,
        api_keys=("all", "few:math", "none:chart"),
        max_in_flight_completions=1,
        body_timeout_s=0.2,
    )
    async with Serving(settings) as http:
        for value in ("", "Bearer wrong", "Basic all", "Bearer al", "Bearer allx", "Bearer ключ"):
            headers = {"Authorization": value.encode()}
            response = await http.post("/score", json=body(recipe="math"), headers=headers)
            assert response.status_code == 401
            assert response.headers["WWW-Authenticate"] == "Bearer"
        for path in ("/scorers", "/recipes", "/recipes/math"):
            assert (await http.get(path)).status_code == 401, path
        for path in ("/livez", "/readyz", "/metrics"):
            assert (await http.get(path)).is_success, path
        few = {"Authorization": "Bearer few"}
        assert (await http.get("/recipes", headers=few)).json()[0]["name"] == "math"
        ok = await http.post("/score", json=body(recipe="math"), headers=few)
        assert ok.status_code == 200
        denied = {"Authorization": "Bearer none"}
        response = await http.post("/score", json=body(recipe="math"), headers=denied)
        assert response.status_code == 403
        await _slow_body(http, few)
        await _overload(http, few)
        http._transport.app.state.service.life.drain()  # type: ignore[attr-defined]
        for path in ("/readyz", "/recipes"):
            response = await http.get(path, headers=few)
            assert response.status_code == 503
            assert "Retry-After" in response.headers


async def _slow_body(http: httpx.AsyncClient, headers: dict[str, str]) -> None:
    async def drip() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(1.0)
        yield b"}"

    response = await http.post("/score", content=drip(), headers=JSON | headers)
    assert response.status_code == 408


async def _overload(http: httpx.AsyncClient, headers: dict[str, str]) -> None:
    hard = body(group("\\boxed{\\sin^2 x + \\cos^2 y}", reference="\\cos^2 y + \\sin^2 x + 0"))
    asked = [http.post("/score", json=hard | {"recipe": "math"}, headers=headers) for _ in range(8)]
    answers = await asyncio.gather(*asked)
    statuses = {response.status_code for response in answers}
    assert statuses == {200, 429}
    assert all("Retry-After" in r.headers for r in answers if r.status_code == 429)


async def test_every_error_type_has_a_status_and_a_body() -> None:
    assert set(STATUS) == set(ErrorType)
    for kind, (status, _) in STATUS.items():
        error = ServiceError(kind, "why", field="f")
        assert error.status == status
        assert json.loads(error.body())["error"] == {
            "type": kind.value, "message": "why", "field": "f"
        }  # fmt: skip


async def test_documented_statuses_are_those_of_the_table(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    documented = set(document["paths"]["/score"]["post"]["responses"])
    assert documented == {"200"} | {str(status) for status, _ in STATUS.values()}
    assert "ScoreRequest" in document["components"]["schemas"]
