"""One Chromium, and one console for each way to start it, for all tests of a session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.audit.made import made_store
from tests.console import browser
from tests.console.filled import filled_store

PASSWORD = "open sesame"
SECRET = "key-that-no-page-may-see"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what looks at pages, and let it be last.

    While the driver of the browser runs, no other test may run a loop of its own.
    """
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(scope="session")
def chromium() -> Iterator[browser.Driver]:
    with browser.chromium() as driver:
        yield driver


@pytest.fixture(scope="session")
def filled(chromium: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A console over the store that many tests share; none writes into it."""
    with browser.console("--audit", str(filled_store(tmp_path_factory.mktemp("store")))) as at:
        yield at


@pytest.fixture(scope="session")
def guarded(chromium: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A console over a small store that asks for a password."""
    store = made_store(tmp_path_factory.mktemp("store"), groups=40)
    with browser.console("--audit", str(store), env={"HARMO_CONSOLE_PASSWORD": PASSWORD}) as at:
        yield at


@pytest.fixture(scope="session")
def bare(chromium: object) -> Iterator[str]:
    """A console that was started with nothing."""
    with browser.console() as at:
        yield at


@pytest.fixture(scope="session")
def unserved(chromium: object) -> Iterator[str]:
    """A console whose service is not there; the key for it is `SECRET`."""
    down = "http://127.0.0.1:9"
    with browser.console("--service", down, env={"HARMO_API_KEY": SECRET}) as at:
        yield at


@pytest.fixture
def seen(chromium: browser.Driver, filled: str) -> Iterator[browser.Visit]:
    """A visitor of the shared store, for whom nothing may go wrong."""
    with browser.visit(chromium, filled) as visit:
        visit.page.on("dialog", lambda dialog: visit.faults.append(dialog.message))
        yield visit
        assert visit.faults == []
