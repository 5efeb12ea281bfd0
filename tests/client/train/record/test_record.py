"""What a run leaves to look at: metrics, curves, the bar, the completions table."""

import io
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image
from rich.console import Console

from harmo_client import wire
from harmo_client.train.checkpoints import last_checkpoint
from harmo_client.train.record.completions import CompletionsTable, TrainingTablesOnly, visible
from harmo_client.train.record.curves import CurvesCallback, panels_of
from harmo_client.train.record.metrics import MetricsLog, read_metrics
from harmo_client.train.record.progress import ProgressBar, accuracy_key
from harmo_client.train.record.tally import Tally

COLUMNS = [
    wire.Column(name="model.similarity", family="model"),
    wire.Column(name="watched", family="rule", shadow=True),
    wire.Column(name="answer", family="rule"),
]


def state(step: int, max_steps: int = 24, *, first_rank: bool = True) -> SimpleNamespace:
    return SimpleNamespace(global_step=step, max_steps=max_steps, is_world_process_zero=first_rank)


def logged(step: int, **more: float) -> dict[str, float]:
    return {"reward": step / 10, "completions/mean_length": 9.0, **more}


@pytest.fixture
def metrics(tmp_path: Path) -> Path:
    path = tmp_path / "metrics.jsonl"
    log = MetricsLog(path, Tally(stop_after=2))
    log.on_train_begin(None, state(0))
    for step in (1, 2, 3):
        log.on_log(None, state(step), None, logs=logged(step, **{"columns/answer": 0.5}))
    return path


def test_metrics_keep_every_step(metrics: Path) -> None:
    assert [row["step"] for row in read_metrics(metrics)] == [1, 2, 3]


def test_a_resumed_run_takes_back_the_steps_it_repeats(metrics: Path) -> None:
    MetricsLog(metrics, Tally(stop_after=2)).on_train_begin(None, state(2))
    assert [row["step"] for row in read_metrics(metrics)] == [1, 2]


def test_a_fresh_run_starts_an_empty_file(metrics: Path) -> None:
    MetricsLog(metrics, Tally(stop_after=2)).on_train_begin(None, state(0))
    assert read_metrics(metrics) == []


def test_other_ranks_write_nothing(metrics: Path) -> None:
    other = MetricsLog(metrics, Tally(stop_after=2))
    other.on_train_begin(None, state(0, first_rank=False))
    other.on_log(None, state(4, first_rank=False), None, logs=logged(4))
    assert [row["step"] for row in read_metrics(metrics)] == [1, 2, 3]


def test_an_evaluation_is_a_line_of_its_own(metrics: Path) -> None:
    log = MetricsLog(metrics, Tally(stop_after=2))
    log.on_log(None, state(3), None, logs={"eval_reward": 0.5})
    log.on_log(None, state(3), None, logs={"train_runtime": 1.0})
    assert read_metrics(metrics)[-1] == {"step": 3, "eval_reward": 0.5, "eval_harmo/completions": 0}


def test_numbers_that_are_not_finite_are_null(metrics: Path) -> None:
    MetricsLog(metrics, Tally(stop_after=2)).on_log(
        None, state(4), None, logs=logged(4, loss=float("nan"))
    )
    assert read_metrics(metrics)[-1]["loss"] is None


def test_the_curves_are_drawn_while_training_and_at_the_end(metrics: Path, tmp_path: Path) -> None:
    picture = tmp_path / "curves.png"
    curves = CurvesCallback(tmp_path, panels_of(COLUMNS), title="exp", every=2)
    curves.on_step_begin(None, state(1))
    assert not picture.exists()
    curves.on_step_begin(None, state(2))
    assert Image.open(picture).size[0] > 1000
    picture.unlink()
    curves.on_train_end(None, state(3))
    assert picture.exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_every_column_has_its_panel() -> None:
    titles = [panel.title for panel in panels_of(COLUMNS)]
    assert titles == [
        "reward",
        "contributions to the reward",
        "model: model.similarity",
        "rule: watched (shadow)",
        "rule: answer",
        "tokens a completion",
        "unscored and zero variance",
    ]


