"""What the manifests of `deploy/k8s` say fits the service, and each other."""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import tomllib
import yaml

from harmo.app.health import CANARY_S
from harmo.app.settings import PREFIX, Settings
from harmo.rewards import lint
from harmo.rewards.plan import compile_recipe
from harmo.rewards.recipe import parse_recipe
from harmo.scorers import registry
from tests.deploy.manifests import (
    DEPLOY,
    ROOTS,
    amount,
    built,
    container,
    data,
    most_bytes,
    needs_kubectl,
    of_kind,
    pods,
)

pytestmark = [needs_kubectl, pytest.mark.parametrize("root", ROOTS.values(), ids=ROOTS)]
LAST_S = 10
"""After the drain: answers, models and workers let go."""


def settings(root: Path, folder: Path) -> Settings:
    path = folder / "harmo.yaml"
    path.write_text(data(root, "harmo-config")["harmo.yaml"])
    return Settings.from_file(path)


def pod_of(root: Path, name: str) -> Any:
    return of_kind(root, "Deployment")[name]["spec"]["template"]["spec"]


def test_settings_and_variables_are_the_services(root: Path, tmp_path: Path) -> None:
    known = Settings.model_fields
    variables = {each["name"] for each in container(root)["env"]}
    ours = {name for name in variables if name.startswith(PREFIX)}
    assert {name.removeprefix(PREFIX).lower() for name in ours} <= known.keys()
    written = yaml.safe_load(data(root, "harmo-config")["harmo.yaml"])
    assert not {f"{PREFIX}{name}".upper() for name in written} & variables
    mounted = {each["name"]: each["mountPath"] for each in container(root)["volumeMounts"]}
    assert container(root)["args"] == ["serve", "--config", f"{mounted['config']}/harmo.yaml"]
    for recipe in settings(root, tmp_path).recipes:
        if recipe.startswith("/"):
            folder, _, name = recipe.rpartition("/")
            assert folder == mounted["config"]
            assert name in data(root, "harmo-config")
    keys = next(e["value"] for e in container(root)["env"] if e["name"].endswith("API_KEYS_FILE"))
    assert keys == f"{mounted['keys']}/keys"


def test_every_recipe_passes_the_check(root: Path) -> None:
    registry.load()
    recipes = {
        name: text for name, text in data(root, "harmo-config").items() if name != "harmo.yaml"
    }
    assert recipes
    for name, text in recipes.items():
        findings = lint.check(compile_recipe(parse_recipe(text, source=name)))
        assert [found.message for found in findings] == []


def test_no_service_sets_a_setting_of_ours_by_its_name(root: Path) -> None:
    """Kubernetes would put HARMO_PORT=tcp://10.0.0.1:8000 into every pod beside a Service harmo."""
    assert "harmo" in of_kind(root, "Service")
    assert all(pod["spec"]["enableServiceLinks"] is False for _, pod in pods(root))


def test_a_pod_has_time_for_its_end(root: Path, tmp_path: Path) -> None:
    known = settings(root, tmp_path)
    longest = known.drain_wait_s + known.drain_timeout_s + LAST_S
    pod = pod_of(root, "harmo")
    assert longest <= pod["terminationGracePeriodSeconds"] <= longest + 30
    assert "lifecycle" not in container(root), "drain_wait_s is the wait"
    # Unready for as long as it takes until nobody is sent: names are asked for every 5 s.
    probe = container(root)["readinessProbe"]
    assert known.drain_wait_s >= probe["periodSeconds"] + 2 * 5
    router = pod_of(root, "harmo-router")
    wait = container(root, "harmo-router")["lifecycle"]["preStop"]["sleep"]["seconds"]
    reads = [
        float(line.split()[1].removesuffix("s;"))
        for line in data(root, "harmo-router")["nginx.conf"].splitlines()
        if "proxy_read_timeout" in line
    ]
    assert router["terminationGracePeriodSeconds"] >= max(reads) + wait + LAST_S


