"""What is let in, and what is told to come back."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harmo import Reason, Sample, Score, scorer
from harmo.app.admission.gate import Admission
from harmo.app.hosting import Hosting
from harmo.app.service import Service
from harmo.app.settings import Settings
from harmo.app.shed import ShedError
from harmo.app.workers.reserved import Reservation, Reservations
from harmo.models.base import Load
from tests.app.fakes import FakeRewardModel
from tests.app.raw import Raw
from tests.app.serving import Serving, body, group

pytestmark = pytest.mark.asyncio(loop_scope="module")


@scorer("aspect.has_no_room")
def has_no_room(sample: Sample) -> Score:
    """1.0; where the text says full, no room."""
    return Score.abstain(Reason.OVERLOADED) if "full" in sample.text else Score(value=1.0)


class Noted(Reservations):
    """One worker, and for whom its time was reserved."""

    def __init__(self) -> None:
        super().__init__(1)
        self.made: list[tuple[str, int]] = []

    def reserve(
        self, recipe: str, samples: int, deadline_s: float
    ) -> AbstractContextManager[Reservation]:
        self.made.append((recipe, samples))
        return super().reserve(recipe, samples, deadline_s)


class Reserved(Noted):
    """Workers that have so much to do, whoever comes."""

    def __init__(self) -> None:
        super().__init__()
        self.work_s = 0.0
        self.asked: list[tuple[str, int]] = []

    def wait_s(self, recipe: str, samples: int, deadline_s: float) -> float:
        self.asked.append((recipe, samples))
        left_s = deadline_s - time.monotonic()
        return max(0.0, self.work_s - left_s) if samples else 0.0


class Stage:
    """Workers that say how busy they are."""

    def __init__(self) -> None:
        self.fault = ""
        self.reserved = Reserved()

    def load(self) -> Load:
        return Load(backlog_s=self.reserved.work_s, fault=self.fault)


@pytest.fixture(scope="module")
def full_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("full") / "full.yaml"
    terms = "rule: [{scorer: rule.math}]\naspect: [{scorer: aspect.has_no_room}]\n"
    file.write_text(f"name: full-up\n{terms}")
    return file


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("beside") / "beside.yaml"
    shadow = "[{scorer: aspect.has_no_room}, {scorer: rule.math, name: again}]"
    file.write_text(f"name: beside\nrule: [{{scorer: rule.math}}]\nshadow: {shadow}\n")
    return file


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def serving(
    recipe_files: tuple[str, ...], full_up: Path, beside: Path
) -> AsyncIterator[Serving]:
    limits = Settings(
        recipes=(*recipe_files, str(full_up), str(beside)),
        workers=1,
        max_in_flight_completions=8,
        max_in_flight_bytes=40_000,
        max_waiting_members=6,
    )
    made = Serving(limits, Hosting(models={"fake": FakeRewardModel("fake")}))
    async with made:
        yield made


@pytest.fixture
def service(serving: Serving) -> Service:
    found: Service = serving.app.state.service
    return found


@pytest.fixture
def workers(service: Service, monkeypatch: pytest.MonkeyPatch) -> Stage:
    stage = Stage()
    monkeypatch.setattr(service.admission, "_isolation", stage)
    return stage


async def post(serving: Serving, asked: dict[str, Any], **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await serving._http.post("/score", json=asked, headers=named)


def in_flight(service: Service) -> list[int]:
    admission = service.admission
    held = (
        admission.bytes,
        admission.completions,
        admission.waiting_members,
        admission.waiting_bytes,
    )
    return [*(permits.taken for permits in held), len(service.isolation.reserved._all)]


def shed(service: Service, reason: str) -> float:
    return float(service.metrics.http.shed.labels(reason)._value.get())


@pytest.mark.parametrize(
    ("recipe", "deadline_ms", "status", "why"),
    [
        ("rules", 120_000, 429, "its workers have more to do than there is time"),
        ("rules", 400_000, 200, "a caller with more time"),
        ("model", 120_000, 200, "a recipe that asks nothing of the workers"),
        ("math", 120_000, 429, "a recipe that may ask them, by task"),
    ],
)
async def test_what_would_not_be_finished_in_time_is_told_when_to_come_back(
    serving: Serving,
    service: Service,
    workers: Stage,
    recipe: str,
    deadline_ms: int,
    status: int,
    why: str,
) -> None:
    workers.reserved.work_s = 150.0
    turned_away = shed(service, "backlog")
    asked = body(group("4"), recipe=recipe)
    with service.permits.hold("another", 1):
        answer = await post(serving, asked, X_Deadline_Ms=str(deadline_ms))
    assert answer.status_code == status, why
    if status == 429:
        assert 30 <= int(answer.headers["Retry-After"]) <= 38, "30 s of it are too much"
        assert "150 s of work wait: for another 30 s" in answer.json()["error"]["message"]
    assert shed(service, "backlog") - turned_away == (status == 429)


async def test_what_comes_alone_is_always_let_in(serving: Serving, workers: Stage) -> None:
    workers.reserved.work_s = 1e6
    assert (await post(serving, body(group(*"4" * 20)))).status_code == 200
    assert workers.reserved.asked == [], "nobody can be late for it"


async def test_time_is_reserved_for_what_workers_may_have_to_do(
    serving: Serving, service: Service, workers: Stage
) -> None:
    with service.permits.hold("another", 1):
        for recipe in ("rules", "math", "model", "beside"):
            await post(serving, body(group("4", "5"), recipe=recipe))
    assert workers.reserved.asked == [("rules", 2), ("math", 2), ("model", 0), ("beside", 4)]
    assert workers.reserved.made == workers.reserved.asked
    assert not workers.reserved._all


async def test_no_time_is_kept_for_who_waits_for_others_until_all_are_there(
    serving: Serving, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would keep out whom they wait for; and what all take is not what one of them takes."""

    def share(id: str) -> dict[str, Any]:
        one = group(id="w", size=2) | {"completions": [{"id": id, "text": "4"}]}
        return body(one, run="joined", wait_for_group_ms=20_000)

    reserved = Noted()
    monkeypatch.setattr(service.isolation._pool, "reserved", reserved)
    with reserved.reserve("rules", 100, 1e9) as before:
        for _ in range(100):
            reserved.took(before, "rule.math", 40.0, whole=True)
        reserved.scored(before, 100)
    with service.permits.hold("another", 1):
        soon_s = time.monotonic() + 120.0
        assert reserved.wait_s("rules", 1, soon_s) == 0.0
        with reserved.reserve("rules", 1, soon_s):
            assert reserved.wait_s("rules", 1, soon_s) > 0.0, "if one kept its time"
        answers = await asyncio.gather(*(post(serving, share(id)) for id in "ab"))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert all(answer.json()["groups"][0]["complete"] for answer in answers)
    assert reserved.made[2:] == [("rules", 0), ("rules", 0), ("rules", 2)]


