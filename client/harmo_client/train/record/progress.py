"""The bar of a run: step, reward, accuracy and completion length as they come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from transformers import TrainerCallback

from harmo_client import wire

if TYPE_CHECKING:
    from transformers import TrainerState

COLUMN_KEY = "columns/{}"
"""Where TRL logs a column's mean score, by its name."""
LENGTH = "completions/mean_length"
UNSCORED, ZERO_VARIANCE = "harmo/unscored", "harmo/zero_variance"
"""Shares of the completions and of the groups."""
PLAIN_LINES = 12
"""How many lines a run leaves where the output is no terminal."""


def accuracy_key(columns: Sequence[wire.Column]) -> str | None:
    """Where the metrics hold the accuracy: the first rule's mean score, else the first model's."""
    for family in ("rule", "model"):
        for column in columns:
            if column.family == family and not column.shadow:
                return COLUMN_KEY.format(column.name)
    return None


class ProgressBar(TrainerCallback):
    """A live bar in a terminal, a line now and then elsewhere; only the first rank shows it."""

    def __init__(self, console: Console, accuracy_key: str | None) -> None:
        self._console = console
        self._accuracy_key = accuracy_key
        self._bar: Progress | None = None

    def on_train_begin(self, _args: object, state: TrainerState, *_: object, **__: object) -> None:
        if state.is_world_process_zero and self._console.is_terminal:
            self._bar = Progress(
                TextColumn("training"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[summary]}"),
                TimeRemainingColumn(compact=True),
                console=self._console,
            )
            self._bar.add_task("", total=state.max_steps, completed=state.global_step, summary="")
            self._bar.start()

    def on_log(
        self,
        _args: object,
        state: TrainerState,
        _control: object,
        logs: dict[str, float | None] | None = None,
        **_: object,
    ) -> None:
        if not (state.is_world_process_zero and logs):
            return
        if "eval_reward" in logs:
            held_out = {key.removeprefix("eval_"): value for key, value in logs.items()}
            self._print(f"evaluation after step {state.global_step}  {self._summary(held_out)}")
        if "reward" not in logs:
            return
        summary = self._summary(logs)
        if self._bar:
            self._bar.update(self._bar.task_ids[0], completed=state.global_step, summary=summary)
        elif (
            state.global_step == 1
            or state.global_step % max(1, state.max_steps // PLAIN_LINES) == 0
        ):
            self._print(f"step {state.global_step}/{state.max_steps}  {summary}")

    def on_train_end(self, *_: object, **__: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the terminal back; also after a run that ended early."""
        if self._bar:
            self._bar.stop()
            self._bar = None

    def _print(self, line: str) -> None:
        self._console.print(line, soft_wrap=True)

    def _summary(self, logs: Mapping[str, float | None]) -> str:
        shown = [("reward", logs["reward"], ".3f"), ("length", logs.get(LENGTH), ".1f")]
        if self._accuracy_key:
            shown.insert(1, ("accuracy", logs.get(self._accuracy_key), ".3f"))
        # Said only where there is something to say.
        shown.append(("unscored", logs.get(UNSCORED) or None, ".0%"))
        return "  ".join(
            f"{name} {value:{form}}" for name, value, form in shown if value is not None
        )
