"""ms-swift: a plugin file as `--external_plugins` imports it, and the trainer's own reward step."""

from __future__ import annotations

import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from swift.rewards import orms
from swift.rl_core.data import GRPOSample
from swift.rl_core.grpo_algorithm import compute_rewards_per_func
from swift.utils import import_external_file

from tests.conformance.drivers.driving import Ask, Row, drive
from tests.conformance.recording import call

PLUGIN = "from harmo_client.adapters import swift\n\nswift.register(**{settings!r})\n"


def sample(row: Row, number: int) -> GRPOSample:
    """A row after generation."""
    return GRPOSample(
        messages=[
            {"role": "user", "content": row.prompt},
            {"role": "assistant", "content": row.completion},
        ],
        prompt_id=f"prompt-{row.group}",
        request_id=f"request-{number}",
        finish_reason="stop",
        response_token_ids=[[1, 2, 3]],
        extra={"solution": row.reference} if row.reference else {},
    )


def score(ask: Ask) -> dict[str, Any]:
    """One call for all rows, on an event loop of its own, twice: each batch has a new one."""
    with tempfile.TemporaryDirectory() as folder:
        # A module's name is imported once: each ask has one of its own.
        plugin = Path(folder) / f"harmo_swift_{Path(folder).name}.py"
        plugin.write_text(PLUGIN.format(settings=ask.settings), encoding="utf-8")
        import_external_file(str(plugin))
    calls: list[dict[str, Any]] = []

    class Noted(orms["harmo"]):  # type: ignore[misc]  # ms-swift's registry is untyped
        async def __call__(self, completions: list[str], **columns: Any) -> list[float | None]:
            calls.append(call({"completions": completions, **columns}))
            given: list[float | None] = await super().__call__(completions, **columns)
            return given

    function = Noted(SimpleNamespace(num_generations=ask.group_size))

    def batch() -> list[float]:
        samples = [sample(row, i) for i, row in enumerate(ask.rows)]
        given = compute_rewards_per_func(
            samples,
            [function],
            [None],
            device=torch.device("cpu"),
            trainer_state=SimpleNamespace(global_step=1),
        )
        rewards: list[float] = given[:, 0].tolist()
        return rewards

    first, second = batch(), batch()
    if first != second:
        raise AssertionError(f"the second batch says {second}, the first {first}")
    return {"rewards": first, "calls": calls[:1]}


if __name__ == "__main__":
    drive(score)
