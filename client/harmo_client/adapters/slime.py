"""Rewards for slime, miles and vime: a `--custom-rm-path` function.

    HARMO_URL=http://reward-host:8000 HARMO_RECIPE=math HARMO_RUN=exp-42 python train.py
        --custom-rm-path harmo_client.adapters.slime.custom_rm --group-rm ...

Settings (`core.settings.Settings`) come from slime's arguments (`--custom-config-path`), where they
are called `harmo_url`, `harmo_recipe` and so on, else from the environment of its workers.

With `--group-rm` a whole group comes in one call and nothing waits. Without it samples come one by
one: give `group_size` (HARMO_GROUP_SIZE, as `--n-samples-per-prompt`) where columns compare
siblings, and the service holds them for each other by slime's `group_index`.

The ground truth is `label`, unless `reference` names a key of the metadata, which are the dataset's
columns here; pictures come from `multimodal_inputs` or the prompt's messages; token counts are
those of the loss mask, truncation is the sample's status.

With `--reward-key score` (and `--eval-reward-key`) the reward is a dict with `score` and a number
for each column; without it a number. Either way `sample.metadata["harmo"]` has the numbers, with
`reward_error` 1.0 for a stand-in.

`on_unscored` is skip by default: slime's own `remove_sample` masks the sample, and its reward is
its siblings' mean so that their advantages do not move. An error ends the run once `retry_for_s`
is over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, overload

from harmo_client.adapters.core.ask import judge
from harmo_client.adapters.core.judged import Judged
from harmo_client.adapters.core.samples import Sample
from harmo_client.adapters.core.settings import Settings, settings
from harmo_client.connection import Split
from harmo_client.errors import UnscoredError

Reward = float | dict[str, float]


class Rollout(Protocol):
    """What is read and written of `slime.utils.types.Sample`."""

    group_index: int | None
    index: int | None
    prompt: Any
    response: str
    response_length: int
    label: Any
    loss_mask: list[int] | None
    status: Any
    metadata: Any
    remove_sample: bool


@overload
async def custom_rm(args: object, sample: Rollout, **kwargs: object) -> Reward: ...
@overload
async def custom_rm(args: object, sample: Sequence[Rollout], **kwargs: object) -> list[Reward]: ...
async def custom_rm(
    args: object, sample: Rollout | Sequence[Rollout], **kwargs: object
) -> Reward | list[Reward]:
    """The reward of a sample, or with `--group-rm` of each of a list, in order.

    Args:
        args: slime's arguments.
        sample: One sample, or a list of them.
        **kwargs: `evaluation`, where slime says so.
    """
    chosen = _settings(args)
    split: Split = "eval" if kwargs.get("evaluation") else "train"
    if isinstance(sample, Sequence):
        whole = chosen.model_copy(update={"group_size": None})
        judged = await judge([_sample(each, grouped=True) for each in sample], whole, split=split)
        pairs = zip(sample, judged, strict=True)
        return [_reward(args, each, its, grouped=True) for each, its in pairs]
    # An evaluation has as many samples of a prompt as it likes.
    alone = chosen if split == "train" else chosen.model_copy(update={"group_size": None})
    [its] = await judge([_sample(sample, grouped=False)], alone, split=split)
    return _reward(args, sample, its, grouped=False)


def _settings(args: object) -> Settings:
    told = {name: getattr(args, f"harmo_{name}", None) for name in Settings.model_fields}
    return settings(told, defaults={"on_unscored": "skip"})


def _sample(rollout: Rollout, *, grouped: bool) -> Sample:
    metadata = rollout.metadata if isinstance(rollout.metadata, Mapping) else {}
    kept = getattr(rollout, "multimodal_inputs", None)
    images = kept.get("images") if isinstance(kept, Mapping) else None
    mask = rollout.loss_mask
    return Sample(
        prompt=rollout.prompt,
        completion=rollout.response,
        columns=metadata,
        reference=rollout.label,
        images=images or (),
        num_tokens=(rollout.response_length if mask is None else sum(mask)) or None,
        truncated=getattr(rollout.status, "value", rollout.status) == "truncated",
        group=None if rollout.group_index is None else str(rollout.group_index),
        # A group's samples come together, whether slime numbers them or not.
        asked_alike=grouped and rollout.group_index is None,
        id=None if rollout.index is None else str(rollout.index),
    )


def _reward(args: object, rollout: Rollout, judged: Judged, *, grouped: bool) -> Reward:
    value = judged.reward
    if value is None:
        value, rollout.remove_sample = judged.group_mean, True
        if value is None and grouped:
            # None of the group has one: all are masked, and one number for all moves nothing.
            value = 0.0
    if value is None:
        raise UnscoredError(
            f"a sample has no reward ({judged.reason}), and no sibling whose mean could stand in "
            "while it is masked; use --group-rm or group_size, or on_unscored=value"
        )
    if isinstance(rollout.metadata, dict):
        rollout.metadata["harmo"] = judged.numbers
    keys = {getattr(args, name, None) for name in ("reward_key", "eval_reward_key")} - {None, ""}
    return {**judged.numbers, **dict.fromkeys(map(str, keys), value)} if keys else value
