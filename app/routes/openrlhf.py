"""POST /get_reward: the wire format of OpenRLHF's remote reward model, and of its forks.

Its client (openrlhf/utils/agent.py) gives up after 180 s, tries five times, and loses the run with
one reward that does not come. Since 0.9.1 it sends lists of one; before, and in lmm-r1, OpenRLHF-M
and MM-EUREKA, lists of a micro-batch. Lists are answered, which all of them read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from harmo.app import respond
from harmo.app.routes.trainers import Texts, answered, parameters
from harmo.app.scored import ScoredRequest
from harmo.app.trainers.options import Options
from harmo.app.trainers.paid import columns, paid
from harmo.app.trainers.rows import Row
from harmo.app.trainers.split import cut, cut_whole
from harmo.app.wireformat import documented

DEADLINE_MS = 150_000

router = APIRouter()


class RewardRequest(BaseModel):
    """Rows as OpenRLHF sends them; fields that a fork adds are left out."""

    model_config = ConfigDict(extra="ignore", use_attribute_docstrings=True, strict=True)

    query: Texts
    """Prompt and completion as text, special tokens kept."""
    prompts: Texts | None = None
    """The prompts alone, as the chat template wrote them."""
    labels: list[JsonValue] | None = None
    """References."""


class RewardAnswer(BaseModel):
    """A number for every row, in the order asked."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    rewards: list[float]
    """What is trained on."""
    scores: list[float] | None = None
    """How right each is, in [0, 1], for dynamic filtering; None for recipes that do not know."""
    extra_logs: Mapping[str, list[float]] = Field(default_factory=dict)
    """Every column's score, `NAME_ok` 0.0 where it abstained, `reward_error` 1.0 for a stand-in,
    `group_complete`: the same names for every row of a recipe."""


@router.post(
    "/get_reward",
    summary="Rewards for OpenRLHF",
    **documented(RewardRequest, RewardAnswer, numbers=True, options=parameters()),
)
async def get_reward(request: Request) -> Response:
    """A number for every query: `--reward.remote_url` is this address, with `?recipe=NAME`."""
    return await answered(request, RewardRequest, to_rows, to_body, deadline_ms=DEADLINE_MS)


def to_rows(asked: RewardRequest, options: Options) -> Iterator[Row]:
    """A row for every query.

    Args:
        asked: Lists of one length.
        options: May name the chat template; then what has no end is truncated.

    Raises:
        ValueError: If lists differ in length, or a completion's beginning cannot be told.
    """
    for name, given in (("prompts", asked.prompts), ("labels", asked.labels)):
        if given and len(given) != len(asked.query):
            raise ValueError(f"{len(asked.query)} in query but {len(given)} in {name}")
    for i, query in enumerate(asked.query):
        label = asked.labels[i] if asked.labels else None
        if asked.prompts:
            split = cut(query, asked.prompts[i], options.template)
        else:
            split = cut_whole(query, options.template, turns=options.turns)
        yield Row(
            prompt=split.turns,
            text=split.completion,
            prefix=split.prefix,
            reference=label,
            truncated=options.template is not None and not split.ended,
        )


def to_body(scored: ScoredRequest, asked: RewardRequest, options: Options) -> bytes:
    """Lists, in the order asked.

    Args:
        scored: For its columns.
        asked: Not looked at.
        options: Say what a completion without a reward gets.
    """
    del asked
    numbers = paid(scored, options)
    logs: dict[str, list[float]] = {}
    for number in numbers:
        flags = {
            "reward_error": float(number.stand_in),
            "group_complete": float(number.complete),
        }
        for name, value in {**columns(scored.plan, number), **flags}.items():
            logs.setdefault(name, []).append(value)
    answer: dict[str, object] = {"rewards": [number.value for number in numbers]}
    accuracy = [number.accuracy for number in numbers if number.accuracy is not None]
    if len(accuracy) == len(numbers):
        answer["scores"] = accuracy
    return respond.as_json({**answer, "extra_logs": logs})
