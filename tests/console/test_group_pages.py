"""Groups and their lists in a real browser: found, read, walked through; text stays text."""

from __future__ import annotations

import csv
import io
from urllib.parse import quote

import pytest

from harmo.console.view import links
from harmo_client.wire import ScoreRequest
from tests.console import browser
from tests.console.evil import COLUMNS, TRIES, evil_groups
from tests.console.filled import FIRST_EVIL


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


def test_what_stands_first_is_called_the_worst_only_where_it_is(seen: browser.Visit) -> None:
    for name, first in (("paid_wrong", "worst"), ("longest", "longest"), ("all", "best")):
        seen.open(f"/groups?run=exp-2&filter={name}")
        assert seen.page.inner_text("select[name=sort] >> option:checked") == f"{first} first"


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


HOSTILE_RUN = f"run={quote(TRIES[0])}"


@pytest.mark.parametrize(
    "path",
    [
        "/groups",
        f"/groups?by=completion&filter=all&{HOSTILE_RUN}",
        f"/groups?filter=paid_wrong&{HOSTILE_RUN}",
        f"/groups?filter=duplicates&{HOSTILE_RUN}",
        f"/group/{FIRST_EVIL}",
        "/",
    ],
)
def test_text_that_wants_to_be_more_is_shown_as_text(seen: browser.Visit, path: str) -> None:
    seen.open(path)
    for row in seen.page.query_selector_all(".table tbody tr")[:12]:
        row.hover()
    assert seen.page.evaluate("window.owned") is None
    assert seen.page.query_selector("main script, main iframe, main svg[onload]") is None


def test_names_of_columns_and_keys_of_details_are_text_on_a_groups_page(
    seen: browser.Visit,
) -> None:
    seen.open(f"/group/{FIRST_EVIL}?sort=place")
    heads = seen.page.inner_text(".heat thead")
    assert all(name[:28] in heads for name in COLUMNS)
    for place, text in enumerate(TRIES):
        seen.page.click(f"tr[data-place='{place}'] td:nth-child(2)")
        seen.page.wait_for_selector(f"h2:has-text('completion {place}')")
        if text.isprintable():
            assert text in seen.page.inner_text(".written")
    assert seen.page.evaluate("window.owned") is None
    assert seen.page.query_selector(".written img, .evidence img, .heat img") is None


@pytest.mark.parametrize("place", range(len(evil_groups())))
def test_hostile_text_moves_nothing_on_a_groups_page(seen: browser.Visit, place: int) -> None:
    number = FIRST_EVIL + place
    seen.open(f"/group/{number}")
    page = seen.page
    shown = [page.inner_text(part) for part in (".written", ".group-head", ".heat thead")]
    assert page.evaluate("window.owned") is None
    assert page.title() == f"Group {number} · Harmo"
    for text in shown:
        assert len(text) < 20_000
        assert not set("\x1b\u202e\0") & set(text)
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


# An address is UTF-8, which has no half of a letter: a run of such a name stands in lists alone.
HOSTILE_RUNS = [
    run
    for run in (each.group.run or "" for each in evil_groups())
    if run.encode(errors="replace").decode() == run
]


@pytest.mark.parametrize("run", HOSTILE_RUNS, ids=range(len(HOSTILE_RUNS)))
def test_a_run_s_hostile_name_leads_to_its_page_and_its_groups(
    seen: browser.Visit, run: str
) -> None:
    for path in (links.run(run), links.groups(run=links.written(run))):
        seen.open(path)
        assert "no run" not in seen.page.inner_text("main")
        assert "0 groups of 0" not in seen.page.inner_text("main")
        assert not set("\x1b\u202e\0") & set(seen.page.inner_text("main"))
        assert seen.page.evaluate("window.owned") is None


def test_no_cell_of_a_file_is_a_formula_whoever_wrote_it(seen: browser.Visit) -> None:
    numbers = range(FIRST_EVIL, FIRST_EVIL + len(evil_groups()))
    paths = [f"/group/{number}/table.csv" for number in numbers]
    for path in [*paths, "/groups/list.csv?filter=all", "/export/runs.csv"]:
        answer = seen.page.request.get(seen.base + path)
        assert answer.status == 200, path
        for row in csv.reader(io.StringIO(answer.text(), newline="")):
            bad = [cell for cell in row if cell.startswith(("=", "+", "@", "\t", "\r", "\n"))]
            assert not bad, path
            assert all(len(cell) <= 32_001 for cell in row), path


def test_a_password_guards_the_files_too(seen: browser.Visit, guarded: str) -> None:
    for path in ("request.json", "table.csv", "text/0", "picture/0"):
        assert seen.page.request.get(f"{guarded}/group/1/{path}").status == 401
    assert seen.page.request.get(f"{guarded}/groups/list.csv").status == 401
    assert seen.page.request.get(f"{guarded}/playground/picture/0").status == 401
