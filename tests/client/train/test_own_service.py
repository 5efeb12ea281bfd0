"""A run that starts its service itself: alone, resumed, and in two processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from harmo.audit.read import Reader
from harmo_client.train.cli import main
from tests.client.train.serving.fake_harmo import CALLED, install

pytestmark = pytest.mark.slow
WriteConfig = Callable[..., Path]
STEPS = 2
GRPO = {
    "max_steps": STEPS,
    "per_device_train_batch_size": 8,
    "num_generations": 4,
    "max_completion_length": 4,
    "save_steps": 1,
    "use_cpu": True,
}


def test_it_is_started_for_the_run_and_a_resumed_one_goes_on_in_the_same_store(
    write_config: WriteConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    folder = install(tmp_path / "bin", monkeypatch)
    service = {"serve": {"recipe": "math"}, "recipe": "digits"}
    assert main([str(write_config("own", service=service, grpo=GRPO))]) == 0
    out = tmp_path / "own"
    said = capsys.readouterr().out
    assert f"log in {out / 'service.log'}" in said
    assert f"keeps what it scores in {out / 'audit'}" in said
    assert said.rstrip().endswith(f"group by group: harmo console --audit {out / 'audit'}")
    first = (folder / CALLED).read_text().splitlines()
    assert first[-4:] == ["--recipe", "math", "--audit", str(out / "audit")]

    longer = {**GRPO, "max_steps": STEPS + 1}
    assert main([str(write_config("own", service=service, grpo=longer)), "--resume"]) == 0
    again = (folder / CALLED).read_text().splitlines()
    assert again[-4:] == first[-4:]
    steps = [json.loads(line)["step"] for line in (out / "metrics.jsonl").read_text().splitlines()]
    assert steps == [1, 2, 3]


def test_one_that_does_not_come_up_is_a_sentence_before_anything_is_trained(
    write_config: WriteConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    install(tmp_path / "bin", monkeypatch, fails=True)
    service = {"serve": {"recipe": "nowhere.yaml"}}
    assert main([str(write_config("own", service=service))]) == 2
    assert "nowhere.yaml: no such recipe" in capsys.readouterr().err
    assert not (tmp_path / "own" / "policy").exists()


RECIPE = {
    "name": "sums",
    "tasks": {"math": "rule.math"},
    "default_task": "math",
    "rule": [{"scorer": "rule.by_task", "name": "answer"}],
    "length": [{"scorer": "length.soft_overlong", "params": {"max_tokens": 4, "soft_tokens": 2}}],
}


def test_two_processes_share_the_service_of_the_first(
    write_config: WriteConfig, tmp_path: Path
) -> None:
    """The real one, with its store: what both wrote is in it once, in whole groups."""
    recipe = tmp_path / "sums.yaml"
    recipe.write_text(yaml.safe_dump(RECIPE))
    service = {"serve": {"recipe": str(recipe), "workers": 1}}
    config = write_config("both", service=service, grpo={**GRPO, "save_strategy": "no"})
    torchrun = Path(sys.executable).with_name("torchrun")
    done = subprocess.run(
        [str(torchrun), "--nproc-per-node", "2", "-m", "harmo_client.train", str(config)],
        env={**os.environ, "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("harmo serve at http://127.0.0.1:") == 1
    out = tmp_path / "both"
    rows = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    assert [row["harmo/completions"] for row in rows] == [16] * STEPS
    log = (out / "service.log").read_text()
    assert log.count("harmo.server listening") == 1
    assert json.loads((out / "recipe.json").read_text())["name"] == "sums"
    with closing(Reader(out / "audit")) as reader:
        (kept,) = reader.runs()
    assert (kept.run, kept.groups, kept.completions) == ("both", 4 * STEPS, 16 * STEPS)
    assert (kept.first_step, kept.last_step) == (0, STEPS - 1)
