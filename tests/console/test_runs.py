"""The runs and one run in a browser, from a store with a thousand groups."""

from __future__ import annotations

import csv
import io
import shutil
from itertools import islice
from pathlib import Path
from urllib.parse import quote

import pytest

from harmo.audit.schema import FILE
from harmo.audit.write import Writer
from harmo.console.view import links
from tests.audit.made import made_groups
from tests.console import browser
from tests.console.filled import EVIL, EVIL_SHOWN, GAPPED, NAMES, STEPLESS

_LONG_MS = 60_000
"""A page rests after a look that took long, as it does where all tests run at once."""


def _sparks(seen: browser.Visit) -> None:
    """Wait until every run has its curve: the first look at all of them takes longest."""
    every = f"document.querySelectorAll('svg.spark').length === {len(NAMES)}"
    seen.page.wait_for_function(every, timeout=_LONG_MS)


def charts(seen: browser.Visit) -> list[str]:
    seen.page.wait_for_selector("h2:has-text('Audit signals')")
    return seen.page.locator(".chart-title").all_inner_texts()


def test_every_run_stands_there_with_its_figures(seen: browser.Visit) -> None:
    seen.open("/")
    _sparks(seen)
    assert seen.page.locator(".table tbody tr").count() == len(NAMES)
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
    _sparks(seen)
    link = seen.page.locator(".table a:has-text('onerror=alert(1)>⟦')")
    assert link.inner_text() == EVIL_SHOWN
    seen.page.goto(link.evaluate("a => a.href") + query)
    charts(seen)
    assert seen.page.inner_text("h1") == EVIL_SHOWN
    assert seen.page.locator("img").count() == 0


def test_a_tooltip_is_text_whoever_named_the_run(seen: browser.Visit) -> None:
    seen.open(f"{links.run('exp-2')}?compare={quote(EVIL)}")
    charts(seen)
    seen.page.locator("canvas").first.hover(position={"x": 80, "y": 60})
    tip = seen.page.locator(".chart-tip", has_text="exp-2").first
    tip.wait_for()
    assert EVIL_SHOWN in tip.inner_text()
    # No element but those that the page makes itself.
    assert set(tip.evaluate("t => [...t.querySelectorAll('*')].map((e) => e.tagName)")) <= {
        "DIV", "B", "I", "SPAN", "EM",
    }  # fmt: skip


def test_a_gap_stays_a_gap(seen: browser.Visit) -> None:
    seen.open("/")
    _sparks(seen)
    row = seen.page.locator("tr", has=seen.page.locator(f"a:text-is('{GAPPED}')"))
    assert row.locator("svg.spark path").get_attribute("d").count("M") == 2


def test_a_run_called_as_a_key_is_opened_by_a_click(seen: browser.Visit) -> None:
    seen.open("/")
    row = seen.page.locator("tr", has=seen.page.locator(f"a:text-is('{GAPPED}')"))
    row.locator("td").nth(1).click()
    seen.page.wait_for_url(f"**/run/{GAPPED}")
    assert not seen.page.evaluate("document.body.classList.contains('body--dark')")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (f"/run/{STEPLESS}", "no group of this run came with one"),
        ("/run/exp-2?steps=900:901", "No group of split 'train' is of steps 900:901"),
    ],
)
def test_where_nothing_is_drawn_it_is_said_why(seen: browser.Visit, path: str, said: str) -> None:
    seen.open(path)
    assert said in seen.page.inner_text(".nothing")
    assert seen.page.locator(".nothing").count() == 1


def test_sheets_hold_no_formulas(seen: browser.Visit) -> None:
    answer = seen.page.request.get(f"{seen.base}/export/runs.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text(), newline="")))
    assert {"exp-1", "exp-2", EVIL} <= {row["run"] for row in rows}
    assert not [row["run"] for row in rows if row["run"].startswith(("=", "+", "-", "@", "\t"))]
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
    filled: str, chromium: browser.Driver, size: dict[str, int], path: str
) -> None:
    with browser.visit(chromium, filled, size=size) as visit:
        visit.open(path)
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_a_run_is_followed_and_a_store_that_goes_away_is_said(
    tmp_path: Path, chromium: browser.Driver
) -> None:
    made, writer = made_groups(groups=60, runs=("live",)), Writer(tmp_path)
    writer.write(islice(made, 30))
    with (
        browser.console("--audit", str(tmp_path)) as base,
        browser.visit(chromium, base) as seen,
        browser.visit(chromium, base) as other,
    ):
        seen.open("/run/live")
        other.open("/")
        assert seen.page.inner_text(".strip div:nth-last-child(2) dd") == "30"
        writer.write(made)
        for page, shown in ((seen.page, ".strip:has-text('60')"), (other.page, "td:text('60')")):
            page.wait_for_selector(shown, timeout=_LONG_MS)
        writer.close()
        for file in tmp_path.glob(f"{FILE}*"):
            shutil.move(file, file.with_suffix(".gone"))
        for page in (seen.page, other.page):
            page.wait_for_selector(".trouble:has-text('No longer followed')", timeout=_LONG_MS)
        assert seen.page.locator("canvas").count() > 4
        assert seen.faults == other.faults == []
