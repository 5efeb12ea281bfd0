"""Rewards for verifiers and prime-rl: a v1 reward function, and functions for the legacy `Rubric`.

v1 (verifiers 0.4), plugged by configuration:

    [env.taskset.task.rewards]
    harmo = {fn = "harmo_client.adapters.verifiers:reward", weight = 1.0}

or in a task's own class:

    @vf.reward(weight=1.0)
    async def harmo(self, trace):
        return await verifiers.reward(self.data, trace)

Settings (`core.settings.Settings`) come from the environment, or from `make(recipe=..., ...)`. The
prompt is what stands before the first sampled message, with its images; the completion is the rest
of the last branch, tool turns included; the ground truth is the task's field `answer` (`reference`
names another). What comes back are the columns' contributions, which sum to the reward: verifiers
records each under its column's name, and `stand_in` beside them. The scores are in
`trace.info["harmo"]`, with `reward_error` 1.0 for a stand-in.

A sample without a reward raises by default (`on_unscored=skip`): verifiers writes a TaskError on
its trace and prime-rl leaves that rollout out. So does a service that is away after `retry_for_s`.

Legacy (verifiers below 0.2):

    rubric = vf.Rubric(funcs=[verifiers.group_reward])   # or verifiers.rubric_reward, one at a time

A `Rubric` turns every Exception of a reward function into 0.0. So what would end a run is raised
as `LostReward`, which is no Exception, and does end it. There is no skip: `on_unscored` is
group_mean (default), stop or value.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol, cast

from harmo_client.adapters.core import chat
from harmo_client.adapters.core.ask import judge
from harmo_client.adapters.core.samples import Sample
from harmo_client.adapters.core.settings import settings
from harmo_client.errors import HarmoError, UnscoredError

NO_SKIP = "a Rubric sums every sample"


class LostReward(BaseException):
    """There is no reward, and a Rubric would make it 0.0 if this were an Exception."""


class _Model(Protocol):
    """What is read of a pydantic model."""

    def model_dump(self, *, exclude_none: bool = False) -> dict[str, Any]: ...


class _Node(Protocol):
    message: _Model
    sampled: bool


class _Branch(Protocol):
    nodes: Sequence[_Node]


class Trace(Protocol):
    """What is read and written of `verifiers.v1.Trace`."""

    id: str
    task: Any
    info: dict[str, Any]

    @property
    def branches(self) -> Sequence[_Branch]: ...
    @property
    def num_output_tokens(self) -> int: ...


def make(**given: object) -> Callable[[_Model, Trace], Awaitable[dict[str, float]]]:
    """A v1 `reward` with these settings."""

    async def reward(task: _Model, trace: Trace) -> dict[str, float]:
        """The contributions of the columns, which sum to the trace's reward."""
        chosen = settings(given, defaults={"on_unscored": "skip"})
        [judged] = await judge([_traced(task, trace)], chosen)
        trace.info["harmo"] = judged.numbers
        if judged.reward is None:
            raise UnscoredError(f"no reward: {judged.reason}; the rollout is left out")
        return judged.parts

    return reward


reward = make()


async def rubric_reward(
    prompt: chat.Prompt,
    completion: chat.Prompt,
    answer: object = None,
    state: Mapping[str, Any] | None = None,
    info: Mapping[str, Any] | None = None,
) -> float:
    """The reward of one rollout, for a legacy `Rubric`."""
    [given] = await _legacy([_rolled(prompt, completion, answer, state, info)])
    return given


async def group_reward(
    prompts: Sequence[chat.Prompt],
    completions: Sequence[chat.Prompt],
    answers: Sequence[object],
    states: Sequence[Mapping[str, Any]],
    infos: Sequence[Mapping[str, Any]],
) -> list[float]:
    """The rewards of a group's rollouts in one request, for a legacy `Rubric`."""
    rows = zip(prompts, completions, answers, states, infos, strict=True)
    return await _legacy([replace(_rolled(*row), asked_alike=True) for row in rows])


async def _legacy(samples: Sequence[Sample]) -> list[float]:
    try:
        judged = await judge(samples, settings(no_skip=NO_SKIP))
    except (HarmoError, ValueError) as error:
        raise LostReward(str(error)) from error
    return [cast("float", each.reward) for each in judged]


def _traced(task: _Model, trace: Trace) -> Sample:
    nodes = trace.branches[-1].nodes if trace.branches else ()
    turns = [node.message.model_dump(exclude_none=True) for node in nodes]
    first = next((i for i, node in enumerate(nodes) if node.sampled), len(nodes))
    row = task.model_dump()
    key = getattr(trace.task, "key", None)
    return Sample(
        prompt=turns[:first],
        completion=turns[first:] or "",
        columns=row,
        reference=row.get("answer"),
        num_tokens=trace.num_output_tokens or None,
        group=None if key is None else str(key),
        id=trace.id,
    )


def _rolled(
    prompt: chat.Prompt,
    completion: chat.Prompt,
    answer: object,
    state: Mapping[str, Any] | None,
    info: Mapping[str, Any] | None,
) -> Sample:
    told = state or {}
    return Sample(
        prompt=prompt,
        completion=completion,
        columns=dict(info or {}),
        reference=answer,
        truncated=bool(told["is_truncated"]) if "is_truncated" in told else None,
    )
