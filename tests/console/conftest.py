"""One Chromium for the tests of a module, and a mark on those that ask for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from tests.console import browser


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="module")
def chromium() -> Iterator[object]:
    """For a module: while its driver runs, no test may run a loop of its own."""
    with browser.chromium() as driver:
        yield driver
