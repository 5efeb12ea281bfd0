"""Permits."""

from __future__ import annotations

import pytest

from harmo.app.errors import ServiceError
from harmo.app.permits import Permits


async def test_permits_are_given_back_after_an_error() -> None:
    permits = Permits(2)
    with pytest.raises(KeyError):
        async with permits.hold(2):
            raise KeyError
    assert permits.taken == 0


async def test_one_request_larger_than_the_limit_passes_when_idle() -> None:
    permits = Permits(2)
    async with permits.hold(5):
        with pytest.raises(ServiceError, match="in flight"):
            async with permits.hold(1):
                pass