@pytest.mark.parametrize(
    ("columns", "key"),
    [
        (COLUMNS, "columns/answer"),
        (COLUMNS[:2], "columns/model.similarity"),
        ([], None),
    ],
    ids=["rule before model", "shadow does not count", "nothing says"],
)
def test_accuracy_is_what_the_first_judge_says(columns, key: str | None) -> None:
    assert accuracy_key(columns) == key


def test_without_a_terminal_the_bar_is_a_line_now_and_then() -> None:
    console = Console(record=True, width=100, file=io.StringIO())
    bar = ProgressBar(console, "columns/answer")
    bar.on_train_begin(None, state(0))
    for step in range(1, 5):
        bar.on_log(None, state(step), None, logs=logged(step, **{"columns/answer": 0.25}))
    bar.on_train_end()
    lines = console.export_text().splitlines()
    assert lines[0] == "step 1/24  reward 0.100  accuracy 0.250  length 9.0"
    assert [line.split()[1] for line in lines] == ["1/24", "2/24", "4/24"]


def test_an_unscored_generation_shows_no_reward_rather_than_a_zero() -> None:
    console = Console(record=True, width=100, file=io.StringIO())
    ProgressBar(console, None).on_log(None, state(1), None, logs={**logged(1), "reward": None})
    assert console.export_text().strip() == "step 1/24  length 9.0"


def test_the_bar_says_evaluations_and_what_went_unscored() -> None:
    console = Console(record=True, width=100, file=io.StringIO())
    bar = ProgressBar(console, "columns/answer")
    evaluated = {"eval_reward": 0.5, "eval_columns/answer": 0.25, "eval_harmo/unscored": 0.0}
    bar.on_log(None, state(5), None, logs=evaluated)
    bar.on_log(None, state(6), None, logs={**logged(6), "harmo/unscored": 0.25})
    assert console.export_text().splitlines() == [
        "evaluation after step 5  reward 0.500  accuracy 0.250",
        "step 6/24  reward 0.600  length 9.0  unscored 25%",
    ]


def test_trl_writes_no_table_of_an_evaluation() -> None:
    trainer = SimpleNamespace(log_completions=True)
    guard = TrainingTablesOnly(trainer)
    guard.on_prediction_step()
    assert trainer.log_completions is False
    guard.on_step_begin()
    assert trainer.log_completions is True


def test_completions_are_shown_from_the_whole_batch(tmp_path: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    rows = [
        {"step": 2, "prompt": "?", "completion": [{"role": "assistant", "content": text}],
         "harmo": 1.5, "answer": 1.0, "unscored": None, "advantage": 0.0}
        for text in ("[red]one", "two", "three", "four")
    ]  # fmt: skip
    pyarrow.parquet.write_table(
        pyarrow.Table.from_pylist(rows), tmp_path / "completions_00002.parquet"
    )
    console = Console(record=True, width=80, file=io.StringIO())
    table = CompletionsTable(tmp_path, console, every=2, rows=2)
    table.on_step_begin(None, state(1))
    assert console.export_text(clear=False) == ""
    table.on_step_begin(None, state(2))
    shown = console.export_text()
    assert "[red]one" in shown
    assert "three" in shown
    assert "two" not in shown
    assert "unscored" not in shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[bold]x[/bold]", "[bold]x[/bold]"),
        ("\x1b[31mred\x07", "�[31mred�"),
        ("right\u202eto left", "right�to left"),
        ("a" * 12, "a" * 10 + " ..."),
    ],
    ids=["markup", "escape codes", "direction marks", "long"],
)
def test_what_a_policy_wrote_cannot_harm_a_terminal(text: str, shown: str) -> None:
    assert str(visible(text, 10 if len(set(text)) == 1 else 100)) == shown


def test_a_checkpoint_cut_short_is_not_resumed_from(tmp_path: Path) -> None:
    for name in ("checkpoint-2", "checkpoint-10", "checkpoint-12", "checkpoint-best"):
        (tmp_path / name).mkdir()
    for name in ("checkpoint-2", "checkpoint-10"):
        (tmp_path / name / "trainer_state.json").write_text(json.dumps({}))
    assert last_checkpoint(tmp_path) == tmp_path / "checkpoint-10"
    assert last_checkpoint(tmp_path / "none") is None
