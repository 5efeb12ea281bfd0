"""What docs/kubernetes.md tells to write, apply and ask."""

from __future__ import annotations

import re
import shutil
import textwrap
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from tests.deploy.manifests import DEPLOY, K8S, ROOTS, built, container, data, needs_kubectl

PAGE = (DEPLOY.parent / "docs" / "kubernetes.md").read_text()
BLOCKS = {
    name: textwrap.dedent(text)
    for name, text in re.findall(
        r"```text\n *# (\S+\.yaml)\n(.*?)^ *```", PAGE, re.DOTALL | re.MULTILINE
    )
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A user's own, beside the checkout, as the page has it."""
    shutil.copytree(DEPLOY, tmp_path / "harmo" / "deploy")
    own = tmp_path / "own"
    own.mkdir()
    (own / "kustomization.yaml").write_text(BLOCKS["kustomization.yaml"])
    (own / "harmo.yaml").write_text("recipes: [/etc/harmo/mine.yaml]\n")
    (own / "mine.yaml").write_text("name: mine\n")
    return own


@needs_kubectl
def test_a_folder_of_ones_own_builds(folder: Path) -> None:
    config = data(folder, "harmo-config")
    assert config.keys() == {"harmo.yaml", "mine.yaml", "answers.yaml"}
    assert config["harmo.yaml"] == "recipes: [/etc/harmo/mine.yaml]\n"
    assert container(folder)["image"] == "registry.example/harmo:0.1.0"
    objects = [(o["kind"], o["metadata"]["name"].split("-")[0]) for o in built(folder)]
    assert objects == [(o["kind"], o["metadata"]["name"].split("-")[0]) for o in built(K8S)]


@needs_kubectl
def test_so_it_does_with_the_components_that_stand_as_comments(folder: Path) -> None:
    path = folder / "kustomization.yaml"
    text, lines = re.subn(r"^# (components:|  - )", r"\1", path.read_text(), flags=re.MULTILINE)
    assert lines == 3
    path.write_text(text)
    assert {"ScaledObject", "ServiceMonitor"} <= {each["kind"] for each in built(folder)}


def test_the_loader_is_let_into_the_namespace() -> None:
    loader = yaml.safe_load(BLOCKS["loader.yaml"])
    kubernetes_validate.validate(loader, "1.30", strict=True)
    spec = loader["spec"]
    assert spec["securityContext"]["runAsNonRoot"]
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    (only,) = spec["containers"]
    assert only["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
    }


@needs_kubectl
def test_the_query_and_the_numbers_are_those_of_the_manifests() -> None:
    (trigger,) = next(o for o in built(ROOTS["gpu"]) if o["kind"] == "ScaledObject")["spec"][
        "triggers"
    ]
    assert f"```promql\n{trigger['metadata']['query']}\n```" in PAGE
    for path in (K8S / "components/scaling/scale.yaml", K8S / "overlays/gpu/kustomization.yaml"):
        (threshold,) = re.findall(r'(?:threshold: |/threshold, value: )"(\d+)"', path.read_text())
        said = f"{int(threshold):,} (rules only", f"has {threshold}, a guess"
        assert any(each in " ".join(PAGE.split()) for each in said), threshold
    spec = next(
        o for o in built(K8S) if (o["kind"], o["metadata"]["name"]) == ("Deployment", "harmo")
    )["spec"]["template"]["spec"]
    assert f"terminationGracePeriodSeconds: {spec['terminationGracePeriodSeconds']}`" in PAGE


def test_what_is_applied_is_there() -> None:
    applied = set(re.findall(r"kubectl apply -k (deploy\S+?)[`\s]", PAGE))
    assert applied
    assert all((DEPLOY.parent / path / "kustomization.yaml").exists() for path in applied)
    listed = re.findall(r"^\| `((?:base|components|overlays)\S*)` \|", PAGE, re.MULTILINE)
    assert {K8S / each for each in listed} == {
        p.parent for p in K8S.glob("*/**/kustomization.yaml")
    }
