"""Rates, levels and quantiles from two scrapes."""

from __future__ import annotations

import pytest

from harmo.app.cli.top.view import View, between, since_start
from tests.app.cli.top.exposed import histogram, scrape

X = 'harmo_x_total{{run="{}",outcome="{}"}} {}'


def view(before: str, after: str, seconds: float = 10.0) -> View:
    return View([between(scrape(100.0, before), scrape(100.0 + seconds, after))])


@pytest.mark.parametrize(
    ("before", "after", "per_s", "why"),
    [
        ("harmo_x_total 10", "harmo_x_total 30", 2.0, "what came meanwhile"),
        ("harmo_x_total 10", "harmo_x_total 10", 0.0, "nothing came"),
        ("harmo_x_total 10", "harmo_x_total 4", 0.4, "what fell began again at zero"),
        ("", "harmo_x_total 4", 0.4, "a series that was not there began at zero"),
        ("harmo_x_total 10", "", None, "a series that is gone says nothing"),
    ],
)
def test_a_rate_is_the_increase_per_second(
    before: str, after: str, per_s: float | None, why: str
) -> None:
    assert view(before, after).rate("harmo_x_total") == (
        per_s if per_s is None else pytest.approx(per_s)
    ), why


def test_of_a_new_process_everything_counts_from_zero() -> None:
    old = "harmo_http_requests_total 50\nharmo_x_total 3"
    new = "harmo_http_requests_total 20\nharmo_x_total 7"
    span = between(scrape(0.0, old), scrape(1.0, new))
    assert span.restarted
    assert View([span]).rate("harmo_x_total") == 7.0


def test_rates_are_summed_by_the_labels_that_are_asked_for() -> None:
    lines = [X.format("a", "ok", 10), X.format("a", "bad", 5), X.format("b", "ok", 1)]
    seen = view("", "\n".join(lines), seconds=1.0)
    assert seen.rates("harmo_x_total", "run") == {("a",): 15.0, ("b",): 1.0}
    assert seen.rates("harmo_x_total", "outcome", "run")["bad", "a"] == 5.0
    assert seen.rates("harmo_nowhere_total", "run") == {}


def test_replicas_add_up_each_over_its_own_span() -> None:
    text = "harmo_x_total 10\nharmo_level 3"
    spans = [
        between(scrape(0.0, ""), scrape(1.0, text)),
        between(scrape(0.0, ""), scrape(2.0, text)),
    ]
    both = View(spans)
    assert both.rate("harmo_x_total") == 15.0
    assert both.level("harmo_level") == 6.0
    assert both.highest("harmo_level") == 3.0


BUCKETS = {"0.1": 10, "0.2": 20, "1.0": 20, "+Inf": 40}


@pytest.mark.parametrize(
    ("q", "value", "why"),
    [
        (0.125, 0.05, "half of the first bucket"),
        (0.25, 0.1, "a bound"),
        (0.375, 0.15, "between two bounds"),
        (0.5, 0.2, "not the empty bucket after it"),
        (0.99, 1.0, "beyond the last bound it is that bound"),
    ],
)
def test_a_quantile_lies_in_its_bucket_as_for_prometheus(q: float, value: float, why: str) -> None:
    text = histogram("harmo_x", "", BUCKETS, 1.0)
    assert view("", text).quantiles("harmo_x", [q])[""] == [pytest.approx(value)], why


def test_a_quantile_is_over_the_interval_and_none_where_nothing_came() -> None:
    before = histogram("harmo_x", "", {"0.1": 100, "0.2": 100, "+Inf": 100}, 1.0)
    after = histogram("harmo_x", "", {"0.1": 100, "0.2": 110, "+Inf": 110}, 1.0)
    assert view(before, after).quantiles("harmo_x", [0.5])[""] == [pytest.approx(0.15)]
    assert view(after, after).quantiles("harmo_x", [0.5])[""] == [None]
    assert view(after, after).quantiles("harmo_nowhere", [0.5]) == {}


def test_since_the_start_all_that_was_counted_counts() -> None:
    assert View([since_start(scrape(50.0, "harmo_x_total 12"))]).rate("harmo_x_total") == 12.0
