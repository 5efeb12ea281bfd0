"""How fast work gets done."""

from __future__ import annotations

import pytest

from harmo.app.admission.outflow import Outflow
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


def test_an_outflow_tells_when_so_much_more_is_given_back() -> None:
    clock = Clock()
    outflow = Outflow(clock)
    assert outflow.seconds_for(5) == 1.0, "nothing is known yet"
    outflow.begin()
    for _ in range(50):
        clock.now_s += 0.5
        outflow.done(10)
    assert outflow.seconds_for(40) == pytest.approx(2.0, rel=0.1)
    clock.now_s += 100.0
    outflow.begin()
    for _ in range(150):
        clock.now_s += 0.5
        outflow.done(1)
    assert outflow.seconds_for(4) == pytest.approx(2.0, rel=0.1), "it goes by what happened lately"
