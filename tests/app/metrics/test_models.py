"""Hosted models: what is loading, what waits, what ran; fed by real tiny ones."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from harmo.app.hosting import Hosting
from harmo.app.loading import host
from harmo.app.metrics import Metrics
from harmo.app.settings import Settings
from harmo.models.base import Load
from tests.app.fakes import FakeRewardModel
from tests.app.metrics.scraped import Scraped, scraped
from tests.app.serving import Serving, body, group
from tests.models import tiny, tiny_encoders

pytestmark = pytest.mark.asyncio(loop_scope="module")
RECIPE = """
name: both
model:
  - {scorer: model.reward}
  - {scorer: model.similarity, reference: caption, params: {encoder: words}}
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def counted(tmp_path_factory: pytest.TempPathFactory) -> Scraped:
    """One scrape after one group of four was scored by a model and an encoder."""
    folder = tmp_path_factory.mktemp("models")
    tiny.checkpoint(folder / "judge", head="scalar")
    tiny_encoders.sentence_encoder(folder / "words")
    (folder / "both.yaml").write_text(RECIPE)
    settings = Settings(
        recipes=(str(folder / "both.yaml"),),
        models=(str(folder / "judge"),),
        encoders=(f"words={folder / 'words'}",),
        device="cpu",
        workers=1,
        canary_s=0,
    )
    texts = ("four", "five", "four", "I say four")
    async with Serving(settings) as http:
        asked = group(*texts, references={"caption": "the number four"})
        answer = await http.post("/score", json=body(asked, recipe="both"))
        assert answer.json()["groups"][0]["stats"]["scored"] == 4, answer.text
        return await scraped(http)


@pytest.mark.parametrize("model", ["judge", "words"])
async def test_everything_a_model_does_is_counted(counted: Scraped, model: str) -> None:
    for name in (
        "harmo_model_queue_wait_seconds_count",
        "harmo_model_tokenize_seconds_count",
        "harmo_model_forward_seconds_count",
        "harmo_model_batch_tokens_count",
        "harmo_model_batch_completions_sum",
        "harmo_model_load_seconds",
    ):
        assert (counted.value(name, model=model) or 0.0) > 0.0, name
    for kind in ("real", "forwarded"):
        assert (counted.value("harmo_model_tokens_total", model=model, kind=kind) or 0.0) > 0.0
    assert counted.value("harmo_model_ready", model=model) == 1.0
    for name in ("completions", "tokens", "oldest_age_seconds"):
        assert counted.value(f"harmo_model_queue_{name}", model=model) == 0.0, name


async def test_a_prompt_that_is_shared_goes_through_once(counted: Scraped) -> None:
    real, forwarded = (
        counted.value("harmo_model_tokens_total", model="judge", kind=kind) or 0.0
        for kind in ("real", "forwarded")
    )
    assert real > forwarded


async def test_a_model_that_loads_is_not_ready_and_one_that_is_stuck_no_more(
    tmp_path: Path,
) -> None:
    tiny.checkpoint(tmp_path / "judge", head="scalar")
    metrics, hosting = Metrics("0"), Hosting()
    metrics.models.loads = hosting.loads

    def ready() -> float | None:
        return Scraped(metrics.expose().decode()).value("harmo_model_ready", model="judge")

    assert ready() is None
    settings = Settings(models=(str(tmp_path / "judge"),), device="cpu")
    loading = asyncio.create_task(host(settings, hosting, metrics, wants_encoder=False))
    await asyncio.sleep(0)
    assert ready() == 0.0
    await loading
    assert ready() == 1.0
    await hosting.close()


class Busy(FakeRewardModel):
    """Says what a test says."""

    load_is = Load()

    def load(self) -> Load:
        return self.load_is


async def test_what_waits_for_a_model_is_read_at_the_scrape() -> None:
    metrics, model = Metrics("0"), Busy("busy")
    metrics.models.loads = Hosting(models={"busy": model}).loads

    def read() -> list[float | None]:
        scraping = Scraped(metrics.expose().decode())
        names = ("queue_completions", "queue_tokens", "queue_oldest_age_seconds", "ready")
        return [scraping.value(f"harmo_model_{name}", model="busy") for name in names]

    assert read() == [0.0, 0.0, 0.0, 1.0]
    model.load_is = Load(completions=8, tokens=4000, oldest_s=1.5)
    assert read() == [8.0, 4000.0, 1.5, 1.0]
    model.load_is = replace(model.load_is, fault="cpu: a batch has been running for 99 s")
    assert read() == [8.0, 4000.0, 1.5, 0.0], "it gets nothing done"
