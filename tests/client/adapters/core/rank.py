"""One of two processes that train together; run by test_ranks.py, reports on standard output."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import torch.distributed as dist

from harmo_client.adapters.trl import HarmoReward
from harmo_client.client import RewardClient
from harmo_client.errors import HarmoError

# Three rows a rank, two completions a group: the middle group is split between the ranks.
PROMPTS = ["p", "p", "q", "q", "r", "r"]
REFERENCES = ["1", "1", "2", "2", "3", "3"]


def outcome(ask: Callable[[], list[float | None]]) -> Any:
    try:
        return ask()
    except HarmoError as error:
        return f"{type(error).__name__}: {error}"


def main(url: str, store: str, rank: int) -> None:
    dist.init_process_group("gloo", init_method=f"file://{store}", rank=rank, world_size=2)
    mine = slice(3 * rank, 3 * rank + 3)
    client = RewardClient(url, retry_for_s=0.0)

    def ask(reward: Callable[..., list[float | None]], *texts: str, **columns: Any) -> Any:
        columns = columns or {"reference": REFERENCES[mine]}
        return outcome(lambda: reward(PROMPTS[mine], list(texts[mine]), **columns))

    def reward(**options: Any) -> HarmoReward:
        options = {"num_generations": 2, "end_token_ids": [1], "recipe": "demo", **options}
        return HarmoReward(client, **options)

    whole = reward()
    answer, form = reward().columns()
    texts = [f"{i}" * i for i in range(6)]
    same_texts = texts[mine]
    report = {
        "rewards": ask(whole, *texts),
        "unscored": ask(whole, "a", "b", "unscored", "dd", "e", "f"),
        "refused by the service": ask(whole, "refuse", "b", "c", "d", "e", "f"),
        "rank 1 cannot read its rows": ask(
            reward(reference="answer"),
            *texts,
            **({"answer": REFERENCES[mine]} if rank == 0 else {"solution": REFERENCES[mine]}),
        ),
        "ranks disagree on the groups": ask(
            whole, *texts, **{"reference": ["1", "1", "2"] if rank == 0 else ["9", "3", "3"]}
        ),
        "columns": [
            outcome(partial(column, PROMPTS[mine], same_texts)) for column in (answer, form)
        ],
        "and on it goes": ask(whole, *texts),
    }
    sys.stdout.write(json.dumps(report))
    dist.destroy_process_group()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
