"""One look at a service that answers, refuses, is another or is not there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from harmo.app.cli.top import look as looking
from harmo.app.cli.top.look import Look, look
from tests.app.cli.top.exposed import exposition

BASE = httpx.URL("http://box:8000/rewards")
METRICS = httpx.Response(200, text=exposition(10))
NOT_READY = '{{"error": {{"type": "not_ready", "message": "{}", "field": null}}}}'


def looked(answer: Callable[[httpx.Request], httpx.Response], timeout_s: float = 5.0) -> Look:
    async def once() -> Look:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
            return await look(http, BASE, timeout_s)

    return asyncio.run(once())


@pytest.mark.parametrize(
    ("status", "body", "state", "why"),
    [
        (200, "{}", "ready", ""),
        (503, NOT_READY.format("the service is starting"), "starting", ""),
        (503, NOT_READY.format("the service is draining"), "draining", ""),
        (503, NOT_READY.format("2 workers stand still"), "not ready", "2 workers stand still"),
        (502, "<html>Bad Gateway</html>", "not ready", "/readyz answers 502"),
        (503, '{"error": "no"}', "not ready", "/readyz answers 503"),
        (503, "[" * 100_000, "not ready", "/readyz answers 503"),
    ],
)
def test_the_state_is_what_readyz_says(status: int, body: str, state: str, why: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/rewards/metrics":
            return METRICS
        assert request.url.path == "/rewards/readyz"
        return httpx.Response(status, text=body)

    seen = looked(answer)
    assert (seen.state, seen.why) == (state, why)
    assert seen.scrape is not None


@pytest.mark.parametrize(
    ("response", "why"),
    [
        (httpx.Response(401), "--token, or HARMO_API_KEY"),
        (httpx.Response(404), "no /metrics there"),
        (httpx.Response(301, headers={"Location": "https://box/"}), "sends to another address"),
        (httpx.Response(500), "/metrics answers 500"),
        (httpx.Response(200, text="<html>"), "not Harmo's"),
        (httpx.Response(200, text="go_goroutines 7"), "not Harmo's"),
    ],
)
def test_metrics_that_cannot_be_had_are_explained(response: httpx.Response, why: str) -> None:
    seen = looked(lambda _: response)
    assert (seen.state, seen.scrape) == ("down", None)
    assert why in seen.why


def refused(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("[Errno 111] Connection refused", request=request)


def cut(request: httpx.Request) -> httpx.Response:
    raise httpx.RemoteProtocolError("peer closed connection", request=request)


@pytest.mark.parametrize(
    ("answer", "why"), [(refused, "nobody answers there"), (cut, "peer closed connection")]
)
def test_a_service_that_is_gone_is_a_line_not_an_error(
    answer: Callable[[httpx.Request], httpx.Response], why: str
) -> None:
    assert why in looked(answer).why


class Endless(httpx.AsyncByteStream):
    """A body without end; as fast as it is read, or never."""

    def __init__(self, pause_s: float) -> None:
        self._pause_s = pause_s

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(self._pause_s)
            yield b"harmo_x 1\n" * 1000


@pytest.mark.parametrize(
    ("pause_s", "timeout_s", "why"), [(0.0, 60.0, "is over 0 MiB"), (0.02, 0.1, "within 0.1 s")]
)
def test_neither_its_size_nor_its_slowness_is_without_end(
    pause_s: float, timeout_s: float, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "MAX_BYTES", 100_000 if pause_s == 0 else 1 << 40)
    monkeypatch.setattr(looking, "_ERROR_BYTES", 1 << 40)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/readyz"):
            return httpx.Response(200)
        return httpx.Response(200, stream=Endless(pause_s))

    assert why in looked(answer, timeout_s).why
