"""An engine runs no column whose scores are known, and length terms where correctness moved."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence

import pytest
import pytest_asyncio

from harmo.app.engine import Engine, Known, ScoredGroup
from harmo.app.hosting import Hosting
from harmo.app.isolation import Isolation
from harmo.rewards.plan import compile_recipe
from harmo.rewards.recipe import Recipe
from harmo.scorers import registry
from harmo.scorers.registry import scorer
from harmo.scorers.types import Group, Reason, Sample, Score

RAN: list[str] = []


@scorer("rule.noted", on_loop=True)
def noted(sample: Sample) -> Score:
    """1.0 where the text is its reference."""
    RAN.append("rule.noted")
    return Score(value=float(sample.text == sample.reference))


@scorer("length.noted", on_loop=True)
def length_noted(group: Group) -> list[Score]:
    """-1.0 for right completions, 0.0 for others."""
    RAN.append("length.noted")
    return [Score(value=-1.0 if right else 0.0) for right in group.correctness]


RECIPE = {
    "name": "known",
    "rule": [{"scorer": "rule.noted"}],
    "length": [{"scorer": "length.noted"}],
    "shadow": [{"scorer": "aspect.repetition"}],
}


@pytest_asyncio.fixture
async def engine() -> AsyncIterator[Engine]:
    registry.load()
    isolation = Isolation(workers=1, memory_bytes=2 << 30)
    yield Engine(isolation)
    await isolation.close()


async def scored(
    engine: Engine, known: Known, faults: Sequence[Reason | None] = (None, None)
) -> ScoredGroup:
    """Of a right and a wrong completion."""
    RAN.clear()
    texts = ("4", "5")
    group = Group(id="g", samples=tuple(Sample(completion=t, reference="4") for t in texts), size=2)
    program = engine.program(compile_recipe(Recipe.model_validate(RECIPE)))
    lease = Hosting().lease(time.monotonic() + 60.0)
    return await engine.score(program, group, faults, lease, known)


def scores(*values: float) -> list[Score]:
    return [Score(value=value) for value in values]


ROWS = [
    (Known(), ["rule.noted", "rule.noted", "length.noted"], [0.0, 0.0], "nothing is known"),
    (Known(scores={0: scores(0, 1)}), ["length.noted"], [0.0, 0.0], "the rule is"),
    (
        Known(scores={0: scores(1, 0), 1: scores(-0.5, 0)}, correctness=(True, False)),
        [],
        [0.5, 0.0],
        "so is a length that saw this correctness",
    ),
    (
        Known(scores={0: scores(0, 1), 1: scores(-0.5, 0)}, correctness=(True, False)),
        ["length.noted"],
        [0.0, 0.0],
        "it saw another",
    ),
]


@pytest.mark.parametrize(("known", "ran", "rewards", "why"), ROWS, ids=[row[3] for row in ROWS])
async def test_what_is_known_does_not_run(engine, known, ran, rewards, why):
    found = await scored(engine, known)
    assert ran == RAN, why
    assert [reward.value for reward in found.reward.rewards] == rewards


async def test_a_completion_at_fault_stays_unscored_whatever_is_known(engine):
    known = Known(scores={0: scores(1, 1), 1: scores(0, 0)}, correctness=(True, None))
    found = await scored(engine, known, (None, Reason.COMPLETION_TOO_LONG))
    assert {score.reason for score in found.scores[1]} == {Reason.COMPLETION_TOO_LONG}
    assert found.reward.rewards[0].value == 1.0
