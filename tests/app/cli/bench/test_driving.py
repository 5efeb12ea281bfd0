"""What is sent when, and what is counted of what comes back."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable

import httpx
import pytest

from harmo.app.cli.bench.bodies import Made
from harmo.app.cli.bench.driving import Driver
from harmo.app.cli.bench.http import Connections
from harmo.app.cli.bench.load import Load
from harmo.app.cli.bench.needs import Needs
from harmo.app.cli.bench.tally import quantile_s
from tests.app.cli.bench.loads import Answering, answering, load, reply, scored

MATH = Needs(tasks={"math": 1.0}, thinks=False)


def well(head: str, body: bytes) -> bytes:
    return reply(200, scored(body))


def driven(asked: Load, answer: Answering = well, *, delay_s: float = 0.0) -> Driver:
    """A bench of a server that answers so."""

    async def drive() -> Driver:
        async with answering(answer, delay_s=delay_s) as url:
            connections = Connections(url, {})
            driver = Driver(asked, Made(asked, MATH), connections, keys="bench-x")
            await driver.run()
            connections.close()
            return driver

    return asyncio.run(asyncio.wait_for(drive(), 60))


class Noted:
    """Answers by turns, and notes the keys."""

    def __init__(self, *answers: Callable[[bytes], bytes]) -> None:
        self._answers = answers
        self.keys: list[str] = []

    def __call__(self, head: str, body: bytes) -> bytes:
        lines = dict(line.split(": ", 1) for line in head.split("\r\n") if ": " in line)
        self.keys.append(lines["Idempotency-Key"])
        return self._answers[(len(self.keys) - 1) % len(self._answers)](body)


def shed(body: bytes) -> bytes:
    return reply(429, b"", "Retry-After: 0")


def ok(body: bytes) -> bytes:
    return reply(200, scored(body))


def test_so_many_requests_are_sent_as_were_asked_for() -> None:
    tally = driven(load(requests=20, duration_s=60)).tally
    assert (tally.requests, tally.groups, tally.completions) == (20, 40, 120)
    assert tally.statuses == {"200": 20}
    assert (tally.failed, tally.unscored.total(), tally.latencies.total()) == (0, 0, 20)
    assert tally.sent_bytes > tally.received_bytes > 0


def test_every_request_has_a_key_of_its_own() -> None:
    noted = Noted(ok)
    driven(load(requests=20, duration_s=60), noted)
    assert len(set(noted.keys)) == len(noted.keys) == 20


def test_a_closed_loop_has_as_many_under_way_as_was_said() -> None:
    asked = load(concurrency=3, duration_s=0.6)
    tally = driven(asked, delay_s=0.1).tally
    assert tally.requests <= 3 * 6
    assert tally.late.total() == 0


def test_the_warm_up_is_not_measured() -> None:
    noted = Noted(ok)
    tally = driven(load(warmup_s=0.3, duration_s=0.3), noted).tally
    assert 0 < tally.latencies.total() < len(noted.keys)
    assert tally.statuses["200"] == tally.latencies.total()


def test_what_is_shed_is_counted_and_not_asked_again_unless_told_to() -> None:
    noted = Noted(shed, ok)
    tally = driven(load(requests=10, duration_s=60, concurrency=1), noted).tally
    assert tally.statuses == {"429": 5, "200": 5}
    assert (tally.failed, tally.requests, tally.retries) == (5, 5, 0)
    assert len(set(noted.keys)) == 10


def test_what_is_shed_is_asked_again_under_its_key() -> None:
    noted = Noted(shed, shed, ok)
    tally = driven(load(requests=4, duration_s=60, concurrency=1, retry=True), noted).tally
    assert tally.statuses == {"429": 8, "200": 4}
    assert (tally.failed, tally.requests, tally.retries) == (0, 4, 8)
    assert set(Counter(noted.keys).values()) == {3}


def test_asking_again_ends_with_the_patience() -> None:
    asked = load(requests=2, duration_s=60, concurrency=1, retry=True, timeout_s=0.2)
    tally = driven(asked, Noted(shed)).tally
    assert (tally.requests, tally.failed) == (0, 2)


def test_completions_without_a_reward_are_counted_by_reason() -> None:
    tally = driven(
        load(requests=4, duration_s=60),
        Noted(lambda body: reply(200, scored(body, "deadline")), ok),
    ).tally
    assert tally.unscored == {"deadline": 12}
    assert tally.completions == 24


@pytest.mark.parametrize(
    ("answer", "counted", "why"),
    [
        (reply(500, b"no"), "500", "a bug of the service"),
        (reply(200, b"<html>"), "no rewards", "a proxy's page"),
        (reply(200, b'{"groups": []}'), "no rewards", "fewer than were asked for"),
        (reply(200, b'{"groups": 7}'), "no rewards", "another shape"),
        (b"garbage\r\n\r\n", "broken answer", "no HTTP"),
    ],
)
def test_what_gives_no_rewards_is_failed_and_has_no_latency(
    answer: bytes, counted: str, why: str
) -> None:
    tally = driven(load(requests=2, duration_s=60), lambda head, body: answer).tally
    assert tally.statuses[counted] == 2, why
    assert (tally.requests, tally.failed, tally.latencies.total()) == (0, 2, 0)


def test_a_service_that_does_not_answer_runs_into_the_time_limit() -> None:
    tally = driven(load(requests=2, duration_s=60, timeout_s=0.1), delay_s=1.0).tally
    assert tally.statuses == {"timeout": 2}
    assert tally.failed == 2


def test_in_an_open_loop_latency_counts_from_when_a_request_was_due() -> None:
    """One at a time of 0.1 s each, ten times as many due: they queue, and that is seen."""
    asked = load(rate=100.0, concurrency=1, duration_s=1.0)
    tally = driven(asked, delay_s=0.1).tally
    assert (quantile_s(tally.latencies, 0.99) or 0.0) > 0.4
    assert (quantile_s(tally.late, 0.99) or 0.0) > 0.3
    assert tally.unsent > 50
    assert tally.requests + tally.unsent > 60


def test_an_open_loop_sends_at_its_rate_while_answers_take_long() -> None:
    tally = driven(load(rate=40.0, concurrency=100, duration_s=1.0), delay_s=0.5).tally
    assert 20 <= tally.latencies.total() <= 60
    assert tally.unsent == 0


def test_stopping_waits_for_what_is_under_way() -> None:
    async def drive() -> Driver:
        async with answering(well, delay_s=0.2) as url:
            connections = Connections(url, {})
            asked = load(duration_s=60)
            driver = Driver(asked, Made(asked, MATH), connections, keys="bench-x")
            task = asyncio.create_task(driver.run())
            await asyncio.sleep(0.1)
            driver.stop()
            await task
            connections.close()
            return driver

    driver = asyncio.run(asyncio.wait_for(drive(), 20))
    assert driver.tally.requests == 2
    assert 0.1 < driver.measured_s < 5.0


def test_a_service_that_is_gone_is_not_asked_a_thousand_times_a_second() -> None:
    async def drive() -> Driver:
        asked = load(duration_s=0.5, concurrency=1)
        driver = Driver(
            asked, Made(asked, MATH), Connections(httpx.URL("http://127.0.0.1:1"), {}), keys="x"
        )
        await driver.run()
        return driver

    tally = asyncio.run(drive()).tally
    assert 0 < tally.failed <= 6
    assert json.dumps(tally.statuses).startswith('{"Connection')


def test_an_open_loop_that_lags_from_the_start_still_has_latencies() -> None:
    """What begins after the warm-up was due within it; its wait is what there is to see."""
    asked = load(rate=200.0, concurrency=2, warmup_s=0.5, duration_s=0.5)
    tally = driven(asked, delay_s=0.1).tally
    assert tally.latencies.total() > 0
    assert (quantile_s(tally.latencies, 0.5) or 0.0) > 0.3


def test_what_is_answered_after_the_end_has_a_latency_but_is_no_throughput() -> None:
    tally = driven(load(concurrency=1, duration_s=1.0), delay_s=0.6).tally
    assert tally.latencies.total() == 2
    assert tally.requests == 1


def test_what_is_due_and_never_begins_is_counted_without_going_through_it() -> None:
    asked = load(rate=1e9, concurrency=1, duration_s=0.3)
    assert driven(asked, delay_s=0.1).tally.unsent > 1e8
