"""However much clients make up, the labels stay few; and Prometheus takes the text as it is."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from harmo.app.images import ImageFault
from harmo.app.keys import KeyFault
from harmo.app.metrics.http import METHODS, OTHER_METHOD
from harmo.app.metrics.runs import MAX_RUNS
from tests.app.metrics.scraped import scraped
from tests.app.metrics.test_scorers import picture, sent_with
from tests.app.raw import Raw
from tests.app.serving import Serving, body, group

pytestmark = pytest.mark.asyncio(loop_scope="module")
PROMTOOL = shutil.which("promtool")
MARKER = "made-up"
FLOOD = 40


async def flood(serving: Serving, name: str) -> None:
    """Everything a client can name, named anew."""
    http, marked = serving.http, f"{MARKER}-{name}"
    await http.request(f"{MARKER}{name}".replace("-", "").upper(), f"/{marked}")
    for path in (f"/ng-rollout/{marked}/verify", f"/recipes/{marked}", f"/{marked}/score"):
        await http.post(path, json={}, params={marked: marked}, headers={marked: marked})
    asked = group(marked, task=marked, references={marked: marked}, metadata={marked: marked})
    await http.post("/score", json=body(asked, recipe=marked))
    await http.post("/score", json=body(asked, recipe="ruled", run=marked), headers={"x": marked})
    await http.post("/score", json=body(asked, recipe="hybrid", split="eval", run=marked))
    await http.post("/score", json=sent_with(marked.encode(), media_type=f"image/{marked}"))
    refused = Raw(json.dumps(body(asked)).encode(), headers={"authorization": f"{marked} {marked}"})
    await refused.post(serving.app)


async def test_a_flood_of_made_up_names_leaves_a_bounded_scrape(serving: Serving) -> None:
    for number in range(MAX_RUNS + 1):
        await flood(serving, f"first-{number}")
    await scraped(serving.http)
    before = await scraped(serving.http)
    for number in range(FLOOD):
        await flood(serving, f"later-{number}")
    after = await scraped(serving.http)
    assert len(after.text.splitlines()) == len(before.text.splitlines())
    for name in after.names():
        for labels in after.labels(name):
            made_up = {key for key, value in labels.items() if MARKER in value.lower()}
            assert made_up <= {"run"}, (name, labels)


async def test_labels_that_say_what_a_client_did_come_from_closed_sets(serving: Serving) -> None:
    await flood(serving, "once-more")
    scraping = await scraped(serving.http)
    for name, label, allowed in (
        ("harmo_http_requests_total", "method", METHODS | {OTHER_METHOD}),
        ("harmo_auth_failures_total", "reason", set(KeyFault)),
        ("harmo_images_rejected_total", "reason", set(ImageFault)),
        ("harmo_scorer_duration_seconds_count", "stage", {"wait", "compute"}),
        ("harmo_remembered_scores_total", "result", {"hit", "miss"}),
        ("harmo_workers", "state", {"busy", "idle"}),
    ):
        values = {labels[label] for labels in scraping.labels(name)}
        assert values, name
        assert values <= allowed, (name, values - allowed)


@pytest.mark.skipif(PROMTOOL is None, reason="needs promtool (Debian: prometheus)")
async def test_promtool_has_nothing_to_say_of_a_service_that_has_done_everything(
    serving: Serving,
) -> None:
    await flood(serving, "for-promtool")
    for content in (picture(), picture("JPEG"), picture(frames=2)):
        await serving.http.post("/score", json=sent_with(content))
    text = (await scraped(serving.http)).text
    ran = subprocess.run(  # noqa: ASYNC221 - nothing else runs in this test
        [str(PROMTOOL), "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout + ran.stderr) == (0, "")
