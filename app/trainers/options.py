"""What a trainer's wire format has no field for, and its user writes into the URL."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from harmo.app.trainers.templates import TEMPLATES
from harmo_client.wire import Identifier


class OnUnscored(StrEnum):
    """What becomes of a completion without a reward, where the format must have a number."""

    GROUP_MEAN = "group_mean"
    """The mean of its scored siblings: its advantage is 0. Without any the request is refused."""
    STOP = "stop"
    """The request is refused, with the reasons."""
    VALUE = "value"
    """The number that the URL names."""


class Options(BaseModel):
    """The query of a trainer's route. Names that are not here are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    recipe: Identifier | None = None
    """Name of a recipe the service loaded; default: the service's default."""
    run: Annotated[str, Field(max_length=256)] | None = None
    """Name of the training run: a metric label, and what keeps equal groups of two runs apart."""
    split: Literal["train", "eval"] = "train"
    """What the completions are for: a metric label."""
    task: Annotated[str, Field(max_length=256)] | None = None
    """Picks the rule of `rule.by_task`; default: the recipe's `default_task`."""
    reference: Annotated[str, Field(max_length=256)] | None = None
    """The column of a row that holds the reference, where rows have columns: `expected_answer`,
    `verifier_metadata.answer`; default: the first of the usual names."""
    template: str | None = None
    """The policy's chat template, where it is to be undone: one of those in docs/trainers; default:
    told by its markers."""
    turns: Literal["one", "many"] = "one"
    """Where prompt and completion come as one text: `many` if prompts hold earlier replies. Then
    it is cut at the last turn, which a policy that writes headers of turns can move."""
    prefix: Annotated[str, Field(max_length=256)] | None = None
    """What the chat template opened in the prompt, e.g. `<think>`; default: told by the markers."""
    on_unscored: OnUnscored = OnUnscored.GROUP_MEAN
    """What a completion without a reward gets."""
    value: Annotated[float, Field(allow_inf_nan=False)] | None = None
    """The reward of a completion without one; with `on_unscored=value`, and only there."""
    step: Annotated[int, Field(ge=0, le=2**53)] | None = None
    """Training step, for weight schedules and to keep the groups of two steps apart."""
    group: Identifier | None = None
    """What the completions of one prompt in one step have in common; default: their prompt and
    reference. The headers X-Harmo-Group, X-Harmo-Group-Size, X-Harmo-Run and X-Harmo-Step say the
    same as `group`, `group_size`, `run` and `step`, and go before them."""
    group_size: Annotated[int, Field(ge=1, le=65_536)] | None = None
    """Completions of one prompt; where a request brings fewer they are held for the others."""
    wait_for_group_ms: Annotated[int, Field(ge=0, le=600_000)] = 60_000
    """How long to hold members for the rest of their group."""
    deadline_ms: Annotated[int, Field(ge=1)] | None = None
    """Time for one request; default: the route's, which is below its client's own patience."""
    format: Literal["number", "dict"] = "number"
    """`/slime` alone: a bare number, or an object for `--reward-key`."""
    images: Literal["refuse", "leave_out"] = "refuse"
    """What becomes of pictures that the request names and does not bring."""
    token: Annotated[str, Field(max_length=4096)] | None = None
    """An API key, from clients that send no headers."""

    @model_validator(mode="after")
    def _consistent(self) -> Options:
        if self.template is not None and self.template not in TEMPLATES:
            known = ", ".join(TEMPLATES)
            raise ValueError(f"no chat template {self.template!r}; known: {known}")
        if (self.on_unscored is OnUnscored.VALUE) != (self.value is not None):
            raise ValueError(
                f"on_unscored={self.on_unscored.value} with value={self.value}: the number goes"
                " with on_unscored=value, and only with it"
            )
        return self