def test_probes_leave_to_the_service_what_it_sees_itself(root: Path, tmp_path: Path) -> None:
    known = settings(root, tmp_path)
    startup, ready, alive = (
        container(root)[f"{name}Probe"] for name in ("startup", "readiness", "liveness")
    )
    assert [p["httpGet"]["path"] for p in (startup, ready, alive)] == ["/readyz"] * 2 + ["/livez"]
    assert {p["httpGet"]["port"] for p in (startup, ready, alive)} == {"http"}
    for probe in (startup, ready, alive):
        assert probe["timeoutSeconds"] >= 5, "an event loop that is busy answers late"
        assert probe["timeoutSeconds"] <= probe["periodSeconds"]
    # Silent for over a minute; long before the service would end itself for a fault that it sees.
    silent_s = alive["periodSeconds"] * alive["failureThreshold"]
    assert 60 <= silent_s < known.fatal_after_s
    assert alive["terminationGracePeriodSeconds"] < 30, "it does not hear SIGTERM"
    # Out of the names sooner than the next canary could say anything new.
    assert ready["periodSeconds"] * ready["failureThreshold"] <= known.canary_s
    starts_s = startup["periodSeconds"] * startup["failureThreshold"]
    assert starts_s >= (1800 if root == ROOTS["gpu"] else 300)
    assert starts_s > 2 * CANARY_S
    deployment = of_kind(root, "Deployment")["harmo"]["spec"]
    assert deployment["progressDeadlineSeconds"] >= starts_s + 300


def test_memory_holds_all_that_the_settings_allow_at_once(root: Path, tmp_path: Path) -> None:
    known, resources = settings(root, tmp_path), container(root)["resources"]
    assert amount(resources["limits"]["memory"]) >= most_bytes(known)
    assert "cpu" not in resources["limits"], "throttling stalls the event loop"
    assert amount(resources["requests"]["cpu"]) >= 1 + known.workers
    threads = next(e for e in container(root)["env"] if e["name"] == "OMP_NUM_THREADS")
    assert threads["valueFrom"] == {"resourceFieldRef": {"resource": "requests.cpu"}}


def test_a_gpu_is_asked_for_where_one_is_used(root: Path) -> None:
    resources = container(root)["resources"]
    variables = {each["name"]: each.get("value") for each in container(root)["env"]}
    assert resources["limits"].get("nvidia.com/gpu") == (1 if root == ROOTS["gpu"] else None)
    assert variables.get("HARMO_DEVICE") == ("cuda" if root == ROOTS["gpu"] else None)
    strategy = of_kind(root, "Deployment")["harmo"]["spec"]["strategy"]["rollingUpdate"]
    surge = {"maxUnavailable": 0, "maxSurge": 1}
    in_place = {"maxUnavailable": 1, "maxSurge": 0}
    assert strategy == (in_place if root == ROOTS["gpu"] else surge)


def test_models_are_read_and_never_written(root: Path) -> None:
    volumes = {each["name"]: each for each in pod_of(root, "harmo")["volumes"]}
    mounts = {each["name"]: each for each in container(root)["volumeMounts"]}
    assert volumes.keys() == mounts.keys()
    for name, volume in volumes.items():
        assert ("emptyDir" in volume) != mounts[name].get("readOnly", False), name
    if root == ROOTS["gpu"]:
        claim = volumes["models"]["persistentVolumeClaim"]
        assert claim["readOnly"]
        assert claim["claimName"] in of_kind(root, "PersistentVolumeClaim")
        models = next(e["value"] for e in container(root)["env"] if e["name"] == "HARMO_MODELS")
        assert models.partition("=")[2].startswith(mounts["models"]["mountPath"])


