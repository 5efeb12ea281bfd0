"""Groups and their lists in a real browser: found, read, walked through; text stays text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harmo_client.wire import ScoreRequest
from tests.audit.hostile import HOSTILE
from tests.audit.made import made_store
from tests.console import browser
from tests.console.evil import COLUMNS, TRIES, evil_store


@pytest.fixture(scope="module")
def chromium() -> Iterator[object]:
    with browser.chromium() as driver:
        yield driver


@pytest.fixture(scope="module")
def base(chromium: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = made_store(tmp_path_factory.mktemp("store"), pictures=True, hostile=True)
    with browser.console("--audit", str(folder)) as address:
        yield address


@pytest.fixture(scope="module")
def evil(chromium: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = evil_store(tmp_path_factory.mktemp("evil"))
    with browser.console("--audit", str(folder)) as address:
        yield address


@pytest.fixture
def seen(chromium: object, base: str) -> Iterator[browser.Visit]:
    with browser.visit(chromium, base) as visit:
        yield visit
        assert visit.faults == []


def test_from_all_runs_to_a_wrongly_paid_group_in_three_clicks(seen: browser.Visit) -> None:
    page = seen.page
    seen.open("/")
    page.click("main a:text-is('exp-2')")
    page.wait_for_selector("main a[href*='filter=paid_wrong']")
    page.click("main a[href*='filter=paid_wrong']")
    page.wait_for_selector(".filters .here:has-text('paid for a wrong answer')")
    page.click(".table tbody tr td a")
    page.wait_for_selector(".heat tr.chosen .verdict.wrong")
    assert "filter=paid_wrong" in page.url
    assert "wrong" in page.inner_text(".chosen-one h2")


def test_every_filter_opens_and_its_groups_too(seen: browser.Visit) -> None:
    seen.open("/groups?run=exp-2")
    paths = [a.get_attribute("href") for a in seen.page.query_selector_all(".filters a")]
    assert len(paths) == 9
    for place, path in enumerate(paths):
        seen.open(f"{path}&by={'completion' if place % 2 else 'group'}")
        assert seen.page.inner_text(".summary")


def test_a_click_on_a_completion_shows_its_text_and_what_was_compared(seen: browser.Visit) -> None:
    page = seen.page
    seen.open("/group/950?sort=place")
    page.click("tr[data-place='3']")
    page.wait_for_selector("h2:has-text('completion 3')")
    assert "sample=3" in page.url
    assert page.inner_text(".written .part-name.think") == "thinking"
    assert page.inner_text(".written .read") == page.inner_text(".evidence dt:text-is('read') + dd")
    assert "compared with" in page.inner_text(".said-side")


def test_the_state_of_a_group_is_in_its_address(seen: browser.Visit) -> None:
    page = seen.page
    seen.open("/group/950")
    page.keyboard.press("d")
    page.keyboard.press("c")
    page.click("th:has-text('tokens')")
    page.keyboard.press("j")
    page.wait_for_function("location.search.includes('sample=')")
    asked = page.url.partition("?")[2]
    for part in ("advantage=divided", "colour=score", "sort=tokens"):
        assert part in asked
    chosen = page.get_attribute(".heat tr.chosen", "data-place")
    first = page.inner_text(".heat tbody tr:first-child")
    seen.open(f"/group/950?{asked}")
    assert page.get_attribute(".heat tr.chosen", "data-place") == chosen
    assert page.inner_text(".heat tbody tr:first-child") == first


def test_keys_walk_to_the_next_group_of_the_run_and_of_the_filter(seen: browser.Visit) -> None:
    page = seen.page
    seen.open("/group/950")
    page.wait_for_selector("[data-press=']']")
    page.keyboard.press("]")
    page.wait_for_url("**/group/951*")
    seen.open("/groups?run=exp-2&filter=truncated")
    page.click(".table tbody tr td a")
    page.wait_for_selector(".steps:has-text('1 of')")
    first = page.url
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(".steps:has-text('2 of')")
    assert page.url != first
    page.keyboard.press("ArrowLeft")
    page.wait_for_selector(".steps:has-text('1 of')")


def test_a_group_is_found_by_its_id_and_by_its_number(seen: browser.Visit) -> None:
    page = seen.page
    for asked in ("53-train-449", "950"):
        seen.open("/groups?run=exp-2")
        page.fill("input[name=id]", asked)
        page.press("input[name=id]", "Enter")
        page.wait_for_selector(".summary:has-text('1 group of 500')")
        assert page.inner_text(".table tbody tr td a") == "950"
        assert "split=" not in page.url


def test_a_picture_comes_from_the_store_and_may_not_be_guessed_at(seen: browser.Visit) -> None:
    page = seen.page
    seen.open("/group/950")
    page.wait_for_function("document.querySelector('.pictures img').naturalWidth === 96")
    address = page.get_attribute(".pictures img", "src")
    answer = page.request.get(seen.base + address)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "private" in answer.headers["cache-control"]
    assert page.request.get(seen.base + "/group/950/picture/" + "0" * 64).status == 404
    assert page.request.get(seen.base + address.replace("950", "951")).status == 404


def test_what_is_not_there_is_said(seen: browser.Visit) -> None:
    for path, said in (
        ("/group/999999", "There is no group 999999"),
        ("/group/x", "is no number"),
        ("/groups?run=no-such-run", "0 groups of 0"),
        ("/groups?filter=paid_wrong&id=nobody", "no group is called nobody"),
    ):
        seen.open(path)
        assert said in seen.page.inner_text("main")


def test_a_request_is_copied_that_the_service_reads(seen: browser.Visit) -> None:
    page = seen.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    seen.open("/group/950")
    page.click("text=copy request")
    page.wait_for_selector("text=copied")
    copied = ScoreRequest.model_validate_json(page.evaluate("navigator.clipboard.readText()"))
    assert copied.recipe == "kept"
    assert [len(group.completions) for group in copied.groups] == [8]


def test_files_are_downloads_of_text(seen: browser.Visit) -> None:
    for path, kind in (
        ("/group/950/request.json", "application/json"),
        ("/group/950/table.csv", "text/csv"),
        ("/groups/list.csv?filter=paid_wrong", "text/csv"),
    ):
        answer = seen.page.request.get(seen.base + path)
        assert answer.headers["content-type"].startswith(kind)
        assert answer.headers["content-disposition"].startswith("attachment")
    whole = seen.page.request.get(seen.base + "/group/950/text/0")
    assert whole.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    "path",
    ["/groups", "/groups?by=completion&filter=all", "/groups?filter=paid_wrong", "/group/1", "/"],
)
def test_text_that_wants_to_be_more_is_shown_as_text(
    chromium: object, evil: str, path: str
) -> None:
    with browser.visit(chromium, evil) as seen:
        seen.page.on("dialog", lambda dialog: seen.faults.append(dialog.message))
        seen.open(path)
        for row in seen.page.query_selector_all(".table tbody tr")[:12]:
            row.hover()
        assert seen.page.evaluate("window.owned") is None
        assert seen.page.query_selector("main script, main iframe, main svg[onload]") is None
        assert seen.faults == []


def test_names_of_columns_and_keys_of_details_are_text_on_a_groups_page(
    chromium: object, evil: str
) -> None:
    with browser.visit(chromium, evil) as seen:
        seen.open("/group/1?sort=place")
        heads = seen.page.inner_text(".heat thead")
        assert all(name[:28] in heads for name in COLUMNS)
        for place, text in enumerate(TRIES):
            seen.page.click(f"tr[data-place='{place}'] td:nth-child(2)")
            seen.page.wait_for_selector(f"h2:has-text('completion {place}')")
            if text.isprintable():
                assert text in seen.page.inner_text(".written")
        assert seen.page.evaluate("window.owned") is None
        assert seen.page.query_selector(".written img, .evidence img, .heat img") is None
        assert seen.faults == []


def test_hostile_text_moves_nothing_on_a_groups_page(chromium: object, evil: str) -> None:
    with browser.visit(chromium, evil) as seen:
        for number, name in enumerate(sorted(HOSTILE), 2):
            seen.open(f"/group/{number}")
            shown = seen.page.inner_text(".written")
            assert seen.page.evaluate("window.owned") is None, name
            assert seen.page.title() == f"Group {number} · Harmo", name
            assert len(shown) < 20_000, name
            assert not set("\x1b\u202e\0") & set(shown), name
            wide = seen.page.evaluate("document.documentElement.scrollWidth > innerWidth")
            assert not wide, name
        assert seen.faults == []


def test_a_password_guards_the_files_too(chromium: object, base: str, tmp_path: Path) -> None:
    del base  # one process after the other
    made_store(tmp_path, groups=2)
    word = {"HARMO_CONSOLE_PASSWORD": "correct horse"}
    with (
        browser.console("--audit", str(tmp_path), env=word) as address,
        browser.visit(chromium, address) as seen,
    ):
        for path in ("request.json", "table.csv", "text/0", "picture/0"):
            assert seen.page.request.get(f"{address}/group/1/{path}").status == 401
        assert seen.page.request.get(f"{address}/groups/list.csv").status == 401
        assert seen.page.request.get(f"{address}/playground/picture/0").status == 401
