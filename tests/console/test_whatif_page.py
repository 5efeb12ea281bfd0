"""The what-if in a browser: a moved slider changes ranks, and the address says all of it."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import yaml

from harmo.rewards.recipe import parse_recipe
from tests.console import browser
from tests.console.filled import EVIL, EVIL_SHOWN, LONG

EDITED = "run=exp-2&w.model=0.1&combine=gate"


def opened(seen: browser.Visit, query: str) -> object:
    seen.open(f"/whatif?{query}")
    seen.page.wait_for_selector(".figure")
    return seen.page


def figure(page: object, key: str) -> str:
    return page.inner_text(f"[data-figure={key}] .figure-value")


def ranks(page: object) -> list[str]:
    rows = page.query_selector_all(
        ".whatif-tables > div:nth-child(2) .table:first-of-type tbody tr"
    )
    return [row.query_selector_all("td")[4].inner_text() for row in rows]


def edits_of(page: object) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def test_a_moved_slider_changes_a_rank(filled: str, chromium: browser.Driver) -> None:
    with browser.visit(chromium, filled) as seen:
        page = opened(seen, "run=exp-2")
        assert figure(page, "signs") == "0 %"
        slider = page.get_by_role("slider", name="model", exact=True)
        box = slider.bounding_box()
        y = box["y"] + box["height"] / 2
        page.mouse.move(box["x"] + box["width"] * 0.25, y)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.9, y, steps=12)
        page.mouse.up()
        page.wait_for_function(
            "() => document.querySelector('[data-figure=signs] .figure-value').innerText !== '0 %'"
        )
        page.wait_for_selector("td.changed")
        assert any("→" in rank for rank in ranks(page))
        assert float(edits_of(page)["w.model"][0]) > 1.5
        assert seen.faults == []


def test_keys_move_a_slider_and_a_double_click_puts_it_back(
    filled: str, chromium: browser.Driver
) -> None:
    with browser.visit(chromium, filled) as seen:
        page = opened(seen, "run=exp-2")
        slider = page.get_by_role("slider", name="rule", exact=True)
        slider.focus()
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        page.wait_for_url("**w.rule=1.03*")
        slider.dblclick()
        page.wait_for_function("() => !location.search.includes('w.rule')")
        assert slider.input_value() == "1"
        assert seen.faults == []


def test_a_typed_number_moves_its_slider(filled: str, chromium: browser.Driver) -> None:
    with browser.visit(chromium, filled) as seen:
        page = opened(seen, "run=exp-2")
        typed = page.get_by_role("textbox", name="aspect, as a number")
        typed.fill("nonsense")
        typed.press("Enter")
        assert typed.input_value() == "0.25"
        typed.fill("0,4")
        typed.press("Enter")
        page.wait_for_url("**w.aspect=0.4*")
        assert seen.faults == []


def test_the_address_holds_every_edit_and_reset_takes_all_back(
    filled: str, chromium: browser.Driver
) -> None:
    with browser.visit(chromium, filled) as seen:
        page = opened(seen, EDITED + "&steps=10:40&group=2")
        assert page.get_by_role("radio", name="gate").get_attribute("aria-checked") == "true"
        assert page.get_by_role("slider", name="model", exact=True).input_value() == "0.1"
        before = {key: figure(page, key) for key in ("best", "signs", "scored", "mean")}
        again = opened(seen, urlsplit(page.url).query)
        assert {key: figure(again, key) for key in before} == before
        page.click("text=reset all")
        page.wait_for_function("() => !location.search.includes('combine')")
        page.wait_for_function(
            "() => document.querySelector('[data-figure=signs] .figure-value').innerText === '0 %'"
        )
        assert edits_of(page)["steps"] == ["10:40"]
        assert seen.faults == []


def test_a_link_restores_all_that_was_moved(seen: browser.Visit) -> None:
    page = opened(
        seen,
        "run=exp-2&split=eval&steps=9:39&recipe=kept&w.model=0.1&t.aspect.ifeval=3"
        "&combine=gate&missing=renormalise&allow_inversion=1&group=560",
    )
    assert page.get_by_role("slider", name="model", exact=True).input_value() == "0.1"
    assert page.get_by_role("slider", name="aspect.ifeval", exact=True).input_value() == "3"
    for name in ("gate", "renormalise"):
        assert page.get_by_role("radio", name=name).get_attribute("aria-checked") == "true"
    assert page.get_by_role("checkbox", name="allow inversions").is_checked()
    assert not page.get_by_role("checkbox", name="trust the model by group").is_checked()
    assert page.input_value("label:has-text('steps') input") == "9:39"
    chosen = "label:has-text('{}') select >> option:checked"
    for name, text in (("run", "exp-2"), ("split", "eval")):
        assert page.inner_text(chosen.format(name)) == text
    assert "all 16 groups" in page.inner_text(".whatif-over")


def test_where_nothing_changes_it_is_said(seen: browser.Visit) -> None:
    page = opened(seen, "run=exp-2")
    assert figure(page, "signs") == "0 %"
    page.wait_for_selector("p:has-text('No advantage changes')")
    page.get_by_role("slider", name="model", exact=True).press("ArrowRight")
    page.wait_for_selector("p:has-text('No advantage changes')", state="hidden")
    page.click("text=reset all")
    page.wait_for_selector("p:has-text('No advantage changes')")


def test_a_refused_composition_is_said_in_place(filled: str, chromium: browser.Driver) -> None:
    with browser.visit(chromium, filled) as seen:
        page = opened(seen, "run=exp-2")
        page.get_by_role("radio", name="fallback").click()
        page.wait_for_selector("text=refused: ")
        assert "'fallback'" in page.inner_text(".whatif-said")
        assert page.get_by_role("button", name="copy as recipe").is_disabled()
        assert page.locator(".whatif-body.stale").count() == 1
        page.get_by_role("radio", name="sum").first.click()
        page.wait_for_function("() => !document.querySelector('.whatif-said').innerText")
        assert page.locator(".whatif-body.stale").count() == 0
        assert seen.faults == []


def test_what_is_saved_is_a_recipe_that_says_the_edits(
    filled: str, chromium: browser.Driver, tmp_path: Path
) -> None:
    with browser.visit(chromium, filled) as seen:
        page = opened(seen, EDITED)
        with page.expect_download() as waiting:
            page.click("text=save as YAML")
        assert waiting.value.suggested_filename == "kept-edited.yaml"
        file = tmp_path / "kept.yaml"
        waiting.value.save_as(file)
        recipe = parse_recipe(file.read_text(encoding="utf-8"), source="saved")
        assert (recipe.combine, recipe.weights["model"]) == ("gate", 0.1)
        assert yaml.safe_load(file.read_text(encoding="utf-8"))["name"] == "kept-edited"
        assert seen.faults == []


def test_what_is_copied_is_what_is_saved(filled: str, chromium: browser.Driver) -> None:
    with browser.visit(chromium, filled) as seen:
        page = opened(seen, EDITED)
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.click("text=copy as recipe")
        page.wait_for_selector("text=copied")
        copied = page.evaluate("navigator.clipboard.readText()")
        assert parse_recipe(copied, source="copied").name == "kept-edited"
        assert seen.faults == []


def test_all_groups_are_weighed_when_asked_for_until_something_moves(
    filled: str, chromium: browser.Driver
) -> None:
    with browser.visit(chromium, filled) as seen:
        page = opened(seen, f"run={LONG}&w.model=0.3")
        assert page.inner_text(".whatif-over span").startswith("a sample of ")
        page.click("text=weigh all")
        page.wait_for_function(
            "() => document.querySelector('.whatif-over span').innerText.startsWith('all ')"
        )
        assert edits_of(page)["groups"] == ["all"]
        page.get_by_role("slider", name="model", exact=True).press("ArrowRight")
        page.wait_for_function(
            "() => document.querySelector('.whatif-over span').innerText.startsWith('a sample')"
        )
        assert "groups" not in edits_of(page)
        assert seen.faults == []


def test_a_row_shows_its_completions_and_leads_to_the_group(
    filled: str, chromium: browser.Driver
) -> None:
    with browser.visit(chromium, filled) as seen:
        page = opened(seen, "run=exp-2&w.model=1.4&allow_inversion=1")
        row = page.locator(".whatif-tables > div:first-child tbody tr").nth(3)
        number = row.get_attribute("data-key")
        row.locator("td").nth(3).click()
        page.wait_for_selector(f"h2 >> text=Group {number}")
        assert edits_of(page)["group"] == [number]
        link = page.get_by_role("link", name=f"Group {number}")
        assert link.get_attribute("href") == f"/group/{number}"
        assert seen.faults == []


def test_a_hostile_run_s_name_is_a_text(filled: str, chromium: browser.Driver) -> None:
    with browser.visit(chromium, filled) as seen:
        page = opened(seen, f"run={quote(EVIL)}&w.rule={quote('<script>alert(1)</script>')}")
        assert page.locator("main img").count() == 0
        assert page.locator("select option", has_text=EVIL_SHOWN).count() == 1
        assert "not understood: w.rule=<script>" in page.inner_text(".whatif-said")
        assert seen.faults == []


@pytest.mark.parametrize(
    ("query", "words"),
    [("run=nobody", "no run 'nobody'"), ("run=exp-1&recipe=nothing", "recipe 'nothing'")],
)
def test_what_is_not_there_is_said(
    filled: str, chromium: browser.Driver, query: str, words: str
) -> None:
    with browser.visit(chromium, filled) as seen:
        seen.open(f"/whatif?{query}")
        assert words in seen.page.inner_text("main")
        assert seen.faults == []


@pytest.mark.parametrize("dark", [False, True])
def test_it_fits_a_small_window_in_both_themes(
    filled: str, chromium: browser.Driver, dark: bool
) -> None:
    with browser.visit(chromium, filled, size=browser.SMALL, dark=dark) as seen:
        page = opened(seen, EDITED)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0
        assert seen.faults == []
