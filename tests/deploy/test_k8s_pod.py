"""The pod's own command with its own files, run here as a kubelet would: asked, scored, ended."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.deploy.manifests import ROOTS, container, data, needs_kubectl, of_kind
from tests.models import tiny
from tests.process import HARMO, free_port, wait_ready

BASE = ROOTS["base"]
KEY = "swordfish"
pytestmark = needs_kubectl


@dataclass(frozen=True, slots=True, kw_only=True)
class Pod:
    """A running one."""

    process: subprocess.Popen[bytes]
    url: str

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"{self.url}{path}", trust_env=False)


def mounted(folder: Path, files: dict[str, str]) -> Path:
    """A volume as a kubelet writes it: every file a link into what it can swap at once."""
    version = folder / "..2026_01_01"
    version.mkdir(parents=True)
    (folder / "..data").symlink_to(version.name)
    for name, text in files.items():
        (version / name).write_text(text)
        (folder / name).symlink_to(f"..data/{name}")
    return folder


@contextmanager
def started(root: Path, volumes: Mapping[str, Path], **variables: str) -> Iterator[Pod]:
    """Its container's command, with its volumes at these places."""
    spec, port = container(root), free_port()
    places = {each["mountPath"]: volumes.get(each["name"]) for each in spec["volumeMounts"]}

    def here(text: str) -> str:
        # The longest first: /etc/harmo-keys begins with /etc/harmo.
        for inside in sorted(places, key=len, reverse=True):
            text = text.replace(inside, str(places[inside] or inside))
        return text

    settings = volumes["config"] / "..data" / "harmo.yaml"
    settings.write_text(here(settings.read_text()))
    written = {each["name"]: here(each["value"]) for each in spec["env"] if "value" in each}
    ours = {"HARMO_HOST": "127.0.0.1", "HARMO_PORT": str(port), **variables}
    command = [HARMO, *map(here, spec["args"])]
    process = subprocess.Popen(command, env={**os.environ, **written, **ours})
    try:
        wait_ready(port, process)
        yield Pod(process=process, url=f"http://127.0.0.1:{port}")
    finally:
        process.kill()
        process.wait(30)


def files(root: Path, folder: Path) -> dict[str, Path]:
    """The ConfigMap and a Secret as volumes."""
    return {
        "config": mounted(folder / "config", dict(data(root, "harmo-config"))),
        "keys": mounted(folder / "keys", {"keys": f"{KEY}\n"}),
    }


@pytest.fixture(scope="module")
def pod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pod]:
    with started(BASE, files(BASE, tmp_path_factory.mktemp("pod"))) as running:
        yield running


def test_with_a_gpu_it_hosts_the_model_of_its_volume(tmp_path: Path) -> None:
    """But for the device: on the CPU, where a test can have one."""
    gpu = ROOTS["gpu"]
    models = tmp_path / "models"
    tiny.checkpoint(models / "reward")
    with started(gpu, {**files(gpu, tmp_path), "models": models}, HARMO_DEVICE="cpu") as running:
        ready = running.get("/readyz").json()
    assert list(ready["models"]) == ["reward"]
    assert "model" in ready["recipes"]


def test_its_probes_answer(pod: Pod) -> None:
    paths = {container(BASE)[f"{p}Probe"]["httpGet"]["path"] for p in ("startup", "liveness")}
    assert {pod.get(path).status_code for path in paths} == {200, 204}
    assert pod.get("/readyz").json()["recipes"][0] == "answers"


def test_it_scores_with_a_key_of_the_secret_and_without_one_does_not(pod: Pod) -> None:
    completions = [
        {"id": str(n), "text": f"<think>sum</think><answer>{n}</answer>"} for n in (4, 5)
    ]
    group = {"id": "g", "prompt": "2+2?", "reference": "4", "completions": completions}
    asked: dict[str, Any] = {"json": {"groups": [group]}, "trust_env": False}
    assert httpx.post(f"{pod.url}/score", **asked).status_code == 401
    bearer = {"Authorization": f"Bearer {KEY}"}
    (scored,) = httpx.post(f"{pod.url}/score", headers=bearer, **asked).json()["groups"]
    right, wrong = (each["reward"] for each in scored["completions"])
    assert right > wrong


def test_prometheus_finds_there_what_it_scales_by(pod: Pod) -> None:
    (endpoint,) = of_kind(ROOTS["gpu"], "ServiceMonitor")["harmo"]["spec"]["endpoints"]
    lines = pod.get(endpoint["path"]).text.splitlines()
    (trigger,) = of_kind(ROOTS["gpu"], "ScaledObject")["harmo"]["spec"]["triggers"]
    name = "harmo_completions_in_flight"
    assert name in trigger["metadata"]["query"]
    assert f"{name} 0.0" in lines


def test_it_ends_in_order_within_its_grace_period(pod: Pod) -> None:
    grace_s = of_kind(BASE, "Deployment")["harmo"]["spec"]["template"]["spec"]
    pod.process.send_signal(signal.SIGTERM)
    assert pod.process.wait(grace_s["terminationGracePeriodSeconds"]) == 0
