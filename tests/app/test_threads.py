"""Plain functions in threads: the time is each sample's own."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from harmo.app.boundary import Boundary, Reports
from harmo.app.threads import answers_of
from harmo.scorers import registry
from harmo.scorers.registry import scorer
from harmo.scorers.types import Reason, Sample, Score

LIMIT_S = 0.3


@scorer("aspect.threaded", timeout_s=LIMIT_S)
def threaded(sample: Sample) -> Score:
    """1.0, always."""
    return Score(value=1.0)


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


async def values(
    threads: ThreadPoolExecutor, call: object, texts: list[str], *, deadline_s: float = 60.0
) -> list[float | Reason | None]:
    boundary = Boundary(spec=registry.get("aspect.threaded"), bounds=(0.0, 1.0), reports=Reports())
    answers = await answers_of(
        threads,
        boundary,
        call,
        [Sample(completion=text) for text in texts],
        deadline_s=time.monotonic() + deadline_s,
    )
    return [score.reason or score.value for score in boundary.scores(answers, len(texts))]


async def test_samples_that_take_longer_together_than_one_may_are_all_scored(
    threads: ThreadPoolExecutor,
) -> None:
    def slow(sample: Sample) -> Score:
        time.sleep(LIMIT_S / 3)
        return Score(value=1.0)

    assert await values(threads, slow, ["a"] * 6) == [1.0] * 6


async def test_one_that_hangs_costs_only_itself(threads: ThreadPoolExecutor) -> None:
    end = threading.Event()

    def hangs(sample: Sample) -> Score:
        if sample.text == "hang":
            end.wait()
        return Score(value=1.0)

    try:
        given = await values(threads, hangs, ["a", "hang", "b", "c"])
    finally:
        end.set()
    assert given == [1.0, Reason.DEADLINE, 1.0, 1.0]


async def test_the_wait_for_a_thread_is_not_the_scorers_time(threads: ThreadPoolExecutor) -> None:
    busy = [threads.submit(time.sleep, LIMIT_S * 2) for _ in range(2)]
    assert await values(threads, lambda sample: Score(value=1.0), ["a"]) == [1.0]
    assert any(work.done() for work in busy)


async def test_at_the_requests_end_what_is_done_counts(threads: ThreadPoolExecutor) -> None:
    end = threading.Event()

    def stops(sample: Sample) -> Score:
        if sample.text == "stop":
            end.wait()
        return Score(value=1.0)

    try:
        given = await values(threads, stops, ["a", "stop", "b"], deadline_s=LIMIT_S / 2)
    finally:
        end.set()
    assert given == [1.0, Reason.DEADLINE, Reason.DEADLINE]


async def test_one_that_raises_costs_only_itself(threads: ThreadPoolExecutor) -> None:
    def raises(sample: Sample) -> Score:
        return Score(value=float(sample.text))

    assert await values(threads, raises, ["1", "x", "0.5"]) == [1.0, Reason.SCORER_ERROR, 0.5]
