"""The closing words of a run."""

from __future__ import annotations

import io
import json
from pathlib import Path

from rich.console import Console

from harmo_client import wire
from harmo_client.train.record.outages import Outage
from harmo_client.train.record.summary import late_answers, print_summary, shares

COLUMNS = [wire.Column(name="answer", family="rule")]


def row(step: int, reward: float | None, **more: float) -> dict[str, float | None]:
    return {"step": step, "reward": reward, "columns/answer": reward, **more}


def test_shares_are_of_completions_with_their_reasons_and_of_groups() -> None:
    metrics = [
        row(
            1, None, **{"harmo/completions": 8, "unscored/no_reference": 6, "unscored/deadline": 2}
        ),
        row(2, 0.5, **{"harmo/completions": 24, "harmo/zero_variance": 0.25}),
        {"step": 2, "eval_harmo/completions": 10, "eval_unscored/deadline": 1},
    ]
    assert list(shares(metrics)) == [
        "unscored: 25.0% of 32 completions (no_reference 6, deadline 2)",
        "unscored in evaluation: 10.0% of 10 completions (deadline 1)",
        "zero variance: 25.0% of groups taught nothing: their rewards are alike",
    ]


def test_outages_are_added_up() -> None:
    outages = [Outage(step=3, retries=2, seconds=40.4), Outage(step=9, retries=1, seconds=1.0)]
    assert list(late_answers(outages)) == [
        "outages: 2 generations waited for the service, 41 s in all"
    ]
    assert list(late_answers([])) == []


def printed(out: Path, metrics: list[dict[str, float | None]]) -> list[str]:
    (out / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in metrics))
    console = Console(record=True, width=60, file=io.StringIO())
    print_summary(console, out, COLUMNS, "math")
    return [line.rstrip() for line in console.export_text().splitlines()]


def test_first_and_last_are_means_over_the_ends_of_the_run(tmp_path: Path) -> None:
    lines = printed(tmp_path, [row(step, step / 100) for step in range(1, 101)])
    # One step in twenty: 1 to 5, and 96 to 100.
    assert "answer                0.030   0.980" in [line.strip() for line in lines]
    assert not any("eval" in line for line in lines)


def test_evaluations_stand_beside_training(tmp_path: Path) -> None:
    evaluated = [
        {"step": step, "eval_reward": value, "eval_columns/answer": value}
        for step, value in ((0, 0.1), (2, 0.4))
    ]
    lines = printed(tmp_path, [evaluated[0], row(1, 0.2), row(2, 0.3), evaluated[1]])
    [heading] = [line for line in lines if "first" in line]
    [answer] = [line for line in lines if line.strip().startswith("answer")]
    assert heading.split() == ["first", "last", "eval", "first", "eval", "last"]
    assert answer.split() == ["answer", "0.200", "0.300", "0.100", "0.400"]


def test_it_says_what_lies_where_and_how_to_look_into_it(tmp_path: Path) -> None:
    (tmp_path / "rollouts").mkdir()
    for name in ("train_00002.jsonl", "train_00010.jsonl", "train_00010.rewards.jsonl"):
        (tmp_path / "rollouts" / name).write_text("")
    for step in (2, 10):
        (tmp_path / f"checkpoint-{step}").mkdir()
        (tmp_path / f"checkpoint-{step}" / "trainer_state.json").write_text("{}")
    lines = printed(tmp_path, [row(1, 0.2)])
    assert f"In {tmp_path} lie:" in lines
    assert "  checkpoint-10  the last checkpoint" in lines
    assert not any("policy" in line for line in lines), "it is not there"
    command = f"harmo score {tmp_path}/rollouts/train_00010.jsonl --recipe math --explain"
    assert lines[-1].endswith(command)


def test_a_run_that_has_not_begun_is_not_summed_up(tmp_path: Path) -> None:
    console = Console(record=True, file=io.StringIO())
    print_summary(console, tmp_path, COLUMNS, "math")
    assert console.export_text() == ""
