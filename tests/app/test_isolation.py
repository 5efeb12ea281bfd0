"""Workers are killed at their deadline, replaced, and never cost a sibling its score."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from harmo import Reason, Sample, Score
from harmo.app.isolation import Isolation
from harmo.app.workers.jobs import RaisedInWorkerError
from harmo.scorers.registry import bind, scorer

pytestmark = pytest.mark.asyncio(loop_scope="module")


def reference_fault(reference: object) -> Reason | None:
    if reference == "spin":
        while True:
            pass
    return Reason.UNREADABLE_REFERENCE if reference == "bad" else None


@scorer("rule.misbehaves", isolate=True, timeout_s=0.3, reference_fault=reference_fault)
def misbehaves(sample: Sample) -> Score:
    """1.0, or whatever the completion asks for."""
    match sample.text:
        case "spin":
            while True:
                pass
        case "die":
            os._exit(9)
        case "eat":
            return Score(value=float(len(bytearray(8 << 30))))
        case "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        case "sleep":
            time.sleep(60.0)
        case "raise":
            raise KeyError("x")
    return Score(value=1.0, detail={"pid": os.getpid()})


@scorer("rule.spins_unread", isolate=True, timeout_s=0.2)
def spins_unread(sample: Sample) -> Score:
    """Never comes back, and cannot tell whose fault that is."""
    while True:
        pass


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def isolation() -> AsyncIterator[Isolation]:
    pool = Isolation(workers=2, memory_bytes=2 << 30)
    await pool.warm_up()
    yield pool
    await pool.close()


def soon() -> float:
    return time.monotonic() + 30.0


@pytest.mark.parametrize(
    ("text", "reference", "value", "reason", "why"),
    [
        ("4", "4", 1.0, None, "an ordinary sample"),
        ("spin", "4", 0.0, None, "twice over the deadline against a readable reference: wrong"),
        ("die", "4", 0.0, None, "a completion that kills its worker twice: wrong"),
        ("eat", "4", 0.0, None, "a completion that eats the worker's memory twice: wrong"),
        ("killed", "4", None, Reason.WORKER_CRASHED, "killed from outside, twice: not its doing"),
        ("spin", "bad", None, Reason.UNREADABLE_REFERENCE, "the reference cannot be read"),
        ("spin", "spin", None, Reason.UNREADABLE_REFERENCE, "the reference runs into the deadline"),
    ],
)
async def test_whose_fault_it_is_decides_between_zero_and_abstention(
    isolation: Isolation, text: str, reference: str, value: float, reason: Reason | None, why: str
) -> None:
    sample = Sample(completion=text, reference=reference)
    score = await isolation.score(bind("rule.misbehaves", {}), sample, deadline_s=soon())
    assert (score.value, score.reason) == (value, reason), why


async def test_a_scorer_that_cannot_read_its_reference_apart_abstains(isolation: Isolation) -> None:
    score = await isolation.score(bind("rule.spins_unread", {}), Sample(), deadline_s=soon())
    assert score.reason is Reason.DEADLINE


async def test_a_wall_clock_that_runs_out_without_cpu_time_is_ours(isolation: Isolation) -> None:
    sample = Sample(completion="sleep", reference="4")
    score = await isolation.score(bind("rule.misbehaves", {}), sample, deadline_s=soon())
    assert score.reason is Reason.DEADLINE


async def test_killing_every_idle_worker_costs_nothing() -> None:
    pool = Isolation(workers=1, memory_bytes=2 << 30)
    bound = bind("rule.misbehaves", {})
    score = await pool.score(bound, Sample(completion="4"), deadline_s=soon())
    for _ in range(2):
        os.kill(int(str(score.detail["pid"])), signal.SIGKILL)
        await asyncio.sleep(1.0)
        score = await pool.score(bound, Sample(completion="4"), deadline_s=soon())
        assert score.value == 1.0
    await pool.close()


async def test_siblings_of_a_hung_sample_are_answered(isolation: Isolation) -> None:
    bound = bind("rule.misbehaves", {})
    texts = ["spin", "4", "4", "die", "4", "4"]
    scores = await asyncio.gather(
        *(isolation.score(bound, Sample(completion=t), deadline_s=soon()) for t in texts)
    )
    assert [s.value for s in scores] == [0.0, 1.0, 1.0, 0.0, 1.0, 1.0]


async def test_an_exception_reaches_the_engine(isolation: Isolation) -> None:
    sample = Sample(completion="raise")
    with pytest.raises(RaisedInWorkerError, match="x") as raised:
        await isolation.score(bind("rule.misbehaves", {}), sample, deadline_s=soon())
    assert type(raised.value).__name__ == "KeyError"
    assert "test_isolation.py" in raised.value.places


async def test_the_request_deadline_is_ours_and_abstains(isolation: Isolation) -> None:
    bound = bind("rule.misbehaves", {})
    late = await isolation.score(bound, Sample(completion="4"), deadline_s=time.monotonic() - 1)
    assert late.reason is Reason.DEADLINE
    sample = Sample(completion="spin")
    short = await isolation.score(bound, sample, deadline_s=time.monotonic() + 0.1)
    assert short.reason is Reason.DEADLINE


@scorer(
    "rule.burns",
    isolate=True,
    timeout_s=0.5,
    by_text=True,
    carries=(),
    reference_fault=reference_fault,
)
def burns(sample: Sample) -> Score:
    """1.0 after the CPU time that the text asks for; the detail says when that was."""
    until_s = time.process_time() + float(sample.text.split()[-1])
    while time.process_time() < until_s:
        pass
    return Score(value=1.0, detail={"at_s": time.monotonic()})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def keeping() -> AsyncIterator[Isolation]:
    """One worker, whose scores are remembered."""
    pool = Isolation(workers=1, memory_bytes=2 << 30, remembered_bytes=1 << 20)
    await pool.warm_up()
    yield pool
    await pool.close()


async def test_a_text_that_comes_again_costs_no_worker_anything(keeping: Isolation) -> None:
    sample, bound = Sample(completion="again 0.0"), bind("rule.burns", {})
    first, again = [await keeping.score(bound, sample, deadline_s=soon()) for _ in range(2)]
    assert first == again, "the same instant"


async def test_a_text_that_spends_all_its_time_is_killed_once(keeping: Isolation) -> None:
    killed: list[str] = []
    keeping.kills = killed.append
    sample, bound = Sample(completion="60.0", reference="4"), bind("rule.burns", {})
    scores = [await keeping.score(bound, sample, deadline_s=soon()) for _ in range(3)]
    assert ([score.value for score in scores], len(killed)) == ([0.0] * 3, 1)


async def test_what_the_line_kept_from_a_worker_found_no_room_and_gets_on_with_every_try(
    keeping: Isolation,
) -> None:
    bound = bind("rule.burns", {})
    samples = [Sample(completion=f"hard {n} 0.2") for n in range(12)]
    tries = []
    while not tries or any(score.value is None for score in tries[-1]):
        until_s = time.monotonic() + 1.0
        tries.append(
            await asyncio.gather(*(keeping.score(bound, s, deadline_s=until_s) for s in samples))
        )
        assert len(tries) < 12 * 4, [score.reason for score in tries[-1]]
    assert {score.reason for scores in tries for score in scores} <= {None, Reason.OVERLOADED}
    assert len(tries) > 1, "they did not all fit"


async def test_an_owner_whose_texts_are_hard_takes_no_more_time_than_another(
    keeping: Isolation,
) -> None:
    bound = bind("rule.burns", {})

    async def done_s(owner: str, cpu_s: float) -> list[float]:
        samples = [Sample(completion=f"of {owner}: {n} {cpu_s}") for n in range(10)]
        scored = [keeping.score(bound, s, deadline_s=soon(), owner=owner) for s in samples]
        return [float(str(score.detail["at_s"])) for score in await asyncio.gather(*scored)]

    hard, easy = await asyncio.gather(done_s("hard", 0.2), done_s("easy", 0.001))
    before = sum(each < max(easy) for each in hard)
    assert before <= 2, "ten easy texts do not wait for ten hard ones"
