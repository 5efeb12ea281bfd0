"""Held-out prompts are scored as split eval, logged beside training, and drawn as circles."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

from harmo_client.train.cli import main
from harmo_client.train.config import ConfigError, load_config

WHOLE = "model: m\noutput_dir: out\ndataset: {path: %s}\n"


@pytest.mark.slow
def test_an_evaluation_has_the_same_columns_and_spoils_no_table(
    write_config: Callable[..., Path], service: Any, tmp_path: Path, capfd: Any
) -> None:
    held_out = tmp_path / "held-out.jsonl"
    # A column that the rows to train on lack: TRL's tables must not mix them.
    lines = [{"prompt": f"{i}+9=", "reference": "9", "task": "math"} for i in range(3)]
    held_out.write_text("\n".join(map(json.dumps, lines)))
    service.start()
    path = tmp_path / "sums.jsonl"
    dataset = {"path": str(path), "eval_path": str(held_out)}
    config = write_config("evaluated", dataset=dataset, curves_every=4)
    assert main([str(config)]) == 0
    out = tmp_path / "evaluated"
    metrics = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    evaluations = [row for row in metrics if "eval_reward" in row]
    assert [row["step"] for row in evaluations] == [0, 4, 6], "before, now and then, at the end"
    for row in evaluations:
        assert {"eval_columns/digits", "eval_columns/brevity"} <= set(row)
        assert row["eval_harmo/completions"] == 12
        assert "columns/digits" not in row
    assert len([row for row in metrics if "reward" in row]) == 6
    for step in (4, 6):
        table = pyarrow.parquet.read_table(out / f"completions/completions_{step:05d}.parquet")
        prompts = {row["prompt"][0]["content"] for row in table.to_pylist()}
        assert table.num_rows == 16
        assert not any("+9" in prompt for prompt in prompts), "these are the held-out rows"
    assert "eval first" in capfd.readouterr().out


@pytest.mark.parametrize(
    ("dataset", "held_out"),
    [
        ("hub/sums, eval_split: test", ("hub/sums", "test")),
        ("hub/sums, eval_path: held.jsonl", ("held.jsonl", "train")),
        ("rows.jsonl, eval_path: hub/sums, eval_split: test", ("hub/sums", "test")),
        ("rows.jsonl", None),
    ],
)
def test_held_out_prompts_come_from_a_split_or_a_file(
    dataset: str, held_out: tuple[str, str] | None, tmp_path: Path
) -> None:
    path = tmp_path / "run.yaml"
    path.write_text(WHOLE % dataset)
    found = load_config(path).dataset.held_out
    assert (found and (found.path, found.split)) == held_out


@pytest.mark.parametrize(
    ("dataset", "said"),
    [
        ("rows.jsonl, eval_split: test", "a file has no splits"),
        ("rows.jsonl, eval_path: rows.jsonl", "name the rows that are trained on"),
        ("hub/sums, eval_split: train", "name the rows that are trained on"),
    ],
)
def test_a_mistake_in_them_is_named(dataset: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    path.write_text(WHOLE % dataset)
    with pytest.raises(ConfigError, match=said):
        load_config(path)
