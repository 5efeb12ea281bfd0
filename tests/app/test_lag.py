"""A stall of the event loop is measured, counted and laid at the door of its scorer."""

from __future__ import annotations

import asyncio
import logging
import re
import time

import pytest

from harmo.app import lag
from harmo.app.boundary import Boundary, Reports
from harmo.app.lag import Holder, watched
from harmo.scorers import registry
from harmo.scorers.types import Sample, Score
from tests.app import plugins

assert plugins


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lag, "BEAT_S", 0.01)
    monkeypatch.setattr(lag, "LOOK_S", 0.02)
    monkeypatch.setattr(lag, "STALL_S", 0.3)


def sleeps(sample: Sample) -> Score:
    time.sleep(0.8)
    return Score(value=float(len(sample.text)))


def spins(sample: Sample) -> Score:
    until_s = time.thread_time() + 0.8
    while time.thread_time() < until_s:
        len(sample.text)
    return Score(value=1.0)


def backtracks(sample: Sample) -> Score:
    """Holds Python's lock all the while, inside one call."""
    return Score(value=float(re.fullmatch("(a|aa)+b", "a" * 33) is not None))


def boundary(name: str) -> Boundary:
    return Boundary(spec=registry.get(name), bounds=(None, None), reports=Reports())


@pytest.mark.parametrize("call", [sleeps, spins, backtracks], ids=lambda call: call.__name__)
async def test_a_scorer_that_holds_the_loop_up_is_named_and_its_text_is_not(
    call: object, caplog: pytest.LogCaptureFixture
) -> None:
    holders: list[Holder] = []
    lags: list[float] = []
    sample = Sample(prompt="p", completion="MARKER of the policy", reference="4")
    with watched(lags.append, holders.append):
        await asyncio.sleep(0.05)
        boundary("rule.math").guard(call, sample)  # type: ignore[arg-type]
        await asyncio.sleep(0.1)
    assert [holder.scorer for holder in holders] == ["rule.math"]
    assert max(lags) > 0.3
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert "scorer=rule.math" in record.message
    assert "MARKER" not in caplog.text


async def test_a_stall_without_a_scorer_says_where(caplog: pytest.LogCaptureFixture) -> None:
    holders: list[Holder] = []
    with watched(lambda _: None, holders.append):
        await asyncio.sleep(0.05)
        sleeps(Sample(prompt="p", completion="c"))
        await asyncio.sleep(0.1)
    (holder,) = holders
    assert holder.scorer == lag.NO_SCORER
    assert "sleeps" in holder.place


async def test_it_is_said_while_the_stall_lasts() -> None:
    said_s: list[float] = []
    with watched(lambda _: None, lambda _: said_s.append(time.monotonic())):
        await asyncio.sleep(0.05)
        sleeps(Sample(prompt="p", completion="c"))
        over_s = time.monotonic()
        await asyncio.sleep(0.05)
    assert len(said_s) == 1
    assert said_s[0] < over_s


async def test_a_loop_that_runs_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    lags: list[float] = []
    with watched(lags.append, lambda _: pytest.fail("no stall")):
        for _ in range(20):
            await asyncio.sleep(0.01)
    assert lags
    assert not caplog.records
