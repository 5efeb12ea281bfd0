"""Plain functions in threads: the time is each sample's own."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from harmo.app import threads as module
from harmo.app.boundary import Boundary, Reports
from harmo.app.threads import Threads
from harmo.scorers import registry
from harmo.scorers.registry import scorer
from harmo.scorers.types import Reason, Sample, Score

LIMIT_S = 0.3


@scorer("aspect.threaded", timeout_s=LIMIT_S)
def threaded(sample: Sample) -> Score:
    """1.0, always."""
    return Score(value=1.0)


@scorer("aspect.other", timeout_s=LIMIT_S)
def other(sample: Sample) -> Score:
    """1.0, always."""
    return Score(value=1.0)


@pytest.fixture
def threads() -> Threads:
    return Threads("aspect.threaded", places=2)


@pytest.fixture
def hang() -> Iterator[Callable[[Sample], Score]]:
    """Hangs where the text says so, until the test is over."""
    end = threading.Event()

    def call(sample: Sample) -> Score:
        if sample.text == "hang":
            end.wait()
        return Score(value=1.0)

    yield call
    end.set()


async def values(
    threads: Threads,
    call: Callable[[Sample], Score],
    texts: list[str],
    *,
    deadline_s: float = 60.0,
) -> list[float | Reason | None]:
    boundary = Boundary(spec=registry.get("aspect.threaded"), bounds=(0.0, 1.0), reports=Reports())
    samples = [Sample(completion=text) for text in texts]
    until_s = time.monotonic() + deadline_s
    answers = await threads.answers(boundary, call, samples, deadline_s=until_s)
    return [score.reason or score.value for score in boundary.scores(answers, len(texts))]


async def test_samples_that_take_longer_together_than_one_may_are_all_scored(
    threads: Threads,
) -> None:
    def slow(sample: Sample) -> Score:
        time.sleep(LIMIT_S / 3)
        return Score(value=1.0)

    assert await values(threads, slow, ["a"] * 6) == [1.0] * 6


Hang = Callable[[Sample], Score]


async def test_what_is_in_time_is_not_logged_as_late(
    threads: Threads, caplog: pytest.LogCaptureFixture
) -> None:
    assert await values(threads, lambda sample: Score(value=1.0), ["a", "b"]) == [1.0, 1.0]
    assert caplog.records == []


async def test_one_that_hangs_costs_only_itself(threads: Threads, hang: Hang) -> None:
    given = await values(threads, hang, ["a", "hang", "b", "c"])
    assert given == [1.0, Reason.DEADLINE, 1.0, 1.0]


async def test_what_hangs_takes_nobody_elses_place(threads: Threads, hang: Hang) -> None:
    await values(threads, hang, ["hang"] * 3)
    assert await values(threads, hang, ["a"]) == [1.0], "three hang, and there are two places"


async def test_a_place_waited_for_is_not_the_scorers_time(threads: Threads) -> None:
    def busy(sample: Sample) -> Score:
        time.sleep(LIMIT_S * 0.8)
        return Score(value=1.0)

    others = [values(threads, busy, ["a", "b"]) for _ in range(2)]
    *_, last = await asyncio.gather(*others, values(threads, busy, ["c"]))
    assert last == [1.0]


async def test_at_the_requests_end_what_is_done_counts(threads: Threads, hang: Hang) -> None:
    given = await values(threads, hang, ["a", "hang", "b"], deadline_s=LIMIT_S / 2)
    assert given == [1.0, Reason.DEADLINE, Reason.DEADLINE]


async def test_a_request_that_leaves_gives_its_place_back(threads: Threads, hang: Hang) -> None:
    for _ in range(2):
        leaving = asyncio.ensure_future(values(threads, hang, ["hang", "a"]))
        await asyncio.sleep(0.01)
        leaving.cancel()
    assert await values(threads, hang, ["b"]) == [1.0]


async def test_a_scorer_of_which_too_many_calls_hang_is_not_called_again(
    threads: Threads, hang: Hang, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_HUNG", 2)
    assert await values(threads, hang, ["hang", "hang", "a"]) == [Reason.DEADLINE] * 3


async def test_a_scorer_whose_calls_come_back_late_is_called_again(
    threads: Threads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_HUNG", 1)
    end = threading.Event()

    def late(sample: Sample) -> Score:
        end.wait()
        return Score(value=1.0)

    assert await values(threads, late, ["a"]) == [Reason.DEADLINE]
    await asyncio.sleep(0.01)
    assert await values(threads, late, ["a"]) == [Reason.DEADLINE], "one hangs, one may"
    end.set()
    await asyncio.sleep(0.05)
    assert await values(threads, late, ["a"]) == [1.0]


def test_what_hangs_does_not_keep_the_process_from_its_end() -> None:
    program = """
        import asyncio, time
        from harmo.app.boundary import Boundary, Reports
        from harmo.app.threads import Threads
        from harmo.scorers import registry
        from harmo.scorers.types import Sample, Score

        @registry.scorer("aspect.sleeps", timeout_s=0.01)
        def sleeps(sample: Sample) -> Score:
            time.sleep(3600.0)
            return Score(value=1.0)

        spec = registry.get("aspect.sleeps")
        boundary = Boundary(spec=spec, bounds=None, reports=Reports())
        threads = Threads("aspect.sleeps", places=1)
        work = threads.answers(boundary, sleeps, [Sample()], deadline_s=time.monotonic() + 60)
        print(asyncio.run(work)[0].reason)
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "deadline"


