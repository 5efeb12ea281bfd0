"""The frame of the pages in a browser: keys, themes, doors, and what there is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harmo.console.view.frame import KEYS
from tests.console import browser
from tests.console.conftest import PASSWORD, SECRET


@pytest.fixture
def inside(guarded: str, chromium: browser.Driver) -> Iterator[browser.Visit]:
    """A visitor who has said it."""
    with browser.visit(chromium, guarded) as seen:
        seen.page.goto(f"{guarded}/run/exp-1?steps=0:1")
        seen.page.fill("input[name=word]", PASSWORD)
        seen.page.keyboard.press("Enter")
        seen.page.wait_for_url("**/run/exp-1?steps=0:1")
        seen.page.wait_for_function("window.did_handshake === true")
        yield seen
        assert seen.faults == []


def test_without_a_store_the_first_page_says_what_to_do(
    chromium: browser.Driver, bare: str
) -> None:
    with browser.visit(chromium, bare) as seen:
        seen.open("/")
        assert "harmo console --audit DIR" in seen.page.inner_text(".page")
        assert seen.page.locator("nav a").all_inner_texts() == ["Playground", "Recipes"]
        assert seen.faults == []


def test_a_deep_link_leads_through_the_door_to_its_page(inside: browser.Visit) -> None:
    assert inside.page.inner_text("h1") == "exp-1"


def test_a_wrong_word_is_said_and_nothing_is_loaded(guarded: str, chromium: browser.Driver) -> None:
    with browser.visit(chromium, guarded) as seen:
        asked: list[str] = []
        seen.page.on("request", lambda request: asked.append(request.url))
        seen.page.goto(guarded)
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


@pytest.mark.parametrize(
    ("letter", "path"),
    [("r", "/"), ("g", "/groups"), ("w", "/whatif"), ("p", "/playground"), ("c", "/recipes")],
)
def test_g_and_a_letter_lead_to_a_page(seen: browser.Visit, letter: str, path: str) -> None:
    seen.open("/recipe/kept")
    seen.page.keyboard.press("g")
    seen.page.keyboard.press(letter)
    seen.page.wait_for_url(seen.base + path)


def test_rows_are_walked_by_letters_and_arrows_and_not_while_one_types(
    seen: browser.Visit,
) -> None:
    seen.open("/recipes")
    page = seen.page
    at = "[...document.querySelectorAll('tbody tr')].indexOf(document.activeElement)"
    for key, place in (("j", 0), ("ArrowDown", 1), ("j", 2), ("k", 1), ("ArrowUp", 0), ("k", 0)):
        page.keyboard.press(key)
        assert page.evaluate(at) == place, key
    page.keyboard.press("/")
    page.keyboard.type("gj?t")
    assert page.input_value("input.filter") == "gj?t"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.tagName") == "BODY"
    page.keyboard.press("Control+t")
    assert not page.evaluate("document.body.classList.contains('body--dark')")


def test_every_key_of_a_page_is_listed(seen: browser.Visit) -> None:
    seen.open("/")
    seen.page.keyboard.press("?")
    assert seen.page.locator("dialog.keys dt").count() == len(KEYS)
    seen.page.keyboard.press("Escape")
    assert not seen.page.locator("dialog.keys").is_visible()


def test_the_theme_is_kept_and_is_not_undone(inside: browser.Visit) -> None:
    page = inside.page
    dark = "document.body.classList.contains('body--dark')"
    inside.open("/run/exp-1")
    assert not page.evaluate(dark)
    page.keyboard.press("t")
    page.wait_for_function(dark)
    # The first look at the run moves what is on the page.
    page.wait_for_selector("h2:has-text('Audit signals')")
    assert page.evaluate(dark)
    page.reload()
    page.wait_for_function(dark)


def test_what_there_is_not_is_said_on_a_page(inside: browser.Visit) -> None:
    answer = inside.page.goto(f"{inside.base}/no/such/<b>page</b>")
    assert answer.status == 404
    assert "There is no page /no/such/<b>page</b>." in inside.page.inner_text(".page")
    inside.faults.clear()


def test_the_key_of_the_service_stays_with_the_console(
    chromium: browser.Driver, unserved: str
) -> None:
    with browser.visit(chromium, unserved) as seen:
        bodies: list[str] = []
        seen.page.on("response", lambda r: bodies.append(r.text() if r.ok else ""))
        seen.open("/")
        assert bodies
        assert not any(SECRET in body for body in [*bodies, seen.page.content()])
