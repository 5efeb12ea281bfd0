"""One group's work ends with it, holds the event loop for a moment, and not past a deadline."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest
import pytest_asyncio

from harmo.app import fair
from harmo.app import together as together_module
from harmo.app.engine import Engine, Program, Step
from harmo.app.hosting import Hosting, Lease
from harmo.app.isolation import Isolation
from harmo.models.base import Conversations, ModelScore
from harmo.rewards.plan import compile_recipe
from harmo.rewards.recipe import Recipe
from harmo.scorers import registry
from harmo.scorers.registry import bind, scorer
from harmo.scorers.types import Group, Reason, Sample, Score
from tests.app.fakes import FakeRewardModel


@scorer("aspect.where", on_loop=True, checks=lambda sample: sample.metadata.get("checks", 1))
def where(sample: Sample) -> Score:
    """1.0 on the event loop, 0.0 in a thread."""
    return Score(value=float(threading.current_thread() is threading.main_thread()))


@scorer("aspect.works", on_loop=True)
def works(sample: Sample) -> Score:
    """1.0 after a little work on the event loop."""
    until_s = time.perf_counter() + fair.TURN_S / 2
    while time.perf_counter() < until_s:
        pass
    return Score(value=1.0)


@scorer("aspect.sleeps_on", timeout_s=60.0)
async def sleeps_on(sample: Sample) -> Score:
    """1.0 after a minute."""
    await asyncio.sleep(60.0)
    return Score(value=1.0)


STOP = asyncio.Event()


@scorer("aspect.will_not_end", timeout_s=0.05)
async def will_not_end(sample: Sample) -> Score:
    """1.0 once the test is over, however often it is cancelled."""
    while not STOP.is_set():
        try:
            await STOP.wait()
        except asyncio.CancelledError:
            continue
    return Score(value=1.0)


@scorer("rule.spins_on", isolate=True, timeout_s=30.0)
def spins_on(sample: Sample) -> Score:
    """Never comes back."""
    while True:
        pass


@pytest_asyncio.fixture
async def engine() -> AsyncIterator[Engine]:
    registry.load()
    isolation = Isolation(workers=1, memory_bytes=2 << 30)
    yield Engine(isolation)
    await isolation.close()


LINEAR = {"scorer": "length.linear", "params": {"target_tokens": 10}}


def group(count: int = 1, **fields: Any) -> Group:
    fields = {"completion": "4", "reference": "4", **fields}
    samples = tuple(Sample(**fields) for _ in range(count))
    return Group(id="g", samples=samples, size=count)


def lease(deadline_s: float = 60.0, hosting: Hosting | None = None, owner: object = None) -> Lease:
    return (hosting or Hosting()).lease(time.monotonic() + deadline_s, owner=owner)


def program(engine: Engine, *terms: str, **recipe: Any) -> Program:
    aspects = [{"scorer": term} for term in terms]
    written = {"name": "r", "rule": [{"scorer": "rule.exact"}], "aspect": aspects, **recipe}
    return engine.program(compile_recipe(Recipe.model_validate(written)))


async def test_work_of_an_abandoned_group_is_over_when_its_owner_is(engine: Engine) -> None:
    """On the event loop, in workers, for every sample."""
    recipe = program(
        engine, "aspect.sleeps_on", rule=[{"scorer": "rule.exact"}, {"scorer": "rule.spins_on"}]
    )
    await engine._runners._isolation.warm_up()
    before = asyncio.all_tasks()
    scoring = asyncio.create_task(engine.score(recipe, group(8), [None] * 8, lease()))
    await asyncio.sleep(0.2)
    assert len(asyncio.all_tasks() - before) > 8
    scoring.cancel()
    await asyncio.wait({scoring})
    assert asyncio.all_tasks() == before
    assert engine._runners._isolation.load().completions == 0


class Broken:
    """A runner with a bug of ours."""

    def start(self, group: Group, lease: Lease) -> Any:
        async def raises() -> list[Score]:
            await asyncio.sleep(0)
            raise KeyError("a bug")

        return raises()


async def test_a_fault_in_one_column_ends_the_others_before_it_is_seen(engine: Engine) -> None:
    recipe = program(engine, "aspect.sleeps_on")
    steps = (*recipe.first, Step(column=0, shadow=False, family="aspect", runner=Broken()))
    broken = Program(plan=recipe.plan, columns=recipe.columns, first=steps, then=())
    before = asyncio.all_tasks()
    with pytest.raises(KeyError, match="a bug"):
        await engine.score(broken, group(4), [None] * 4, lease())
    assert asyncio.all_tasks() == before


class SlowModel(FakeRewardModel):
    """Takes its time, and counts the runs that go on."""

    def __init__(self, seconds: float) -> None:
        super().__init__("slow", ("one", "two"))
        self.seconds = seconds
        self.running = 0

    async def score(
        self, group: Conversations, *, deadline_s: float | None = None
    ) -> list[ModelScore]:
        self.running += 1
        try:
            await asyncio.sleep(self.seconds)
        finally:
            self.running -= 1
        return await super().score(group)

    async def shown(self, group: Conversations) -> list[Mapping[str, object]]:
        return []


async def test_a_models_run_ends_with_the_group_that_asked_for_it(engine: Engine) -> None:
    model = SlowModel(60.0)
    hosting = Hosting(models={"slow": model})
    bound, asked = bind("model.reward", {"aspect": "one"}), group()
    scoring = asyncio.create_task(engine.verdict(bound, asked.samples[0], lease(60.0, hosting)))
    await asyncio.sleep(0.05)
    assert model.running == 1
    scoring.cancel()
    await asyncio.wait({scoring})
    assert model.running == 0


async def test_a_column_that_gives_up_leaves_the_others_the_models_run() -> None:
    model = SlowModel(0.2)
    leased = lease(60.0, Hosting(models={"slow": model}))
    shared = cast("SlowModel", leased.resource(bind("model.reward", {"aspect": "one"})))
    asked = Conversations(prompt=(), completions=((), ()))
    first, second = (asyncio.create_task(shared.score(asked)) for _ in range(2))
    await asyncio.sleep(0.05)
    first.cancel()
    assert len(await second) == 2
    assert model.runs == 1
    await leased.end()


async def test_what_was_not_begun_by_the_deadline_is_not_begun(engine: Engine) -> None:
    recipe = program(engine, "aspect.where", length=[LINEAR])
    late = await engine.score(recipe, group(num_tokens=5), [None], lease(-1.0))
    assert [score.reason for score in late.scores[0][:2]] == [Reason.OVERLOADED] * 2
    assert "turn" in str(late.scores[0][0].detail["why"])
    assert late.scores[0][2].reason is not Reason.DEADLINE, "it costs nothing and comes last"
    assert late.reward.rewards[0].reason is Reason.OVERLOADED


@pytest.mark.parametrize(
    ("count", "chars", "checks", "on_loop", "why"),
    [
        (1, 1_000, 1, True, "a short text"),
        (1, 17_000, 1, False, "a long one"),
        (1, 1_000, 10, True, "a few checks of a short one"),
        (1, 1_000, 256, False, "many checks of a short one"),
        (100, 1, 1, True, "many that say next to nothing"),
        (1_000, 1, 1, False, "too many for the loop all the same"),
        (100, 1, 10, False, "many, each with some checks"),
    ],
)
async def test_characters_times_checks_decide_what_leaves_the_loop(
    engine: Engine, count: int, chars: int, checks: int, on_loop: bool, why: str
) -> None:
    asked = group(count, completion="x" * chars, metadata={"checks": checks})
    scored = await engine.score(program(engine, "aspect.where"), asked, [None] * count, lease())
    assert {row[1].value for row in scored.scores} == {float(on_loop)}, why


@pytest.mark.parametrize("accepted", [1, 200])
async def test_every_accepted_reference_is_a_check(engine: Engine, accepted: int) -> None:
    asked = group(completion="x" * 500, reference=["4"] * accepted)
    scored = await engine.score(program(engine, "aspect.where"), asked, [None], lease())
    assert scored.scores[0][1].value == float(accepted == 1)


async def test_many_groups_below_the_budget_do_not_hold_the_loop_together(engine: Engine) -> None:
    """Two hundred, each of half a turn: between two looks of the loop there are a few at most."""
    recipe = program(engine, "aspect.works")
    looks = 0

    async def look() -> None:
        nonlocal looks
        while True:
            looks += 1
            await asyncio.sleep(0)

    looking = asyncio.create_task(look())
    await asyncio.gather(*(engine.score(recipe, group(), [None], lease()) for _ in range(200)))
    looking.cancel()
    assert looks >= 200 // 3


async def test_a_request_of_many_groups_does_not_keep_anothers_from_the_loop(
    engine: Engine,
) -> None:
    recipe, done = program(engine, "aspect.works"), list[str]()

    async def score(owner: str) -> None:
        await engine.score(recipe, group(), [None], lease(owner=owner))
        done.append(owner)

    many = [asyncio.create_task(score("many")) for _ in range(300)]
    await asyncio.sleep(0)
    await score("other")
    assert done.count("many") < 100
    for task in many:
        task.cancel()
    await asyncio.wait(many)


async def test_a_plugin_that_ignores_its_end_costs_a_moment(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(together_module, "END_S", 0.05)
    STOP.clear()
    score = await engine.verdict(bind("aspect.will_not_end", {}), Sample(), lease())
    assert score.reason is Reason.DEADLINE
    assert "does not end" in caplog.text
    STOP.set()


async def test_the_scorer_that_holds_the_loop_can_be_named_from_outside(engine: Engine) -> None:
    """A watchdog looks for the boundary's frame on the loop's stack."""
    seen: list[str] = []
    loop = threading.main_thread().ident

    def watch() -> None:
        import sys

        until_s = time.monotonic() + 10.0
        while time.monotonic() < until_s and not seen:
            frame = sys._current_frames().get(cast("int", loop))
            while frame is not None:
                if frame.f_code.co_name == "guard":
                    spec = cast("SimpleNamespace", frame.f_locals["self"].spec)
                    seen.append(spec.name)
                frame = frame.f_back

    watching = threading.Thread(target=watch)
    watching.start()
    recipe = program(engine, "aspect.works")
    for _ in range(20):
        await engine.score(recipe, group(4), [None] * 4, lease())
    watching.join()
    assert "aspect.works" in seen


async def test_cutting_much_text_lets_the_loop_breathe(engine: Engine) -> None:
    """What is left to score of it is a character, so nothing else takes its time."""
    recipe, looks = program(engine), 0

    async def look() -> None:
        nonlocal looks
        while True:
            looks += 1
            await asyncio.sleep(0)

    asked = group(64, completion="<think>" + "x" * 200_000 + "</think>4")
    looking = asyncio.create_task(look())
    scored = await engine.score(recipe, asked, [None] * 64, lease())
    looking.cancel()
    assert looks >= 12
    assert {row[0].value for row in scored.scores} == {1.0}
