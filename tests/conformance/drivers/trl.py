"""TRL: the GRPO trainer's own reward step."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import torch
from accelerate import PartialState
from trl import GRPOTrainer

from harmo_client import RewardClient
from harmo_client.adapters.trl import HarmoReward
from tests.conformance.drivers.driving import Ask, drive
from tests.conformance.recording import call

EOS = 1
PartialState()  # TRL logs and gathers through it


def score(ask: Ask) -> dict[str, Any]:
    """One call for all rows."""
    chosen = dict(ask.settings)
    client = RewardClient(str(chosen.pop("url")), retry_for_s=float(str(chosen.pop("retry_for_s"))))
    reward = HarmoReward(
        client,
        num_generations=ask.group_size,
        end_token_ids=[EOS],
        reference="solution",
        **chosen,  # type: ignore[arg-type]
    )
    logged: dict[str, float] = {}
    calls: list[dict[str, Any]] = []

    def noted(**arguments: Any) -> list[float | None]:
        calls.append(call(arguments))
        return reward(**arguments)

    trainer = SimpleNamespace(
        accelerator=SimpleNamespace(device=torch.device("cpu"), is_main_process=True),
        args=SimpleNamespace(report_to=[]),
        environments=None,
        reward_funcs=[noted],
        reward_processing_classes=[None],
        reward_func_names=["harmo"],
        state=SimpleNamespace(global_step=1),
        _log_completion_extra=lambda *_: None,
        _log_metric=logged.__setitem__,
    )
    prompts = [[{"role": "user", "content": row.prompt}] for row in ask.rows]
    given = GRPOTrainer._calculate_rewards(
        trainer,
        inputs=[
            {"prompt": prompt, "solution": row.reference}
            for prompt, row in zip(prompts, ask.rows, strict=True)
        ],
        prompts=prompts,
        completions=[[{"role": "assistant", "content": row.completion}] for row in ask.rows],
        completion_ids_list=[[5, EOS]] * len(ask.rows),
    )
    return {"rewards": given[:, 0].tolist(), "logs": logged, "calls": calls}


if __name__ == "__main__":
    drive(score)
