"""A ready application behind an ASGI client, and requests to send it."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from harmo.app.hosting import Hosting
from harmo.app.main import create_app
from harmo.app.settings import Settings


class Serving:
    """An ASGI client of a ready application, closed with its workers."""

    def __init__(self, settings: Settings, hosting: Hosting | None = None) -> None:
        self.app = create_app(settings, hosting)

    async def __aenter__(self) -> httpx.AsyncClient:
        self._lifespan = self.app.router.lifespan_context(self.app)
        await self._lifespan.__aenter__()
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        self._http = httpx.AsyncClient(transport=transport, base_url="http://harmo", timeout=60)
        life = self.app.state.service.life
        while not life.ready and not life.failure:  # noqa: ASYNC110 - a test may poll
            await asyncio.sleep(0.02)
        assert not life.failure, life.failure
        return self._http

    async def __aexit__(self, *exc: object) -> None:
        await self._http.aclose()
        await self._lifespan.__aexit__(None, None, None)


def group(*texts: str, **fields: Any) -> dict[str, Any]:
    """One wire group of text completions."""
    completions = [{"id": str(i), "text": text} for i, text in enumerate(texts)]
    return {"id": "g", "prompt": "2 + 2 = ?", "reference": "4", "completions": completions} | fields


def body(*groups: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"recipe": "rules", "groups": list(groups)} | fields
