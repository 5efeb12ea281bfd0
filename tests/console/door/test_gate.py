"""Who comes in: every door of the console, with and without the password."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import httpx
import pytest
from starlette.responses import HTMLResponse
from starlette.types import Message, Receive, Scope, Send

from harmo.app.keys import ApiKey
from harmo.console.door.gate import Gate
from harmo.console.door.lock import TRIES, Lock
from harmo.console.door.seal import COOKIE, LASTS_S, Seal

WORD, KEY = "open sesame", "key-of-the-service"
HOST, NAME = "127.0.0.1:8600", f"{COOKIE}_8600"
LOCAL, AWAY = "http://127.0.0.1:8600", "http://lab.example:8600"


async def pages(scope: Scope, receive: Receive, send: Send) -> None:
    """What stands behind the gate."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        return
    await HTMLResponse("<script>own</script>what the store holds")(scope, receive, send)


def gate(*, guarded: bool = True) -> Gate:
    keys = [ApiKey.parse(KEY)] if guarded else []
    return Gate(pages, Lock(WORD if guarded else None, keys))


def visitor(app: Gate, base: str = LOCAL) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=base)


async def websocket(app: Gate, headers: Mapping[str, str]) -> str:
    """What a websocket is answered."""
    sent: list[Message] = []
    raw = [(k.encode(), v.encode()) for k, v in headers.items()]
    scope = {"type": "websocket", "path": "/_nicegui_ws/socket.io/", "headers": raw}

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return str(sent[0]["type"])


async def come_in(client: httpx.AsyncClient, word: str = WORD) -> httpx.Response:
    return await client.post("/login", data={"word": word, "to": "/run/a?steps=1"})


PATHS = (
    "/", "/run/exp-1", "/group/1", "/assets/console.css", "/_nicegui/3.18.0/static/nicegui.js",
    "/_nicegui/3.18.0/components/x", "/_nicegui/client/1/upload/2", "/_nicegui_ws/socket.io/",
    "/favicon.ico", "/docs", "/openapi.json", "//", "/login/../run/exp-1", "/login/",
)  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS"])
async def test_without_the_password_no_path_is_reached(path: str, method: str) -> None:
    async with visitor(gate()) as client:
        answer = await client.request(method, path)
        assert answer.status_code == 401
        assert "store holds" not in answer.text


async def test_a_browser_is_led_to_the_form_and_back_to_where_it_wanted_to_go() -> None:
    async with visitor(gate()) as client:
        led = await client.get("/run/a?steps=1", headers={"accept": "text/html"})
        assert led.status_code == 303
        form = await client.get(led.headers["location"])
        assert 'value="/run/a?steps=1"' in form.text
        back = await come_in(client)
        assert (back.status_code, back.headers["location"]) == (303, "/run/a?steps=1")
        assert "what the store holds" in (await client.get("/")).text


@pytest.mark.parametrize(
    ("word", "status", "why"),
    [
        (WORD, 303, "the password"),
        (KEY, 303, "a key of the service"),
        (WORD + " ", 401, "nearly the password"),
        ("", 401, "nothing"),
        ("ö" * 50, 401, "what no key can be"),
    ],
)
async def test_the_password_and_keys_open(word: str, status: int, why: str) -> None:
    async with visitor(gate()) as client:
        assert (await come_in(client, word)).status_code == status, why


async def test_too_many_wrong_words_are_not_heard_and_neither_is_the_right_one() -> None:
    async with visitor(gate()) as client:
        for _ in range(TRIES):
            assert (await come_in(client, "wrong")).status_code == 401
        answer = await come_in(client)
        assert answer.status_code == 429
        assert 0 < int(answer.headers["retry-after"]) <= 60


async def test_a_form_that_is_too_large_is_not_read() -> None:
    async with visitor(gate()) as client:
        assert (await come_in(client, "x" * 10_000)).status_code == 413


async def test_the_cookie_is_for_this_site_alone() -> None:
    async with visitor(gate()) as client:
        cookie = (await come_in(client)).headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert "secure" not in cookie
    async with visitor(gate(), "https://127.0.0.1:8600") as client:
        assert "secure" in (await come_in(client)).headers["set-cookie"].lower()


