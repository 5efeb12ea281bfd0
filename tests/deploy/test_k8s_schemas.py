"""What kustomize builds of `deploy/k8s` is what Kubernetes and its operators take."""

from __future__ import annotations

import json
import re
import runpy
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml

from tests.deploy.manifests import DEPLOY, K8S, ROOTS, built, needs_kubectl

SCHEMAS = Path(__file__).parent / "schemas"
OLDEST, NEWEST = "1.30", "1.37"
LARGEST_APPLY = 262_144
"""Bytes of an annotation, in which a client-side apply keeps the whole object."""


@needs_kubectl
@pytest.mark.parametrize("version", [OLDEST, NEWEST])
@pytest.mark.parametrize("root", ROOTS.values(), ids=ROOTS)
def test_core_kinds_have_no_field_that_this_version_does_not_know(root: Path, version: str) -> None:
    core = [o for o in built(root) if not (SCHEMAS / f"{o['kind']}.json").exists()]
    assert len(core) > 10
    for each in core:
        kubernetes_validate.validate(each, version, strict=True)


@needs_kubectl
def test_operators_kinds_fit_their_definitions() -> None:
    found = {}
    for each in built(ROOTS["gpu"]):
        schema = SCHEMAS / f"{each['kind']}.json"
        if schema.exists():
            jsonschema.validate(each, json.loads(schema.read_text()))
            found[each["kind"]] = each["apiVersion"]
    assert found.keys() == {path.stem for path in SCHEMAS.glob("*.json")}


@pytest.mark.parametrize("name", sorted(path.name for path in SCHEMAS.glob("*.json")))
def test_a_schema_says_where_it_is_from_and_refuses_what_it_does_not_know(name: str) -> None:
    schema = json.loads((SCHEMAS / name).read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    assert "Apache-2.0" in schema["$comment"]
    (sample,) = [o for o in samples() if o["kind"] == Path(name).stem]
    sample["spec"]["misspelt"] = 1
    with pytest.raises(jsonschema.ValidationError, match="misspelt"):
        jsonschema.validate(sample, schema)


def samples() -> list[dict[str, Any]]:
    """Every object that is written down in a file of a component."""
    return [
        each
        for path in K8S.glob("components/*/*.yaml")
        if path.name != "kustomization.yaml"
        for each in yaml.safe_load_all(path.read_text())
    ]


@pytest.mark.parametrize(
    "path", sorted(DEPLOY.rglob("kustomization.yaml")), ids=lambda p: p.parent.name
)
def test_every_file_is_named_by_its_kustomization_and_every_name_is_a_file(path: Path) -> None:
    folder, named = path.parent, names(yaml.safe_load(path.read_text()))
    assert [name for name in named if not (folder / name).exists()] == []
    beside = {each.name for each in folder.glob("*.yaml")} - {path.name}
    beside |= {f"config/{each.name}" for each in folder.glob("config/*")}
    beside |= {f"dashboards/{each.name}" for each in folder.glob("dashboards/*")}
    assert beside <= named


def names(kustomization: dict[str, Any]) -> set[str]:
    """Every path that a kustomization names."""
    listed = [*kustomization.get("resources", []), *kustomization.get("components", [])]
    for generator in kustomization.get("configMapGenerator", []):
        listed += [each.partition("=")[2] or each for each in generator["files"]]
    listed += [each["path"] for each in kustomization.get("patches", []) if "path" in each]
    return set(listed)


@needs_kubectl
def test_the_components_that_stand_as_comments_may_be_taken_in(tmp_path: Path) -> None:
    shutil.copytree(DEPLOY, tmp_path / "deploy")
    path = tmp_path / "deploy" / "k8s" / "kustomization.yaml"
    text, lines = re.subn(r"^# (components:|  - )", r"\1", path.read_text(), flags=re.MULTILINE)
    assert lines == 4
    path.write_text(text)
    kinds = {each["kind"] for each in built(path.parent)}
    assert {"ScaledObject", "ServiceMonitor", "PersistentVolumeClaim"} <= kinds


def test_the_rules_are_those_of_prometheus_itself() -> None:
    written = runpy.run_path(str(K8S / "prometheus_rule.py"))
    assert (K8S / "components/monitoring/rules.yaml").read_text() == written["text"](), (
        "python deploy/k8s/prometheus_rule.py"
    )
    assert written["sources"]()


@needs_kubectl
def test_the_dashboards_are_found_by_grafanas_sidecar() -> None:
    boards = {
        name: each["data"][name]
        for each in built(DEPLOY / "grafana")
        if each["metadata"]["labels"] == {"grafana_dashboard": "1"}
        for name in each["data"]
    }
    written = {path.name: path.read_text() for path in DEPLOY.glob("grafana/dashboards/*.json")}
    assert written
    assert boards == written


@needs_kubectl
@pytest.mark.parametrize("root", ROOTS.values(), ids=ROOTS)
def test_no_object_is_too_large_to_be_applied(root: Path) -> None:
    sizes = {(o["kind"], o["metadata"]["name"]): len(json.dumps(o)) for o in built(root)}
    assert max(sizes.values()) < LARGEST_APPLY, sizes
