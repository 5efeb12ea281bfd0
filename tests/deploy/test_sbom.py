"""`make sbom`: what the service is made of, with versions and licences, and nothing else."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.metadata import requires, version
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
DEVELOPERS = {
    "pytest",
    "ruff",
    "mypy",
    "schemathesis",
    "cyclonedx-bom",
    "hypothesis",
    "trl",
    "peft",
}


@pytest.fixture(scope="module")
def bill(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    target = tmp_path_factory.mktemp("sbom") / "sbom.json"
    subprocess.run([sys.executable, str(ROOT / "deploy" / "sbom.py"), str(target)], check=True)
    written: dict[str, Any] = json.loads(target.read_text(encoding="utf-8"))
    return written


def test_every_runtime_dependency_is_there_with_version_and_licence(bill: dict[str, Any]) -> None:
    assert bill["bomFormat"] == "CycloneDX"
    assert bill["metadata"]["component"]["name"] == "harmo"
    listed = {canonicalize_name(c["name"]): c for c in bill["components"]}
    needed = [Requirement(text) for text in requires("harmo") or ()]
    names = {canonicalize_name(n.name) for n in needed if "extra" not in str(n.marker)}
    assert {"torch", "fastapi", "harmo-client"} <= names
    assert names <= listed.keys()
    for name, component in listed.items():
        assert component["version"] == version(name)
        assert component["licenses"], name
    # What those need in turn.
    assert {"starlette", "h11", "pydantic-core", "tokenizers"} <= listed.keys()
    assert not DEVELOPERS & listed.keys()


def test_the_graph_holds_together_and_names_no_path(bill: dict[str, Any]) -> None:
    refs = {component["bom-ref"] for component in bill["components"]} | {"root-component"}
    for dependency in bill["dependencies"]:
        assert {dependency["ref"], *dependency["dependsOn"]} <= refs
    assert not re.search(r"file:|/home/|/root/|/tmp/", json.dumps(bill))


def test_it_says_no_time_so_that_equal_environments_give_equal_files(bill: dict[str, Any]) -> None:
    assert "timestamp" not in bill["metadata"]
    assert "serialNumber" not in bill
