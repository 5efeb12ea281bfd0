"""Counting in a bounded room."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from harmo.app.cli.bench.bodies import Body
from harmo.app.cli.bench.tally import MAX_PERIODS, Tally, bucket, quantile_s, upper_s

BODY = Body(content=b"{}", groups=2, completions=6, tokens=60)


@pytest.mark.parametrize("seconds", [0.0, 1e-6, 1e-5, 0.00042, 0.01, 0.5, 1.0, 149.0, 86_400.0])
def test_a_bucket_ends_two_percent_above_at_most(seconds: float) -> None:
    upper = upper_s(bucket(seconds))
    assert seconds <= upper * (1 + 1e-9)
    assert upper <= max(seconds * 1.0201, 1e-5)


@pytest.mark.parametrize("q", [0.5, 0.9, 0.95, 0.99])
def test_a_quantile_is_the_one_of_a_list_but_for_two_percent(q: float) -> None:
    rng = random.Random(0)
    drawn = sorted(rng.lognormvariate(-3, 1) for _ in range(5000))
    exact = drawn[int(q * len(drawn)) - 1]
    found = quantile_s(Counter(map(bucket, drawn)), q)
    assert found == pytest.approx(exact, rel=0.03)


def test_of_nothing_there_is_no_quantile() -> None:
    assert quantile_s(Counter(), 0.5) is None


def test_a_day_takes_no_more_room_than_two_minutes_and_loses_nothing() -> None:
    tally = Tally()
    for second in range(86_400):
        tally.answered(BODY, at_s=second + 0.5)
        tally.took(0.1 + second % 7, at_s=second + 0.5)
    periods = tally.periods
    assert len(periods.each) <= MAX_PERIODS
    assert periods.length_s == 1024.0
    assert sum(period.completions for period in periods.each) == 6 * 86_400
    assert tally.latencies.total() == 86_400
    assert {period.requests for period in periods.each[:-1]} == {1024}
