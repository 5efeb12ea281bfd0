"""POST /slime: the remote reward model of slime, and of its forks miles and vime.

Its client (slime/rollout/rm_hub) trains on the whole JSON body, so that is a bare number, or with
`?format=dict` and `--reward-key score` an object of numbers. It gives up after 120 s, tries ten
times, and ends the run then.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, JsonValue

from harmo.app import respond
from harmo.app.routes.trainers import answered, parameters
from harmo.app.scored import ScoredRequest
from harmo.app.trainers.options import Options
from harmo.app.trainers.paid import named, paid
from harmo.app.trainers.rows import Row, chat
from harmo.app.trainers.split import cut_end
from harmo.app.wireformat import documented

DEADLINE_MS = 100_000

router = APIRouter()


class SampleRequest(BaseModel):
    """One sample as slime sends it; fields that a fork adds are left out."""

    model_config = ConfigDict(extra="ignore", use_attribute_docstrings=True, strict=True)

    prompt: str | list[dict[str, JsonValue]]
    """A rendered prompt, or messages."""
    response: str
    """What the policy wrote."""
    label: JsonValue = None
    """The reference."""


@router.post(
    "/slime",
    summary="A reward for slime",
    **documented(SampleRequest, numbers=True, options=parameters()),
)
async def slime(request: Request) -> Response:
    """A bare number, or with `?format=dict` an object: `score`, and one number per column."""
    return await answered(request, SampleRequest, to_rows, to_body, deadline_ms=DEADLINE_MS)


def to_rows(asked: SampleRequest, options: Options) -> list[Row]:
    """The one row.

    Args:
        asked: A rendered prompt is read back into its turns.
        options: May name the chat template.

    Raises:
        ValueError: If a picture is named and not brought.
    """
    said = cut_end(
        asked.prompt if isinstance(asked.prompt, str) else "", asked.response, options.template
    )
    prompt, images = chat(asked.prompt, options)
    row = Row(
        prompt=said.turns if isinstance(prompt, str) else prompt,
        text=said.completion,
        prefix=said.prefix,
        images=images,
        reference=asked.label,
        truncated=options.template is not None and not said.ended,
    )
    return [row]


def to_body(scored: ScoredRequest, asked: SampleRequest, options: Options) -> bytes:
    """The whole answer: a number, or an object of numbers.

    Args:
        scored: Of the one completion.
        asked: Not looked at.
        options: Say which of the two, and what a completion without a reward gets.
    """
    del asked
    [number] = paid(scored, options)
    whole = options.format == "dict"
    return respond.as_json(named(scored.plan, number) if whole else number.value)
