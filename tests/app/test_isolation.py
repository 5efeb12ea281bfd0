"""Workers are killed at their deadline, replaced, and never cost a sibling its score."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from harmo import Reason, Sample, Score
from harmo.app import isolation as module
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


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a crowded machine 3 s of wall time may end before 0.3 s of CPU time are spent."""
    monkeypatch.setattr(module, "WALL_PER_CPU", 80.0)


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
@pytest.mark.usefixtures("unhurried")
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


@pytest.mark.usefixtures("unhurried")
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


async def asked(
    pool: Isolation, *texts: str, within_s: float = 30.0, **options: Any
) -> list[Score]:
    """What texts get of `rule.burns`, as siblings."""
    bound, until_s = bind("rule.burns", {}), time.monotonic() + within_s
    keys = pool.keys(bound)
    samples = [Sample(completion=text, reference="4") for text in texts]
    scored = (pool.score(bound, s, deadline_s=until_s, keys=keys, **options) for s in samples)
    return await asyncio.gather(*scored)


async def test_a_text_that_comes_again_costs_no_worker_anything(keeping: Isolation) -> None:
    [first], [again] = [await asked(keeping, "again 0.0") for _ in range(2)]
    assert first == again, "the same instant"
    bound, sample = bind("rule.burns", {}), Sample(completion="again 0.0", reference="4")
    assert await keeping.score(bound, sample, deadline_s=soon()) != first, "unless it is asked anew"


async def test_a_text_that_spends_all_its_time_is_killed_once(keeping: Isolation) -> None:
    kills = keeping.metrics._kills.labels("deadline")
    scores = [(await asked(keeping, "60.0"))[0] for _ in range(3)]
    assert ([score.value for score in scores], kills._value.get()) == ([0.0] * 3, 1)


async def test_what_no_worker_came_to_was_not_reached_and_gets_on_with_every_try(
    keeping: Isolation,
) -> None:
    texts = [f"hard {n} 0.2" for n in range(12)]
    tries = []
    while not tries or any(score.value is None for score in tries[-1]):
        tries.append(await asked(keeping, *texts, within_s=1.0))
        assert len(tries) < 12 * 4, [score.reason for score in tries[-1]]
    assert {score.reason for scores in tries for score in scores} <= {None, Reason.OVERLOADED}
    assert len(tries) > 1, "they did not all fit"


@pytest.mark.parametrize(("cpu_s", "value"), [(0.3, 1.0), (60.0, 0.0)])
async def test_what_takes_longer_than_the_deadline_is_finished_for_who_asks_again(
    keeping: Isolation, cpu_s: float, value: float
) -> None:
    text = f"longer {cpu_s}"
    [score] = await asked(keeping, text, within_s=0.1)
    assert score.reason is Reason.OVERLOADED
    tries = 0
    while score.value is None:
        assert (tries := tries + 1) < 300
        [score] = await asked(keeping, text, within_s=0.1)
    assert score.value == value


async def test_what_is_not_remembered_is_late_and_killed(keeping: Isolation) -> None:
    bound = bind("rule.misbehaves", {})
    started = keeping.started
    score = await keeping.score(
        bound,
        Sample(completion="sleep"),
        deadline_s=time.monotonic() + 0.1,
        keys=keeping.keys(bound),
    )
    assert score.reason is Reason.DEADLINE
    assert (await asked(keeping, "after 0.0"))[0].value == 1.0
    assert keeping.started > started


async def test_an_owner_whose_texts_are_hard_takes_no_more_time_than_another(
    keeping: Isolation,
) -> None:
    async def done_s(owner: str, cpu_s: float) -> list[float]:
        texts = [f"of {owner}: {n} {cpu_s}" for n in range(10)]
        scores = await asked(keeping, *texts, owner=owner)
        return [float(str(score.detail["at_s"])) for score in scores]

    hard, easy = await asyncio.gather(done_s("hard", 0.2), done_s("easy", 0.001))
    before = sum(each < max(easy) for each in hard)
    assert before <= 2, "ten easy texts do not wait for ten hard ones"
