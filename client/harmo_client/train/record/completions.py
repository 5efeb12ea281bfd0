"""The completions table: TRL writes it as Parquet, one file a logged step; shown in part here."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text
from transformers import TrainerCallback

from harmo_client.train.checkpoints import kept_until
from harmo_client.train.record.rollouts import drop_later

if TYPE_CHECKING:
    from transformers import TrainerState
    from trl import GRPOTrainer

NOT_SHOWN = frozenset(
    {"step", "prompt", "completion", "advantage", "references", "task", "constraints"}
)
HEADS = {"harmo": "reward"}
LONGEST = 400
"""Characters of a completion that are shown."""
LONGEST_CELL = 40
"""Characters of a reference that are shown."""


class CompletionsTable(TrainerCallback):
    """Prints a few of the newest completions every so many steps."""

    def __init__(self, folder: Path, console: Console, *, every: int, rows: int) -> None:
        self._folder = folder
        self._console = console
        self._every = every
        self._rows = rows

    def on_train_begin(self, _args: object, state: TrainerState, *_: object, **__: object) -> None:
        if state.is_world_process_zero:
            drop_later(self._folder, "completions_*.parquet", kept_until(state))

    def on_step_begin(self, _args: object, state: TrainerState, *_: object, **__: object) -> None:
        # TRL writes a step's file after its log event, so the earliest place is the next step.
        step = state.global_step
        if state.is_world_process_zero and step and step % self._every == 0:
            self._show(step)

    def on_train_end(self, _args: object, state: TrainerState, *_: object, **__: object) -> None:
        if state.is_world_process_zero:
            self._show(state.global_step)

    def _show(self, step: int) -> None:
        import pyarrow.parquet

        file = self._folder / f"completions_{step:05d}.parquet"
        if self._rows and file.exists():
            written = pyarrow.parquet.read_table(file).to_pylist()
            # Rows of one prompt are neighbours: take some from the whole of the batch.
            stride = max(1, len(written) // self._rows)
            rows = written[::stride][: self._rows]
            self._console.print(completions_table(rows, title=f"Completions of step {step}"))


class TrainingTablesOnly(TrainerCallback):
    """Keeps TRL from writing an evaluation's rows over the table of the step before it."""

    def __init__(self, trainer: GRPOTrainer) -> None:
        self._trainer = trainer
        self._asked = trainer.log_completions

    def on_prediction_step(self, *_: object, **__: object) -> None:
        self._trainer.log_completions = False

    def on_step_begin(self, *_: object, **__: object) -> None:
        # Not at the end of the evaluation: the trainer logs once more at the end of the run.
        self._trainer.log_completions = self._asked


def completions_table(rows: Sequence[Mapping[str, Any]], title: str) -> Table:
    """A few rows as a table: the completion, then the reward and every score."""
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    columns = [
        name
        for name in rows[0]
        if name not in NOT_SHOWN and any(row[name] is not None for row in rows)
    ]
    table.add_column("completion", ratio=1)
    for name in columns:
        table.add_column(HEADS.get(name, name.replace(".", "\n")), justify="right")
    for row in rows:
        table.add_row(_text(row["completion"]), *(_cell(row[name]) for name in columns))
    return table


def _text(completion: str | Sequence[Mapping[str, Any]]) -> Text:
    if not isinstance(completion, str):
        completion = "\n".join(str(message.get("content", "")) for message in completion)
    return visible(completion, LONGEST)


def visible(text: str, longest: int) -> Text:
    """What a policy wrote, harmless to a terminal: no markup, no control characters, not long."""
    shown = text if len(text) <= longest else text[:longest] + " ..."
    return Text(
        "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in shown)
    )


def _cell(value: object) -> str | Text:
    # TRL keeps an unscored reward as NaN.
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "-"
    return f"{value:.2f}" if isinstance(value, float) else visible(str(value), LONGEST_CELL)
