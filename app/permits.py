"""How much is scored at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from harmo.app.errors import ErrorType, ServiceError


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
