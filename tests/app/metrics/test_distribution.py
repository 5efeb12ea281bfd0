"""Histograms of values that may be negative, and the counters for their mean and spread."""

from __future__ import annotations

import math
import random
import statistics

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from harmo.app.metrics.distribution import Distribution


def test_a_distribution_is_an_ordinary_histogram() -> None:
    registered = CollectorRegistry()
    bulk = Distribution("x", "X", ["run"], bounds=(0.0, 0.5, 1.0), registry=registered)
    bulk.cell("a").add([-1.0, 0.0, 0.25, 0.5, 2.0])
    text = generate_latest(registered).decode()
    assert "# TYPE x histogram" in text
    for line in (
        'x_bucket{le="0.0",run="a"} 2.0',
        'x_bucket{le="0.5",run="a"} 4.0',
        'x_bucket{le="1.0",run="a"} 4.0',
        'x_bucket{le="+Inf",run="a"} 5.0',
        'x_count{run="a"} 5.0',
        'x_sum{run="a"} 1.75',
    ):
        assert line in text


def test_a_distribution_below_zero_has_count_and_sum_and_counters_that_never_fall() -> None:
    registered = CollectorRegistry()
    bulk = Distribution("x", "X", ["run"], bounds=(-1.0, 0.0, 1.0), registry=registered)
    below = []
    for values in ([0.1, 0.2, -0.3], [0.7, -0.1, 1e12, -1e-9], [-2.0], []):
        bulk.cell("a").add(values)
        below.append(value_of(registered, "x_below_zero_total"))
    assert below == sorted(below)
    assert value_of(registered, "x_below_zero_total") == pytest.approx(2.400000001)
    assert value_of(registered, "x_above_zero_total") == pytest.approx(1e12 + 1.0)
    assert value_of(registered, "x_count") == 8
    assert value_of(registered, "x_sum") == pytest.approx(1e12 - 1.4)


def value_of(registered: CollectorRegistry, sample: str) -> float:
    value = registered.get_sample_value(sample, {"run": "a"})
    assert value is not None, sample
    return value


def test_a_cell_that_is_removed_is_gone_and_starts_anew() -> None:
    registered = CollectorRegistry()
    bulk = Distribution("x", "X", ["run"], bounds=(0.0,), registry=registered)
    for run in ("a", "b", "b"):
        bulk.cell(run).add([1.0])
    bulk.remove("b")
    bulk.remove("never there")
    assert 'run="b"' not in generate_latest(registered).decode()
    bulk.cell("b").add([1.0])
    assert 'x_count{run="b"} 1.0' in generate_latest(registered).decode()


@pytest.mark.parametrize(
    ("groups", "why"),
    [
        ([[0.0, 1.0, 1.0, 0.0], [1.0, 1.0], [0.0, 0.0, 0.0]], "right or wrong, and groups alike"),
        ([[-0.5, 0.25, 1.5], [-2.0, -2.0]], "on both sides of zero"),
        ([[random.Random(k).gauss(0.3, 0.7) for k in range(64)]], "anything"),
        ([[5.0]], "one has no spread"),
    ],
)
def test_mean_and_spread_come_of_the_counters(groups: list[list[float]], why: str) -> None:
    registered = CollectorRegistry()
    bulk = Distribution("x", "X", ["run"], bounds=(-1.0, 0.0, 1.0), registry=registered)
    for group in groups:
        bulk.cell("a").add(group)
    above, below, squares, count = (
        value_of(registered, f"x_{what}")
        for what in ("above_zero_total", "below_zero_total", "squares_total", "count")
    )
    every = [value for group in groups for value in group]
    mean = (above - below) / count
    assert count == len(every)
    assert mean == pytest.approx(statistics.fmean(every)), why
    spread = math.sqrt(max(0.0, squares / count - mean**2))
    assert spread == pytest.approx(statistics.pstdev(every), abs=1e-7), why


@pytest.mark.parametrize("values", [[1e308, 1e308], [1e308, -1e308], [-1e200]])
def test_an_absurd_value_leaves_every_sum_finite(values: list[float]) -> None:
    registered = CollectorRegistry()
    bulk = Distribution("x", "X", ["run"], bounds=(0.0,), registry=registered)
    bulk.cell("a").add(values)
    for what in ("above_zero_total", "below_zero_total", "squares_total", "sum"):
        assert math.isfinite(value_of(registered, f"x_{what}")), what
    assert value_of(registered, "x_count") == len(values)
