"""Cookies that say who has come in: until when, signed; nothing is kept here of who that was."""

from __future__ import annotations

import hashlib
import hmac
import secrets

COOKIE = "harmo_console"
"""Begins a cookie's name; its port ends it, since browsers give a host's cookies to every port."""
LASTS_S = 12 * 3600
_FIELDS = 3


def cookie_of(host: str) -> str:
    """The name of the cookie for a console, by the host that it was asked as."""
    port = host.rpartition(":")[2]
    return f"{COOKIE}_{port}" if port.isascii() and port.isdecimal() else COOKIE


class Seal:
    """Makes cookies and knows its own; one key per process, so a restart asks everybody again."""

    def __init__(self, key: bytes | None = None) -> None:
        self._key = key or secrets.token_bytes(32)

    def made(self, now_s: float) -> str:
        """A cookie's value, good for `LASTS_S` from now."""
        body = f"{int(now_s + LASTS_S)}.{secrets.token_urlsafe(12)}"
        return f"{body}.{self._signed(body)}"

    def holds(self, value: str | None, now_s: float) -> bool:
        """True if the value is one of ours and its time is not over."""
        parts = (value or "").split(".")
        if len(parts) != _FIELDS or not parts[0].isdecimal() or not parts[0].isascii():
            return False
        body = f"{parts[0]}.{parts[1]}"
        given = parts[2].encode(errors="replace")
        if not hmac.compare_digest(self._signed(body).encode(), given):
            return False
        return int(parts[0]) > now_s

    def _signed(self, body: str) -> str:
        return hmac.new(self._key, body.encode(errors="replace"), hashlib.sha256).hexdigest()
