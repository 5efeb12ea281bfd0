"""Requests, refusals and clients that leave, as the routes really count them."""

from __future__ import annotations

import asyncio
import json

import pytest

from tests.app.metrics.scraped import scraped
from tests.app.raw import Raw
from tests.app.serving import Serving, body, group

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize(
    ("method", "path", "labels", "why"),
    [
        ("GET", "/livez", {"route": "/livez", "method": "GET", "code": "204"}, "as it is"),
        ("GET", "/a/b?c", {"route": "unmatched", "method": "GET", "code": "404"}, "no route"),
        ("BREW", "/pot", {"route": "unmatched", "method": "other", "code": "404"}, "no method"),
        ("PROPFIND", "/livez", {"route": "/livez", "method": "other", "code": "405"}, "nor this"),
        ("DELETE", "/score", {"route": "/score", "method": "DELETE", "code": "405"}, "not here"),
        (
            "POST",
            "/ng-rollout/4711/verify",
            {"route": "/ng-rollout/{rollout}/verify", "method": "POST", "code": "422"},
            "the template, not the id",
        ),
        (
            "GET",
            "/recipes/made-up",
            {"route": "/recipes/{name}", "method": "GET", "code": "404"},
            "nor a name",
        ),
    ],
)
async def test_a_request_is_counted_by_template_method_and_code(
    serving: Serving, method: str, path: str, labels: dict[str, str], why: str
) -> None:
    before = (await scraped(serving.http)).value("harmo_http_requests_total", **labels) or 0.0
    await serving.http.request(method, path, json={} if method == "POST" else None)
    after = await scraped(serving.http)
    assert after.value("harmo_http_requests_total", **labels) == before + 1, (why, after.text)
    of = {"route": labels["route"]}
    assert (after.value("harmo_http_request_duration_seconds_count", **of) or 0.0) > before


async def test_a_body_counts_by_its_bytes_and_what_has_none_not_at_all(serving: Serving) -> None:
    content = json.dumps(body(group("4"))).encode()
    before = await scraped(serving.http)
    for _ in range(2):
        sent = await serving.http.post(
            "/score", content=content, headers={"content-type": "application/json"}
        )
        assert sent.status_code == 200
    after = await scraped(serving.http)
    grown = [
        (after.value(name, route="/score") or 0.0) - (before.value(name, route="/score") or 0.0)
        for name in ("harmo_http_request_size_bytes_count", "harmo_http_request_size_bytes_sum")
    ]
    assert grown == [2, 2 * len(content)]
    assert after.value("harmo_http_request_size_bytes_count", route="/metrics") is None


@pytest.mark.parametrize(
    ("header", "recipe", "reason"),
    [
        (None, "rules", "missing"),
        ("Basic c2VjcmV0", "rules", "not_bearer"),
        ("Bearer guessed", "rules", "wrong"),
        ("Bearer narrow", "slow", "other_recipe"),
    ],
)
async def test_a_refused_key_is_counted_by_what_is_wrong_with_it(
    serving: Serving, header: str | None, recipe: str, reason: str
) -> None:
    before = (await scraped(serving.http)).value("harmo_auth_failures_total", reason=reason)
    assert before is not None, "there from the start, so that its first increase is seen"
    raw = Raw(
        json.dumps(body(group("4"), recipe=recipe)).encode(),
        headers={} if header is None else {"authorization": header},
    )
    await raw.post(serving.app)
    assert raw.status in (401, 403)
    after = await scraped(serving.http)
    assert after.value("harmo_auth_failures_total", reason=reason) == before + 1
    assert "guessed" not in after.text


async def test_a_good_key_is_no_failure(serving: Serving) -> None:
    before = await scraped(serving.http)
    assert (await serving.http.post("/score", json=body(group("4")))).status_code == 200
    after = await scraped(serving.http)
    for labels in after.labels("harmo_auth_failures_total"):
        name = "harmo_auth_failures_total"
        assert after.value(name, **labels) == before.value(name, **labels)


async def test_a_client_that_leaves_before_its_answer_is_counted_once(serving: Serving) -> None:
    before = (await scraped(serving.http)).value("harmo_client_disconnects_total")
    assert before is not None
    waits = group("4", metadata={"wait_ms": 60_000})
    raw = Raw(
        json.dumps(body(waits, recipe="slow")).encode(), headers={"authorization": "Bearer secret"}
    )
    asking = asyncio.create_task(raw.post(serving.app))
    flight = serving.app.state.service.permits
    while not flight.taken:  # noqa: ASYNC110 - a test may poll
        await asyncio.sleep(0.01)
    assert (await scraped(serving.http)).value("harmo_completions_in_flight") == 1.0
    raw.left.set()
    await asking
    after = await scraped(serving.http)
    assert after.value("harmo_client_disconnects_total") == before + 1
    assert after.value("harmo_completions_in_flight") == 0.0
