"""One Chromium for all tests of pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.console import browser


@pytest.fixture(scope="session")
def chromium() -> Iterator[object]:
    with browser.chromium() as driver:
        yield driver
