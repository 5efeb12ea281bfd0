"""One request to an ASGI application, down to its messages: slow bodies, clients that leave."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.types import ASGIApp, Message

BodyParts = Sequence[bytes]


class Raw:
    """A POST whose body comes in parts and whose client may leave."""

    def __init__(
        self,
        *parts: bytes,
        path: str = "/score",
        query: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.left = asyncio.Event()
        self.status = 0
        self.answer = b""
        self._parts = list(parts)
        sent = {"content-type": "application/json"} | dict(headers or {})
        self._scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in sent.items()],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 2),
            "root_path": "",
        }

    async def post(self, app: ASGIApp, *, ends: bool = True) -> Raw:
        """Send it; without an end the body just stops."""

        async def receive() -> Message:
            if self._parts:
                part = self._parts.pop(0)
                return {"type": "http.request", "body": part, "more_body": True}
            if ends and not self._over:
                self._over = True
                return {"type": "http.request", "body": b"", "more_body": False}
            await self.left.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.status = message["status"]
                self.headers = {k.decode(): v.decode() for k, v in message["headers"]}
            else:
                self.answer += message.get("body", b"")

        self._over = False
        await app(self._scope, receive, send)
        return self

    @property
    def error(self) -> dict[str, Any]:
        """What the answer says is wrong."""
        found: dict[str, Any] = json.loads(self.answer)["error"]
        return found
