"""Alert and recording rules, run by Prometheus itself."""

from __future__ import annotations

import random
import shutil
import statistics
import subprocess
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from harmo.app.metrics import Metrics
from harmo.scorers.types import Group, Reward, Score

DEPLOY = Path(__file__).parents[2] / "deploy"
PROMTOOL = shutil.which("promtool")
pytestmark = pytest.mark.skipif(PROMTOOL is None, reason="needs promtool (Debian: prometheus)")


def promtool(*arguments: str, given: str | None = None) -> None:
    ran = subprocess.run(
        [str(PROMTOOL), *arguments], input=given, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_rules_fire_as_their_tests_say() -> None:
    promtool("test", "rules", str(DEPLOY / "rules_test.yml"))


def test_the_scrape_configuration_is_valid() -> None:
    promtool("check", "config", str(DEPLOY / "prometheus.yml"))


def test_every_metric_is_as_prometheus_wants_it() -> None:
    metrics = Metrics("0")
    observe(metrics, [-0.5, 1.25])
    promtool("check", "metrics", given=metrics.expose().decode())


@pytest.mark.parametrize(
    ("low", "high", "why"),
    [
        (-2.0, -0.5, "all below zero: the sum falls with every reward"),
        (-1.0, 1.0, "around zero"),
        (0.0, 1.5, "never below zero"),
    ],
)
def test_the_recorded_mean_is_the_mean_of_the_rewards(
    low: float, high: float, why: str, tmp_path: Path
) -> None:
    """What `/metrics` says minute by minute, read by Prometheus's own engine."""
    metrics, draw = Metrics("0"), random.Random(7)
    rewards = [draw.uniform(low, high) for _ in range(32)]
    mean = statistics.fmean(rewards)
    series: dict[str, list[float]] = {}
    for _ in range(7):
        draw.shuffle(rewards)
        observe(metrics, rewards)
        for family in text_string_to_metric_families(metrics.expose().decode()):
            for sample in family.samples:
                if sample.name.startswith("harmo_reward_") and "le" not in sample.labels:
                    labels = ",".join(f'{k}="{v}"' for k, v in sample.labels.items())
                    series.setdefault(f"{sample.name}{{{labels}}}", []).append(sample.value)
    close = f"count(abs(harmo:reward:mean5m - ({mean!r})) < 1e-6)"
    promtool("test", "rules", str(rules_test(tmp_path, series, close)))


def rules_test(folder: Path, series: dict[str, list[float]], expression: str) -> Path:
    """A promtool test in which the expression is 1 at minute six."""
    inputs = [
        {"series": name, "values": " ".join(map(repr, values))} for name, values in series.items()
    ]
    one = [{"labels": "{}", "value": 1}]
    expected = [{"expr": expression, "eval_time": "6m", "exp_samples": one}]
    tests = [{"interval": "1m", "input_series": inputs, "promql_expr_test": expected}]
    rules = {"rule_files": [str(DEPLOY / "means.yml")], "evaluation_interval": "1m", "tests": tests}
    path = folder / "mean_test.yml"
    path.write_text(yaml.safe_dump(rules))
    return path


def observe(metrics: Metrics, rewards: list[float]) -> None:
    group = Group(id="g", samples=(), size=len(rewards), run="exp")
    scores = [[Score(value=value)] for value in rewards]
    rows = [Reward(value=v, reason=None, scores=(), contributions=()) for v in rewards]
    metrics.observe("math", [("answer", "rule.math")], group, scores, rows)
