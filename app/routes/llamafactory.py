"""POST /v1/score/evaluation: the reward server of LLaMA-Factory's PPO.

Its client (llamafactory/train/ppo/ppo_utils.py) has neither timeout nor retry nor a look at the
status, and dies of an answer without scores. So a request waits here for as long as it must.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict

from harmo.app import respond
from harmo.app.routes.trainers import Texts, answered, parameters
from harmo.app.scored import ScoredRequest
from harmo.app.trainers.options import Options
from harmo.app.trainers.paid import paid
from harmo.app.trainers.rows import Row
from harmo.app.trainers.split import cut_whole
from harmo.app.wireformat import documented

DEADLINE_MS = 1_200_000

router = APIRouter()


class EvaluationRequest(BaseModel):
    """A batch as LLaMA-Factory sends it."""

    model_config = ConfigDict(extra="ignore", use_attribute_docstrings=True, strict=True)

    messages: Texts
    """Whole rendered conversations, special tokens kept. They bring no references."""
    model: str = "model"
    """Comes back."""


class EvaluationAnswer(BaseModel):
    """A number for every conversation, in the order asked."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    id: str
    """Of this answer."""
    object: str = "score.evaluation"
    """Always that."""
    model: str
    """As sent."""
    scores: list[float]
    """What is trained on."""


@router.post(
    "/v1/score/evaluation",
    summary="Rewards for LLaMA-Factory",
    **documented(EvaluationRequest, EvaluationAnswer, numbers=True, options=parameters()),
)
async def evaluation(request: Request) -> Response:
    """A number for every conversation: `reward_model` is this whole address."""
    return await answered(request, EvaluationRequest, to_rows, to_body, deadline_ms=DEADLINE_MS)


def to_rows(asked: EvaluationRequest, options: Options) -> Iterator[Row]:
    """A row for every conversation, cut where the policy began to write.

    Args:
        asked: The conversations.
        options: May name the chat template; then what has no end is truncated.

    Raises:
        ValueError: If one has no known header of an assistant turn.
    """
    for text in asked.messages:
        split = cut_whole(text, options.template, turns=options.turns)
        yield Row(
            prompt=split.turns,
            text=split.completion,
            prefix=split.prefix,
            truncated=options.template is not None and not split.ended,
        )


def to_body(scored: ScoredRequest, asked: EvaluationRequest, options: Options) -> bytes:
    """The scores, in the order asked.

    Args:
        scored: What it came to.
        asked: For its model's name.
        options: Say what a completion without a reward gets.
    """
    answer = {
        "id": f"scoreval-{uuid4().hex}",
        "object": "score.evaluation",
        "model": asked.model,
        "scores": [number.value for number in paid(scored, options)],
    }
    return respond.as_json(answer)
