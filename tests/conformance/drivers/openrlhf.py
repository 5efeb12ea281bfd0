"""OpenRLHF: its rollout executor, and what its sample generator makes of the answer."""

from __future__ import annotations

import asyncio
import sys
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import torch

from tests.conformance.drivers.driving import IM_END, Ask, Row, drive

for name in ("vllm", "vllm.inputs", "vllm.utils"):  # generation is played by `Engine`
    sys.modules[name] = MagicMock()

from openrlhf.trainer.ppo_utils.samples_generator import SamplesGenerator  # noqa: E402
from openrlhf.utils.agent import SingleTurnAgentExecutor  # noqa: E402


class Codepoints:
    """A tokenizer whose tokens are code points."""

    def __call__(self, *, text: str, **_: object) -> dict[str, torch.Tensor]:
        return {"input_ids": torch.tensor([[ord(c) for c in text]])}

    def decode(self, ids: list[int], **_: object) -> str:
        return "".join(map(chr, ids))


class Engine:
    """Says one row's completion."""

    def __init__(self, row: Row) -> None:
        self.text = row.completion + IM_END

    async def generate(self, *_: object, **__: object) -> SimpleNamespace:
        ids = [ord(c) for c in self.text]
        said = SimpleNamespace(token_ids=ids, text=self.text, finish_reason="stop", logprobs=None)
        return SimpleNamespace(outputs=[said])


def score(ask: Ask) -> dict[str, Any]:
    """One request a row, all of them at once, as the rollout workers send them."""
    executor = SingleTurnAgentExecutor(ask.url("get_reward"))
    params = SimpleNamespace(max_tokens=512, logprobs=None)

    async def rollouts() -> list[dict[str, Any]]:
        running = [
            executor.execute(row.rendered, row.reference, params, 4096, Codepoints(), Engine(row))
            for row in ask.rows
        ]
        return await asyncio.gather(*running)

    read = SamplesGenerator._process_response_into_experience
    experiences = [read(None, response, max_len=4096) for response in asyncio.run(rollouts())]
    if experiences[0].rewards is None:
        # What the experience maker says next, where no reward model is given.
        raise ValueError("reward_model_group is required when rewards are not precomputed")
    return {
        "rewards": torch.cat([e.rewards.flatten() for e in experiences]).tolist(),
        "scores": torch.cat([e.scores.flatten() for e in experiences]).tolist(),
        "logs": [
            {name: value.flatten().tolist() for name, value in e.info.items()} for e in experiences
        ],
    }


if __name__ == "__main__":
    drive(score)