def test_pods_are_as_the_restricted_standard_wants_them(root: Path) -> None:
    labels = of_kind(root, "Namespace")["harmo"]["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    for name, pod in pods(root):
        spec = pod["spec"]
        assert spec["securityContext"]["runAsNonRoot"] is True, name
        assert spec["securityContext"]["runAsUser"] > 0, name
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert not {"hostNetwork", "hostPID", "hostIPC"} & spec.keys(), name
        assert not any("hostPath" in volume for volume in spec["volumes"]), name
        assert spec["automountServiceAccountToken"] is False, name
        assert spec["serviceAccountName"] in of_kind(root, "ServiceAccount"), name
        assert container(root, name)["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }, name
    (account,) = of_kind(root, "ServiceAccount").values()
    assert account["automountServiceAccountToken"] is False
    dockerfile = (DEPLOY.parent / "Dockerfile").read_text()
    assert f"USER {pod_of(root, 'harmo')['securityContext']['runAsUser']}" in dockerfile


def test_what_is_written_has_a_bound(root: Path) -> None:
    for name, pod in pods(root):
        resources = container(root, name)["resources"]
        scratch = [v["emptyDir"] for v in pod["spec"]["volumes"] if "emptyDir" in v]
        held = sum(amount(each["sizeLimit"]) for each in scratch)
        assert scratch, name
        assert held < amount(resources["limits"]["ephemeral-storage"]), name
        for kind in ("memory", "ephemeral-storage"):
            assert amount(resources["requests"][kind]) <= amount(resources["limits"][kind]), name


def labels_of(root: Path) -> dict[str, dict[str, str]]:
    return {name: pod["metadata"]["labels"] for name, pod in pods(root)}


def chosen(root: Path, selector: dict[str, str]) -> set[str]:
    """Deployments whose pods have these labels."""
    return {name for name, labels in labels_of(root).items() if selector.items() <= labels.items()}


def test_selectors_choose_the_pods_that_they_are_meant_for(root: Path) -> None:
    for name, deployment in of_kind(root, "Deployment").items():
        assert chosen(root, deployment["spec"]["selector"]["matchLabels"]) == {name}
        (spread,) = deployment["spec"]["template"]["spec"]["topologySpreadConstraints"]
        assert chosen(root, spread["labelSelector"]["matchLabels"]) == {name}
        assert spread["topologyKey"] == "kubernetes.io/hostname"
    services = {n: chosen(root, s["spec"]["selector"]) for n, s in of_kind(root, "Service").items()}
    assert services == {"harmo": {"harmo-router"}, "harmo-replicas": {"harmo"}}
    assert of_kind(root, "Service")["harmo-replicas"]["spec"]["clusterIP"] == "None"
    budgets = of_kind(root, "PodDisruptionBudget")
    assert {n: chosen(root, b["spec"]["selector"]["matchLabels"]) for n, b in budgets.items()} == {
        "harmo": {"harmo"},
        "harmo-router": {"harmo-router"},
    }
    assert {b["spec"]["maxUnavailable"] for b in budgets.values()} == {1}


def ports(root: Path) -> dict[str, int]:
    """The one port of each Deployment's pods."""
    found = {}
    for name in labels_of(root):
        (port,) = container(root, name)["ports"]
        assert port["name"] == "http"
        found[name] = port["containerPort"]
    return found


def test_ports_are_the_same_wherever_they_are_named(root: Path, tmp_path: Path) -> None:
    known = ports(root)
    assert known["harmo"] == settings(root, tmp_path).port
    conf = data(root, "harmo-router")["nginx.conf"]
    assert f"listen {known['harmo-router']};" in conf
    for name, service in of_kind(root, "Service").items():
        (port,) = service["spec"]["ports"]
        assert (port["name"], port["targetPort"]) == ("http", "http"), name
    replicas = f"server harmo-replicas.harmo.svc.cluster.local service={port['name']} resolve"
    assert conf.count(replicas) == 2
    assert {o["metadata"].get("namespace", "harmo") for o in built(root)} == {"harmo"}


def test_the_network_lets_in_the_router_trainers_and_prometheus_and_nobody_out(root: Path) -> None:
    policies = {name: each["spec"] for name, each in of_kind(root, "NetworkPolicy").items()}
    both = ["Ingress", "Egress"]
    assert policies["default-deny"] == {"podSelector": {}, "policyTypes": both}
    router, scorer = policies["router"], policies["scorer"]
    assert chosen(root, router["podSelector"]["matchLabels"]) == {"harmo-router"}
    assert chosen(root, scorer["podSelector"]["matchLabels"]) == {"harmo"}
    assert "egress" not in scorer
    known = ports(root)
    (trainers,) = router["ingress"]
    assert trainers["from"] == [{"namespaceSelector": {"matchLabels": {"harmo-client": "true"}}}]
    assert [p["port"] for p in trainers["ports"]] == [known["harmo-router"]]
    (inside,) = scorer["ingress"]
    assert [p["port"] for p in inside["ports"]] == [known["harmo"]]
    from_router, from_prometheus = inside["from"]
    assert chosen(root, from_router["podSelector"]["matchLabels"]) == {"harmo-router"}
    assert from_prometheus.keys() == {"namespaceSelector", "podSelector"}
    to_replicas, to_dns = router["egress"]
    (replicas,) = to_replicas["to"]
    assert chosen(root, replicas["podSelector"]["matchLabels"]) == {"harmo"}
    assert [p["port"] for p in to_replicas["ports"]] == [known["harmo"]]
    assert {(p["protocol"], p["port"]) for p in to_dns["ports"]} == {("UDP", 53), ("TCP", 53)}


def test_a_change_of_the_configuration_rolls_the_pods(root: Path) -> None:
    configured = {
        volume["configMap"]["name"]
        for _, pod in pods(root)
        for volume in pod["spec"]["volumes"]
        if "configMap" in volume
    }
    assert all(fnmatch(name, "harmo-*-" + "[0-9a-z]" * 10) for name in configured)
    assert configured <= of_kind(root, "ConfigMap").keys()
    assert len(configured) == 2


def test_the_image_is_of_this_version(root: Path) -> None:
    project = tomllib.loads((DEPLOY.parent / "pyproject.toml").read_text())["project"]
    tag = container(root)["image"].rpartition(":")[2]
    assert tag == project["version"] + ("-cuda" if root == ROOTS["gpu"] else "")
