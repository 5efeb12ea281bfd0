"""Rewards for OpenRLHF 0.11 by its Python hook; its HTTP client needs no file (POST /get_reward).

    # harmo_openrlhf.py
    from harmo_client.adapters.openrlhf import reward_func

    HARMO_URL=http://reward-host:8000 HARMO_RECIPE=math HARMO_RUN=exp-42 python -m
        openrlhf.cli.train_ppo_ray --reward.remote_url harmo_openrlhf.py ...

`make(recipe=..., ...)` in that file gives a `reward_func` with settings of its own
(`core.settings.Settings`); what is not given is read from the environment of the Ray workers.

OpenRLHF calls it in a thread for each sample, with the text of prompt and completion and no id, no
images and no word on groups. `label` is the reference. Its threads are few (`cpus + 4`), fewer than
the members that would wait for each other: so with `group_size` prefer the HTTP route, which holds
no threads.

`extra_logs` has a number for each column and `NAME_ok`, `reward_error` and `group_complete`;
OpenRLHF logs their means. `scores`, which dynamic filtering reads, is the accuracy in [0, 1] where
a rule gave one, else the reward.

There is no skip: `on_unscored` is group_mean (default; it needs `group_size`), stop or value. What
is raised here OpenRLHF logs, and then ends the run for want of a reward.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

from harmo_client.adapters.core.ask import judge_now
from harmo_client.adapters.core.judged import Judged
from harmo_client.adapters.core.samples import Sample
from harmo_client.adapters.core.settings import settings
from harmo_client.adapters.core.template import after_prompt, opened, without_end

NO_SKIP = "OpenRLHF trains on every sample"

RewardFunc = Callable[..., dict[str, object]]


def make(**given: object) -> RewardFunc:
    """A `reward_func` with these settings."""

    def reward_func(
        queries: Sequence[str],
        prompts: Sequence[str],
        labels: Sequence[object],
        **kwargs: object,
    ) -> dict[str, object]:
        """`rewards`, `scores` and `extra_logs`, in the order of the queries."""
        del kwargs
        chosen = settings(given, no_skip=NO_SKIP)
        rows = zip(queries, prompts, labels, strict=True)
        return _lists(judge_now([_sample(*row) for row in rows], chosen))

    return reward_func


reward_func = make()


def _sample(query: str, prompt: str, label: object) -> Sample:
    text, ended = without_end(after_prompt(query, prompt))
    begun = opened(prompt)
    return Sample(
        prompt=prompt.removesuffix(begun),
        completion=text,
        reference=label,
        # Without an end it may have stopped at a limit or at a stop string: nobody says which.
        truncated=False if ended else None,
        prefix=begun,
    )


def _lists(judged: Sequence[Judged]) -> dict[str, object]:
    rewards = [cast("float", each.reward) for each in judged]
    names = judged[0].numbers if judged else ()
    return {
        "rewards": rewards,
        "scores": [
            reward if each.accuracy is None else each.accuracy
            for reward, each in zip(rewards, judged, strict=True)
        ],
        "extra_logs": {name: [each.numbers[name] for each in judged] for name in names},
    }
