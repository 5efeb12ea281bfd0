"""Rewards for ROLL: a reward worker.

    rewards:
      math_rule:
        worker_cls: harmo_client.adapters.roll.HarmoRewardWorker
        world_size: 8

    HARMO_URL=http://reward-host:8000 HARMO_RECIPE=math HARMO_RUN=exp-42 python ...

Settings (`core.settings.Settings`) come from the environment of the Ray workers
(`system_envs` of the cluster's config). The rows of a call that have the same prompt and
`ground_truth` are one group; where ROLL sends single rows, `group_size` makes the service hold
them for each other.

`response_level_rewards` are the rewards, `scores` the accuracy in [0, 1] where a rule gave one,
else the reward; both in float32 (ROLL's own workers round to float16). The columns' means, and
`reward_error`, the share of stand-ins, are in the metrics as `harmo/NAME`. Pictures come from
`multi_modal_data`, where the dataset has them.

There is no skip: `on_unscored` is group_mean (default), stop or value. An error ends the run once
`retry_for_s` is over.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from harmo_client.adapters.core.ask import judge_now
from harmo_client.adapters.core.judged import means
from harmo_client.adapters.core.samples import Sample
from harmo_client.adapters.core.settings import settings

NO_SKIP = "ROLL trains on every sample"


class _Scoring:
    """What the reward worker does; its base class comes from ROLL, when it is there."""

    tokenizer: Any
    worker_config: Any
    rank_info: Any

    def __init__(self, worker_config: Any) -> None:  # noqa: ANN401 - ROLL's WorkerConfig
        super().__init__(worker_config=worker_config)  # type: ignore[call-arg]
        # As ROLL's own reward workers do: what is dispatched is spread over all of them.
        self.rank_info.dp_rank = self.rank_info.rank
        self.rank_info.dp_size = self.rank_info.world_size
        providers = import_module("roll.models.model_providers")
        self.tokenizer = providers.default_tokenizer_provider(
            model_args=self.worker_config.model_args
        )

    def initialize(self, pipeline_config: object) -> None:
        """Check the settings before the first sample does."""
        del pipeline_config
        settings(no_skip=NO_SKIP)

    def compute_rewards(self, data: Any) -> Any:  # noqa: ANN401 - ROLL's DataProto
        """ROLL's tensors of rewards, in the order of the rows."""
        torch = import_module("torch")
        protocol = import_module("roll.distributed.scheduler.protocol")
        responses = data.batch["responses"]
        judged = judge_now(self._samples(data), settings(no_skip=NO_SKIP), step=_step(data))
        rewards = torch.tensor([each.reward for each in judged], dtype=torch.float32)
        scores = [each.reward if each.accuracy is None else each.accuracy for each in judged]
        tensors = {
            "token_level_rewards": torch.zeros_like(responses, dtype=torch.float32),
            "response_level_rewards": rewards,
            "scores": torch.tensor(scores, dtype=torch.float32),
        }
        output = protocol.DataProto.from_dict(tensors=tensors)
        output.meta_info = {"metrics": {f"harmo/{k}": v for k, v in means(judged).items()}}
        return output

    def _samples(self, data: Any) -> list[Sample]:  # noqa: ANN401 - ROLL's DataProto
        responses = data.batch["responses"]
        texts = self.tokenizer.batch_decode(responses, skip_special_tokens=True)
        pad, eos = self.tokenizer.pad_token_id, self.tokenizer.eos_token_id
        samples = []
        for i, text in enumerate(texts):
            ids = responses[i].tolist()
            while ids and ids[-1] == pad and pad != eos:
                ids.pop()
            if pad == eos and eos in ids:
                ids = ids[: ids.index(eos) + 1]
            row = {name: values[i] for name, values in data.non_tensor_batch.items()}
            truncated = len(ids) == len(responses[i]) and eos not in ids[-1:]
            samples.append(_sample(text, row, len(ids), truncated=truncated))
        return samples


def _step(data: Any) -> int | None:  # noqa: ANN401 - ROLL's DataProto
    step = (data.meta_info or {}).get("global_step")
    return None if step is None else int(step)


def _sample(text: str, row: Mapping[str, Any], num_tokens: int, *, truncated: bool) -> Sample:
    kept, prompt = row.get("multi_modal_data"), row.get("prompt")
    images = kept.get("image", kept.get("images")) if isinstance(kept, Mapping) else None
    single = images is not None and not isinstance(images, list | tuple)
    return Sample(
        prompt=prompt if isinstance(prompt, str | list) else "",
        completion=text,
        columns=row,
        reference=row.get("ground_truth"),
        images=[images] if single else images or (),
        num_tokens=num_tokens,
        truncated=truncated,
        asked_alike=True,
        id=row.get("rollout_id"),
    )


def __getattr__(name: str) -> object:
    # Its base class needs torch and Ray: it is made when ROLL asks for it.
    if name != "HarmoRewardWorker":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    worker = import_module("roll.distributed.executor.worker").Worker
    decorator = import_module("roll.distributed.scheduler.decorator")
    everyone, spread = decorator.Dispatch.ONE_TO_ALL, decorator.Dispatch.DP_MP_COMPUTE
    body = {
        "__module__": __name__,
        "initialize": decorator.register(dispatch_mode=everyone)(_Scoring.initialize),
        "compute_rewards": decorator.register(dispatch_mode=spread, clear_cache=False)(
            _Scoring.compute_rewards
        ),
    }
    made = type(name, (_Scoring, worker), body)
    globals()[name] = made
    return made
