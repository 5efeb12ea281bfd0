"""What scales the replicas: KEDA's query, read by Prometheus's own engine."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from harmo.app.settings import Settings
from tests.deploy.manifests import K8S, ROOTS, needs_kubectl, of_kind

PROMTOOL = shutil.which("promtool")
pytestmark = needs_kubectl
needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="needs promtool (Debian: prometheus)")
GPU = ROOTS["gpu"]


@pytest.fixture
def scaled() -> Any:
    return of_kind(GPU, "ScaledObject")["harmo"]["spec"]


@pytest.fixture
def trigger(scaled: Any) -> Any:
    (only,) = scaled["triggers"]
    return only


def series(pod: str, values: str, namespace: str = "harmo") -> dict[str, str]:
    name = f'harmo_completions_in_flight{{namespace="{namespace}",pod="{pod}"}}'
    return {"series": name, "values": values}


@needs_promtool
@pytest.mark.parametrize(
    ("inputs", "expected", "why"),
    [
        ([series("a", "0x40"), series("b", "0x40")], 0, "nothing to do"),
        ([series("a", "100x40"), series("b", "300x40")], 400, "the sum of all"),
        ([series("a", "0x27 900 0x12")], 900, "a wave between two rollouts is remembered"),
        ([series("a", "900 0x39")], 0, "for five minutes"),
        ([series("a", "500x29 stale"), series("b", "_x30 500x10")], 500, "a pod that went is gone"),
        ([series("a", "7x40"), series("b", "9x40", "other")], 7, "another namespace is not ours"),
        ([], None, "nothing that answers is no zero"),
    ],
)
def test_the_query_is_the_most_that_was_in_flight_at_once(
    inputs: list[dict[str, str]], expected: int | None, why: str, trigger: Any, tmp_path: Path
) -> None:
    samples = [] if expected is None else [{"labels": "{}", "value": expected}]
    query = trigger["metadata"]["query"]
    asked = {"expr": query, "eval_time": "10m", "exp_samples": samples}
    tests = [{"interval": "15s", "input_series": inputs, "promql_expr_test": [asked]}]
    path = tmp_path / "scale_test.yml"
    path.write_text(yaml.safe_dump({"rule_files": [], "tests": tests}))
    ran = subprocess.run(
        [str(PROMTOOL), "test", "rules", str(path)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, f"{why}\n{ran.stdout}{ran.stderr}"


def test_what_cannot_be_asked_is_no_reason_to_scale_down(scaled: Any, trigger: Any) -> None:
    assert trigger["metadata"]["ignoreNullValues"] == "false"
    assert scaled["fallback"]["behavior"] == "currentReplicasIfHigher"
    assert scaled["fallback"]["replicas"] >= scaled["minReplicaCount"]
    # KEDA's fallback and a query over all replicas both need it.
    assert trigger["metricType"] == "AverageValue"


def test_replicas_go_one_at_a_time_and_slower_than_they_drain(scaled: Any) -> None:
    pod = of_kind(GPU, "Deployment")["harmo"]["spec"]["template"]["spec"]
    behaviour = scaled["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]
    down, up = behaviour["scaleDown"], behaviour["scaleUp"]
    (policy,) = down["policies"]
    assert (policy["type"], policy["value"]) == ("Pods", 1)
    assert policy["periodSeconds"] > pod["terminationGracePeriodSeconds"]
    # Longer than the query remembers, or a wave would be paid for anew each time.
    assert down["stabilizationWindowSeconds"] > 300 + policy["periodSeconds"]
    assert up["stabilizationWindowSeconds"] == 0


@pytest.mark.parametrize("threshold", ["base", "gpu"])
def test_replicas_that_are_full_ask_for_twice_as_many(threshold: str, scaled: Any) -> None:
    """At its limit a replica refuses the rest, and what is refused is not in flight."""
    shipped = yaml.safe_load((K8S / "components/scaling/scale.yaml").read_text())["spec"]
    (trigger,) = (shipped if threshold == "base" else scaled)["triggers"]
    assert Settings().max_in_flight_completions >= 2 * int(trigger["metadata"]["threshold"])
    assert scaled["maxReplicaCount"] > scaled["minReplicaCount"] >= 2


def test_an_apply_does_not_set_back_what_keda_set() -> None:
    deployments = {name: of_kind(root, "Deployment")["harmo"] for name, root in ROOTS.items()}
    assert deployments["base"]["spec"]["replicas"] == 2
    assert "replicas" not in deployments["gpu"]["spec"]
    target = of_kind(GPU, "ScaledObject")["harmo"]["spec"]["scaleTargetRef"]
    assert target == {"name": "harmo"}


def test_prometheus_scrapes_the_replicas_and_not_the_router() -> None:
    monitor = of_kind(GPU, "ServiceMonitor")["harmo"]["spec"]
    wanted = monitor["selector"]["matchLabels"]
    scraped = {
        name: each
        for name, each in of_kind(GPU, "Service").items()
        if wanted.items() <= each["metadata"]["labels"].items()
    }
    assert scraped.keys() == {"harmo-replicas"}
    (service,) = scraped.values()
    # Rules and dashboards ask for job="harmo".
    assert service["metadata"]["labels"][monitor["jobLabel"]] == "harmo"
    (endpoint,) = monitor["endpoints"]
    assert endpoint["port"] in {port["name"] for port in service["spec"]["ports"]}
    assert endpoint["path"] == "/metrics"
