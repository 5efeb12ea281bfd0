"""What `kubectl apply -k` would send to a cluster."""

from __future__ import annotations

import functools
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from harmo.app.decoders import BASE_BYTES, BYTES_PER_PIXEL, WORKERS
from harmo.app.settings import Settings

DEPLOY = Path(__file__).parents[2] / "deploy"
K8S = DEPLOY / "k8s"
KUBECTL = shutil.which("kubectl")
needs_kubectl = pytest.mark.skipif(KUBECTL is None, reason="needs kubectl 1.27 or newer")

Manifest = Mapping[str, Any]
ROOTS = {"base": K8S, "gpu": K8S / "overlays" / "gpu"}
"""What a user applies, by a short name."""
SERVICE_BYTES = 1 << 30
"""The process itself with a recipe of rules; docs/deploy.md has it measured."""


@functools.cache
def built(root: Path) -> tuple[Manifest, ...]:
    """Every object that this kustomization comes to."""
    ran = subprocess.run(
        [str(KUBECTL), "kustomize", str(root)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return tuple(yaml.safe_load_all(ran.stdout))


def of_kind(root: Path, kind: str) -> dict[str, Any]:
    """Those of one kind by name."""
    return {o["metadata"]["name"]: o for o in built(root) if o["kind"] == kind}


def data(root: Path, generated: str) -> Mapping[str, str]:
    """Files of the generated ConfigMap whose name begins so."""
    (found,) = [o for n, o in of_kind(root, "ConfigMap").items() if n.startswith(f"{generated}-")]
    return found["data"]


def pods(root: Path) -> Iterator[tuple[str, Any]]:
    """Every Deployment's name and pod template."""
    for name, deployment in of_kind(root, "Deployment").items():
        yield name, deployment["spec"]["template"]


def container(root: Path, deployment: str = "harmo") -> Any:
    """The only container of a Deployment."""
    (only,) = of_kind(root, "Deployment")[deployment]["spec"]["template"]["spec"]["containers"]
    return only


def most_bytes(settings: Settings) -> int:
    """Memory that these settings allow at once, without models; docs/deploy.md has the sum."""
    pixels = BYTES_PER_PIXEL * settings.max_image_pixels
    return (
        SERVICE_BYTES
        # A character that is not Latin makes every one of its text take four bytes.
        + 4 * settings.max_in_flight_bytes
        + settings.max_remembered_bytes
        + settings.workers * settings.worker_memory_bytes
        + WORKERS * (BASE_BYTES + pixels + 4 * settings.max_image_bytes)
    )


def amount(quantity: str | int) -> float:
    """A Kubernetes quantity as a number."""
    text = str(quantity)
    for suffix, factor in {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "m": 1e-3}.items():
        if text.endswith(suffix):
            return float(text.removesuffix(suffix)) * factor
    return float(text)
