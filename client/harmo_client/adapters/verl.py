"""Rewards for verl 0.9: a `compute_score`, and a reward manager that sees the prompt and images.

The manager, which is the better choice:

    reward.reward_manager.source=importlib
    reward.reward_manager.name=HarmoRewardManager
    reward.reward_manager.module.path=pkg://harmo_client.adapters.verl
    +reward.reward_kwargs.url=http://reward-host:8000
    +reward.reward_kwargs.recipe=math
    +reward.reward_kwargs.group_size='${actor_rollout_ref.rollout.n}'

Or the function, for verl's `naive` manager, which brings no prompt and no images:

    reward.custom_reward_function.path=pkg://harmo_client.adapters.verl
    reward.custom_reward_function.name=compute_score
    +reward.custom_reward_function.reward_kwargs.url=http://reward-host:8000
    +reward.custom_reward_function.reward_kwargs.recipe=math
    +reward.custom_reward_function.reward_kwargs.run=exp-42

Every field of `core.settings.Settings` may stand there; what does not is read from the
environment of the Ray workers (HARMO_URL, HARMO_API_KEY, HARMO_RECIPE, HARMO_RUN, ...). The
manager's `run` is `trainer.experiment_name` where none is given.

verl asks for one sample at a time, from `reward.num_workers` processes. With `group_size` the
service holds the members of a group for each other: the manager tells groups by verl's `uid`, the
function by `extra_info.index`. Leave it out where no column compares siblings and no sample goes
unscored: nothing waits then. In validation (`extra_info.split` other than `train`) samples are
scored alone. A `<think>` that the chat template opened in the prompt is found there by the manager;
for the function say `prefix`.

Every sample gets the same keys, all numbers, as verl wants it: `score`, and for each column of the
recipe `NAME` and `NAME_ok` (0.0 where it abstained), `reward_error` (1.0 where the reward is a
stand-in) and `group_complete`. verl logs their means in validation and writes them to
`trainer.rollout_data_dir`. `algorithm.gdpo_reward_keys` may name columns; an abstention is a 0.0
there, so only those that never abstain.

verl has no way to leave a sample out: `on_unscored` is group_mean (default), stop or value. An
error ends the run (in the v1 trainer the prompt's group) once `retry_for_s` is over: keep the
manager `naive` for the function, `rate_limited` would turn an error into 0.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from typing import Any, Protocol, cast

from harmo_client.adapters.core import chat
from harmo_client.adapters.core.ask import judge
from harmo_client.adapters.core.judged import Judged
from harmo_client.adapters.core.samples import Sample
from harmo_client.adapters.core.settings import Settings, settings
from harmo_client.adapters.core.template import opened
from harmo_client.connection import Split

NO_SKIP = "verl trains on every sample"
_LAST_TOKENS = 8
"""Enough of a prompt to hold `<think>` and a line end."""
_ONE_TURN_EACH = 2
"""The prompt and the completion."""


async def compute_score(
    data_source: str,
    solution_str: str,
    ground_truth: object,
    extra_info: Mapping[str, object] | None = None,
    reward_router_address: str | None = None,
    reward_model_tokenizer: object = None,
    **given: object,
) -> dict[str, float]:
    """`score` and a number for each column, the same keys for every sample.

    Args:
        data_source: Of the dataset's row.
        solution_str: What the policy wrote, without special tokens.
        ground_truth: Of the dataset's row.
        extra_info: Of the dataset's row: `index` and `split` place the sample, `question` is its
            prompt, `images` its pictures; all of it are columns for the settings.
        reward_router_address: Of verl's own reward model; not used.
        reward_model_tokenizer: Of verl's own reward model; not used.
        **given: `reward_kwargs`.
    """
    del reward_router_address, reward_model_tokenizer
    chosen = settings(given, no_skip=NO_SKIP)
    row = {"data_source": data_source, **(extra_info or {})}
    split, index = _split(row), row.get("index")
    sample = Sample(
        prompt=_question(row),
        completion=solution_str,
        columns=row,
        reference=ground_truth,
        images=_images(row.get("images")),
        group=None if index is None else f"{data_source}.{index}",
    )
    alone = chosen if split == "train" else _alone(chosen)
    [judged] = await judge([sample], alone, step=_step(row), split=split)
    return as_score(judged)


def as_score(judged: Judged) -> dict[str, float]:
    """What verl takes from a reward function."""
    return {"score": cast("float", judged.reward), **judged.numbers}


def _alone(chosen: Settings) -> Settings:
    return chosen.model_copy(update={"group_size": None})


def _split(row: Mapping[str, object]) -> Split:
    return "train" if row.get("split", "train") == "train" else "eval"


def _step(row: Mapping[str, object]) -> int | None:
    # The step that the prompt was drawn for; those of the weights differ within a group.
    step = row.get("global_steps")
    return int(cast("int", step)) if step is not None and int(cast("int", step)) >= 0 else None


def _question(row: Mapping[str, object]) -> chat.Prompt:
    asked = row.get("prompt") or row.get("question") or ""
    return asked if isinstance(asked, str) else _messages(asked)


def _messages(raw: object) -> list[chat.Turn]:
    return [cast("chat.Turn", turn) for turn in cast("Sequence[object]", raw)]


def _images(value: object) -> Sequence[object]:
    return () if value is None else list(cast("Sequence[object]", value))


class _Tensor(Protocol):
    """What is read of a tensor of token ids."""

    @property
    def shape(self) -> Sequence[int]: ...
    def __getitem__(self, at: object) -> _Tensor: ...
    def __int__(self) -> int: ...
    def sum(self) -> _Tensor: ...


class _Item(Protocol):
    """What is read of verl's `DataProtoItem`."""

    batch: Mapping[str, _Tensor]
    non_tensor_batch: Mapping[str, Any]


