"""POST /verify and its neighbours: a resources server of NeMo-Gym, for NeMo-RL and axolotl.

The whole request comes back with `reward` and, by column, the `reward_components` that sum to it:
NeMo-RL refuses an answer in which they do not. A completion without a reward is the documented
failure, masked out of the loss, never a number. axolotl gives up after 30 s.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Request, Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from harmo.app import respond
from harmo.app.exchange import exchange
from harmo.app.routes.dependencies import ROLLOUT, KeyDep, ServiceDep
from harmo.app.routes.trainers import OptionsDep, form
from harmo.app.scored import ScoredRequest
from harmo.app.trainers.options import OnUnscored, Options
from harmo.app.trainers.paid import Paid, columns, contributions
from harmo.app.trainers.responses import conversation
from harmo.app.trainers.rows import Row
from harmo.app.wireformat import documented

DEADLINE_MS = 25_000
FAILED = "judge_failed"
"""NeMo-Gym's word for a reward that could not be had; its rows go to a file of their own."""

router = APIRouter()


class CreateParams(BaseModel):
    """What the policy was given; whatever else there is comes back untouched."""

    model_config = ConfigDict(extra="allow")

    input: str | list[dict[str, JsonValue]]
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


def _at(path: str, **said: Any) -> Any:
    """A route at a path, and behind the prefix that tells rollouts apart."""

    def register(endpoint: Any) -> Any:
        router.post(f"{ROLLOUT}{{rollout}}{path}", include_in_schema=False, **said)(endpoint)
        return router.post(path, **said)(endpoint)

    return register
