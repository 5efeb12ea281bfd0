"""Rewards for ms-swift 4.6: a plugin file of two lines.

    # harmo_swift.py
    from harmo_client.adapters import swift
    swift.register(columns=["answer", "aspect.format"])

    HARMO_URL=http://reward-host:8000 HARMO_RECIPE=math HARMO_RUN=exp-42 swift rlhf --rlhf_type grpo
        --external_plugins harmo_swift.py --reward_funcs harmo harmo.answer harmo.aspect.format
        --reward_weights 1 0 0 ...

`harmo` is the reward. Each column is a function of its own, `harmo.NAME`, that shares the request:
give it weight 0, it is there to be logged (ms-swift logs `rewards/NAME/mean` and `std` for each
function). `harmo.reward_error` is the share of stand-ins. Settings (`core.settings.Settings`) are
arguments of `register` or in the environment.

The ground truth is read from the column `solution`, else `reference`; pictures from `images`, put
where the prompt says `<image>`; token counts and truncation from the rollout. Groups are rows with
the same `prompt_id`, reference and pictures. Where processes share a group (fewer rows a process
than `num_generations`) the service holds its parts for each other, which needs `run`; give
`wait_for_group_ms=0` where `--num_generations_eval` is smaller: nobody says what is an evaluation.

ms-swift 4.6 has no way to leave a sample out: a None is summed as 0 (`nansum` in
swift/rl_core/advantage.py) and moves its siblings' baseline. So `on_unscored` is group_mean
(default), stop or value; `skip` only with `--scale_rewards gdpo`, which does leave a None out.
An error ends the run once `retry_for_s` is over; keep that below `--ddp_timeout`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, ClassVar, Protocol, cast

from harmo_client.adapters.core import chat, ranks
from harmo_client.adapters.core.ask import judge
from harmo_client.adapters.core.clients import held
from harmo_client.adapters.core.judged import Judged
from harmo_client.adapters.core.samples import Sample
from harmo_client.adapters.core.settings import Settings, settings

NO_SKIP = "ms-swift counts a None as 0 (only --scale_rewards gdpo leaves it out)"
MARKER = "<image>"

Columns = Mapping[str, Any]
"""What ms-swift passes beside the completions: a list for each column, and `trainer_state`."""


class _State(Protocol):
    global_step: int


class _Shared:
    """The answer to the latest batch, for all the functions that ms-swift calls with it."""

    def __init__(self) -> None:
        self.completions: object = None
        self.task: asyncio.Task[list[Judged]] | None = None

    async def of(
        self, completions: Sequence[str], columns: Columns, chosen: Settings
    ) -> list[Judged]:
        """The same list object means the same batch."""
        if self.task is None or self.completions is not completions:
            self.completions = completions
            self.task = asyncio.ensure_future(_judge(completions, columns, chosen))
        return self.task.result() if self.task.done() else await asyncio.shield(self.task)


class Harmo:
    """The reward, or one column of it, called as ms-swift calls an `AsyncORM`."""

    column: ClassVar[str | None] = None
    given: ClassVar[Mapping[str, object]] = {}
    shared: ClassVar[_Shared] = _Shared()

    def __init__(self, args: object = None) -> None:
        gdpo = getattr(args, "scale_rewards", None) == "gdpo"
        chosen = settings(self.given, no_skip=None if gdpo else NO_SKIP)
        size = getattr(args, "num_generations", None)
        if chosen.group_size is None and ranks.world_size() > 1 and size:
            chosen = chosen.model_copy(update={"group_size": int(size)})
        self.settings = chosen

    async def __call__(self, completions: Sequence[str], **columns: Any) -> list[float | None]:  # noqa: ANN401 - the dataset's
        """One number per completion, in order."""
        judged = await self.shared.of(completions, columns, self.settings)
        if self.column is None:
            return [each.reward for each in judged]
        return [_number(each, self.column) for each in judged]


def register(columns: Sequence[str] = (), *, name: str = "harmo", **given: object) -> None:
    """Put the reward into ms-swift's registry as `name`, and each column as `name.COLUMN`.

    Raises ValueError for a setting that does not fit.
    """
    settings(given)
    shared = _Shared()
    registry = import_module("swift.rewards").orms
    for column in (None, *columns, "reward_error"):
        known = name if column is None else f"{name}.{column}"
        made = {"column": column, "given": given, "shared": shared, "__module__": __name__}
        # ms-swift logs a function under its class's name.
        registry[known] = type(known, (Harmo,), made)


def _number(judged: Judged, column: str) -> float | None:
    if column not in judged.numbers:
        known = ", ".join(name for name in judged.scores if f"{name}_ok" in judged.scores)
        raise ValueError(f"the recipe has no column {column!r}; it has {known}")
    return judged.numbers[column] if judged.scores.get(f"{column}_ok", 1.0) else None


async def _judge(completions: Sequence[str], columns: Columns, chosen: Settings) -> list[Judged]:
    state = cast("_State | None", columns.get("trainer_state"))
    rows = {name: values for name, values in columns.items() if name != "trainer_state"}
    samples = await asyncio.to_thread(
        lambda: [_sample(text, _row(rows, i)) for i, text in enumerate(completions)]
    )
    # The event loop ends with the batch, and so must the connections.
    async with held().fresh(chosen) as client:
        step = None if state is None else state.global_step
        return await judge(samples, chosen, step=step, client=client)


def _row(rows: Columns, i: int) -> dict[str, Any]:
    # What is not a list of rows, such as trajectory_inputs, is not for us.
    return {k: v[i] for k, v in rows.items() if isinstance(v, list) and i < len(v)}


def _sample(completion: str, row: Mapping[str, Any]) -> Sample:
    images = row.get("images") or ()
    images = images if isinstance(images, list | tuple) else [images]
    return Sample(
        prompt=chat.placed((row.get("messages") or [])[:-1], images, MARKER),
        completion=completion,
        columns=row,
        reference=row.get("solution"),
        images=images,
        num_tokens=_num_tokens(row.get("response_token_ids")),
        truncated=bool(row.get("is_truncated")),
        # A prompt_id stands for messages alone: other pictures or answers make another group.
        group=row.get("prompt_id") or None,
        asked_alike=True,
        id=row.get("request_id") or None,
    )


def _num_tokens(ids: object) -> int | None:
    """Of the last turn, which is the completion; ids come as one list or as one for each turn."""
    if not isinstance(ids, list) or not ids:
        return None
    return len(ids[-1]) if isinstance(ids[-1], list) else len(ids)
