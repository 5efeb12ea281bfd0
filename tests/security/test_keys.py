"""Attack 33: no key, a wrong one, part of one; on every route there is, however it is written."""

from __future__ import annotations

import asyncio
import hmac
import os
import subprocess
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from starlette.routing import Match

from harmo.app.keys import ApiKey, Doorkeeper
from harmo.app.settings import Settings
from tests.app.serving import Serving, body, group
from tests.process import HARMO

pytestmark = pytest.mark.asyncio(loop_scope="session")

KEY = "Zk3-right-key"
OPEN = {
    "/": "says what this is; recipes only to those who send a key",
    "/docs": "the schema, for people",
    "/openapi.json": "the schema, for programs",
    "/livez": "for probes, which have no keys",
    "/readyz": "likewise",
    "/metrics": "for scrapers; by setting behind a key",
}
"""Routes that need no key, and why; every other one must."""
BAD = {
    "none": None,
    "empty": b"",
    "the scheme alone": b"Bearer",
    "an empty key": b"Bearer ",
    "a wrong key": b"Bearer wrong",
    "a prefix": f"Bearer {KEY[:-1]}".encode(),
    "a prefix and more": f"Bearer {KEY}x".encode(),
    "another case": f"Bearer {KEY.upper()}".encode(),
    "twice": f"Bearer {KEY} {KEY}".encode(),
    "with its recipes": f"Bearer {KEY}:math".encode(),
    "in quotes": f'Bearer "{KEY}"'.encode(),
    "a blank more": f"Bearer  {KEY}".encode(),
    "not ASCII": "Bearer ключ".encode(),
    "not UTF-8": b"Bearer \xff\xfe",
    "basic": b"Basic Wmsz",
    "no scheme": KEY.encode(),
    "very long": b"Bearer " + b"k" * 30_000,
    "its digest": b"Bearer " + ApiKey.parse(KEY).digest.hex().encode(),
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def keyed() -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings(workers=1, recipes=("math", "chart"), api_keys=(KEY, "other-key:chart"))
    async with Serving(settings) as http:
        yield http


def routes(http: httpx.AsyncClient) -> list[tuple[str, str]]:
    """Method and path of every route that the application has, from its schema and its router."""
    app: Any = http._transport.app  # type: ignore[attr-defined]
    listed = {
        (method.upper(), path)
        for path, operations in app.openapi()["paths"].items()
        for method in operations
    }
    return sorted(listed | {("GET", "/docs"), ("GET", "/openapi.json")})


async def test_every_route_is_open_on_purpose_or_needs_a_key(keyed: httpx.AsyncClient) -> None:
    found = routes(keyed)
    assert ("POST", "/score") in found
    for method, path in found:
        asked = path.replace("{name}", "math")
        for why, value in BAD.items():
            headers = {} if value is None else {"Authorization": value}
            answer = await keyed.request(method, asked, headers=headers, json=body(group("4")))
            if path in OPEN:
                assert answer.status_code in (200, 204, 401), (path, why)
                continue
            assert answer.status_code == 401, (method, path, why)
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            assert KEY not in answer.text


async def test_the_router_has_no_route_that_the_schema_hides(keyed: httpx.AsyncClient) -> None:
    app: Any = keyed._transport.app  # type: ignore[attr-defined]
    hidden = ["/redoc", "/admin", "/debug", "/reload", "/v1/score", "/docs/oauth2-redirect"]
    for path in hidden:
        scope = {"type": "http", "method": "GET", "path": path, "headers": []}
        matched = [route for route in app.router.routes if route.matches(scope)[0] is Match.FULL]
        assert matched == [], path


SPELLINGS = [
    "/score/",
    "/score//",
    "/./score",
    "/livez/../score",
    "/livez/..%2fscore",
    "/livez;/score",
    "/SCORE",
    "/%73core",
    "/score%00",
    "/score?x=/livez",
    "/score#/livez",
    "/recipes/../score",
    "/docs/../recipes",
    "/recipes/",
    "/recipes/%6dath",
    "/scorers/",
]


@pytest.mark.parametrize("path", SPELLINGS)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "HEAD", "OPTIONS", "TRACE", "PATCH"])
async def test_no_spelling_of_a_path_or_method_gets_past_the_key(
    keyed: httpx.AsyncClient, method: str, path: str
) -> None:
    answer = await keyed.request(method, path, content=b'{"groups": []}')
    assert answer.status_code in (307, 401, 404, 405), path
    assert "sha256:" not in answer.text
    if answer.status_code == 307:
        followed = await keyed.request(method, answer.headers["Location"])
        assert followed.status_code in (401, 404, 405)


async def test_a_key_is_good_for_its_recipes_only(keyed: httpx.AsyncClient) -> None:
    headers = {"Authorization": "Bearer other-key"}
    asked = body(group("4"), recipe="math")
    assert (await keyed.post("/score", json=asked, headers=headers)).status_code == 403
    assert (await keyed.get("/recipes/math", headers=headers)).status_code in (403, 404)
    listed = (await keyed.get("/recipes", headers=headers)).json()
    assert [recipe["name"] for recipe in listed] == ["chart"]


async def test_answers_of_one_key_are_not_replayed_to_another(keyed: httpx.AsyncClient) -> None:
    asked = body(group("4"), recipe="chart")
    for key in (KEY, "other-key"):
        headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "same"}
        answer = await keyed.post("/score", json=asked, headers=headers)
        assert answer.status_code == 200
        assert "Idempotent-Replayed" not in answer.headers


async def test_every_key_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """By digest, all of them, whichever matches: the time tells neither how far nor which."""
    compared = []

    def watched(a: bytes, b: bytes) -> bool:
        compared.append((len(a), len(b)))
        return real(a, b)

    real = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", watched)
    keys = Doorkeeper([ApiKey.parse(text) for text in ("first", "second", "third")])
    for token in ("first", "second", "third"):
        keys.identify(f"Bearer {token}")
    for token in ("", "f", "x" * 100_000):
        with pytest.raises(Exception, match="valid key"):
            keys.identify(f"Bearer {token}")
    assert compared == [(32, 32)] * 18


@pytest.mark.parametrize(
    "key", ["secretpart:otherpart", "with blank secretpart", "sécretpart", ":secretpart"]
)
async def test_no_part_of_a_bad_key_is_printed(key: str) -> None:
    ran = await asyncio.to_thread(
        subprocess.run,
        [HARMO, "serve", "--port", "0"],
        env={**os.environ, "HARMO_API_KEYS": f'["{key}"]'},
        capture_output=True,
        timeout=100,
        check=False,
    )
    printed = (ran.stdout + ran.stderr).decode(errors="replace")
    assert ran.returncode != 0
    assert not any(part in printed for part in ("secretpart", "otherpart", "cretpart")), printed
