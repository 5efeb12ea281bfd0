"""The runs and one run in a browser, from a store with a thousand groups."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from harmo.audit.schema import FILE
from harmo.audit.write import Writer
from tests.audit.made import made_groups, made_store
from tests.console import browser

EVIL = "<img src=x onerror=alert(1)>\u202e{{7*7}}=cmd()"
RUNS = ("exp-1", EVIL, "exp-2")
_LONG_MS = 60_000
"""A page rests after a look that took long, as it does where all tests run at once."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("store")
    return made_store(folder, groups=1000, runs=RUNS, hostile=True)


@pytest.fixture(scope="module")
def base(store: Path) -> Iterator[str]:
    with browser.console("--audit", str(store)) as address:
        yield address


@pytest.fixture
def seen(base: str, chromium: object) -> Iterator[browser.Visit]:
    with browser.visit(chromium, base) as visit:
        visit.page.on("dialog", lambda dialog: visit.faults.append(dialog.message))
        yield visit
        assert visit.faults == []


def charts(seen: browser.Visit) -> list[str]:
    seen.page.wait_for_selector("h2:has-text('Audit signals')")
    return seen.page.locator(".chart-title").all_inner_texts()


def test_every_run_stands_there_with_its_figures(seen: browser.Visit) -> None:
    seen.open("/")
    seen.page.wait_for_function("document.querySelectorAll('svg.spark').length === 3")
    assert seen.page.locator(".table tbody tr").count() == 3
    hacked = seen.page.locator("tr[data-key='exp-2']")
    assert hacked.locator("td.alarm").count() >= 1


def test_from_the_runs_through_a_run_and_a_step_to_its_groups(seen: browser.Visit) -> None:
    seen.open("/")
    seen.page.click("tr[data-key='exp-2'] td:nth-child(2)")
    seen.page.wait_for_url("**/run/exp-2")
    titles = charts(seen)
    assert {"Reward", "Right answers", "What the reward differs by", "answer"} <= set(titles)
    assert "right answers fell" in seen.page.inner_text(".page")
    seen.page.locator("canvas").first.click(position={"x": 200, "y": 60})
    seen.page.wait_for_url("**/groups?run=exp-2&split=train&steps=*")


def test_a_drag_over_a_chart_chooses_steps(seen: browser.Visit) -> None:
    seen.open("/run/exp-2")
    charts(seen)
    box = seen.page.locator("canvas").first.bounding_box()
    seen.page.mouse.move(box["x"] + 100, box["y"] + 50)
    seen.page.mouse.down()
    seen.page.mouse.move(box["x"] + 250, box["y"] + 50, steps=4)
    seen.page.mouse.up()
    seen.page.wait_for_url("**/run/exp-2?steps=*")
    assert "steps 0 to" not in seen.page.inner_text(".run-head")


def test_the_controls_are_in_the_address(seen: browser.Visit) -> None:
    seen.open("/run/exp-2")
    seen.page.click(".places a:has-text('eval')")
    seen.page.wait_for_url("**/run/exp-2?split=eval")
    seen.page.wait_for_function("window.did_handshake === true")
    seen.page.fill("label:has-text('steps') input", "10:20")
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_url("**/run/exp-2?split=eval&steps=10*20")
    seen.page.wait_for_function("window.did_handshake === true")
    seen.page.select_option("label:has-text('with') select", label="exp-1")
    seen.page.wait_for_url("**compare=exp-1")


def test_two_runs_are_laid_over_each_other(seen: browser.Visit) -> None:
    seen.open("/run/exp-2?compare=exp-1")
    assert charts(seen).count("What the reward differs by") == 2
    assert "exp-1" in seen.page.inner_text(".over")


@pytest.mark.parametrize("query", ["", "?compare=exp-1"])
def test_a_name_of_markup_is_a_name(seen: browser.Visit, query: str) -> None:
    seen.open("/")
    seen.page.wait_for_function("document.querySelectorAll('svg.spark').length === 3")
    link = seen.page.locator(".table a:has-text('onerror')")
    assert link.inner_text() == "<img src=x onerror=alert(1)>⟦202E⟧{{7*7}}=cmd()"
    seen.page.goto(link.evaluate("a => a.href") + query)
    charts(seen)
    assert seen.page.inner_text("h1") == "<img src=x onerror=alert(1)>⟦202E⟧{{7*7}}=cmd()"
    assert seen.page.locator("img").count() == 0


def test_sheets_hold_no_formulas(seen: browser.Visit) -> None:
    answer = seen.page.request.get(f"{seen.base}/export/runs.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text(), newline="")))
    assert {row["run"] for row in rows} == set(RUNS)
    answer = seen.page.request.get(f"{seen.base}/export/run/exp-2?split=eval")
    rows = list(csv.DictReader(io.StringIO(answer.text(), newline="")))
    assert [float(row["last_step"]) for row in rows][:2] == [9.0, 19.0]
    assert 0 <= float(rows[0]["answer"]) <= 1
    assert seen.page.request.get(f"{seen.base}/export/run/none").status == 404


def test_a_chart_is_saved_as_a_picture(seen: browser.Visit) -> None:
    seen.open("/run/exp-1")
    charts(seen)
    with seen.page.expect_download() as download:
        seen.page.locator(".chart button").first.dispatch_event("click")
    assert download.value.suggested_filename == "Reward.png"
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("size", [browser.LARGE, browser.SMALL])
@pytest.mark.parametrize("path", ["/", "/run/exp-2", "/run/exp-2?compare=exp-1"])
def test_nothing_is_wider_than_the_window(
    base: str, chromium: object, size: dict[str, int], path: str
) -> None:
    with browser.visit(chromium, base, size=size) as visit:
        visit.open(path)
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_a_run_is_followed_and_a_store_that_goes_away_is_said(
    tmp_path: Path, chromium: object
) -> None:
    made, writer = made_groups(groups=400, runs=("live",)), Writer(tmp_path)
    writer.write(islice(made, 100))
    with (
        browser.console("--audit", str(tmp_path)) as base,
        browser.visit(chromium, base) as seen,
        browser.visit(chromium, base) as other,
    ):
        seen.open("/run/live")
        other.open("/")
        assert seen.page.inner_text(".strip div:nth-last-child(2) dd") == "96"
        writer.write(made)
        for page, shown in ((seen.page, ".strip:has-text('384')"), (other.page, "td:text('400')")):
            page.wait_for_selector(shown, timeout=_LONG_MS)
        writer.close()
        for file in tmp_path.glob(f"{FILE}*"):
            shutil.move(file, file.with_suffix(".gone"))
        for page in (seen.page, other.page):
            page.wait_for_selector(".trouble:has-text('No longer followed')", timeout=_LONG_MS)
        assert seen.page.locator("canvas").count() > 4
        assert seen.faults == other.faults == []
