"""One Chromium for all tests of pages, and a mark on those that ask for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from tests.console import browser


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[object]:
    with browser.chromium() as driver:
        yield driver
