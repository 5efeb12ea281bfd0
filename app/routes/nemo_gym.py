"""POST /verify and its neighbours: a resources server of NeMo-Gym, for NeMo-RL and axolotl.

The whole request comes back with `reward` and, by column, the `reward_components` that sum to it:
NeMo-RL refuses an answer in which they do not. A completion without a reward is the documented
failure, masked out of the loss, never a number. axolotl gives up after 30 s.
"""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from harmo.app import respond
from harmo.app.routes.dependencies import ROLLOUT, KeyDep
from harmo.app.routes.trainers import answered, parameters, read
from harmo.app.scored import ScoredRequest
from harmo.app.trainers.aggregate import MASKED, aggregated
from harmo.app.trainers.dataset import constraints, reference
from harmo.app.trainers.options import Options
from harmo.app.trainers.paid import Unpaid, columns, contributed, contributions, each_paid
from harmo.app.trainers.responses import given, written
from harmo.app.trainers.rows import Row
from harmo.app.wireformat import documented

DEADLINE_MS = 25_000
FAILED = "judge_failed"
"""NeMo-Gym's word for a reward that could not be had; its rows go to a file of their own."""

_FAILURE = ("_ng_failure_class", "_ng_failure_judge_error", "failure_reason", MASKED)

router = APIRouter()


class CreateParams(BaseModel):
    """What the policy was given; whatever else there is comes back untouched."""

    model_config = ConfigDict(extra="allow", use_attribute_docstrings=True)

    input: str | Annotated[list[dict[str, JsonValue]], Field(fail_fast=True)]
    """A text, or items of OpenAI's Responses API."""


class VerifyRequest(BaseModel):
    """One rollout; the columns of the dataset's row stand beside it and come back."""

    model_config = ConfigDict(extra="allow", use_attribute_docstrings=True)

    responses_create_params: CreateParams
    """What the policy was given."""
    response: dict[str, JsonValue]
    """What it made of it: an object of OpenAI's Responses API with `output` items."""

    @property
    def columns(self) -> dict[str, JsonValue]:
        """The dataset's row."""
        return self.model_extra or {}


class VerifyAnswer(BaseModel):
    """The request, with the reward."""

    model_config = ConfigDict(extra="allow", use_attribute_docstrings=True)

    reward: float
    """The sum of the components; 0.0 beside `_ng_failure_class` where there is none."""
    reward_components: dict[str, float] = Field(default_factory=dict)
    """What every column gives to the reward."""


class SeedRequest(BaseModel):
    """A rollout's row. Nothing is kept of it: of the answer it is all that there is."""

    model_config = ConfigDict(extra="ignore", use_attribute_docstrings=True)

    resources_session_id: str | None = None
    """Comes back."""


class AggregateRequest(BaseModel):
    """Rollouts that were verified."""

    model_config = ConfigDict(extra="ignore", use_attribute_docstrings=True)

    verify_responses: Annotated[list[dict[str, JsonValue]], Field(fail_fast=True)]
    """Answers of `/verify`."""


class AggregateAnswer(BaseModel):
    """Mean, max, min, median and std, each as `mean/NAME`."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    group_level_metrics: list[dict[str, JsonValue]]
    """By task."""
    agent_metrics: dict[str, float]
    """Over all rollouts."""
    key_metrics: dict[str, float]
    """Of these, the mean reward."""


@router.post(f"{ROLLOUT}{{rollout}}/verify", include_in_schema=False)
@router.post(
    "/verify",
    summary="A reward for NeMo-Gym",
    **documented(VerifyRequest, VerifyAnswer, options=parameters()),
)
async def verify(request: Request) -> Response:
    """The request with its reward, or with NeMo-Gym's failure and a mask where there is none."""
    return await answered(request, VerifyRequest, to_rows, to_body, deadline_ms=DEADLINE_MS)


def to_rows(asked: VerifyRequest, options: Options) -> list[Row]:
    """The one row.

    Args:
        asked: The rollout.
        options: May name the column of the reference.

    Raises:
        ValueError: If that is not there, or a picture is named and not brought.
    """
    prompt, images = given(asked.responses_create_params.input, options)
    made, row = written(asked.response, options), asked.columns
    task = row.get("task")
    return [
        Row(
            prompt=prompt,
            images=images,
            text=made.text,
            messages=made.messages,
            reference=reference(row, options),
            task=task if isinstance(task, str) else None,
            constraints=constraints(row),
            metadata=row,
            num_tokens=made.num_tokens,
            truncated=made.truncated,
        )
    ]


def to_body(scored: ScoredRequest, asked: VerifyRequest, options: Options) -> bytes:
    """The request with its reward and components, or with the documented failure.

    Args:
        scored: Of the one completion.
        asked: Comes back untouched.
        options: Say what a completion without a reward gets.
    """
    [number] = each_paid(scored, options)
    answer = asked.model_dump(mode="json")
    if "_ng_failure_class" in answer:
        _forget_failure(answer)
    if isinstance(number, Unpaid):
        none = dict.fromkeys(contributed(scored.plan), 0.0)
        failed = _failed(number, answer.get("instance_config"))
        return respond.as_json({**answer, "reward": 0.0, "reward_components": none, **failed})
    components = dict(contributions(scored.plan, number))
    if number.stand_in:
        components["stand_in"] = number.value
    flags = {"group_complete": float(number.complete)}
    named = {**columns(scored.plan, number), **flags}
    shown = {f"harmo/{name}": value for name, value in named.items()}
    return respond.as_json(
        {**answer, **shown, "reward": number.value, "reward_components": components}
    )


def _forget_failure(answer: dict[str, JsonValue]) -> None:
    """Leave out what was said of a rollout before: it is verified again."""
    for name in _FAILURE:
        answer.pop(name, None)
    config = answer.get("instance_config")
    if isinstance(config, dict):
        answer["instance_config"] = {k: v for k, v in config.items() if k != MASKED}


def _failed(number: Unpaid, config: object) -> dict[str, object]:
    why = f"no reward: {number.reason}"
    masked = {**(config if isinstance(config, dict) else {}), MASKED: True}
    said = (FAILED, why, why, True)
    return {**dict(zip(_FAILURE, said, strict=True)), "instance_config": masked}


@router.post(f"{ROLLOUT}{{rollout}}/seed_session", include_in_schema=False)
@router.post(
    "/seed_session",
    summary="A rollout begins",
    **documented(SeedRequest, SeedRequest, scores=False),
)
async def seed_session(request: Request) -> Response:
    """Nothing; the id of the session where one is given."""
    asked = await read(request, SeedRequest)
    return _json(asked.model_dump(exclude_none=True))


@router.post(f"{ROLLOUT}{{rollout}}/aggregate_metrics", include_in_schema=False)
@router.post(
    "/aggregate_metrics",
    summary="Statistics of verified rollouts",
    **documented(AggregateRequest, AggregateAnswer, scores=False),
)
async def aggregate_metrics(request: Request) -> Response:
    """Mean, max, min, median and std of every number, by task and over all."""
    asked = await read(request, AggregateRequest)
    return _json(await asyncio.to_thread(aggregated, asked.verify_responses))


@router.get(f"{ROLLOUT}{{rollout}}/reverify_mode", include_in_schema=False)
@router.get("/reverify_mode", summary="Whether a rollout can be verified again")
async def reverify_mode(key: KeyDep) -> str:
    """`stateless`: the same rollout gets the same reward."""
    del key
    return "stateless"


def _json(value: object) -> Response:
    return Response(respond.as_json(value), media_type="application/json")
