"""Around everything: which host was asked, from where, who asks, and what browsers may load."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, quote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request, cookie_parser
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from harmo.console.door import form
from harmo.console.door.lock import Lock, Tries
from harmo.console.door.seal import LASTS_S, Seal, cookie_of
from harmo.console.settings import is_loopback

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_FIELDS = 8
"""Of a form at most."""
_REFUSED = 4403
"""How a websocket is closed that may not be opened."""
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
# Vue and its grid make functions of strings; elements carry their style with them.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-eval' {scripts}; style-src 'self' "
    "'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What of a request or a websocket says whether it may come in."""

    host: str
    origin: str | None
    cookie: str | None
    address: str

    @classmethod
    def of(cls, scope: Scope) -> _Asked:
        headers = Headers(scope=scope)
        host, client = headers.get("host", ""), scope.get("client")
        return cls(
            host=host,
            origin=headers.get("origin"),
            # Read as leniently as browsers write: another one's odd cookie must not hide ours.
            cookie=cookie_parser(headers.get("cookie", "")).get(cookie_of(host)),
            address=client[0] if client else "",
        )

    @property
    def of_this_site(self) -> bool:
        """True unless a page of another site sent it."""
        return self.origin is None or (self.host != "" and _split(self.origin).netloc == self.host)

    @property
    def to_loopback(self) -> bool:
        """True if the address that was typed is this machine's."""
        return is_loopback(_split(f"//{self.host}").hostname or "")


def _split(address: str) -> SplitResult:
    """The parts of an address; of what is none, nothing."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


class Gate:
    """An ASGI application around another that lets in whom it may."""

    def __init__(self, app: ASGIApp, lock: Lock) -> None:
        self.app = app
        self._lock = lock
        self._seal = Seal()
        self._tries = Tries()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        asked = _Asked.of(scope)
        refusal = self._refusal(scope, asked)
        if scope["type"] == "websocket":
            if refusal is None and self._known(asked):
                await self.app(scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": _REFUSED})
            return
        if refusal is None and not self._known(asked):
            refusal = await self._asks(scope, receive, asked)
        if refusal is None:
            await self.app(scope, receive, _with_headers(send))
        else:
            await refusal(scope, receive, _with_headers(send))

    def _refusal(self, scope: Scope, asked: _Asked) -> Response | None:
        """What is answered to whom no password helps."""
        # Without a password a name that leads here must be this machine's own: else any page
        # of the web could read the store by a name whose address it changes.
        if self._lock.open and not asked.to_loopback:
            return PlainTextResponse(
                "Harmo console: open it as http://127.0.0.1:PORT, or set a password\n", 403
            )
        changes = scope["type"] == "websocket" or scope["method"] not in _SAFE
        if changes and not asked.of_this_site:
            return PlainTextResponse("Harmo console: asked by a page of another site\n", 403)
        return None

    def _known(self, asked: _Asked) -> bool:
        return self._lock.open or self._seal.holds(asked.cookie, time.time())

    async def _asks(self, scope: Scope, receive: Receive, asked: _Asked) -> Response:
        request = Request(scope, receive)
        if request.url.path == form.PATH and request.method == "POST":
            return await self._answered(request, asked)
        wanted = request.query_params.get("to", "/")
        if request.url.path == form.PATH:
            return HTMLResponse(form.page(form.own_path(wanted)))
        if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
            to = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            return RedirectResponse(f"{form.PATH}?to={quote(to)}", 303)
        return PlainTextResponse("Harmo console: say the password first\n", 401)

    async def _answered(self, request: Request, asked: _Asked) -> Response:
        """What follows on a word that was said."""
        now_s = time.time()
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > form.MOST_BYTES:
                return PlainTextResponse("Harmo console: too much for a password\n", 413)
        try:
            said = parse_qs(body.decode(errors="replace"), max_num_fields=_FIELDS)
        except ValueError:
            return PlainTextResponse("Harmo console: that is not its form\n", 400)
        to = form.own_path(said.get("to", ["/"])[0])
        wait_s = self._tries.left_s(asked.address, now_s)
        if wait_s:
            fault = f"Too many wrong tries; wait {wait_s:.0f} s."
            return HTMLResponse(form.page(to, fault), 429, {"Retry-After": f"{wait_s:.0f}"})
        if not self._lock.opens(said.get("word", [""])[0]):
            self._tries.failed(asked.address, now_s)
            return HTMLResponse(form.page(to, "That is neither the password nor a key."), 401)
        answer = RedirectResponse(to, 303)
        answer.set_cookie(
            cookie_of(asked.host),
            self._seal.made(now_s),
            max_age=LASTS_S,
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
        return answer


def _with_headers(send: Send) -> Send:
    """Sends what it is given, with what browsers must know; scripts only those of the page."""
    nonce = secrets.token_urlsafe(16)
    rewrite = False

    async def sending(message: Message) -> None:
        nonlocal rewrite
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            rewrite = headers.get("content-type", "").startswith("text/html")
            headers.update(_HEADERS)
            headers["Content-Security-Policy"] = _POLICY.format(scripts=f"'nonce-{nonce}'")
            if rewrite:
                headers["Cache-Control"] = "no-store"
                del headers["content-length"]
        elif rewrite and message["type"] == "http.response.body":
            # What elements hold has no `<` of its own in it: these are the page's scripts.
            marked = message.get("body", b"").replace(
                b"<script", f'<script nonce="{nonce}"'.encode()
            )
            message = {**message, "body": marked}
        await send(message)

    return sending
