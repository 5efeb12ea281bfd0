"""Recipes and scorers in a browser: found, opened, compared; a service's words are texts."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from harmo.audit.write import Writer
from tests.audit.made import RECIPE, kept_recipe, made_groups, made_plan
from tests.console import browser

HOSTILE = "<img src=x onerror=alert(1)> {{7*7}} [a](javascript:alert(1))"
OTHER = kept_recipe(made_plan(RECIPE.replace("model: 0.5", "model: 0.25")))
SERVED = {
    "/recipes": [
        {"name": "kept", "version": OTHER.version, "description": HOSTILE, "default": True},
        {"name": "mine", "version": "sha256:12345678", "description": "of the service alone"},
    ],
    "/scorers": [{"name": "rule.theirs", "family": "rule", "summary": HOSTILE, "reads": "answer"}],
    "/readyz": {"models": {"their-model": "tree"}},
    "/recipes/kept": {
        "version": OTHER.version,
        "scorer_version": "sha256:1",
        "recipe": {**OTHER.recipe, "description": HOSTILE},
    },
    "/recipes/mine": {
        "version": "sha256:12345678",
        "scorer_version": "sha256:1",
        "formula": "R = 1 * theirs",
        "words": "Theirs alone.",
        "recipe": {**OTHER.recipe, "name": "mine", "rule": [{"scorer": "rule.theirs"}]},
    },
}


class Service(BaseHTTPRequestHandler):
    """A service that answers what `SERVED` says."""

    def do_GET(self) -> None:
        found = SERVED.get(self.path)
        self.send_response(404 if found is None else 200)
        self.end_headers()
        self.wfile.write(json.dumps(found or {}).encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("recipes") / "audit"
    writer = Writer(folder)
    writer.write(made_groups(groups=40, runs=("exp-1",)))
    later = made_groups(groups=40, runs=("exp-2",), seed=1)
    writer.write([replace(each, recipe=OTHER) for each in later])
    writer.close()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    service = f"http://127.0.0.1:{server.server_port}"
    try:
        with browser.console("--audit", str(folder), "--service", service) as address:
            yield address
    finally:
        server.shutdown()


def test_recipes_of_the_store_and_of_the_service_stand_together(
    base: str, chromium: browser.Driver
) -> None:
    with browser.visit(chromium, base) as seen:
        seen.open("/recipes")
        rows = seen.page.locator(".table").first.locator("tbody tr")
        texts = [row.inner_text().split("\t") for row in rows.all()]
        assert [cells[0].strip() for cells in texts] == ["kept", "mine"]
        assert texts[0][1].strip().endswith("default")
        assert texts[0][2].strip() == "2"
        assert HOSTILE in texts[0][4]
        assert "their-model (tree)" in seen.page.inner_text("main")
        assert seen.page.locator("main img").count() == 0
        assert seen.faults == []


def test_a_scorer_is_found_and_opened(base: str, chromium: browser.Driver) -> None:
    with browser.visit(chromium, base) as seen:
        seen.open("/recipes")
        page = seen.page
        page.fill("input.filter", "rule.bbox_iou")
        rows = page.locator(".scorers tbody tr")
        page.wait_for_function("() => document.querySelectorAll('.scorers tbody tr').length === 1")
        rows.first.locator("td").nth(1).click()
        page.wait_for_selector(".scorer-side >> text=How often it was right")
        assert "Intersection over union" in page.inner_text(".scorer-side")
        assert "scorer=rule.bbox_iou" in page.url
        seen.open("/recipes?scorer=length.cosine")
        assert "max_tokens" in page.inner_text(".scorer-side")
        assert seen.faults == []


def test_a_recipe_says_what_it_pays_who_used_it_and_what_changed(
    base: str, chromium: browser.Driver
) -> None:
    with browser.visit(chromium, base) as seen:
        seen.open("/recipe/kept")
        text = seen.page.inner_text("main")
        assert "R = 0.25 * model.similarity" in text
        assert "weights.model" in text
        assert "What changed" in text
        assert seen.page.get_by_role("link", name="exp-1").get_attribute("href") == "/run/exp-1"
        assert "in the service" in text
        assert seen.page.locator("main img").count() == 0
        seen.page.get_by_role("link", name="what if").first.click()
        seen.page.wait_for_selector(".figure")
        assert "recipe=kept%40" in seen.page.url
        assert seen.faults == []


def test_a_recipe_whose_scorer_is_not_here_shows_what_the_service_says(
    base: str, chromium: browser.Driver
) -> None:
    with browser.visit(chromium, base) as seen:
        seen.open("/recipe/mine")
        text = seen.page.inner_text("main")
        assert "It cannot be read here" in text
        assert "rule.theirs" in text
        assert "R = 1 * theirs" in text
        assert seen.faults == []


def test_a_run_is_weighed_under_what_the_service_has_loaded(
    base: str, chromium: browser.Driver
) -> None:
    with browser.visit(chromium, base) as seen:
        seen.open("/whatif?run=exp-1&recipe=service:kept")
        seen.page.wait_for_selector(".figure")
        assert seen.page.get_by_role("slider", name="model", exact=True).input_value() == "0.25"
        assert seen.page.inner_text("[data-figure=mean]").count("→") == 1
        seen.open("/whatif?run=exp-1&recipe=service:mine")
        seen.page.wait_for_selector("text=refused: ")
        assert "rule.theirs" in seen.page.inner_text(".whatif-said")
        seen.open("/whatif?run=exp-1&recipe=service:none")
        assert "no recipe 'service:none'" in seen.page.inner_text("main")
        assert seen.faults == []


@pytest.mark.parametrize("name", ["nothing", "..%2Flivez", "%3Cscript%3Ealert(1)%3C%2Fscript%3E"])
def test_a_recipe_that_nobody_knows_is_said(base: str, chromium: browser.Driver, name: str) -> None:
    with browser.visit(chromium, base) as seen:
        response = seen.page.goto(f"{base}/recipe/{name}", wait_until="load")
        if response.status == 200:
            assert "knows a recipe" in seen.page.inner_text("main")
        assert seen.page.locator("main script").count() == 0
