"""The frame of the pages in a browser: keys, themes, doors, and what there is not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.audit.made import made_store
from tests.console import browser

PASSWORD = "open sesame"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A console that asks for a password."""
    store = made_store(tmp_path_factory.mktemp("store"), groups=40)
    with browser.console("--audit", str(store), env={"HARMO_CONSOLE_PASSWORD": PASSWORD}) as at:
        yield at


@pytest.fixture
def inside(base: str, chromium: object) -> Iterator[browser.Visit]:
    """A visitor who has said it."""
    with browser.visit(chromium, base) as seen:
        seen.page.goto(f"{base}/run/exp-1?steps=0:1")
        seen.page.fill("input[name=word]", PASSWORD)
        seen.page.keyboard.press("Enter")
        seen.page.wait_for_url("**/run/exp-1?steps=0:1")
        seen.page.wait_for_function("window.did_handshake === true")
        yield seen
        assert seen.faults == []


def test_without_a_store_the_first_page_says_what_to_do(chromium: object) -> None:
    with browser.console() as base, browser.visit(chromium, base) as seen:
        seen.open("/")
        assert "harmo console --audit DIR" in seen.page.inner_text(".page")
        assert seen.page.locator("nav a").all_inner_texts() == ["Playground", "Recipes"]
        assert seen.faults == []


def test_a_deep_link_leads_through_the_door_to_its_page(inside: browser.Visit) -> None:
    assert inside.page.inner_text("h1") == "exp-1"


def test_a_wrong_word_is_said_and_nothing_is_loaded(base: str, chromium: object) -> None:
    with browser.visit(chromium, base) as seen:
        asked: list[str] = []
        seen.page.on("request", lambda request: asked.append(request.url))
        seen.page.goto(base)
        seen.page.fill("input[name=word]", "wrong word")
        seen.page.click("input[type=submit]")
        seen.page.wait_for_selector("[role=alert]:not(:empty)")
        assert "neither the password nor a key" in seen.page.inner_text("[role=alert]")
        assert not any("_nicegui" in url for url in asked)


def test_keys_lead_through_the_pages(inside: browser.Visit) -> None:
    page = inside.page
    page.keyboard.press("u")
    page.wait_for_url(inside.base + "/")
    page.wait_for_selector(".table tbody tr")
    page.keyboard.press("/")
    page.keyboard.type("exp-2")
    page.wait_for_function("document.querySelectorAll('.table tbody tr').length === 1")
    assert page.url.endswith("?filter=exp-2")
    page.keyboard.press("Enter")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/run/exp-2")
    page.wait_for_function("window.did_handshake === true")
    page.keyboard.press("?")
    assert page.locator("dialog.keys").is_visible()
    page.keyboard.press("?")
    assert not page.locator("dialog.keys").is_visible()
    page.keyboard.press("g")
    page.keyboard.press("r")
    page.wait_for_url(inside.base + "/")


def test_the_theme_is_kept_and_is_not_undone(inside: browser.Visit) -> None:
    page = inside.page
    dark = "document.body.classList.contains('body--dark')"
    assert not page.evaluate(dark)
    page.keyboard.press("t")
    page.wait_for_function(dark)
    page.wait_for_timeout(2500)
    assert page.evaluate(dark)
    page.reload()
    page.wait_for_function(dark)


def test_what_there_is_not_is_said_on_a_page(inside: browser.Visit) -> None:
    answer = inside.page.goto(f"{inside.base}/no/such/<b>page</b>")
    assert answer.status == 404
    assert "There is no page /no/such/<b>page</b>." in inside.page.inner_text(".page")
    inside.faults.clear()


def test_the_key_of_the_service_stays_with_the_console(tmp_path: Path, chromium: object) -> None:
    secret = "key-that-no-page-may-see"
    with (
        browser.console("--service", "http://127.0.0.1:9", env={"HARMO_API_KEY": secret}) as base,
        browser.visit(chromium, base) as seen,
    ):
        bodies: list[str] = []
        seen.page.on("response", lambda r: bodies.append(r.text() if r.ok else ""))
        seen.open("/")
        assert bodies
        assert not any(secret in body for body in [*bodies, seen.page.content()])
