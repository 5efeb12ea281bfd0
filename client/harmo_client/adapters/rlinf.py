"""Rewards for RLinf 0.3: a rule-based reward class.

    # in the entry script, before the workers start
    from harmo_client.adapters import rlinf
    rlinf.register()

    reward: {reward_type: harmo, use_prompt: true, harmo: {url: http://reward-host:8000,
             recipe: math, run: exp-42, group_size: 8}}

The settings (`core.settings.Settings`) stand under `reward.harmo`; what does not is read from the
environment of the Ray workers, which must import the same entry.

RLinf passes the responses of a batch and their references, with `use_prompt` the prompts, and no
images. With `group_size` (as `algorithm.group_size`) that many rows in a row are one group, and a
batch that is no multiple of it is an error; without it every row is scored alone. RLinf logs the
reward alone; the means of the columns go to its log, one line a batch. There is no skip:
`on_unscored` is group_mean (default; it needs `group_size`), stop or value.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, Protocol, cast
from uuid import uuid4

from harmo_client.adapters.core.ask import judge_now
from harmo_client.adapters.core.judged import means
from harmo_client.adapters.core.samples import Sample
from harmo_client.adapters.core.settings import settings

logger = logging.getLogger(__name__)

NO_SKIP = "RLinf trains on every sample"


class Config(Protocol):
    """What is read of RLinf's `cfg.reward`."""

    def get(self, key: str, default: object = None) -> Any: ...  # noqa: ANN401 - omegaconf's


class HarmoReward:
    """A reward class as RLinf's registry holds them."""

    def __init__(self, config: Config) -> None:
        given: Mapping[str, object] = config.get("harmo") or {}
        self.settings = settings(dict(given), no_skip=NO_SKIP)

    def get_reward(
        self,
        response: Sequence[str],
        reference: Sequence[object],
        prompts: Sequence[str] | None = None,
    ) -> list[float]:
        """One number for each response, in order."""
        size = self.settings.group_size or 1
        if len(response) % size:
            raise ValueError(
                f"{len(response)} responses are no multiple of group_size={size}; "
                "it must be algorithm.group_size"
            )
        batch = uuid4().hex
        samples = [
            Sample(
                prompt=prompts[i] if prompts else "",
                completion=text,
                reference=reference[i],
                group=f"{batch}.{i // size}",
                id=str(i),
            )
            for i, text in enumerate(response)
        ]
        judged = judge_now(samples, self.settings)
        told = ", ".join(f"{name} {mean:.4g}" for name, mean in means(judged).items())
        logger.info("means of %d responses: %s", len(judged), told)
        return [cast("float", each.reward) for each in judged]


def register(name: str = "harmo") -> None:
    """Put `HarmoReward` into RLinf's registry."""
    import_module("rlinf.algorithms.rewards").register_reward(name, HarmoReward)
