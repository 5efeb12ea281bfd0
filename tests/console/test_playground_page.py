"""The playground in a real browser, with a service and without one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from harmo.console.model.playground.load import MAX_BYTES
from tests.audit.hostile import HOSTILE
from tests.audit.made import made_store
from tests.console import browser
from tests.console.test_playground import png
from tests.process import serving

RECIPES = {p.stem: str(p) for p in (Path(__file__).parents[2] / "recipes").glob("*.yaml")}


@pytest.fixture(scope="module")
def base(chromium: browser.Driver, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = made_store(tmp_path_factory.mktemp("store"), groups=20, pictures=True)
    recipes = [part for name in ("math", "instruction") for part in ("--recipe", RECIPES[name])]
    with (
        serving(*recipes) as port,
        browser.console("--audit", str(folder), "--service", f"http://127.0.0.1:{port}") as address,
    ):
        yield address


@pytest.fixture
def seen(chromium: browser.Driver, base: str) -> Iterator[browser.Visit]:
    with browser.visit(chromium, base) as visit:
        yield visit
        assert visit.faults == []


def rewards(seen: browser.Visit) -> list[str]:
    return [cell.inner_text() for cell in seen.page.query_selector_all(".heat td.total.along")]


def test_one_click_on_an_example_shows_its_table(seen: browser.Visit) -> None:
    seen.open("/playground")
    seen.page.click("text=A maths group")
    seen.page.wait_for_selector(".heat tbody tr")
    assert rewards(seen) == ["1.25", "1.25", "1.25", "1.00", "0.250", "0.250", "0"]
    assert "read" in seen.page.inner_text(".said-side")


def test_which_instruction_failed_is_shown(seen: browser.Visit) -> None:
    seen.open("/playground?example=instructions")
    seen.page.click(".heat tr[data-place='1']")
    seen.page.wait_for_selector("h2:has-text('completion 1')")
    said = seen.page.inner_text(".said-side")
    assert "punctuation:no_comma" in said
    assert "contains a comma" in said


def test_a_completion_is_added_and_scored_with_a_key(seen: browser.Visit) -> None:
    page = seen.page
    seen.open("/playground?example=choice")
    page.wait_for_selector(".heat tbody tr")
    page.click("text=+ completion")
    page.wait_for_selector(".completion:nth-child(6) textarea")
    page.fill(".completion:nth-child(6) textarea", r"\boxed{C}")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".heat tr[data-place='5']")
    assert page.inner_text(".heat tr[data-place='5'] .answer") == "C"


def test_what_is_pasted_fills_the_form(seen: browser.Visit) -> None:
    page = seen.page
    seen.open("/playground")
    page.click("summary:has-text('load a group')")
    lines = [
        json.dumps({"id": name, "prompt": f"{name}?", "completions": [r"\boxed{1}"]})
        for name in ("first", "second")
    ]
    page.fill(".loads textarea >> nth=0", "\n".join(lines))
    page.click("text=load what is pasted")
    page.wait_for_selector("text=one of 2 groups")
    assert page.input_value(".of-prompt textarea") == "first?"


def test_a_stored_group_is_tried_again_with_its_picture(seen: browser.Visit) -> None:
    page = seen.page
    seen.open("/playground?group=7")
    page.wait_for_selector(".heat tbody tr")
    assert "no recipe 'kept'" in page.inner_text("main")
    page.wait_for_function("document.querySelector('.pictures img').naturalWidth === 96")


def test_an_uploaded_picture_is_looked_at_first(seen: browser.Visit) -> None:
    page = seen.page
    seen.open("/playground")
    field = page.locator(".of-pictures input[type=file]")
    field.set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": png()})
    page.wait_for_function("document.querySelector('.pictures img')?.naturalWidth === 8")
    evil = b"<svg xmlns='http://www.w3.org/2000/svg' onload='window.owned=1'/>"
    field.set_input_files({"name": "b.png", "mimeType": "image/png", "buffer": evil})
    page.wait_for_selector("text=not a readable PNG, JPEG or WebP file")
    assert len(page.query_selector_all(".pictures img")) == 1


@pytest.mark.parametrize(
    ("content", "said", "why"),
    [
        (b" " * (MAX_BYTES + 1), "or more than", "larger than is read: the browser keeps it"),
        (bytes(range(256)) * 9, "not JSON", "bytes that say nothing"),
        (b"[" * 100_000, "not JSON", "lists in lists that no reader follows"),
        (b'{"id": "7", "prompt": NaN, "completions": [Infinity]}', "prompt: ", "no numbers"),
        (b"", "nothing is in it", "an empty file"),
    ],
)
def test_a_file_that_is_no_group_is_said(
    seen: browser.Visit, content: bytes, said: str, why: str
) -> None:
    del why
    seen.open("/playground")
    seen.page.click("summary:has-text('load a group')")
    file = {"name": "a.json", "mimeType": "application/json", "buffer": content}
    seen.page.locator(".loads input[type=file]").first.set_input_files(file)
    seen.page.wait_for_selector(f".loads .alarm:has-text('{said}')")


def test_of_several_groups_one_that_cannot_be_shown_is_said(seen: browser.Visit) -> None:
    page = seen.page
    seen.open("/playground")
    page.click("summary:has-text('load a group')")
    bad = {"data": "AAAA"}
    lines = [
        json.dumps({"id": name, "prompt": f"{name}?", "images": images, "completions": ["1"]})
        for name, images in (("first", []), ("second", [bad]))
    ]
    page.fill(".loads textarea >> nth=0", "\n".join(lines))
    page.click("text=load what is pasted")
    page.click(".loads .q-select")
    page.click(".q-item:has-text('2: second')")
    page.wait_for_selector(".loads .alarm:has-text('picture')")
    assert page.input_value(".of-prompt textarea") == "first?"


def test_a_field_that_cannot_be_sent_is_named(seen: browser.Visit) -> None:
    page = seen.page
    seen.open("/playground")
    page.click("button:has-text('Score')")
    page.wait_for_selector("text=prompt: it is empty")


def test_hostile_text_goes_there_and_back_as_text(seen: browser.Visit) -> None:
    page = seen.page
    seen.open("/playground")
    texts = [HOSTILE[name] for name in ("script", "handler", "template", "formula", "markdown")]
    page.click("summary:has-text('load a group')")
    group = {"id": "<b>7</b>", "prompt": texts[1], "reference": texts[0], "completions": texts}
    page.fill(".loads textarea >> nth=0", json.dumps(group))
    page.click("text=load what is pasted")
    page.wait_for_selector(".completion:nth-child(5)")
    page.click("button:has-text('Score')")
    page.wait_for_selector(".heat tbody tr")
    assert page.evaluate("window.owned") is None
    assert page.title() == "Playground · Harmo"
    assert page.query_selector("main .written img, main script") is None


def test_without_a_service_the_page_says_how_to_start_one(
    chromium: browser.Driver, bare: str
) -> None:
    with browser.visit(chromium, bare) as seen:
        seen.open("/playground")
        said = seen.page.inner_text("main")
        assert "harmo serve" in said
        assert "--service http://127.0.0.1:8000" in said
        assert seen.faults == []


def test_a_service_that_is_gone_is_said(chromium: browser.Driver, unserved: str) -> None:
    with browser.visit(chromium, unserved) as seen:
        seen.open("/playground")
        assert "http://127.0.0.1:9/ gives no recipes" in seen.page.inner_text("main")
        assert seen.faults == []
