"""One trainer's own maths reward over rows, round by round; run by `benchmarks.reward_loops`.

Reads rows as a line of JSON and writes a line: the wall seconds they took, one number per row.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable, Sequence

Rows = Sequence[dict[str, str]]
Rewards = Callable[[Rows], list[float | None]]


def trl() -> Rewards:
    """TRL's `accuracy_reward`, in process."""
    from trl.rewards import accuracy_reward

    def rewards(rows: Rows) -> list[float | None]:
        completions = [[{"role": "assistant", "content": row["completion"]}] for row in rows]
        return accuracy_reward(completions, [f"${row['reference']}$" for row in rows])

    return rewards


def swift() -> Rewards:
    """ms-swift's `accuracy`, in process."""
    from swift.rewards import orms

    accuracy = orms["accuracy"]()

    def rewards(rows: Rows) -> list[float | None]:
        solutions = [f"${row['reference']}$" for row in rows]
        return list(accuracy([row["completion"] for row in rows], solution=solutions))

    return rewards


def verl(data_source: str) -> Rewards:
    """Verl's naive reward manager with the scorer that it has for a data source, all at once."""
    import numpy as np
    import torch
    from omegaconf import OmegaConf
    from tensordict import TensorDict
    from verl import DataProto
    from verl.trainer.ppo.reward import load_reward_manager

    class Codepoints:
        """A tokenizer whose tokens are code points."""

        def decode(self, ids: torch.Tensor, **_: object) -> str:
            return "".join(map(chr, ids.tolist()))

    reward = {
        "custom_reward_function": {},
        "reward_manager": {"source": "register", "name": "naive"},
        "reward_kwargs": {},
        "reward_model": {"enable": False},
    }
    # The manager keeps the event loop that it is made on.
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    manager = load_reward_manager(OmegaConf.create({"reward": reward}), Codepoints())

    def batch(row: dict[str, str]) -> DataProto:
        ids = torch.tensor([[ord(c) for c in row["completion"]]])
        mask = torch.ones(1, 1 + ids.shape[1], dtype=torch.long)
        tensors = {"prompts": torch.ones(1, 1), "responses": ids, "attention_mask": mask}
        columns = {
            "data_source": data_source,
            "reward_model": {"ground_truth": row["reference"]},
            "extra_info": {},
        }
        named = {name: np.array([value], dtype=object) for name, value in columns.items()}
        return DataProto(batch=TensorDict(tensors, batch_size=1), non_tensor_batch=named)

    async def all_of(rows: Rows) -> list[float | None]:
        scored = await asyncio.gather(*(manager.run_single(batch(row)) for row in rows))
        return [float(each["reward_score"]) for each in scored]

    return lambda rows: loop.run_until_complete(all_of(rows))


PEERS: dict[str, Callable[[], Rewards]] = {
    "TRL accuracy_reward": trl,
    "ms-swift accuracy": swift,
    "verl naive, MATH's scorer": lambda: verl("HuggingFaceH4/MATH-500"),
    "verl naive, Numina's scorer": lambda: verl("numina_synthetic_math"),
}


def main() -> None:
    """Score until the other side closes."""
    answers, sys.stdout = sys.stdout, sys.stderr
    rewards = PEERS[sys.argv[1]]()
    for line in sys.stdin:
        rows = json.loads(line)
        began_s = time.perf_counter()
        given = rewards(rows)
        seconds = time.perf_counter() - began_s
        print(json.dumps({"seconds": seconds, "rewards": given}), file=answers, flush=True)


if __name__ == "__main__":
    main()
