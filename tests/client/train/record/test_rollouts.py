"""What was sent is kept, in the form that `harmo score` reads."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from harmo_client.adapters.core.hub import Posted
from harmo_client.train.record.outages import Outage, Outages, read_outages
from harmo_client.train.record.rollouts import Rollouts
from tests.process import HARMO

MakePosted = Callable[..., Posted]


def begin(observer: Rollouts | Outages, step: int) -> None:
    observer.on_train_begin(None, SimpleNamespace(global_step=step, is_world_process_zero=True))


def test_a_file_a_step_and_split(posted: MakePosted, tmp_path: Path) -> None:
    rollouts = Rollouts(tmp_path / "rollouts")
    rollouts.keep(posted([1.0, 0.0], step=0, split="eval"))
    for step in (0, 0, 1):
        rollouts.keep(posted([1.0, 0.0], [0.0, 0.0], step=step))
    lines = {file.name: len(file.read_text().splitlines()) for file in tmp_path.glob("*/*")}
    assert lines == {"eval_00000.jsonl": 1, "train_00001.jsonl": 2, "train_00002.jsonl": 1}
    first = json.loads((tmp_path / "rollouts/train_00001.jsonl").read_text().splitlines()[0])
    assert (first["reference"], first["task"]) == ("4", "math")


def test_harmo_score_explains_a_step(posted: MakePosted, tmp_path: Path) -> None:
    Rollouts(tmp_path).keep(posted([1.0, 0.0], [0.0, 0.0]))
    command = [HARMO, "score", str(tmp_path / "train_00001.jsonl"), "--recipe", "math", "--explain"]
    subprocess.run(command, check=True, capture_output=True)
    scored = json.loads((tmp_path / "train_00001.rewards.jsonl").read_text())
    assert [c["reward"] is not None for c in scored["completions"]] == [True, True]
    assert scored["completions"][0]["detail"][0]["reference"] == "4"


def test_nothing_is_kept_where_completions_are_not_logged(
    posted: MakePosted, tmp_path: Path
) -> None:
    Rollouts(tmp_path / "rollouts", keep=False).keep(posted([1.0, 0.0]))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("step", "left"), [(0, []), (2, [0, 1, 2])])
def test_a_resumed_run_drops_the_steps_it_takes_again(
    step: int, left: list[int], posted: MakePosted, tmp_path: Path
) -> None:
    rollouts, outages = Rollouts(tmp_path), Outages(tmp_path / "outages.jsonl")
    begin(outages, 0)
    rollouts.keep(posted([1.0, 0.0], split="eval", step=0))
    (tmp_path / "my_notes.jsonl").write_text("a user's own\n")
    (tmp_path / "train_00003.rewards.jsonl").write_text("of harmo score\n")
    for before in range(3):
        late = posted([1.0, 0.0], step=before, retries=2, seconds=1.26)
        rollouts.keep(late)
        outages.keep(late)
    begin(rollouts, step)
    begin(outages, step)
    kept = sorted(tmp_path.glob("*_0000?.jsonl"))
    assert [file.name for file in kept] == [
        *(["eval_00000.jsonl"] if left else []),
        *(f"train_{i:05d}.jsonl" for i in left if i),
    ]
    assert {"my_notes.jsonl", "train_00003.rewards.jsonl"} <= {f.name for f in tmp_path.iterdir()}
    assert read_outages(tmp_path / "outages.jsonl") == [
        Outage(step=i, retries=2, seconds=1.3) for i in left if i
    ]


def test_an_answer_at_the_first_try_is_no_outage(posted: MakePosted, tmp_path: Path) -> None:
    outages = Outages(tmp_path / "outages.jsonl")
    outages.keep(posted([1.0, 0.0]))
    assert read_outages(tmp_path / "outages.jsonl") == []
