"""outages.jsonl: a line a step that had to wait for the service.

Apart from the metrics: those of a run with an outage are the same as without.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from transformers import TrainerCallback

from harmo_client.adapters.core.hub import Posted
from harmo_client.train.checkpoints import kept_until

if TYPE_CHECKING:
    from transformers import TrainerState


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """One answer that came late."""

    step: int
    retries: int
    """How often the service had to be asked again."""
    seconds: float
    """How long the answer took, all tries together."""


class Outages(TrainerCallback):
    """Writes the file; a resumed run first drops the steps it will take again."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def on_train_begin(self, _args: object, state: TrainerState, *_: object, **__: object) -> None:
        if state.is_world_process_zero and self._path.exists():
            kept = [each for each in read_outages(self._path) if each.step <= kept_until(state)]
            self._path.write_text("".join(map(_line, kept)), encoding="utf-8")

    def keep(self, posted: Posted) -> None:
        """Note the generation if its answer came late."""
        if posted.retries:
            step = (posted.step or 0) + (posted.split == "train")
            outage = Outage(step=step, retries=posted.retries, seconds=round(posted.seconds, 1))
            with self._path.open("a", encoding="utf-8") as file:
                file.write(_line(outage))


def read_outages(path: Path) -> list[Outage]:
    """The outages in order; none without the file."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8") as lines:
        return [Outage(**json.loads(line)) for line in lines]


def _line(outage: Outage) -> str:
    return json.dumps(asdict(outage)) + "\n"
