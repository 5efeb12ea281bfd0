"""Runners: what a scorer cannot have becomes an abstention of its column."""

from __future__ import annotations

import asyncio
import time

import pytest

from harmo import run_table
from harmo.app.engine import Engine
from harmo.app.hosting import Hosting
from harmo.app.isolation import Isolation
from harmo.models.base import RewardModel
from harmo.rewards.plan import compile_recipe
from harmo.rewards.recipe import Recipe
from harmo.scorers import registry
from harmo.scorers.registry import scorer
from harmo.scorers.types import Group, Reason, Sample, Score

ASKS_A_MODEL = "rule.asks_a_model"


@scorer(ASKS_A_MODEL, resource="reward_model")
async def asks_a_model(group: Group, *, reward_model: RewardModel) -> list[Score]:
    """1.0 for all: never reached without a model."""
    return [Score(value=1.0)] * len(group.samples)


OTHER_TAGS = "rule.other_tags"


@scorer(OTHER_TAGS, think_tags=lambda: ("[T]", "[/T]"))
def other_tags(sample: Sample) -> Score:
    """1.0 if the answer part says yes, else 0.0."""
    return Score(value=float(sample.text != "no"))


@scorer("rule.is_asked_for_long", timeout_s=60.0)
async def is_asked_for_long(sample: Sample) -> Score:
    """1.0 after a minute, of which no worker is asked anything."""
    await asyncio.sleep(60.0)
    return Score(value=1.0)


@scorer("rule.takes_a_while", isolate=True, timeout_s=10.0)
def takes_a_while(sample: Sample) -> Score:
    """1.0 after the seconds that the text says."""
    time.sleep(float(sample.text))
    return Score(value=1.0)


@pytest.mark.parametrize(
    ("name", "params", "why"),
    [
        (ASKS_A_MODEL, {}, "no model is hosted"),
        ("rule.by_task", {"tasks": {"math": ASKS_A_MODEL}}, "nor for what a task dispatches to"),
    ],
)
async def test_a_scorer_whose_model_is_not_hosted_abstains_and_raises_nothing(
    name: str, params: dict[str, object], why: str
) -> None:
    registry.load()
    isolation = Isolation(workers=1, memory_bytes=1 << 30)
    engine = Engine(isolation)
    lease = Hosting().lease(time.monotonic() + 60.0)
    try:
        score = await engine.verdict(
            registry.bind(name, params), Sample(reference="4", task="math"), lease
        )
    finally:
        await isolation.close()
    assert score.reason is Reason.SCORER_ERROR, why
    assert score.detail["error"] == "MissingResourceError"


@pytest.mark.parametrize(
    ("text", "value", "why"),
    [
        ("[T]no[/T]yes", 1.0, "closed"),
        ("[T]yes[/T]no", 0.0, "the thinking is not read"),
        ("[T]yes", 0.0, "open"),
        ("<think>yes", 1.0, "the tags of another syntax"),
    ],
)
async def test_outside_a_recipe_a_scorers_own_tags_hold(text: str, value: float, why: str) -> None:
    isolation = Isolation(workers=1, memory_bytes=1 << 30)
    engine = Engine(isolation)
    try:
        lease = Hosting().lease(time.monotonic() + 60.0)
        score = await engine.verdict(registry.bind(OTHER_TAGS, {}), Sample(completion=text), lease)
    finally:
        await isolation.close()
    assert score.value == value, why
    run_table(OTHER_TAGS, [({"completion": text}, value, why)])


def texts(*texts: str) -> Group:
    samples = tuple(Sample(completion=text, reference="4") for text in texts)
    return Group(id="g", samples=samples, size=len(samples))


def tasks(scorer: str) -> dict[str, object]:
    return {"default_task": "math", "tasks": {"math": scorer}}


@pytest.mark.parametrize(
    ("name", "params", "why"),
    [
        ("rule.takes_a_while", {}, "workers did it"),
        ("rule.math", {}, "none was asked"),
        ("rule.by_task", tasks("rule.takes_a_while"), "whoever picked it"),
        ("rule.by_task", tasks("rule.is_asked_for_long"), "none will be asked"),
        ("rule.by_task", {}, "nobody picks anything"),
    ],
)
async def test_workers_are_done_with_a_group_while_others_are_still_at_it(
    name: str, params: dict[str, object], why: str
) -> None:
    registry.load()
    isolation = Isolation(workers=1, memory_bytes=1 << 30)
    engine = Engine(isolation)
    terms = [{"scorer": name, "params": params}, {"scorer": "rule.is_asked_for_long"}]
    plan = compile_recipe(Recipe.model_validate({"name": "r", "rule": terms}))
    with isolation.reserved.reserve("r", 4, time.monotonic() + 60.0) as turns:
        lease = Hosting().lease(time.monotonic() + 60.0, owner=turns)
        scored = engine.score(engine.program(plan), texts("0", "0.0", "0.00"), [None] * 3, lease)
        scoring = asyncio.create_task(scored)
        async with asyncio.timeout(30.0):
            while turns.left == 4:  # noqa: ASYNC110 - a test may poll
                await asyncio.sleep(0.01)
        assert turns.left == 1, why
        assert not scoring.done()
        scoring.cancel()
        await asyncio.wait({scoring})
    await isolation.close()


async def test_what_a_dispatcher_sends_to_workers_is_counted_once() -> None:
    registry.load()
    isolation = Isolation(workers=1, memory_bytes=1 << 30)
    engine = Engine(isolation)
    terms = [{"scorer": "rule.by_task", "params": tasks("rule.takes_a_while")}]
    plan = compile_recipe(Recipe.model_validate({"name": "r", "rule": terms}))
    with isolation.reserved.reserve("r", 10, time.monotonic() + 60.0) as turns:
        lease = Hosting().lease(time.monotonic() + 60.0, owner=turns)
        await engine.score(engine.program(plan), texts("0", "0.0", "0.00"), [None] * 3, lease)
        assert turns.left == 7
    await isolation.close()


async def test_what_the_deadline_came_before_is_not_taken_for_done() -> None:
    """So many for so little time would have far more let in, which would be late again."""
    isolation = Isolation(workers=1, memory_bytes=1 << 30)
    await isolation.warm_up()
    engine, until_s = Engine(isolation), time.monotonic() + 1.0
    plan = compile_recipe(
        Recipe.model_validate({"name": "r", "rule": [{"scorer": "rule.takes_a_while"}]})
    )
    with isolation.reserved.reserve("r", 20, until_s) as turns:
        lease = Hosting().lease(until_s, owner=turns)
        group = texts(*["0.2"] * 20)
        scored = await engine.score(engine.program(plan), group, [None] * 20, lease)
        assert turns.left == sum(row[0].value is None for row in scored.scores) > 0
    await isolation.close()
