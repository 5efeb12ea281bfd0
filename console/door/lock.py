"""What opens the pages, and how often one may guess."""

from __future__ import annotations

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Sequence

from harmo.app.keys import ApiKey

TRIES, WINDOW_S = 10, 60.0
"""So many wrong words from one address in so long; then none are heard."""
_ADDRESSES = 4096
"""Addresses remembered; the longest silent is forgotten."""


class Lock:
    """The password and the keys, as digests."""

    def __init__(self, password: str | None, keys: Sequence[ApiKey]) -> None:
        digests = [key.digest for key in keys]
        if password is not None:
            digests.append(_digest(password))
        self._digests = tuple(digests)

    @property
    def open(self) -> bool:
        """True if nobody is asked anything."""
        return not self._digests

    def opens(self, word: str) -> bool:
        """True for the password or a key; takes as long for any other."""
        given = _digest(word)
        return sum(hmac.compare_digest(digest, given) for digest in self._digests) > 0


class Tries:
    """How often each address was wrong lately."""

    def __init__(self) -> None:
        self._failed_s: OrderedDict[str, list[float]] = OrderedDict()

    def left_s(self, address: str, now_s: float) -> float:
        """Seconds until the address is heard again; 0 now."""
        times = [t for t in self._failed_s.get(address, ()) if now_s - t < WINDOW_S]
        return 0.0 if len(times) < TRIES else times[0] + WINDOW_S - now_s

    def failed(self, address: str, now_s: float) -> None:
        """Count a wrong word."""
        times = self._failed_s.pop(address, [])
        self._failed_s[address] = [*times, now_s][-TRIES:]
        while len(self._failed_s) > _ADDRESSES:
            self._failed_s.popitem(last=False)


def _digest(word: str) -> bytes:
    return hashlib.sha256(word.encode(errors="replace")).digest()
