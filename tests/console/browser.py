"""A console as a process of its own, and one Chromium that looks at it.

What a page logs as an error, and what it asks of any other host, is collected; `seen` says so.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.process import HARMO, free_port

CHROMIUM = Path("/usr/bin/chromium")
LARGE = {"width": 1440, "height": 900}
SMALL = {"width": 1000, "height": 700}
_START_S, _PAGE_MS = 60.0, 20_000


@dataclass(slots=True)
class Visit:
    """One page in the browser, and what went wrong on it."""

    base: str
    page: object
    faults: list[str] = field(default_factory=list)
    """Errors of the console, uncaught ones, and requests to other hosts."""

    def open(self, path: str) -> None:
        """Load a path and wait until the page is connected."""
        self.page.goto(self.base + path, wait_until="load")
        self.page.wait_for_function("window.did_handshake === true")
        self.page.wait_for_selector(".page")


@contextmanager
def console(*arguments: str, env: Mapping[str, str] | None = None) -> Iterator[str]:
    """The address of a `harmo console` that answers."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, HARMO, "console", "--port", str(port), *arguments],
        env={**os.environ, **(env or {})},
    )
    try:
        _wait(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


class Driver:
    """Debian's Chromium; pages of one size and theme share what it has loaded, and no cookie."""

    def __init__(self, launched: object) -> None:
        self._launched = launched
        self._contexts: dict[object, object] = {}

    def context(self, size: Mapping[str, int], scheme: str) -> object:
        """The context of a size and a theme, as new: without cookies and permissions."""
        key = (*size.values(), scheme)
        if key not in self._contexts:
            made = self._launched.new_context(viewport=dict(size), color_scheme=scheme)
            self._contexts[key] = made
        context = self._contexts[key]
        context.clear_cookies()
        context.clear_permissions()
        return context


@contextmanager
def chromium() -> Iterator[Driver]:
    """A browser; skips the tests that need it where it is not installed."""
    playwright = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not there: apt-get install chromium")
    with playwright.sync_playwright() as made:
        launched = made.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        try:
            yield Driver(launched)
        finally:
            launched.close()


@contextmanager
def visit(
    driver: Driver, base: str, *, size: Mapping[str, int] = LARGE, dark: bool = False
) -> Iterator[Visit]:
    """A visitor with an empty jar of cookies."""
    page = driver.context(size, "dark" if dark else "light").new_page()
    page.set_default_timeout(_PAGE_MS)
    seen = Visit(base, page)
    host = urlsplit(base).netloc
    page.on("console", lambda m: seen.faults.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: seen.faults.append(str(e)))
    page.on("request", lambda r: _foreign(r.url, host, seen.faults))
    try:
        yield seen
    finally:
        page.close()


def _foreign(url: str, host: str, faults: list[str]) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("data", "blob") and parts.netloc != host:
        faults.append(f"asked {url}")


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    import http.client

    stop = time.monotonic() + _START_S
    while time.monotonic() < stop and process.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/assets/mark.svg")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"{process.args!r} does not answer")
