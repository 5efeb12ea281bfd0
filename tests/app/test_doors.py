"""Every route not listed asks for a key before it reads; bugs and leavers are told apart."""

from __future__ import annotations

import logging

import httpx
import pytest
from fastapi.routing import iter_route_contexts
from starlette.requests import Request
from starlette.types import Message

from harmo.app.main import create_app
from harmo.app.routes.dependencies import DOCS, METRICS, PROBES
from harmo.app.settings import Settings

KEY = {"Authorization": "Bearer k"}


def client_of(**settings: object) -> httpx.AsyncClient:
    app = create_app(Settings(api_keys=("k",), **settings))  # type: ignore[arg-type]
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://harmo")


@pytest.mark.parametrize(
    ("settings", "public"),
    [
        ({}, PROBES | DOCS | METRICS),
        ({"public_docs": False}, PROBES | METRICS),
        ({"public_metrics": False}, PROBES | DOCS),
        ({"public_docs": False, "public_metrics": False}, PROBES),
    ],
    ids=["all", "no docs", "no metrics", "probes only"],
)
async def test_every_route_that_is_not_listed_needs_a_key(
    settings: dict[str, bool], public: frozenset[str]
) -> None:
    async with client_of(**settings) as http:
        routes = list(iter_route_contexts(http._transport.app.routes))  # type: ignore[attr-defined]
        seen = set()
        for route in routes:
            for method in route.methods:
                path = route.path.replace("{name}", "math")
                refused = (await http.request(method, path)).status_code == 401
                assert refused == (route.path not in public), f"{method} {path}"
                hasty = KEY | {"X-Deadline-Ms": "20"}
                allowed = await http.request(method, path, headers=hasty)
                assert allowed.status_code not in (401, 403), f"{method} {path}"
            seen.add(route.path)
        assert public <= seen
        assert "/score" in seen


async def test_a_body_is_not_read_before_its_key_is_known() -> None:
    async with client_of() as http:
        app = http._transport.app  # type: ignore[attr-defined]
        sent: list[Message] = []

        async def receive() -> Message:
            pytest.fail("the body is read")

        async def send(message: Message) -> None:
            sent.append(message)

        await app(scope("POST", "/score"), receive, send)
        assert sent[0]["status"] == 401


def scope(method: str, path: str) -> dict[str, object]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "scheme": "http",
        "query_string": b"",
        "headers": [(b"host", b"h"), (b"content-type", b"application/json")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
    }


async def gone_in_the_body(app: object) -> None:
    """A client that leaves in the middle of its body."""
    messages: list[Message] = [
        {"type": "http.request", "body": b"{", "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Message:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message: Message) -> None: ...

    await app(scope("POST", "/reads"), receive, send)  # type: ignore[operator]


async def test_a_client_that_leaves_is_499_and_a_bug_is_500_and_neither_is_logged_with_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    app = create_app(Settings())

    @app.post("/reads")
    async def reads(request: Request) -> None:
        await request.body()

    @app.get("/bug")
    async def bug() -> None:
        raise RuntimeError("MARKER of the policy")

    # As any server runs it: nothing may come out that the server would log.
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=True), base_url="http://harmo"
    ) as http:
        answer = await http.get("/bug")
        await gone_in_the_body(app)
        counted = (await http.get("/metrics")).text
    assert answer.status_code == 500
    assert answer.json()["error"]["type"] == "internal"
    bug_id = answer.json()["error"]["message"].split("id ")[1].split()[0]
    (record,) = [record for record in caplog.records if record.name == "harmo.main"]
    assert bug_id in record.message
    assert "RuntimeError at" in record.message
    assert "MARKER" not in caplog.text + answer.text
    assert 'harmo_http_requests_total{code="499",method="POST",route="/reads"} 1.0' in counted
    assert 'harmo_http_requests_total{code="500",method="GET",route="/bug"} 1.0' in counted


async def test_nobody_is_sent_where_a_host_header_says() -> None:
    async with client_of() as http:
        answer = await http.get("/livez/", headers={"Host": "evil.example"})
    assert answer.status_code == 404
    assert "location" not in answer.headers
