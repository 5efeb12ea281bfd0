"""metrics.jsonl: one line per logged step or evaluation, the source of curves and summary."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from transformers import TrainerCallback

from harmo_client.connection import Split
from harmo_client.train.checkpoints import kept_until
from harmo_client.train.record.tally import Tally

if TYPE_CHECKING:
    from transformers import TrainerState

Metrics = dict[str, float | None]
"""What was logged at one step; None where a value was not finite."""


def read_metrics(path: Path) -> list[Metrics]:
    """The logged steps in order; none without the file."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


class MetricsLog(TrainerCallback):
    """Appends what TRL logs, and what was counted beside it.

    A resumed run first drops the steps it will take again.
    """

    def __init__(self, path: Path, tally: Tally) -> None:
        self._path = path
        self._tally = tally

    def on_train_begin(self, _args: object, state: TrainerState, *_: object, **__: object) -> None:
        if state.is_world_process_zero:
            kept = [
                row for row in read_metrics(self._path) if (row["step"] or 0) <= kept_until(state)
            ]
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_text("".join(map(_line, kept)), encoding="utf-8")

    def on_log(
        self,
        _args: object,
        state: TrainerState,
        _control: object,
        logs: dict[str, object] | None = None,
        **_: object,
    ) -> None:
        split = _split_of(logs or {})
        if state.is_world_process_zero and logs and split:
            counted = self._tally.drain(split)
            numbers = {key: _finite(value) for key, value in [*logs.items(), *counted.items()]}
            with self._path.open("a", encoding="utf-8") as file:
                file.write(_line({"step": state.global_step, **numbers}))


def _split_of(logs: Mapping[str, object]) -> Split | None:
    if "reward" in logs:
        return "train"
    return "eval" if "eval_reward" in logs else None


def _line(row: Metrics) -> str:
    return json.dumps(row, allow_nan=False) + "\n"


def _finite(value: object) -> float | None:
    return value if isinstance(value, int | float) and math.isfinite(value) else None
