"""What `deploy/ray/` says to KubeRay: by Ray's own schema, by Kubernetes', and by our options."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("kubernetes_validate", reason="kubernetes-validate is not installed")
pytest.importorskip("ray.serve", reason="Ray is not installed: pip install 'harmo[ray]'")

import kubernetes_validate
import ray
from ray.serve.schema import ServeDeploySchema

from harmo.app.ray_serve.application import app
from harmo.app.ray_serve.box import environment
from harmo.app.ray_serve.options import Options
from harmo.app.settings import Settings

FOLDER = Path(__file__).parents[2] / "deploy" / "ray"
SERVICE: dict[str, Any] = yaml.safe_load((FOLDER / "rayservice.yaml").read_text())
CLUSTER = SERVICE["spec"]["rayClusterConfig"]
GROUPS = [CLUSTER["headGroupSpec"], *CLUSTER["workerGroupSpecs"]]
SERVED = ServeDeploySchema.model_validate(yaml.safe_load(SERVICE["spec"]["serveConfigV2"]))
(APPLICATION,) = SERVED.applications
OPTIONS = Options.model_validate(APPLICATION.args)


def test_serve_is_given_an_application_that_can_be_imported_and_built() -> None:
    module, _, name = APPLICATION.import_path.partition(":")
    assert (module, name) == (app.__module__, app.__name__)
    assert app(dict(APPLICATION.args)) is not None
    Settings.from_file(None, **OPTIONS.settings)


@pytest.mark.parametrize("version", ["1.30", "1.37"])
@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.get("groupName", "head"))
def test_pods_have_no_field_that_kubernetes_does_not_know(
    group: dict[str, Any], version: str
) -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", **group["template"]}
    kubernetes_validate.validate(pod, version, strict=True)


def test_the_network_policy_holds_for_every_pod() -> None:
    policy = yaml.safe_load((FOLDER / "networkpolicy.yaml").read_text())
    kubernetes_validate.validate(policy, "1.37", strict=True)
    selected = policy["spec"]["podSelector"]["matchLabels"].items()
    assert all(selected <= group["template"]["metadata"]["labels"].items() for group in GROUPS)


def test_authentication_is_on_and_versions_are_those_that_are_installed() -> None:
    assert CLUSTER["authOptions"] == {"mode": "token"}
    assert CLUSTER["rayVersion"] == ray.__version__
    assert f"ray[serve]=={ray.__version__}" in (FOLDER / "Dockerfile").read_text()


def test_pieces_of_a_group_meet_as_on_one_machine() -> None:
    name = "RAY_SERVE_SESSION_ID_HEADER_KEY"
    wanted = {"name": name, "value": environment({})[name]}
    for group in GROUPS:
        (container,) = group["template"]["spec"]["containers"]
        assert wanted in container["env"]


def test_replicas_fit_on_the_pods_that_are_there_for_them() -> None:
    (model,) = OPTIONS.models.values()
    by_name = {group["groupName"]: group for group in CLUSTER["workerGroupSpecs"]}
    for share, group in ((OPTIONS.gateway, by_name["gateways"]), (model, by_name["models"])):
        (container,) = group["template"]["spec"]["containers"]
        limits = container["resources"]["limits"]
        assert share.num_cpus <= float(limits["cpu"])
        assert share.num_gpus <= float(limits.get("nvidia.com/gpu", 0))
        assert group["maxReplicas"] >= (share.max_replicas or share.replicas)


def test_a_pod_lives_on_until_what_is_in_flight_has_had_its_deadline() -> None:
    deadline_s = Settings.from_file(None, **OPTIONS.settings).deadline_ms / 1000
    for group in CLUSTER["workerGroupSpecs"]:
        assert group["template"]["spec"]["terminationGracePeriodSeconds"] > deadline_s


def test_whoever_gets_in_needs_a_key() -> None:
    assert SERVED.http_options.host == "0.0.0.0"
    keys = Path(str(OPTIONS.settings["api_keys_file"]))
    mounts = CLUSTER["workerGroupSpecs"][0]["template"]["spec"]["containers"][0]["volumeMounts"]
    assert str(keys.parent) in [each["mountPath"] for each in mounts]
