"""Attacks 19 to 22: pictures are base64 and nothing is fetched, so no address is worth a try.

There is no resolver, no proxy and no redirect to abuse: a request that names an address is refused,
and text that holds one stays text. Every address below leads to a port where calls are counted.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from harmo.app.sandbox import SandboxFusion
from harmo.app.settings import Settings
from tests.app.serving import Serving
from tests.security.target import Target, group, require_nothing_leaked

ADDRESSES: list[tuple[int, str]] = [
    (19, "http://127.0.0.1:PORT/a.png"),
    (19, "http://localhost:PORT/a.png"),
    (19, "http://[::1]:PORT/a.png"),
    (19, "http://[::ffff:127.0.0.1]:PORT/a.png"),
    (19, "http://2130706433:PORT/a.png"),
    (19, "http://0177.0.0.1:PORT/a.png"),
    (19, "http://0x7f.1:PORT/a.png"),
    (19, "http://127.1:PORT/a.png"),
    (19, "http://0:PORT/a.png"),
    (19, "http://169.254.169.254/latest/meta-data/"),
    (20, "http://127.0.0.1:PORT/redirect?to=http://127.0.0.1:PORT/"),
    (21, "http://rebinding.example:PORT/a.png"),
    (22, "http://allowed.example\\@127.0.0.1:PORT/a.png"),
    (22, "http://allowed.example@127.0.0.1:PORT/a.png"),
    (22, "http://user:word@127.0.0.1:PORT/a.png"),
    (22, "http://127.0.0.1:PORT#@allowed.example/a.png"),
    (22, "//127.0.0.1:PORT/a.png"),
    (22, "gopher://127.0.0.1:PORT/_"),
    (22, "ftp://127.0.0.1:PORT/a.png"),
]


class Counting:
    """A listener on loopback, on both versions of IP where there are two."""

    def __init__(self) -> None:
        self.calls: list[object] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._count, args=(self._listener,), daemon=True).start()
        self._six: socket.socket | None = None
        if socket.has_dualstack_ipv6():
            self._six = socket.create_server(("::1", self.port), family=socket.AF_INET6)
            threading.Thread(target=self._count, args=(self._six,), daemon=True).start()

    def _count(self, listener: socket.socket) -> None:
        while True:
            try:
                self.calls.append(listener.accept())
            except OSError:
                return

    def close(self) -> None:
        self._listener.close()
        if self._six is not None:
            self._six.close()


@pytest.fixture(scope="module")
def counting() -> Iterator[Counting]:
    counting = Counting()
    yield counting
    counting.close()


def with_part(part: dict[str, Any]) -> dict[str, Any]:
    return {"prompt": [{"role": "user", "content": [part]}]}


def refused(url: str) -> dict[str, dict[str, Any]]:
    """Fields in which other services take addresses; ours has none of them."""
    return {
        "images[].url": {"images": [{"url": url}]},
        "images[].data and url": {"images": [{"data": "", "url": url}]},
        "images[] as text": {"images": [url]},
        "image_url": with_part({"type": "image_url", "image_url": {"url": url}}),
        "image.url": with_part({"type": "image", "url": url}),
        "image.image": with_part({"type": "image", "image": url}),
        "video": with_part({"type": "video", "video": url}),
        "image_urls": {"image_urls": [url]},
    }


@pytest.mark.parametrize(("number", "address"), ADDRESSES)
def test_a_picture_by_address_is_refused_and_nobody_is_called(
    target: Target, counting: Counting, number: int, address: str
) -> None:
    url = address.replace("PORT", str(counting.port))
    for place, fields in refused(url).items():
        answer = target.score(group("5", **fields))
        assert answer.status == 422, place
        require_nothing_leaked(target, answer)
    assert counting.calls == []


def stays_text(url: str) -> dict[str, dict[str, Any]]:
    """Where text may hold an address, and a careless reader might follow it."""
    schema = {"$ref": url}
    return {
        "data": {"images": [{"data": url}]},
        "data URI": {"images": [{"data": f"data:text/uri-list,{url}"}]},
        "media type": {"images": [{"data": "", "media_type": url}]},
        "prompt": {"prompt": f"![a picture]({url})"},
        "reference": {"reference": url},
        "references": {"references": {"caption": url}},
        "metadata": {"metadata": {"url": url, "schema": schema, "image": {"url": url}}},
        "a schema's reference": {"task": "json", "reference": None, "metadata": {"schema": schema}},
        "a schema's name": {
            "task": "json",
            "reference": {"a": 1},
            "metadata": {"schema": {"$schema": url, "$id": url, "type": "object"}},
        },
        "constraints": {"constraints": {"json_schema": schema}},
    }


@pytest.mark.parametrize(("number", "address"), ADDRESSES)
def test_text_that_holds_an_address_is_text(
    target: Target, counting: Counting, number: int, address: str
) -> None:
    url = address.replace("PORT", str(counting.port))
    for place, fields in stays_text(url).items():
        texts = (url, f'<answer>{{"$ref": "{url}"}}</answer>', f"\\includegraphics{{{url}}}")
        answer = target.score(group(*texts, **fields), recipe="wide")
        assert answer.status == 200, place
        assert len(answer.completions) == len(texts)
        require_nothing_leaked(target, answer)
    assert counting.calls == []


DIALLED: list[str] = []
"""Names that were looked up and addresses that were dialled while `_watching`."""
_watching = threading.Event()


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    # A connection by path is between our own processes.
    dials = event == "socket.connect" and isinstance(arguments[1], tuple)
    if _watching.is_set() and (dials or event in ("socket.getaddrinfo", "socket.gethostbyname")):
        DIALLED.append(str(arguments))


async def test_no_name_is_ever_looked_up() -> None:
    """So a name server that answers twice (21) is not asked once."""
    sys.addaudithook(_hear)
    async with Serving(Settings(workers=1, recipes=("math", "visual-math"))) as http:
        _watching.set()
        try:
            for url in (address.replace("PORT", "9") for _, address in ADDRESSES):
                for fields in (*refused(url).values(), *stays_text(url).values()):
                    asked = {"recipe": "math", "groups": [group(url, **fields)]}
                    response = await http.post("/score", content=json.dumps(asked))
                    assert response.status_code in (200, 422)
        finally:
            _watching.clear()
    assert DIALLED == []


async def test_the_sandbox_is_not_left_by_a_redirect(counting: Counting) -> None:
    """The one address that the service dials is its operator's, and no answer of it leads on."""
    asked = []

    def elsewhere(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        place = f"http://127.0.0.1:{counting.port}/"
        return httpx.Response(307, headers={"Location": place})

    sandbox = SandboxFusion("http://sandbox", transport=httpx.MockTransport(elsewhere))
    result = await sandbox.run("print(1)", language="python", stdin="", timeout_s=1.0)
    await sandbox.close()
    assert result.status == "unavailable"
    assert asked == ["http://sandbox/run_code"]
    assert counting.calls == []
