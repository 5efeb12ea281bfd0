"""verl: the reward manager that its configuration loads, over rows as its rollout leaves them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np
import torch
from omegaconf import OmegaConf
from tensordict import TensorDict
from verl import DataProto
from verl.trainer.ppo.reward import load_reward_manager

from harmo_client.adapters import verl as adapter
from harmo_client.adapters.core.settings import Settings
from tests.conformance.drivers.driving import Ask, Row, drive
from tests.conformance.recording import call

LENGTH = 96
CALLS: list[dict[str, Any]] = []
SETTINGS = Settings.model_fields
FUNCTION = "compute_score"
MANAGER = "HarmoRewardManager"


class Codepoints:
    """A tokenizer whose tokens are code points."""

    eos_token_id = 0

    def decode(self, ids: torch.Tensor, **_: object) -> str:
        return "".join(chr(int(i)) for i in ids if int(i))


def noted(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function; what verl calls it with is kept."""

    @wraps(function)
    async def called(**arguments: Any) -> Any:
        CALLS.append(call({k: v for k, v in arguments.items() if k not in SETTINGS}))
        return await function(**arguments)

    return called


adapter.compute_score = noted(adapter.compute_score)


def config(ask: Ask, *, entry: str) -> Any:
    """What the page's flags come to."""
    kwargs = {**ask.settings, "group_size": ask.group_size}
    module = "pkg://harmo_client.adapters.verl"
    function = {"path": module, "name": FUNCTION, "reward_kwargs": kwargs}
    naive = {"source": "register", "name": "naive"}
    ours = {"source": "importlib", "name": MANAGER, "module": {"path": module}}
    reward = {
        "custom_reward_function": function if entry == FUNCTION else {},
        "reward_manager": naive if entry == FUNCTION else ours,
        "reward_kwargs": kwargs,
        "num_workers": 2,
        "reward_model": {"enable": False},
    }
    rollout = {"n": ask.group_size, "response_length": LENGTH}
    whole = {"reward": reward, "trainer": {"experiment_name": ask.settings["run"]}}
    return OmegaConf.create({**whole, "actor_rollout_ref": {"rollout": rollout}})


def batch(rows: list[Row]) -> DataProto:
    """Rows after generation: ids padded on the right, the dataset's columns beside them."""
    ids = torch.zeros(len(rows), LENGTH, dtype=torch.long)
    for i, row in enumerate(rows):
        text = [ord(c) for c in row.completion]
        ids[i, : len(text)] = torch.tensor(text)
    prompts = torch.ones(len(rows), 1, dtype=torch.long)
    mask = torch.cat([prompts, (ids > 0).long()], dim=1)
    columns = {
        "data_source": [f"conformance-{row.group}" for row in rows],
        "reward_model": [{"ground_truth": row.reference, "style": "rule"} for row in rows],
        "raw_prompt": [[{"role": "user", "content": row.prompt}] for row in rows],
        "uid": [f"prompt-{row.group}" for row in rows],
        "extra_info": [
            {"index": row.group, "split": "train", "question": row.prompt} for row in rows
        ],
    }
    tensors = {"prompts": prompts, "responses": ids, "attention_mask": mask}
    return DataProto(
        batch=TensorDict(tensors, batch_size=len(rows)),
        non_tensor_batch={name: objects(values) for name, values in columns.items()},
    )


def objects(values: list[Any]) -> np.ndarray:
    made = np.empty(len(values), dtype=object)
    for i, value in enumerate(values):
        made[i] = value
    return made


def managed(ask: Ask, entry: str) -> list[dict[str, Any]]:
    """One call a row, all of them at once, as a reward worker makes them."""

    async def all_rows() -> list[dict[str, Any]]:
        manager = load_reward_manager(config(ask, entry=entry), Codepoints())
        whole = batch(ask.rows)
        calls = [manager.run_single(whole[i : i + 1]) for i in range(len(whole))]
        return await asyncio.gather(*calls)

    return asyncio.run(all_rows())


def score(ask: Ask) -> dict[str, Any]:
    """The function and the manager must agree."""
    CALLS.clear()
    by_function, by_manager = managed(ask, FUNCTION), managed(ask, MANAGER)
    rewards = [given["reward_score"] for given in by_function]
    if rewards != [given["reward_score"] for given in by_manager]:
        raise AssertionError(f"compute_score says {by_function}, the manager {by_manager}")
    keys = {frozenset(given["reward_extra_info"]) for given in (*by_function, *by_manager)}
    [common] = keys
    return {"rewards": rewards, "keys": sorted(common), "calls": list(CALLS)}


if __name__ == "__main__":
    drive(score)