async def test_one_that_raises_costs_only_itself(threads: Threads) -> None:
    def raises(sample: Sample) -> Score:
        return Score(value=float(sample.text))

    assert await values(threads, raises, ["1", "x", "0.5"]) == [1.0, Reason.SCORER_ERROR, 0.5]


class Panic(BaseException):
    """What native code raises."""


@pytest.mark.parametrize("raised", [Panic, KeyboardInterrupt])
async def test_a_thread_that_dies_costs_its_sample_and_no_place(
    threads: Threads, raised: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threading, "excepthook", lambda _: None)

    def panics(sample: Sample) -> Score:
        if sample.text == "panic":
            raise raised
        return Score(value=1.0)

    given = await values(threads, panics, ["a", "panic", "panic", "panic", "b"])
    assert given == [1.0, *[Reason.SCORER_ERROR] * 3, 1.0]


async def test_where_no_thread_can_start_samples_wait(
    threads: Threads, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, failures = threading.Thread.start, iter(range(3))

    def start(thread: threading.Thread) -> None:
        if next(failures, None) is not None:
            raise RuntimeError("can't start new thread")
        real(thread)

    monkeypatch.setattr(module.threading.Thread, "start", start)
    given = await values(threads, lambda sample: Score(value=1.0), ["a", "b", "c"])
    assert given == [1.0] * 3


async def test_where_no_thread_can_start_in_time_samples_abstain(
    threads: Threads, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(module.threading.Thread, "start", start)
    call = lambda sample: Score(value=1.0)  # noqa: E731
    given = await values(threads, call, ["a", "b", "c"], deadline_s=0.3)
    assert given == [Reason.DEADLINE] * 3


async def test_a_long_group_lets_others_have_its_place_between_its_samples() -> None:
    threads, done = Threads("aspect.threaded", places=1), list[str]()

    def slow(sample: Sample) -> Score:
        time.sleep(LIMIT_S / 3)
        done.append(sample.text)
        return Score(value=1.0)

    long = asyncio.create_task(values(threads, slow, ["long"] * 12))
    await asyncio.sleep(0.01)
    assert await values(threads, slow, ["short"]) == [1.0]
    assert done.count("long") < 8
    assert await long == [1.0] * 12


async def test_calls_of_one_scorer_that_hang_do_not_stop_another(
    threads: Threads, hang: Hang, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Built-in scorers share their places."""
    monkeypatch.setattr(module, "MAX_HUNG", 1)
    assert await values(threads, hang, ["hang"]) == [Reason.DEADLINE]
    boundary = Boundary(spec=registry.get("aspect.other"), bounds=None, reports=Reports())
    until_s = time.monotonic() + 60.0
    (answer,) = await threads.answers(boundary, hang, [Sample()], deadline_s=until_s)
    assert answer == Score(value=1.0)
