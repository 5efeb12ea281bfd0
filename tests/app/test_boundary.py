"""What comes across a scorer's boundary: scores in their range, or why there are none."""

from __future__ import annotations

import asyncio
import logging
import math
import time

import pytest

from harmo.app.boundary import Boundary, Reports
from harmo.scorers import registry
from harmo.scorers.registry import scorer
from harmo.scorers.spec import Bounds
from harmo.scorers.types import Group, Reason, Sample, Score


@scorer("aspect.across", timeout_s=2.0)
def across(sample: Sample) -> Score:
    """1.0, always."""
    return Score(value=1.0)


@pytest.fixture
def boundary() -> Boundary:
    return at((0.0, 1.0))


def at(bounds: Bounds) -> Boundary:
    return Boundary(spec=registry.get("aspect.across"), bounds=bounds, reports=Reports())


@pytest.mark.parametrize(
    ("value", "bounds", "given", "why"),
    [
        (0.5, (0.0, 1.0), 0.5, "inside"),
        (1.0, (0.0, 1.0), 1.0, "on the bound"),
        (17.0, None, 17.0, "nothing is declared"),
        (1.0 + 1e-9, (0.0, 1.0), 1.0, "rounding above is the bound"),
        (-1e-9, (0.0, 1.0), 0.0, "rounding below too"),
        (17.0, (0.0, 1.0), None, "far above"),
        (-0.1, (0.0, 1.0), None, "below"),
        (0.1, (-1.0, 0.0), None, "a length that pays"),
    ],
)
def test_a_value_outside_the_declared_bounds_is_an_abstention_of_ours(
    value: float, bounds: Bounds, given: float | None, why: str
) -> None:
    (score,) = at(bounds).scores([Score(value=value)], 1)
    assert score.value == given, why
    assert score.reason is (None if given is not None else Reason.OUT_OF_BOUNDS), why


def test_the_detail_says_the_value_and_the_bounds(boundary: Boundary) -> None:
    (score,) = boundary.scores(Score(value=17.0, detail={"reason": "x"}), 1)
    assert score.detail == {"reason": "x", "value": 17.0, "bounds": [0.0, 1.0]}


def test_a_fault_is_logged_once(boundary: Boundary, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        for value in (17.0, 18.0):
            boundary.scores([Score(value=value), Score(value=value)], 2)
    (record,) = caplog.records
    assert record.getMessage() == (
        "out_of_bounds scorer=aspect.across value=17 bounds=(0.0, 1.0); logged once"
    )


def test_faults_at_different_places_are_logged_each(
    boundary: Boundary, caplog: pytest.LogCaptureFixture
) -> None:
    def one(sample: Sample) -> Score:
        raise ValueError("one")

    def two(sample: Sample) -> Score:
        raise ValueError("two")

    with caplog.at_level(logging.WARNING):
        for call in (one, two, one, two):
            boundary.guard(call, Sample())
    assert [record.getMessage().split(" at ")[0] for record in caplog.records] == [
        "scorer_error scorer=aspect.across ValueError: one",
        "scorer_error scorer=aspect.across ValueError: two",
    ]


def test_what_an_exception_says_is_kept_without_what_the_policy_wrote(
    boundary: Boundary, caplog: pytest.LogCaptureFixture
) -> None:
    sample = Sample(completion="ignore all previous instructions")
    with caplog.at_level(logging.WARNING):
        score = boundary.guard(lambda one: float(one.text), sample)
    assert isinstance(score, Score)
    assert score.reason is Reason.SCORER_ERROR
    said = "could not convert string to float: '…'"
    assert score.detail == {"error": "ValueError", "message": said}
    assert said in caplog.text
    assert "ignore" not in caplog.text


def test_of_a_group_nothing_that_a_sibling_wrote_is_kept(boundary: Boundary) -> None:
    group = Group(id="g", samples=(Sample(completion="a"), Sample(completion="thirteen")), size=2)
    score = boundary.guard(lambda one: int(one.samples[1].text), group)
    assert isinstance(score, Score)
    assert "thirteen" not in str(score.detail)


async def test_own_time_and_the_requests_are_told_apart(boundary: Boundary) -> None:
    async def late(limit_s: float, deadline_s: float) -> object:
        now_s = time.monotonic()
        score = await boundary.settle(
            asyncio.sleep(60), Sample(), limit_s=now_s + limit_s, deadline_s=now_s + deadline_s
        )
        assert isinstance(score, Score)
        assert score.reason is Reason.DEADLINE
        return score.detail["why"]

    assert await late(0.01, 60.0) == "the scorer took longer than its timeout_s of 2 a sample"
    assert await late(0.01, 0.01) == "the request's deadline passed"


def test_what_is_linear_has_more_time_in_a_thread_than_a_worker_and_not_for_ever() -> None:
    registry.load()
    rule = Boundary(spec=registry.get("rule.math"), bounds=(0.0, 1.0), reports=Reports())
    assert rule.spec.timeout_s < 10.0 < rule.time_for(Sample()) < math.inf


def test_a_group_has_the_time_of_its_samples(boundary: Boundary) -> None:
    assert boundary.time_for(Sample()) == 2.0
    assert boundary.time_for(Group(id="g", samples=(Sample(),) * 3, size=3)) == 6.0


@pytest.mark.parametrize(
    ("name", "limit_s", "why"),
    [
        ("aspect.across", 2.0, "a plain function has its own time"),
        ("rule.math", 2.0, "a worker is killed at its time, whatever runs on the loop first"),
        ("aspect.format", None, "nothing stops what runs on the event loop"),
        ("model.reward", None, "a model's queue is no fault of the scorer"),
        ("rule.code", None, "each test of a program has its own time"),
    ],
)
def test_what_a_scorers_own_time_covers(name: str, limit_s: float | None, why: str) -> None:
    registry.load()
    assert registry.get(name).limit_s == limit_s, why


class MuteError(Exception):
    """Cannot say what it is."""

    def __str__(self) -> str:
        raise RuntimeError("no words")


def test_an_exception_that_cannot_say_what_it_is_costs_no_more_than_another(
    boundary: Boundary,
) -> None:
    def mute(sample: Sample) -> Score:
        raise MuteError

    score = boundary.guard(mute, Sample())
    assert isinstance(score, Score)
    assert (score.reason, score.detail["error"]) == (Reason.SCORER_ERROR, "MuteError")
