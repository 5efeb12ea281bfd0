"""Which checkpoints of a run are whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import TrainerState

STATE_FILE = "trainer_state.json"
"""The trainer writes it last, so a checkpoint that has it is whole."""


def last_checkpoint(output_dir: Path) -> Path | None:
    """The newest whole checkpoint, or None."""
    whole = [file.parent for file in output_dir.glob(f"checkpoint-*/{STATE_FILE}")]
    return max(whole, key=lambda folder: int(folder.name.rpartition("-")[2]), default=None)


def kept_until(state: TrainerState) -> int:
    """The last step whose records stand as a run begins: none before a fresh start."""
    return state.global_step or -1
