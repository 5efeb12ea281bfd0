"""The command that docs/trainers.md gives for several processes, run for real."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow
DOCS = Path(__file__).parents[3] / "docs" / "trainers" / "harmo-train.md"
STEPS, ROWS = 2, 6


def documented(config: Path) -> list[str]:
    """The command as the page has it, with this environment's torchrun and this config."""
    [line] = re.findall(r"^torchrun .*$", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    _, *words = line.split()
    torchrun = Path(sys.executable).with_name("torchrun")
    return [str(torchrun), *[str(config) if word == "CONFIG.yaml" else word for word in words]]


@pytest.fixture
def run(
    write_config: Callable[..., Path], service: Any, tmp_path: Path
) -> Callable[..., subprocess.CompletedProcess[str]]:
    def run(*, reference: str) -> subprocess.CompletedProcess[str]:
        rows = tmp_path / "rows.jsonl"
        lines = [{"prompt": f"{i}+1=", reference: "1"} for i in range(ROWS)]
        rows.write_text("\n".join(map(json.dumps, lines)))
        # Six rows a process, four completions a group: a group is split between the two.
        grpo = {
            "max_steps": STEPS,
            "per_device_train_batch_size": 6,
            "num_generations": 4,
            "max_completion_length": 4,
            "save_strategy": "no",
            "use_cpu": True,
        }
        config = write_config("both", dataset={"path": str(rows)}, grpo=grpo)
        service.start()
        loopback = {"OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}
        return subprocess.run(
            documented(config),
            env={**os.environ, **loopback},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_two_processes_train_as_one(
    run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    done = run(reference="reference")
    assert done.returncode == 0, done.stderr
    metrics = [
        json.loads(line) for line in (tmp_path / "both/metrics.jsonl").read_text().splitlines()
    ]
    assert [row["harmo/completions"] for row in metrics] == [12] * STEPS, "both processes' rows"
    assert (tmp_path / "both/policy/model.safetensors").exists()
    assert done.stdout.count("step 1/2") == 1, "only the first speaks"
    for file in (tmp_path / "both/rollouts").iterdir():
        groups = [json.loads(line) for line in file.read_text().splitlines()]
        assert [len(group["completions"]) for group in groups] == [4, 4, 4]


def test_all_processes_stop_where_nothing_is_scored_and_it_is_said_once(
    run: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    done = run(reference="solution")
    assert done.returncode != 0
    assert done.stderr.count("harmo-train: stopped after step 1: no completion of 2") == 1
    # It names the first that it sees leave: the one that stops, or the other, which misses it.
    assert re.search(r"exitcode +: (4|-6) ", done.stderr), done.stderr
    assert "NothingScoredError" not in done.stderr, "a sentence, no traceback of ours"
    assert "unscored: 100.0% of 12 completions" in done.stdout
