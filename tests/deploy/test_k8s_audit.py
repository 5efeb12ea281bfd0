"""`deploy/k8s/components/audit`: one replica, its store, and the console beside it."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest

from harmo.app.settings import Settings
from harmo.console.settings import PASSWORD_VARIABLE
from tests.deploy.manifests import DEPLOY, amount, built, needs_kubectl, of_kind

pytestmark = needs_kubectl
OWN = """
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: harmo
resources: [{k8s}/base]
components: [{k8s}/components/audit]
images: [{{name: harmo, newName: registry.example/harmo, newTag: 0.1.0}}]
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's folder that takes the component in."""
    folder = tmp_path_factory.mktemp("own")
    k8s = os.path.relpath(DEPLOY / "k8s", folder.resolve())
    (folder / "kustomization.yaml").write_text(OWN.format(k8s=k8s))
    return folder


def scorer(root: Path) -> Any:
    return of_kind(root, "Deployment")["harmo"]["spec"]


def containers(root: Path) -> dict[str, Any]:
    return {each["name"]: each for each in scorer(root)["template"]["spec"]["containers"]}


@pytest.mark.parametrize("version", ["1.30", "1.37"])
def test_no_field_is_unknown(root: Path, version: str) -> None:
    for each in built(root):
        kubernetes_validate.validate(each, version, strict=True)


def test_a_store_has_one_writer_at_a_time(root: Path) -> None:
    assert scorer(root)["replicas"] == 1
    assert scorer(root)["strategy"] == {"type": "Recreate"}
    claim = of_kind(root, "PersistentVolumeClaim")["harmo-audit"]["spec"]
    assert claim["accessModes"] == ["ReadWriteOnce"]
    held = Settings().audit_max_bytes
    assert amount(claim["resources"]["requests"]["storage"]) >= 1.5 * held, "and its log"


def test_both_containers_have_the_store_and_only_the_service_writes_it(root: Path) -> None:
    both = containers(root)
    assert both.keys() == {"harmo", "console"}
    assert len({each["image"] for each in both.values()}) == 1
    stores = {name: variable(each, "HARMO_AUDIT") for name, each in both.items()}
    assert stores["harmo"] == stores["console"]
    mounts = {
        name: next(m for m in each["volumeMounts"] if m["name"] == "audit")
        for name, each in both.items()
    }
    assert mounts["console"].get("readOnly") is True
    assert mounts["harmo"].get("readOnly") is None
    # A folder below the volume's root: the root of a new disk holds more than a store.
    for name, mount in mounts.items():
        assert Path(str(stores[name])).parent == Path(mount["mountPath"])


def variable(container: Any, name: str) -> object:
    return next(each.get("value") for each in container["env"] if each["name"] == name)


def test_the_console_is_as_hardened_as_the_service_and_bounded(root: Path) -> None:
    console, service = containers(root)["console"], containers(root)["harmo"]
    assert console["securityContext"] == service["securityContext"]
    assert "memory" in console["resources"]["limits"]
    scratch = {
        v["name"]: amount(v["emptyDir"]["sizeLimit"])
        for v in scorer(root)["template"]["spec"]["volumes"]
        if "emptyDir" in v
    }
    own = next(m["name"] for m in console["volumeMounts"] if m["mountPath"] == "/tmp")
    assert scratch[own] < amount(console["resources"]["limits"]["ephemeral-storage"])
    shared = {m["name"] for m in console["volumeMounts"]} & {
        m["name"] for m in service["volumeMounts"]
    }
    assert shared == {"audit"}


def test_nothing_of_the_console_can_make_the_pod_unready(root: Path) -> None:
    console = containers(root)["console"]
    assert not [name for name in console if name.endswith("Probe")]


def test_its_password_comes_from_a_secret_and_no_policy_lets_anybody_to_its_port(
    root: Path,
) -> None:
    console = containers(root)["console"]
    assert PASSWORD_VARIABLE not in {each["name"] for each in console["env"]}
    (port,) = console["ports"]
    for policy in of_kind(root, "NetworkPolicy").values():
        for rule in policy["spec"].get("ingress", []):
            assert port["containerPort"] not in [p["port"] for p in rule["ports"]]
    for service in of_kind(root, "Service").values():
        assert [p["targetPort"] for p in service["spec"]["ports"]] == ["http"]


def test_the_command_starts_the_console_again_until_it_ends_well(
    root: Path, tmp_path: Path
) -> None:
    """With a `harmo` that fails twice, as it does before there is a store."""
    console = containers(root)["console"]
    called = tmp_path / "called"
    harmo = tmp_path / "harmo"
    harmo.write_text(f'#!/bin/sh\necho "$@" >> {called}\ntest "$(wc -l < {called})" -ge 3\n')
    harmo.chmod(0o755)
    (tmp_path / "sleep").symlink_to("/bin/true")
    tini, dashes, *command = console["command"]
    assert (tini, dashes) == ("tini", "--")
    done = subprocess.run(
        [*command, *console["args"]],
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        timeout=30,
        check=False,
    )
    assert done.returncode == 0
    lines = called.read_text().splitlines()
    assert [shlex.split(line) for line in lines] == [["console", *console["args"]]] * 3
