"""rollouts/: every generation as it was posted, one group a line, as `harmo score` reads it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from transformers import TrainerCallback

from harmo_client.adapters.core.hub import Posted
from harmo_client.connection import Split
from harmo_client.train.checkpoints import kept_until

if TYPE_CHECKING:
    from transformers import TrainerState


class Rollouts(TrainerCallback):
    """Writes a file a step and split, with references, tasks, constraints and pictures.

    A resumed run first drops the steps it will take again.
    """

    def __init__(self, folder: Path, *, keep: bool = True) -> None:
        self._folder = folder
        self._keep = keep

    def on_train_begin(self, _args: object, state: TrainerState, *_: object, **__: object) -> None:
        if state.is_world_process_zero:
            drop_later(self._folder, "*_*.jsonl", kept_until(state))

    def keep(self, posted: Posted) -> None:
        """Append one generation."""
        if not self._keep:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        lines = [group.model_dump_json(exclude_defaults=True) + "\n" for group in posted.groups]
        path = rollouts_file(self._folder, posted.split, posted.step or 0)
        with path.open("a", encoding="utf-8") as file:
            file.writelines(lines)


def rollouts_file(folder: Path, split: Split, step: int) -> Path:
    """Where the completions lie that were generated after `step` steps.

    Those that are trained on carry the number of the step that they make, as TRL's tables do.
    """
    return folder / f"{split}_{step + (split == 'train'):05d}.jsonl"


def drop_later(folder: Path, pattern: str, step: int) -> None:
    """Remove the files whose name ends with the number of a later step."""
    for file in folder.glob(pattern):
        number = file.stem.rpartition("_")[2]
        if number.isdecimal() and int(number) > step:
            file.unlink()
