"""What a recipe may set besides its terms: schedules, policies, constants."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, model_validator


class Closed(BaseModel):
    """Base of everything in a recipe file: closed and frozen."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, use_attribute_docstrings=True
    )


class Schedule(Closed):
    """A weight that changes with the training step."""

    start: Annotated[FiniteFloat, Field(ge=0)]
    end: Annotated[FiniteFloat, Field(ge=0)]
    steps: Annotated[int, Field(ge=1)]
    """Steps over which it moves from `start` to `end`."""
    kind: Literal["linear", "exp"] = "linear"

    @model_validator(mode="after")
    def _positive_for_exp(self) -> Schedule:
        if self.kind == "exp" and not self.start * self.end > 0:
            raise ValueError("an exp schedule needs start and end above 0")
        return self

    def at(self, step: int | None) -> float:
        """The weight at a training step; `start` where the request brings none."""
        t = min((step or 0) / self.steps, 1.0)
        if self.kind == "exp":
            return float(self.start * (self.end / self.start) ** t)
        return self.start + (self.end - self.start) * t


class OnAbstain(Closed):
    """What happens where a column has no score."""

    accuracy: Literal["unscored"] = "unscored"
    columns: Literal["group", "impute_group_mean", "renormalise"] = "group"


class PromptWeight(Closed):
    """Weight of a whole group by how far its model scores disagree (HERO)."""

    mean_std: Annotated[FiniteFloat, Field(ge=0, le=1)]
    """Usual standard deviation of the model's scores within a group; frozen, from a past run."""
    low: Annotated[FiniteFloat, Field(ge=0)] = 0.5
    high: Annotated[FiniteFloat, Field(gt=0)] = 2.0
    slope: Annotated[FiniteFloat, Field(gt=0, le=100)] = 5.0


class CombineParams(Closed):
    """Constants of the combiners."""

    alpha: Annotated[FiniteFloat, Field(ge=0)] = 0.1
    """hero: half-width of the wrong stratum."""
    beta: Annotated[FiniteFloat, Field(ge=0)] = 0.1
    """hero: half-width of the right stratum."""
    epsilon: Annotated[FiniteFloat, Field(gt=0, lt=1)] = 1e-6
    """geometric: the least a factor counts as."""
    prompt_weight: PromptWeight | None = None
    """hero: scale a group's rewards; None for no scaling."""
