"""Rewards for AReaL 1.0: a reward function for its workflows.

    from harmo_client.adapters import areal
    workflow = RLVRWorkflow(reward_fn=areal.reward_fn, gconfig=..., tokenizer=...)
    areal.attach(workflow)

    HARMO_URL=http://reward-host:8000 HARMO_RECIPE=math HARMO_RUN=exp-42
        HARMO_REFERENCE=answer python train.py ...

Settings (`core.settings.Settings`) come from the environment; `reference` names the dataset's
column with the ground truth (default: `answer`, else `solution`).

AReaL runs `reward_fn` in a few worker processes and turns what takes longer than 15 s, the wait for
a free process included, into a silent 0. `attach` lets the workflow await the service on its own
event loop instead: as many at once as there are rollouts, and no 15 s. Use it wherever you have the
workflow; where a config names `reward_fn` by its path, as a string, that alone works too: it
raises before 15 s are over, so a service that is slow ends the run after AReaL's retries.

The prompt is the dataset's `messages`, else AReaL's text, with `images` where the dataset has them.
`max_tokens` (as `gconfig.max_new_tokens`) tells what was truncated. With `group_size`
(`gconfig.n_samples`) and `attach` the service holds the samples of a prompt for each other; it
knows them by prompt and reference. AReaL logs the reward alone. There is no skip: `on_unscored` is
group_mean (default; it needs siblings), stop or value.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol, cast

from harmo_client.adapters.core.ask import judge, judge_now
from harmo_client.adapters.core.samples import Sample
from harmo_client.adapters.core.settings import Settings, settings
from harmo_client.adapters.core.template import opened, without_end

NO_SKIP = "AReaL trains on every sample"
_SHORT = {"deadline_s": 4.0, "timeout_s": 9.0, "retry_for_s": 4.0}
"""Together below AReaL's 15 s: attempts begin within 4 s, the last takes 9."""


class Workflow(Protocol):
    """What is written of `areal.workflow.rlvr.RLVRWorkflow`."""

    reward_fn: Any
    async_reward_fn: Callable[..., Awaitable[float]]


def attach(workflow: Workflow) -> None:
    """Let the workflow await rewards on its event loop, instead of in AReaL's worker processes."""
    _settings()
    # A string would be imported and wrapped again at the first episode.
    workflow.reward_fn = reward_fn
    workflow.async_reward_fn = async_reward_fn


def reward_fn(
    prompt: str,
    completions: str,
    prompt_ids: Sequence[int],
    completion_ids: Sequence[int],
    **row: Any,  # noqa: ANN401 - the dataset's
) -> float:
    """The reward of one completion, or an error, within 15 s."""
    del prompt_ids
    [judged] = judge_now([_sample(prompt, completions, completion_ids, row)], _hasty(_settings()))
    return cast("float", judged.reward)


async def async_reward_fn(
    prompt: str,
    completions: str,
    prompt_ids: Sequence[int],
    completion_ids: Sequence[int],
    **row: Any,  # noqa: ANN401 - the dataset's
) -> float:
    """The reward of one completion, awaited as AReaL's own wrapper is."""
    del prompt_ids
    [judged] = await judge([_sample(prompt, completions, completion_ids, row)], _settings())
    return cast("float", judged.reward)


def _settings() -> Settings:
    return settings(no_skip=NO_SKIP)


def _hasty(chosen: Settings) -> Settings:
    """No more patient than AReaL's 15 s, whatever was set for the awaited way: a 0 would follow."""
    told = {name: getattr(chosen, name) for name in _SHORT}
    least = {n: most if told[n] is None else min(told[n], most) for n, most in _SHORT.items()}
    return chosen.model_copy(update={**least, "group_size": None})


def _sample(prompt: str, text: str, ids: Sequence[int], row: dict[str, Any]) -> Sample:
    images = row.get("images") or ()
    said, ended = without_end(text)
    begun, asked = opened(prompt), row.get("messages")
    return Sample(
        # The dataset's messages are the prompt before its template.
        prompt=asked if isinstance(asked, list) else prompt.removesuffix(begun),
        completion=said,
        columns=row,
        reference=row.get("answer", row.get("solution")),
        images=images if isinstance(images, list | tuple) else [images],
        num_tokens=len(ids),
        truncated=False if ended else None,
        prefix=begun,
    )