@pytest.mark.parametrize(
    ("recipe", "completions", "load", "status", "why"),
    [
        ("model", 1, Load(backlog_s=150.0), 429, "its queue is longer than there is time"),
        ("rules", 1, Load(backlog_s=150.0), 200, "who asks nothing of it"),
        ("model", 2, Load(backlog_s=100.0, completion_s=9.0), 200, "its turn comes, and its end"),
        ("model", 3, Load(backlog_s=100.0, completion_s=9.0), 429, "its end comes too late"),
        ("model", 3, Load(backlog_s=100.0, completion_s=90.0), 200, "it never would in time"),
    ],
)
async def test_what_a_model_would_not_finish_in_time_is_turned_away(
    serving: Serving,
    service: Service,
    monkeypatch: pytest.MonkeyPatch,
    recipe: str,
    completions: int,
    load: Load,
    status: int,
    why: str,
) -> None:
    monkeypatch.setattr(service.hosting.models["fake"], "load", lambda: load, raising=False)
    with service.permits.hold("another", 1):
        answer = await post(serving, body(group(*"4" * completions), recipe=recipe))
    assert answer.status_code == status, why


@pytest.mark.parametrize(
    ("recipe", "status"), [("rules", 503), ("model", 200)], ids=["its stage", "another's"]
)
async def test_a_stage_that_gets_nothing_done_turns_its_recipes_away(
    serving: Serving, service: Service, workers: Stage, recipe: str, status: int
) -> None:
    workers.fault = "no worker could be started for 60 s"
    turned_away = shed(service, "not_ready")
    answer = await post(serving, body(group("4"), recipe=recipe))
    assert answer.status_code == status
    if status == 503:
        assert answer.json()["error"]["message"] == "no worker could be started for 60 s"
        assert int(answer.headers["Retry-After"]) >= 5
        assert shed(service, "not_ready") == turned_away + 1


