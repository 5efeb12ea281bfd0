"""One look at one service: is it ready, and what are its metrics. Never raises for a service."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from harmo.app.cli.options import NEEDS_KEY, route
from harmo.app.cli.top.exposition import Scrape, parse

MAX_BYTES = 64 << 20
_ERROR_BYTES = 64 << 10
_ENOUGH_CHARS = 200
_STATES = ("starting", "leaving", "draining", "failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a service said, or why it said nothing."""

    state: str
    """`ready`, `starting`, `leaving`, `draining`, `failed`, `not ready`; `down` without metrics."""
    why: str = ""
    """In the service's words, or ours where it gave none."""
    scrape: Scrape | None = None


async def look(http: httpx.AsyncClient, base: httpx.URL, timeout_s: float) -> Look:
    """Ask `/readyz` and `/metrics`, at most for so long.

    Args:
        http: Carries the key; follows no redirects.
        base: Where the service is.
        timeout_s: For both together.
    """
    try:
        async with asyncio.timeout(timeout_s):
            (ready, said), (status, exposed) = await asyncio.gather(
                _get(http, route(base, "/readyz"), _ERROR_BYTES),
                _get(http, route(base, "/metrics"), MAX_BYTES),
            )
    except TimeoutError:
        return Look(state="down", why=f"no whole answer within {timeout_s:g} s")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return Look(state="down", why=_failure(error))
    if status != httpx.codes.OK:
        return Look(state="down", why=_refusal(status))
    if len(exposed) > MAX_BYTES:
        return Look(state="down", why=f"/metrics is over {MAX_BYTES >> 20} MiB")
    samples = await asyncio.to_thread(parse, exposed.decode(errors="replace"))
    if not any(name.startswith("harmo_") for name in samples):
        return Look(state="down", why="/metrics there is not Harmo's; is it another service?")
    state, why = _readiness(ready, said)
    return Look(state=state, why=why, scrape=Scrape(time.monotonic(), samples))


async def _get(http: httpx.AsyncClient, url: httpx.URL, max_bytes: int) -> tuple[int, bytes]:
    """The status and the body, which is cut where it is longer."""
    content = bytearray()
    async with http.stream("GET", url) as response:
        async for piece in response.aiter_bytes():
            content += piece
            if len(content) > max_bytes:
                break
    return response.status_code, bytes(content)


def _failure(error: Exception) -> str:
    if isinstance(error, httpx.ConnectError):
        return "nobody answers there; is it started?"
    said = str(error)[:_ENOUGH_CHARS]
    return f"the connection broke: {said or type(error).__name__}"


def _refusal(status: int) -> str:
    if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        return f"{status}: {NEEDS_KEY}"
    if status == httpx.codes.NOT_FOUND:
        return "404: no /metrics there; is a part of the path missing?"
    if httpx.codes.is_redirect(status):
        return f"{status}: it sends to another address; give that one"
    return f"/metrics answers {status}"


def _readiness(status: int, said: bytes) -> tuple[str, str]:
    if status == httpx.codes.OK:
        return "ready", ""
    message = _message(said)[:_ENOUGH_CHARS]
    state = message.removeprefix("the service is ")
    return (
        (state, "") if state in _STATES else ("not ready", message or f"/readyz answers {status}")
    )


def _message(said: bytes) -> str:
    try:
        body = json.loads(said)
    except (ValueError, RecursionError):
        return ""
    error = body.get("error") if isinstance(body, Mapping) else None
    return str(error.get("message", "")) if isinstance(error, Mapping) else ""
