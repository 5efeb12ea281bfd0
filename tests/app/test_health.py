"""What keeps a ready service from scoring, and what a probe is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from harmo.app import health
from harmo.app.health import Health
from harmo.app.hosting import Hosting
from harmo.app.service import Service
from harmo.app.settings import Settings
from harmo.models.base import Conversations, Load, ModelScore
from harmo.scorers.spec import BoundScorer
from harmo.scorers.types import Reason, Sample, Score
from tests.app.fakes import FakeRewardModel
from tests.app.serving import Serving, body, group

RECIPE = "name: judged\nmodel: [{scorer: model.reward}]\n"


class Moody(FakeRewardModel):
    """A model that is well, stuck, or broken."""

    def __init__(self) -> None:
        super().__init__("moody")
        self.mood = ""
        self.fault = ""
        self.asked = 0
        self.backlog_s = 0.0

    def load(self) -> Load:
        self.asked += 1
        return Load(fault=self.fault, backlog_s=self.backlog_s)

    async def score(
        self, group: Conversations, *, deadline_s: float | None = None
    ) -> list[ModelScore]:
        if self.mood == "stuck":
            await asyncio.sleep(60.0)
        if self.mood == "broken":
            raise RuntimeError("no device")
        return await super().score(group, deadline_s=deadline_s)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def moody() -> Moody:
    return Moody()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(
    moody: Moody, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[httpx.AsyncClient]:
    recipe = tmp_path_factory.mktemp("recipes") / "judged.yaml"
    recipe.write_text(RECIPE)
    settings = Settings(recipes=(str(recipe), "math"), workers=1, canary_s=0)
    async with Serving(settings, Hosting(models={"moody": moody})) as http:
        yield http


@pytest.fixture
def service(client: httpx.AsyncClient) -> Service:
    service: Service = client._transport.app.state.service  # type: ignore[attr-defined]
    return service


@pytest.fixture
def now() -> list[float]:
    return [0.0]


@pytest.fixture
def well(
    service: Service,
    client: httpx.AsyncClient,
    moody: Moody,
    now: list[float],
    monkeypatch: pytest.MonkeyPatch,
) -> Health:
    """The health that `/readyz` asks, with a clock of its own."""
    moody.mood = moody.fault = ""
    moody.backlog_s = 0.0
    monkeypatch.setattr(health, "CANARY_S", 3.0)
    fresh = Health(service, clock=lambda: now[0])
    state = client._transport.app.state  # type: ignore[attr-defined]
    monkeypatch.setitem(state._state, "health", fresh)
    return fresh


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_every_canary_takes_a_worker(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = []
    score = service.isolation.score

    async def watched(bound: BoundScorer, sample: Sample, **options: Any) -> Score:
        answer = await score(bound, sample, **options)
        given.append((bound.spec.name, options["keys"]))
        return answer

    monkeypatch.setattr(service.isolation, "score", watched)
    health = Health(service)
    for _ in range(2):
        await health.try_all()
    assert given == [("rule.math", None)] * 2, "what is remembered tells nothing of workers"


async def test_workers_that_do_nothing_are_seen_by_a_canary(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    health = Health(service)
    await health.try_all()

    async def crash(*_: object, **__: object) -> Score:
        return Score.abstain(Reason.WORKER_CRASHED)

    monkeypatch.setattr(service.isolation, "score", crash)
    await health.try_all()
    assert any("worker_crashed" in fault for fault in health._silent.values())


async def test_a_fault_of_a_part_is_told_in_its_words_and_goes_with_it(
    client: httpx.AsyncClient, moody: Moody, well: Health, now: list[float]
) -> None:
    assert (await client.get("/readyz")).status_code == 200
    moody.fault, now[0] = "its device thread has been silent for 40 s", 2.0
    answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "models: its device thread has been silent" in answer.json()["error"]["message"]
    assert "harmo_ready 0.0" in (await client.get("/metrics")).text
    assert (await client.get("/livez")).status_code == 204
    moody.fault, now[0] = "", 4.0
    assert (await client.get("/readyz")).status_code == 200


async def test_a_storm_of_probes_asks_the_parts_once(
    client: httpx.AsyncClient, moody: Moody, well: Health
) -> None:
    moody.asked = 0
    for _ in range(50):
        await client.get("/readyz")
    assert moody.asked == 1


@pytest.mark.parametrize("mood", ["stuck", "broken"])
async def test_a_model_that_no_longer_scores_is_found_out(
    client: httpx.AsyncClient, moody: Moody, well: Health, now: list[float], mood: str
) -> None:
    await well.try_all()
    assert well.faults() == ()
    moody.mood, now[0] = mood, 2.0
    await well.try_all()
    assert "recipe judged does not score: model.reward" in well.faults()[0]
    moody.mood, now[0] = "", 4.0
    await well.try_all()
    assert well.faults() == ()


async def test_what_never_scored_the_canary_is_no_news(moody: Moody, well: Health) -> None:
    moody.mood = "broken"
    await well.try_all()
    assert well.faults() == ()


@pytest.mark.parametrize(
    ("judging", "stuck", "why"),
    [
        ([("judged", "model.reward"), ("model", "model.moody")], False, "busy with others' groups"),
        ([("math", "answer")], True, "what another recipe scores says nothing of it"),
    ],
)
async def test_late_while_the_same_column_scores_others_is_busy_and_not_stuck(
    service: Service,
    moody: Moody,
    well: Health,
    judging: list[tuple[str, str]],
    stuck: bool,
    why: str,
) -> None:
    await well.try_all()
    moody.mood = "stuck"
    trying = asyncio.ensure_future(well.try_all())
    while not trying.done():
        service.observer.judged.update(judging)
        await asyncio.sleep(0.05)
    assert bool(well.faults()) is stuck, why


async def test_a_column_has_judged_what_it_gave_a_value(
    client: httpx.AsyncClient, service: Service, moody: Moody, well: Health
) -> None:
    before = service.observer.judged["judged", "model.reward"]
    await client.post("/score", json=body(group("4"), recipe="judged"))
    moody.mood = "broken"
    await client.post("/score", json=body(group("4"), recipe="judged"))
    assert service.observer.judged["judged", "model.reward"] == before + 1


async def test_a_fault_that_stays_ends_the_service(
    service: Service, moody: Moody, well: Health, now: list[float]
) -> None:
    failed: list[str] = []
    service.life.when_failed(lambda: failed.append(service.life.failure))
    moody.fault = "gone"
    watching = asyncio.ensure_future(well.watch())
    await asyncio.sleep(0.05)
    assert not failed
    assert well.faults()
    now[0] = service.settings.fatal_after_s - 1.0
    assert well.unwell_s() < service.settings.fatal_after_s
    await asyncio.sleep(1.2)
    assert not failed
    now[0] += 2.0
    await asyncio.sleep(1.2)
    assert failed == ["no cure in 600 s: models: gone"]
    assert service.life.began
    watching.cancel()