async def test_a_model_that_gets_nothing_done_turns_its_recipes_away(
    serving: Serving, service: Service, workers: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = service.hosting.models["fake"]
    monkeypatch.setattr(model, "load", lambda: Load(fault="its thread hangs"), raising=False)
    for recipe, status in (("model", 503), ("rules", 200)):
        answer = await post(serving, body(group("4"), recipe=recipe))
        assert answer.status_code == status, recipe


async def test_a_score_that_found_no_room_is_no_part_of_a_200(
    serving: Serving, service: Service
) -> None:
    turned_away = shed(service, "overloaded")
    asked = body(group("4", id="a"), group("4", "4 full", id="b"), recipe="full-up")
    answer = await post(serving, asked)
    assert (answer.status_code, answer.headers["Retry-After"]) in {(429, "1"), (429, "2")}
    assert shed(service, "overloaded") == turned_away + 1
    assert (await post(serving, body(group("4"), recipe="full-up"))).status_code == 200
    assert not any(in_flight(service))


async def test_what_pays_nothing_has_nothing_sent_again(serving: Serving) -> None:
    answer = await post(serving, body(group("4 full", "4"), recipe="beside"))
    assert answer.status_code == 200
    completions = answer.json()["groups"][0]["completions"]
    assert [completion["reasons"][1] for completion in completions] == ["deadline", None]
    assert all(completion["reward"] is not None for completion in completions)


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "in chunks"])
async def test_bodies_that_never_end_hold_no_more_than_the_limit(
    serving: Serving, service: Service, announced: bool
) -> None:
    headers = {"content-length": "15000"} if announced else {}
    unfinished = [Raw(b" " * 9_000, b" " * 5_000, headers=headers) for _ in range(30)]
    tasks = [asyncio.create_task(raw.post(serving.app, ends=False)) for raw in unfinished]
    await asyncio.sleep(0.05)
    waiting = [raw for raw in unfinished if not raw.status]
    assert len(waiting) == 2
    assert service.admission.bytes.taken <= 40_000
    assert {raw.status for raw in unfinished if raw.status} == {429}
    assert "max_in_flight_bytes" in unfinished[-1].error["message"]
    for raw in waiting:
        raw.left.set()
    await asyncio.gather(*tasks)
    assert not any(in_flight(service))


@pytest.mark.parametrize(("callers", "fits"), [(0, True), (1, True), (2, False)])
async def test_one_of_several_keys_may_not_hold_everything(callers: int, fits: bool) -> None:
    limits = Settings(max_in_flight_bytes=10_000, caller_share=0.5)
    admission = Admission(limits, Stage(), Hosting(), callers=callers)  # type: ignore[arg-type]
    with admission.bytes.hold("a", 4_000):
        if fits:
            admission.bytes.hold("a", 4_000)
        else:
            with pytest.raises(ShedError, match="caller_share"):
                admission.bytes.hold("a", 4_000)
            admission.bytes.hold("b", 4_000)


SLOW = body(group("4", metadata={"wait_ms": 30}), recipe="slow")
APART = (group("4", id="w", size=3), group("4", id="x"))
EQUAL = (group("4", id="w", size=2), group("5", id="w", size=2))
TASKS = {
    "quick": body(group("4", "\\boxed{5}")),
    "slow": SLOW,
    "many": body(group(*"4444444")),
    "waits": body(group("4", size=2), run="r", wait_for_group_ms=40),
    "several": body(*APART, run="r", wait_for_group_ms=40),
    "twice": body(*EQUAL, run="r", wait_for_group_ms=40),
    "big": body(group("x" * 15_000)),
    "malformed": {"groups": 3},
}
FIXTURES = [HealthCheck.function_scoped_fixture]


@settings(max_examples=15, deadline=None, suppress_health_check=FIXTURES)
@given(st.integers(0, 2**32))
async def test_what_is_sent_is_answered_or_turned_away_and_nothing_of_it_stays(
    serving: Serving, service: Service, seed: int
) -> None:
    chance = random.Random(seed)
    requests, tasks = [], []
    for number in range(24):
        name = chance.choice(list(TASKS))
        key = {"idempotency-key": f"{seed}-{number % 5}-{name}"} if chance.random() < 0.4 else {}
        raw = Raw(json.dumps(TASKS[name]).encode(), headers=key)
        requests.append(raw)
        tasks.append(asyncio.create_task(raw.post(serving.app, ends=chance.random() < 0.9)))
        await asyncio.sleep(chance.choice([0, 0, 0.002]))
        if chance.random() < 0.3:
            chance.choice(requests).left.set()
        if chance.random() < 0.1:
            chance.choice(tasks).cancel()
    await asyncio.sleep(0.02)
    for raw in requests:
        if not raw.status and raw._parts == [] and not raw._over:
            raw.left.set()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    for raw, end in zip(requests, ended, strict=True):
        cancelled = isinstance(end, asyncio.CancelledError)
        assert cancelled or raw.status in {200, 422, 429, 499}, (raw.status, raw.answer, end)
    await until_idle(service)
    assert not any(in_flight(service))
    assert service.assembly.is_idle


async def until_idle(service: Service) -> None:
    """Work with a key outlasts its request."""
    for _ in range(200):
        if not service.replies._running and not any(in_flight(service)):
            return
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("key", [{}, {"idempotency-key": "cut"}], ids=["without a key", "with one"])
@pytest.mark.parametrize("name", ["quick", "slow", "waits", "several", "big"])
async def test_wherever_a_request_is_cancelled_all_it_held_is_given_back(
    serving: Serving, service: Service, name: str, key: dict[str, str]
) -> None:
    for steps in range(0, 60, 3):
        headers = {k: f"{v}-{name}-{steps}" for k, v in key.items()}
        raw = Raw(json.dumps(TASKS[name]).encode(), headers=headers)
        task = asyncio.create_task(raw.post(serving.app))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        if not key:
            assert not any(in_flight(service)), steps
    await until_idle(service)
    assert not any(in_flight(service))
