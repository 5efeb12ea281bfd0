"""The frame of the pages in a browser: it loads, asks nobody else, and has its keys."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.console import browser


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with browser.console() as address:
        yield address


@pytest.fixture(scope="module")
def chromium() -> Iterator[object]:
    with browser.chromium() as driver:
        yield driver


def test_without_a_store_the_first_page_says_what_to_do(base: str, chromium: object) -> None:
    with browser.visit(chromium, base) as seen:
        seen.open("/")
        assert "harmo console --audit DIR" in seen.page.inner_text(".page")
        assert seen.faults == []
