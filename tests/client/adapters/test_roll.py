"""ROLL calls: a reward worker's `compute_rewards` with a `DataProto` of one prompt's rows."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from harmo_client.adapters import roll
from harmo_client.errors import TransportError

torch = pytest.importorskip("torch", reason="ROLL's workers answer with tensors")

WORDS = {3: "a", 4: "bb", 5: "unscored"}
PAD, EOS = 0, 9


class Worker:
    """`roll.distributed.executor.worker.Worker`."""

    def __init__(self, worker_config: Any) -> None:
        self.worker_config = worker_config
        self.rank_info = SimpleNamespace(rank=1, world_size=4, dp_rank=None, dp_size=None)


def tokenizer() -> Any:
    def batch_decode(responses: Any, skip_special_tokens: bool) -> list[str]:
        assert skip_special_tokens
        return ["".join(WORDS.get(i, "") for i in row) for row in responses.tolist()]

    return SimpleNamespace(pad_token_id=PAD, eos_token_id=EOS, batch_decode=batch_decode)


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The class as ROLL finds it by its path, and makes an actor of."""
    modes: dict[str, Any] = {}

    def register(**how: Any) -> Any:
        return lambda method: modes.update({method.__name__: how}) or method

    fakes = {
        "roll.distributed.executor.worker": {"Worker": Worker},
        "roll.distributed.scheduler.decorator": {
            "register": register,
            "Dispatch": SimpleNamespace(ONE_TO_ALL="all", DP_MP_COMPUTE="spread"),
        },
        "roll.distributed.scheduler.protocol": {
            "DataProto": SimpleNamespace(from_dict=lambda tensors: SimpleNamespace(batch=tensors))
        },
        "roll.models.model_providers": {
            "default_tokenizer_provider": lambda model_args: tokenizer()
        },
    }
    for name, members in fakes.items():
        module = ModuleType(name)
        vars(module).update(members)
        monkeypatch.setitem(sys.modules, name, module)
    made = roll.HarmoRewardWorker  # type: ignore[attr-defined]
    del roll.HarmoRewardWorker  # type: ignore[attr-defined]
    assert modes["compute_rewards"]["dispatch_mode"] == "spread"
    return made(worker_config=SimpleNamespace(model_args=None))


def data(*responses: list[int], **columns: Any) -> Any:
    told = {
        "prompt": ["1 + 1 = ?"] * len(responses),
        "ground_truth": ["2"] * len(responses),
        "rollout_id": [f"r{i}" for i in range(len(responses))],
        **columns,
    }
    return SimpleNamespace(
        batch={"responses": torch.tensor(responses)},
        non_tensor_batch=told,
        meta_info={"global_step": 4},
    )


def test_a_call_is_a_group_and_comes_back_as_tensors(listen: Any, worker: Any) -> None:
    served = listen()
    rows = data([3, EOS, PAD], [4, 4, 4], [5, EOS, PAD])
    output = worker.compute_rewards(rows)
    assert output.batch["response_level_rewards"].tolist() == [1.25, 6.25, 3.75]
    assert output.batch["response_level_rewards"].dtype == torch.float32
    assert output.batch["scores"].tolist() == [1.0, 1.0, 3.75]
    assert output.batch["token_level_rewards"].shape == (3, 3)
    assert output.meta_info["metrics"]["harmo/answer"] == 3.5
    assert output.meta_info["metrics"]["harmo/reward_error"] == pytest.approx(1 / 3)
    [group] = served.groups
    assert (group["prompt"], group["reference"]) == ("1 + 1 = ?", "2")
    assert [c["num_tokens"] for c in group["completions"]] == [2, 3, 2]
    assert [c.get("truncated", False) for c in group["completions"]] == [False, True, False]
    assert served.fake.bodies[0]["step"] == 4


def test_the_work_is_spread_over_all_workers(listen: Any, worker: Any) -> None:
    listen()
    worker.initialize(None)
    assert (worker.rank_info.dp_rank, worker.rank_info.dp_size) == (1, 4)


def test_a_pad_token_that_is_the_end_is_counted_once(listen: Any, worker: Any) -> None:
    served = listen()
    worker.tokenizer.pad_token_id = EOS
    worker.compute_rewards(data([3, EOS, EOS], [4, 4, 4]))
    completions = served.groups[0]["completions"]
    assert [c["num_tokens"] for c in completions] == [2, 3]
    assert [c.get("truncated", False) for c in completions] == [False, True]


def test_a_dead_service_is_an_error_that_says_where_it_was_looked_for(
    away: str, worker: Any
) -> None:
    with pytest.raises(TransportError, match="HARMO_URL"):
        worker.compute_rewards(data([3, EOS]))