class _Tokenizer(Protocol):
    eos_token_id: int | None

    def decode(self, ids: _Tensor, *, skip_special_tokens: bool) -> str: ...


class _Config(Protocol):
    """What is read of verl's configuration."""

    reward: Mapping[str, Any]
    trainer: Mapping[str, Any]
    actor_rollout_ref: Any


class _Scoring:
    """What the reward manager does; its base class comes from verl, when it is there."""

    tokenizer: _Tokenizer
    loop: asyncio.AbstractEventLoop

    def __init__(
        self,
        config: _Config,
        tokenizer: _Tokenizer,
        compute_score: object = None,
        reward_router_address: str | None = None,
        reward_model_tokenizer: object = None,
    ) -> None:
        super().__init__(config, tokenizer, None)  # type: ignore[call-arg]
        del compute_score, reward_router_address, reward_model_tokenizer
        experiment = str(config.trainer.get("experiment_name") or "")[:256]
        self.settings = settings(
            dict(config.reward.get("reward_kwargs") or {}),
            no_skip=NO_SKIP,
            defaults={"run": experiment or None},
        )
        self.max_response_length = int(config.actor_rollout_ref.rollout.response_length)

    async def run_single(self, data: Sequence[_Item]) -> dict[str, object]:
        """The reward of the last row, with every column beside it."""
        item = data[-1:][0]
        ids, length = _response(item)
        text, end = await self.loop.run_in_executor(None, self._read, item, ids)
        row = {**(item.non_tensor_batch.get("extra_info") or {}), **item.non_tensor_batch}
        split = _split(row)
        chosen = self.settings if split == "train" else _alone(self.settings)
        sample = replace(self._sample(row, text, ids, length), prefix=opened(end))
        [judged] = await judge([sample], chosen, step=_step(row), split=split)
        return {"reward_score": judged.reward, "reward_extra_info": as_score(judged)}

    def _read(self, item: _Item, ids: _Tensor) -> tuple[str, str]:
        """The completion, and the end of the prompt, where a template may have opened thoughts."""
        end = item.batch["prompts"][-_LAST_TOKENS:]
        text = self.tokenizer.decode(ids, skip_special_tokens=True)
        return text, self.tokenizer.decode(end, skip_special_tokens=False)

    def _sample(self, row: Mapping[str, Any], text: str, ids: _Tensor, length: int) -> Sample:
        turns = row.get("__num_turns__")
        ended = length > 0 and int(ids[-1]) == self.tokenizer.eos_token_id
        return Sample(
            prompt=_messages(row["raw_prompt"]) if "raw_prompt" in row else _question(row),
            completion=text,
            columns=row,
            reference=(row.get("reward_model") or {}).get("ground_truth"),
            images=_pictures(row),
            # With tool turns the response holds what the tools said, too.
            num_tokens=length if turns is None or int(turns) <= _ONE_TURN_EACH else None,
            truncated=length >= self.max_response_length and not ended,
            group=None if row.get("uid") is None else str(row["uid"]),
            id=None if row.get("session_id") is None else str(row["session_id"]),
        )


def _response(item: _Item) -> tuple[_Tensor, int]:
    """The ids of the response without padding, and how many there are."""
    ids = item.batch["responses"]
    length = int(item.batch["attention_mask"][-ids.shape[-1] :].sum())
    return ids[:length], length


def _pictures(row: Mapping[str, object]) -> Sequence[object]:
    """Where the messages have none: what the agent loop or the dataset kept beside them."""
    kept = row.get("multi_modal_data")
    beside = kept.get("images", kept.get("image")) if isinstance(kept, Mapping) else None
    return _images(beside if beside is not None else row.get("images"))


def __getattr__(name: str) -> object:
    # Its base class needs torch and Ray: it is made when verl asks for it.
    if name != "HarmoRewardManager":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    base = import_module("verl.experimental.reward_loop.reward_manager.base").RewardManagerBase
    made = type(name, (_Scoring, base), {"__module__": __name__})
    globals()[name] = made
    return made
