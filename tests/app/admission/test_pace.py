"""How fast work gets done."""

from __future__ import annotations

import pytest

from harmo.app.admission.pace import KNOWN_FOR_S, Drain, Pace
from harmo.app.errors import ErrorType, ServiceError
from harmo.app.shed import (
    JITTER,
    MAX_WAIT_S,
    ShedError,
    ShedReason,
    reason_of,
    retry_after,
)
from tests.app.clock import Clock


@pytest.mark.parametrize(
    ("wait_s", "chance", "seconds"),
    [(0.0, 0.0, 1), (0.2, 0.9, 1), (10.0, 0.0, 10), (10.0, 1.0, 10 * (1 + JITTER) // 1 + 1),
     (1e9, 0.5, MAX_WAIT_S), (-3.0, 0.5, 1)],
)  # fmt: skip
def test_retry_after_is_whole_seconds_between_one_and_sixty(
    wait_s: float, chance: float, seconds: int
) -> None:
    assert retry_after(wait_s, lambda: chance) == seconds


def test_those_turned_away_at_once_do_not_come_back_at_once() -> None:
    assert len({retry_after(40.0) for _ in range(200)}) > 3


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ShedError(ShedReason.BYTES, "", wait_s=1), ShedReason.BYTES),
        (ServiceError(ErrorType.NOT_READY, ""), ShedReason.NOT_READY),
        (ServiceError(ErrorType.OVERLOADED, ""), ShedReason.OVERLOADED),
        (ServiceError(ErrorType.TOO_LARGE, ""), None),
    ],
)
def test_every_refusal_to_come_back_later_has_a_reason(
    error: ServiceError, reason: ShedReason | None
) -> None:
    assert reason_of(error) is reason


def test_a_drain_tells_when_so_much_more_is_given_back() -> None:
    clock = Clock()
    drain = Drain(clock)
    assert drain.seconds_for(5) == 1.0, "nothing is known yet"
    drain.begin()
    for _ in range(50):
        clock.now_s += 0.5
        drain.done(10)
    assert drain.seconds_for(40) == pytest.approx(2.0, rel=0.1)
    clock.now_s += 100.0
    drain.begin()
    for _ in range(150):
        clock.now_s += 0.5
        drain.done(1)
    assert drain.seconds_for(4) == pytest.approx(2.0, rel=0.1), "it goes by what happened lately"


def paced(clock: Clock, pace: Pace, rate: int, seconds: int, *, saturated: bool) -> None:
    for _ in range(seconds):
        pace.begin(rate)
        clock.now_s += 1.0
        pace.done(rate, lambda: saturated)


def test_only_a_recipe_at_its_limit_has_a_known_pace() -> None:
    clock = Clock()
    pace = Pace(clock)
    paced(clock, pace, 1, 5, saturated=False)
    assert pace.seconds_for(1000) == 0.0, "nobody asked for more than one a second"
    paced(clock, pace, 2, 5, saturated=True)
    assert pace.seconds_for(100) == pytest.approx(50.0)


def test_a_pace_that_was_too_low_is_corrected_by_what_gets_done() -> None:
    clock = Clock()
    pace = Pace(clock)
    paced(clock, pace, 1, 5, saturated=True)
    paced(clock, pace, 500, 1, saturated=False)
    assert pace.seconds_for(1000) == pytest.approx(2.0)


def test_a_pace_is_forgotten_where_nothing_confirms_it() -> None:
    clock = Clock()
    pace = Pace(clock)
    paced(clock, pace, 1, 5, saturated=True)
    clock.now_s += KNOWN_FOR_S
    assert pace.seconds_for(1000) == 0.0


def test_idle_time_does_not_slow_a_pace_and_what_is_given_up_is_not_done() -> None:
    clock = Clock()
    pace = Pace(clock)
    for _ in range(10):
        pace.begin(20)
        clock.now_s += 0.5
        pace.done(10, lambda: True)
        pace.give_up(10)
        clock.now_s += 2.0
    assert pace.seconds_for(20) == pytest.approx(1.0)
    assert pace.in_flight == 0
