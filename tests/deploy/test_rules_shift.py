"""HarmoRewardShift against runs as they are: noisy, learning, pausing, new."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.deploy.test_rules import DEPLOY, PROMTOOL, promtool

pytestmark = pytest.mark.skipif(PROMTOOL is None, reason="needs promtool (Debian: prometheus)")

RUNS = 8
SPREAD = 0.45
"""Standard deviation of single rewards: nearly that of 0 and 1."""
Mean = Callable[[int, random.Random], float | None]
"""A run's five-minute mean at a minute; None while it sends nothing."""


def steady(minute: int, draw: random.Random) -> float | None:
    return 0.5 + draw.gauss(0, 0.04)


def learning(minute: int, draw: random.Random) -> float | None:
    return 0.1 + 0.7 * minute / 720 + draw.gauss(0, 0.03)


def quick(minute: int, draw: random.Random) -> float | None:
    return 0.8 - 0.6 * 0.5 ** (minute / 45) + draw.gauss(0, 0.03)


def bursts(minute: int, draw: random.Random) -> float | None:
    """A step every twenty minutes."""
    return None if minute % 20 > 6 else 0.5 + draw.gauss(0, 0.06)


def paused(minute: int, draw: random.Random) -> float | None:
    return None if 200 < minute < 500 else steady(minute, draw)


def constant(minute: int, draw: random.Random) -> float | None:
    """Moves at last, by less than matters."""
    return 0.5 if minute < 600 else 0.6


def ended(minute: int, draw: random.Random) -> float | None:
    return steady(minute, draw) if minute < 400 else None


def new(minute: int, draw: random.Random) -> float | None:
    """An hour old as it learns the format."""
    return None if minute < 500 else (0.1 if minute < 560 else 0.7) + draw.gauss(0, 0.03)


@pytest.mark.parametrize(
    "mean",
    [steady, learning, quick, bursts, paused, constant, ended, new],
    ids=lambda f: f.__name__,
)
def test_a_run_as_any_does_not_fire_in_twelve_hours(mean: Mean, tmp_path: Path) -> None:
    expected = [(f"{minute}m", 0) for minute in range(15, 720, 20)]
    promtool("test", "rules", str(written(tmp_path, mean, expected)))


@pytest.mark.parametrize(
    ("by", "why"),
    [(-0.35, "a rule broke, or the data changed"), (0.35, "something new pays")],
)
def test_a_mean_that_jumps_fires_within_a_quarter_of_an_hour(
    by: float, why: str, tmp_path: Path
) -> None:
    def jumps(minute: int, draw: random.Random) -> float | None:
        return 0.5 + by * (minute >= 600) + draw.gauss(0, 0.04)

    promtool("test", "rules", str(written(tmp_path, jumps, [("595m", 0), ("625m", RUNS)])))


def test_a_mean_that_jumps_between_steps_twenty_minutes_apart_fires(tmp_path: Path) -> None:
    def jumps(minute: int, draw: random.Random) -> float | None:
        mean = bursts(minute, draw)
        return mean if mean is None or minute < 600 else mean - 0.35

    promtool("test", "rules", str(written(tmp_path, jumps, [("595m", 0), ("612m", RUNS)])))


def written(folder: Path, mean: Mean, expected: list[tuple[str, int]]) -> Path:
    """A promtool test of runs that differ by chance: at each time, how many of them fire."""
    inputs = []
    for run in range(RUNS):
        draw = random.Random(run)
        means = [mean(minute, draw) for minute in range(720)]
        for name, values in (
            ("mean5m", ["stale" if value is None else f"{value:.4f}" for value in means]),
            ("stddev5m", ["stale" if value is None else str(SPREAD) for value in means]),
        ):
            labels = f'{{recipe="math",run="{run}",split="train"}}'
            inputs.append({"series": f"harmo:reward:{name}{labels}", "values": " ".join(values)})
    firing = 'count(ALERTS{alertname="HarmoRewardShift",alertstate="firing"})'
    times = [
        {
            "expr": firing,
            "eval_time": time,
            "exp_samples": [{"labels": "{}", "value": count}] if count else [],
        }
        for time, count in expected
    ]
    tests = [{"interval": "1m", "input_series": inputs, "promql_expr_test": times}]
    path = folder / "shift_test.yml"
    rules = [str(DEPLOY / "alerts.yml")]
    path.write_text(
        yaml.safe_dump({"rule_files": rules, "evaluation_interval": "1m", "tests": tests})
    )
    return path
