"""Runners: what a scorer cannot have becomes an abstention of its column."""

from __future__ import annotations

import time

import pytest

from harmo import run_table
from harmo.app.engine import Engine
from harmo.app.hosting import Hosting
from harmo.app.isolation import Isolation
from harmo.models.base import RewardModel
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