@pytest.mark.parametrize(
    ("to", "place"),
    [
        ("/run/a", "/run/a"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("/\tevil", "/"),
        ("/login?to=/login", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
async def test_nobody_is_led_to_another_host(to: str, place: str) -> None:
    async with visitor(gate()) as client:
        answer = await client.post("/login", data={"word": WORD, "to": to})
        assert answer.headers["location"] == place


async def test_what_one_wanted_is_text_in_the_form() -> None:
    async with visitor(gate()) as client:
        form = await client.get("/login", params={"to": '/"><script>alert(1)</script>'})
        assert "<script" not in form.text


@pytest.mark.parametrize(
    ("base", "status", "why"),
    [
        ("http://127.0.0.1:8600", 200, "this machine"),
        ("http://localhost:9999", 200, "through a forwarded port"),
        ("http://[::1]:8600", 200, "by the other protocol"),
        ("http://lab.example:8600", 403, "a name that leads here: it may be another's tomorrow"),
        ("http://127.0.0.1.evil.example", 403, "a name that begins like an address"),
        ("http://192.168.1.5:8600", 403, "another address"),
    ],
)
async def test_without_a_password_only_loopback_names_are_answered(
    base: str, status: int, why: str
) -> None:
    async with visitor(gate(guarded=False), base) as client:
        assert (await client.get("/")).status_code == status, why


async def test_with_a_password_any_name_is() -> None:
    async with visitor(gate(), AWAY) as client:
        await come_in(client)
        assert (await client.get("/")).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "x"])
async def test_pages_of_other_sites_change_nothing(origin: str) -> None:
    async with visitor(gate(guarded=False)) as client:
        assert (await client.post("/", headers={"origin": origin})).status_code == 403
    headers = {"host": "127.0.0.1:8600", "origin": origin}
    assert await websocket(gate(guarded=False), headers) == "websocket.close"


async def test_websockets_need_the_cookie_and_the_right_site() -> None:
    app, seal = gate(), Seal()
    host = {"host": "127.0.0.1:8600", "origin": LOCAL}
    assert await websocket(app, host) == "websocket.close"
    forged = {**host, "cookie": f"{NAME}={seal.made(1e12)}"}
    assert await websocket(app, forged) == "websocket.close"
    async with visitor(app) as client:
        await come_in(client)
        own = {**host, "cookie": f"{NAME}={client.cookies[NAME]}"}
    assert await websocket(app, own) == "websocket.accept"
    assert await websocket(app, {**own, "origin": AWAY}) == "websocket.close"


@pytest.mark.parametrize(
    ("before", "why"),
    [
        ("", "alone"),
        ("a[b]={1}; ", "a name that no cookie has"),
        ('x="un;closed; ', "a quote that does not end"),
        ("=; ;; ", "nothing"),
        (f"{COOKIE}_8601=other; ", "that of a console on another port of this host"),
    ],
)
async def test_a_cookie_is_found_among_those_of_others(before: str, why: str) -> None:
    app = gate()
    async with visitor(app) as client:
        await come_in(client)
        own = f"{before}{NAME}={client.cookies[NAME]}"
    assert await websocket(app, {"host": HOST, "cookie": own}) == "websocket.accept", why


async def test_every_answer_tells_browsers_what_they_may_load() -> None:
    async with visitor(gate(guarded=False)) as client:
        answers = [await client.get("/") for _ in range(2)]
        answers.append(await client.post("/", headers={"origin": AWAY}))
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]
        assert answer.headers["x-content-type-options"] == "nosniff"
    page, again = answers[:2]
    nonce = page.headers["content-security-policy"].partition("'nonce-")[2].partition("'")[0]
    assert f'<script nonce="{nonce}">own' in page.text
    assert nonce not in again.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda value: value[:-1] + ("0" if value[-1] != "0" else "1"), "another signature"),
        (lambda value: f"9{value}", "another time"),
        (lambda value: value.replace(".", ".x", 1), "another body"),
        (lambda value: value.rpartition(".")[0], "no signature"),
        (lambda value: "", "nothing"),
        (lambda value: "a.b.c", "no time"),
        (lambda value: "٣.b.c", "digits of another writing"),
        (lambda value: "." * 5000, "many parts"),
        (lambda value: "1.é.ü", "not ASCII"),
    ],
)
def test_a_cookie_that_is_not_ours_is_none(change: object, why: str) -> None:
    seal = Seal()
    assert seal.holds(seal.made(1000.0), 1000.0)
    assert not seal.holds(change(seal.made(1000.0)), 1000.0), why


def test_a_cookie_ends() -> None:
    seal = Seal()
    value = seal.made(1000.0)
    assert seal.holds(value, 1000.0 + LASTS_S - 2)
    assert not seal.holds(value, 1000.0 + LASTS_S)
    assert not Seal().holds(value, 1000.0)


async def test_a_header_that_is_no_cookie_is_nobodys() -> None:
    async with visitor(gate()) as client:
        for cookie in ("\x01=2", f"{NAME}=; =;;", f"{NAME}=\xff", "a" * 5000):
            answer = await client.get("/", headers={"cookie": cookie.encode("latin-1")})
            assert answer.status_code == 401


async def test_many_at_once_share_the_tries() -> None:
    async with visitor(gate()) as client:
        answers = await asyncio.gather(*(come_in(client, "wrong") for _ in range(3 * TRIES)))
        assert sum(answer.status_code == 429 for answer in answers) == 2 * TRIES


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"host": "[::1"}, "a host that is none"),
        ({"host": "127.0.0.1:8600", "origin": "http://["}, "an origin that is none"),
        ({"host": "127.0.0.1:8600", "origin": "null"}, "an origin that hides"),
    ],
)
async def test_addresses_that_are_none_are_turned_away(headers: dict[str, str], why: str) -> None:
    app = gate(guarded=False)
    async with visitor(app) as client:
        assert (await client.post("/", headers=headers)).status_code == 403, why
    assert await websocket(app, headers) == "websocket.close", why


async def test_a_form_of_too_many_fields_is_not_read() -> None:
    async with visitor(gate()) as client:
        fields = {f"field-{i}": "x" for i in range(20)}
        assert (await client.post("/login", data=fields)).status_code == 400
