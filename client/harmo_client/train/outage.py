"""Where a checkpoint is exact: at the last finished step, with everything as it was then.

A reward is asked for in the middle of a step, when sampling has already moved the random
generators on and counted its tokens.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from transformers import TrainerCallback

from harmo_client.train.checkpoints import STATE_FILE

if TYPE_CHECKING:
    from transformers import TrainerState
    from trl import GRPOTrainer


class StepBoundary(TrainerCallback):
    """Remembers, at the end of every step, what the next generation will change."""

    def __init__(self) -> None:
        self._generators: dict[str, Any] = {}
        self._num_tokens = 0

    def on_step_end(self, _args: object, state: TrainerState, *_: object, **__: object) -> None:
        self._num_tokens = state.num_input_tokens_seen
        self._generators = {
            "python": random.getstate(),
            "numpy": np.random.get_state(),
            "torch": torch.get_rng_state(),
            "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        }

    def restore(self, state: TrainerState) -> None:
        """Set the generators and the token count back to the end of the last step."""
        state.num_input_tokens_seen = self._num_tokens
        random.setstate(self._generators["python"])
        np.random.set_state(self._generators["numpy"])
        torch.set_rng_state(self._generators["torch"])
        if self._generators["cuda"]:
            torch.cuda.set_rng_state_all(self._generators["cuda"])


def save_checkpoint(trainer: GRPOTrainer, boundary: StepBoundary) -> Path | None:
    """The checkpoint of the last finished step; None before the first step.

    Every rank has to call it: sharded weights are gathered.
    """
    folder = Path(trainer.args.output_dir) / f"checkpoint-{trainer.state.global_step}"
    if (folder / STATE_FILE).exists():
        return folder
    if trainer.state.global_step == 0:
        return None
    boundary.restore(trainer.state)
    trainer._save_checkpoint(trainer.model, trial=None)
    return folder
