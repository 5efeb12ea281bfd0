"""What may come in: who, how much, how fast, and whether it came before."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections import OrderedDict
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager
from dataclasses import dataclass

from harmo.app.errors import ErrorType, ServiceError

KEPT_ANSWER_BYTES = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """One accepted key, held as its digest, and the recipes it may use."""

    digest: bytes
    recipes: frozenset[str] = frozenset()
    """Empty: every recipe."""

    def may_use(self, recipe: str) -> bool:
        """True if the key is good for this recipe."""
        return not self.recipes or recipe in self.recipes

    @classmethod
    def parse(cls, text: str) -> ApiKey:
        """Read `KEY` or `KEY:recipe1|recipe2`."""
        key, _, recipes = text.strip().partition(":")
        if not key or not key.isascii() or not key.isprintable() or " " in key:
            raise ValueError("an API key must be printable ASCII without blanks or ':'")
        names = frozenset(name for name in recipes.split("|") if name)
        return cls(digest=hashlib.sha256(key.encode()).digest(), recipes=names)


def owner(key: ApiKey | None) -> str:
    """Whose request it is: what keeps one caller's answers and groups from another's."""
    return "" if key is None else key.digest.hex()


class Doorkeeper:
    """Checks bearer keys in constant time; with no keys every route is open."""

    def __init__(self, keys: Sequence[ApiKey]) -> None:
        self._keys = tuple(keys)

    def identify(self, authorization: str | None) -> ApiKey | None:
        """The key a request came with; None where keys are off.

        Args:
            authorization: The header, if it came.

        Raises:
            ServiceError: 401 where the key is missing or wrong.
        """
        if not self._keys:
            return None
        scheme, _, token = (authorization or "").partition(" ")
        digest = hashlib.sha256(token.encode(errors="surrogateescape")).digest()
        matches = [key for key in self._keys if hmac.compare_digest(key.digest, digest)]
        if scheme.lower() != "bearer" or not matches:
            raise ServiceError(
                ErrorType.UNAUTHENTICATED, "send a valid key as 'Authorization: Bearer KEY'"
            )
        return matches[0]

    def require_known(self, recipes: Collection[str]) -> None:
        """Refuse a key that names a recipe which does not exist: perhaps its ':' is the key's."""
        for key in self._keys:
            if unknown := sorted(key.recipes - set(recipes)):
                raise ValueError(
                    f"an API key is for {', '.join(unknown)}, which is no loaded recipe;"
                    " a key itself must not contain ':'"
                )

    @staticmethod
    def allow(key: ApiKey | None, recipe: str) -> None:
        """Refuse a recipe the key may not use, with 403."""
        if key is not None and not key.may_use(recipe):
            raise ServiceError(ErrorType.FORBIDDEN, f"this key may not use recipe {recipe!r}")


class Permits:
    """Bounds the completions in flight; never waits in line."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._taken = 0

    @property
    def taken(self) -> int:
        """Completions being scored."""
        return self._taken

    @asynccontextmanager
    async def hold(self, completions: int) -> AsyncIterator[None]:
        """Take permits for one request; 429 if there are not enough."""
        if self._taken and self._taken + completions > self._limit:
            raise ServiceError(
                ErrorType.OVERLOADED,
                f"{self._taken} completions in flight, at most {self._limit}; retry later",
                retry_after_s=1,
            )
        self._taken += completions
        try:
            yield
        finally:
            self._taken -= completions


async def read_body(
    stream: AsyncIterator[bytes],
    headers: Mapping[str, str],
    *,
    max_bytes: int,
    timeout_s: float,
) -> bytes:
    """The request's body, read no further than the limits.

    Args:
        stream: Body chunks as they arrive.
        headers: Lower-case request headers.
        max_bytes: Bound on the body.
        timeout_s: Bound on its arrival.

    Raises:
        ServiceError: 408, 413 or 415.
    """
    media = headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if media != "application/json":
        raise ServiceError(ErrorType.UNSUPPORTED_MEDIA, f"send application/json, not {media!r}")
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise ServiceError(ErrorType.UNSUPPORTED_MEDIA, "send the body uncompressed")
    announced = headers.get("content-length", "")
    if announced.isdigit() and int(announced) > max_bytes:
        raise _too_large(int(announced), max_bytes)
    body = bytearray()
    try:
        async with asyncio.timeout(timeout_s):
            async for chunk in stream:
                body += chunk
                if len(body) > max_bytes:
                    raise _too_large(len(body), max_bytes)
    except TimeoutError:
        raise ServiceError(
            ErrorType.BODY_TIMEOUT, f"the body took longer than {timeout_s:g} s"
        ) from None
    return bytes(body)


def _too_large(size: int, limit: int) -> ServiceError:
    return ServiceError(
        ErrorType.TOO_LARGE, f"body of {size} bytes; at most {limit} (max_body_bytes)"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The JSON of one answer."""

    body: bytes
    final: bool = True
    """False if a completion is unscored because of us: asking again may score it."""


class Answers:
    """Answers kept by idempotency key, so that a retry after a lost reply is not scored twice."""

    def __init__(self, max_bytes: int = KEPT_ANSWER_BYTES) -> None:
        self._max_bytes = max_bytes
        self._kept_bytes = 0
        self._kept: OrderedDict[str, tuple[bytes, bytes]] = OrderedDict()
        self._running: dict[str, tuple[bytes, asyncio.Event]] = {}

    async def once(
        self, key: str, body: bytes, make: Callable[[], Awaitable[Answer]]
    ) -> tuple[bytes, bool]:
        """The answer for this key, and whether it is a replay; only final answers are kept.

        Args:
            key: The caller's idempotency key.
            body: The request; another one under the same key is refused with 409.
            make: Scores the request.
        """
        digest = hashlib.sha256(body).digest()
        while key in self._running:
            known, done = self._running[key]
            _require_same(known, digest)
            await done.wait()
        if key in self._kept:
            known, kept = self._kept[key]
            _require_same(known, digest)
            return kept, True
        done = asyncio.Event()
        self._running[key] = (digest, done)
        try:
            answer = await make()
            if answer.final:
                self._keep(key, digest, answer.body)
        finally:
            # Whoever waited for a call that failed makes its own.
            del self._running[key]
            done.set()
        return answer.body, False

    def _keep(self, key: str, digest: bytes, answer: bytes) -> None:
        self._kept[key] = (digest, answer)
        self._kept_bytes += len(key) + len(answer)
        while self._kept_bytes > self._max_bytes:
            oldest, (_, dropped) = self._kept.popitem(last=False)
            self._kept_bytes -= len(oldest) + len(dropped)


def _require_same(known: bytes, digest: bytes) -> None:
    if known != digest:
        raise ServiceError(
            ErrorType.KEY_REUSED, "this Idempotency-Key came with another body before"
        )
