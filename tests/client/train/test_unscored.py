"""A run in which nothing is scored ends with the reasons, and keeps what was learned before."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harmo_client.train.cli import main

pytestmark = pytest.mark.slow
WriteConfig = Callable[..., Path]


def rows(folder: Path, referenced: int) -> str:
    """A dataset in which only the first rows have a reference."""
    path = folder / f"rows-{referenced}.jsonl"
    prompts = [{"prompt": f"{i}+1="} for i in range(8)]
    lines = [{**row, "reference": "1"} if i < referenced else row for i, row in enumerate(prompts)]
    path.write_text("\n".join(map(json.dumps, lines)))
    return str(path)


def grpo(**changes: object) -> dict[str, object]:
    fields = {
        "max_steps": 6,
        "per_device_train_batch_size": 16,
        "num_generations": 4,
        "max_completion_length": 4,
        "shuffle_dataset": False,
        "save_strategy": "no",
        "use_cpu": True,
    }
    return {**fields, **changes}


def test_nothing_scored_ends_the_run_with_exit_code_4(
    write_config: WriteConfig, service: Any, tmp_path: Path, capfd: Any
) -> None:
    service.start()
    config = write_config("barren", dataset={"path": rows(tmp_path, 0)}, grpo=grpo())
    assert main([str(config)]) == 4
    said = capfd.readouterr()
    assert said.err.splitlines()[-3:] == [
        "harmo-train: stopped after step 1: no completion of 2 generations in a row got a reward "
        "(32 completions):",
        "  32 no_reference in column digits: name the column with the ground truth: "
        "dataset.reference, or references",
        "nothing was learned yet, so there is no checkpoint",
    ]
    assert "All reward functions returned None" not in said.err, "TRL says it with every row"
    assert "unscored: 100.0% of 16 completions (no_reference 16)" in said.out
    assert "harmo score" in said.out
    assert not (tmp_path / "barren" / "policy").exists()
    # Nothing that a second try would have to be told to overwrite.
    assert main([str(write_config("barren", grpo=grpo(max_steps=1)))]) == 0
    assert len(list((tmp_path / "barren" / "rollouts").iterdir())) == 1


def test_what_was_learned_before_is_saved_and_resumed_from(
    write_config: WriteConfig, service: Any, tmp_path: Path, capfd: Any
) -> None:
    service.start()
    dataset = {"path": rows(tmp_path, 4)}
    setting = {"url": service.url, "recipe": "digits", "stop_after_unscored": 1}
    config = str(write_config("half", dataset=dataset, service=setting, grpo=grpo()))
    assert main([config]) == 4
    saved = tmp_path / "half" / "checkpoint-1"
    message = f"{saved} holds what was learned; --resume continues from it"
    assert message in capfd.readouterr().err
    assert main([config, "--resume"]) == 4, "the rows that follow have no reference still"
    assert message in capfd.readouterr().err
    patient = {**setting, "stop_after_unscored": 2}
    config = str(write_config("half", dataset=dataset, service=patient, grpo=grpo(max_steps=3)))
    assert main([config, "--resume"]) == 0


def test_a_run_too_short_to_reach_the_limit_does_not_end_as_if_it_had_learned(
    write_config: WriteConfig, service: Any, tmp_path: Path, capfd: Any
) -> None:
    service.start()
    dataset = {"path": rows(tmp_path, 0)}
    assert main([str(write_config("short", dataset=dataset, grpo=grpo(max_steps=1)))]) == 4
    assert "no completion of 1 generation got a reward" in capfd.readouterr().err


def test_a_run_that_is_over_is_not_continued_by_a_step(
    write_config: WriteConfig, service: Any, tmp_path: Path, capfd: Any
) -> None:
    service.start()
    config = str(write_config("over", grpo=grpo(max_steps=2, save_strategy="steps")))
    assert main([config]) == 0
    shorter = str(
        write_config("shorter", output_dir=str(tmp_path / "over"), grpo=grpo(max_steps=1))
    )
    for finished in (config, shorter):
        assert main([finished, "--resume"]) == 2
        assert "this run is over" in capfd.readouterr().err
    longer = write_config("over", grpo=grpo(max_steps=3, save_strategy=False))
    assert main([str(longer), "--resume"]) == 0, "a plain `no` of YAML is read as no"
