"""Alert and recording rules, run by Prometheus itself."""

from __future__ import annotations

import random
import re
import shutil
import statistics
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from harmo.app.metrics import Metrics
from harmo.scorers.types import Group, Reward, Score
from tests.deploy.boards import BOARDS

ROOT = Path(__file__).parents[2]
DEPLOY, TESTS = ROOT / "deploy", sorted((Path(__file__).parent / "rules").glob("*.yml"))
PROMTOOL = shutil.which("promtool")
pytestmark = pytest.mark.skipif(PROMTOOL is None, reason="needs promtool (Debian: prometheus)")


def promtool(*arguments: str, given: str | None = None) -> None:
    ran = subprocess.run(
        [str(PROMTOOL), *arguments], input=given, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("tests", TESTS, ids=lambda path: path.stem)
def test_the_rules_fire_as_their_tests_say(tests: Path) -> None:
    promtool("test", "rules", str(tests))


def test_the_rules_and_the_scrape_configuration_are_valid() -> None:
    promtool("check", "rules", str(DEPLOY / "alerts.yml"), str(DEPLOY / "means.yml"))
    promtool("check", "config", str(DEPLOY / "prometheus.yml"))


def alerts() -> list[dict[str, Any]]:
    groups = yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def expectations() -> Iterator[tuple[str, str]]:
    """Every query of a rule test, and a sample it expects; "" where it expects none."""
    for path in TESTS:
        for test in yaml.safe_load(path.read_text())["tests"]:
            for expected in test["promql_expr_test"]:
                samples = [sample["labels"] for sample in expected["exp_samples"]]
                yield from ((expected["expr"], sample) for sample in samples or [""])


@pytest.mark.parametrize("alert", alerts(), ids=lambda rule: rule["alert"])
def test_an_alert_has_a_test_in_which_it_fires(alert: dict[str, Any]) -> None:
    name = f'alertname="{alert["alert"]}"'
    fired = [sample for _, sample in expectations() if name in sample]
    assert fired
    for sample in fired:
        labels = dict(re.findall(r'(\w+)="([^"]*)"', sample))
        assert labels["severity"] == alert["labels"]["severity"]
        assert labels_named(alert) <= labels.keys(), "the annotations name a label it has not"


def labels_named(alert: dict[str, Any]) -> set[str]:
    return set(re.findall(r"\$labels\.(\w+)", "".join(alert["annotations"].values())))


def test_an_alert_says_what_how_bad_and_where_to_read_on() -> None:
    for alert in alerts():
        assert alert["labels"]["severity"] in ("page", "ticket", "info")
        assert alert["annotations"].keys() == {"summary", "description", "runbook_url"}
        page, _, anchor = alert["annotations"]["runbook_url"].partition("#")
        assert (page, anchor) == ("docs/runbook.md", alert["alert"].lower())


def test_the_runbook_has_a_paragraph_for_every_alert_and_for_nothing_else() -> None:
    runbook = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
    headings = re.findall(r"^### (Harmo\w+)$", runbook, re.MULTILINE)
    assert headings == [alert["alert"] for alert in alerts()]


def test_the_runbook_and_the_tour_name_panels_that_exist() -> None:
    titles = {panel["title"] for board in BOARDS.values() for panel in board["panels"]}
    for page in ("runbook.md", "dashboards.md"):
        text = re.sub("```.*?```|`[^`]*`", "", (ROOT / "docs" / page).read_text(), flags=re.DOTALL)
        named = {" ".join(name.split()) for name in re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", text)}
        assert named
        assert named <= titles, page


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
def test_the_recorded_mean_and_spread_are_those_of_the_rewards(
    low: float, high: float, why: str, tmp_path: Path
) -> None:
    """What `/metrics` says minute by minute, read by Prometheus's own engine."""
    metrics, draw = Metrics("0"), random.Random(7)
    rewards = [draw.uniform(low, high) for _ in range(32)]
    series: dict[str, list[float]] = {}
    for _ in range(7):
        draw.shuffle(rewards)
        observe(metrics, rewards)
        for family in text_string_to_metric_families(metrics.expose().decode()):
            for sample in family.samples:
                if sample.name.startswith("harmo_reward_") and "le" not in sample.labels:
                    labels = ",".join(f'{k}="{v}"' for k, v in sample.labels.items())
                    series.setdefault(f"{sample.name}{{{labels}}}", []).append(sample.value)
    mean, spread = statistics.fmean(rewards), statistics.pstdev(rewards)
    close = (
        f"count(abs(harmo:reward:mean5m - ({mean!r})) < 1e-6)"
        f" + count(abs(harmo:reward:stddev5m - ({spread!r})) < 1e-6)"
    )
    promtool("test", "rules", str(rules_test(tmp_path, series, close)))


def rules_test(folder: Path, series: dict[str, list[float]], expression: str) -> Path:
    """A promtool test in which the expression is 2 at minute six."""
    inputs = [
        {"series": name, "values": " ".join(map(repr, values))} for name, values in series.items()
    ]
    expected = [
        {
            "expr": expression,
            "eval_time": "6m",
            "exp_samples": [{"labels": "{}", "value": 2}],
        }
    ]
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
