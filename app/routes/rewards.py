"""POST /v1/rewards: for whatever can post JSON; one sample or a list of them.

The names are those of scripts around verl: data_source, solution_str, ground_truth, extra_info.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue, RootModel, model_validator

from harmo.app import respond
from harmo.app.routes.trainers import answered, parameters
from harmo.app.scored import ScoredRequest
from harmo.app.trainers.options import Options
from harmo.app.trainers.paid import named, paid
from harmo.app.trainers.rows import Row, chat
from harmo.app.wireformat import documented

DEADLINE_MS = 100_000
_OF_COMPLETIONS = ("num_tokens", "truncated")
"""What of `extra_info` is no part of what siblings share."""

router = APIRouter()


class RewardSample(BaseModel):
    """One completion with what it answers; other fields are left out."""

    model_config = ConfigDict(extra="ignore", use_attribute_docstrings=True, strict=True)

    solution_str: str | None = None
    """What the policy wrote."""
    response: str | None = None
    """The same by another name; give one of the two."""
    prompt: str | list[dict[str, JsonValue]] = ""
    """A text or messages; pictures as data URLs in their parts."""
    ground_truth: JsonValue = None
    """The reference."""
    data_source: str | None = None
    """Where the row is from: carried to scorers as metadata."""
    extra_info: dict[str, JsonValue] = Field(default_factory=dict)
    """Carried to scorers as metadata; of it `task`, `constraints`, `references`, `num_tokens` and
    `truncated` are read as they are in `POST /score`, and `question` where there is no prompt."""

    @model_validator(mode="after")
    def _one_text(self) -> RewardSample:
        if (self.solution_str is None) == (self.response is None):
            raise ValueError("give exactly one of 'solution_str' and 'response'")
        return self


class RewardSamples(RootModel[RewardSample | Annotated[list[RewardSample], Field(fail_fast=True)]]):
    """One sample, or a list of them."""

    @property
    def samples(self) -> list[RewardSample]:
        """The list."""
        return self.root if isinstance(self.root, list) else [self.root]


@router.post(
    "/v1/rewards",
    summary="Rewards as numbers",
    **documented(RewardSamples, numbers=True, options=parameters()),
)
async def rewards(request: Request) -> Response:
    """For each sample `score`, the reward, and one number per column; a list for a list."""
    return await answered(request, RewardSamples, to_rows, to_body, deadline_ms=DEADLINE_MS)


def to_rows(asked: RewardSamples, options: Options) -> Iterator[Row]:
    """A row for every sample.

    Args:
        asked: One or several.
        options: Say what becomes of pictures that are only named.

    Raises:
        ValueError: If a picture is named and not brought, or a field of `extra_info` does not fit.
    """
    return (_row(sample, options) for sample in asked.samples)


def _row(sample: RewardSample, options: Options) -> Row:
    extra = sample.extra_info
    question = extra.get("question")
    given = sample.prompt or (question if isinstance(question, str) else "")
    prompt, images = chat(given, options)
    references, tokens = extra.get("references"), extra.get("num_tokens")
    task = extra.get("task")
    shared = {name: value for name, value in extra.items() if name not in _OF_COMPLETIONS}
    return Row(
        prompt=prompt,
        text=sample.response if sample.solution_str is None else sample.solution_str,
        images=images,
        reference=sample.ground_truth,
        references=references if isinstance(references, dict) else {},
        task=task if isinstance(task, str) else None,
        constraints=extra.get("constraints"),
        metadata={**shared, "data_source": sample.data_source},
        num_tokens=tokens if isinstance(tokens, int) else None,
        truncated=extra.get("truncated") is True,
    )


def to_body(scored: ScoredRequest, asked: RewardSamples, options: Options) -> bytes:
    """An object of numbers for every sample, in the order asked.

    Args:
        scored: For its columns.
        asked: Says whether it was a list.
        options: Say what a completion without a reward gets.
    """
    answers: list[Mapping[str, float]] = [
        named(scored.plan, number) for number in paid(scored, options)
    ]
    return respond.as_json(answers if isinstance(asked.root, list) else answers[0])
