"""What the service answers. Clients ignore fields that a newer service adds."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, JsonValue


class ResponseModel(BaseModel):
    """Base of everything in a response: open to fields of a newer service."""

    model_config = ConfigDict(
        extra="ignore", allow_inf_nan=False, use_attribute_docstrings=True, defer_build=True
    )


class RecipeRef(ResponseModel):
    """Which recipe answered, and everything its numbers depend on."""

    name: str
    """Name of the recipe."""
    version: str
    """sha256 of the recipe."""
    scorer_version: str
    """sha256 over weights, calibrations and code of its scorers."""


class Column(ResponseModel):
    """One term of the recipe, or `combine.interaction`."""

    name: str
    """The term's `name`; default: its scorer."""
    family: str
    """`model`, `rule`, `aspect` or `length`; `combine` for `combine.interaction`."""
    shadow: bool = False
    """True if it is scored but counts for nothing."""


class CompletionReward(ResponseModel):
    """One completion's reward; the vectors line up with `columns`."""

    id: str
    """As sent."""
    reward: FiniteFloat | None
    """The combined scalar; null if the completion could not be scored."""
    reason: str | None
    """Why `reward` is null."""
    scores: list[FiniteFloat | None]
    """What each scorer gave; null if it abstained."""
    confidences: list[FiniteFloat | None]
    """How often such a verdict is right, in [0, 1]; null beside a null score."""
    contributions: list[FiniteFloat]
    """What each column adds. They sum to `reward`, and are all 0 where it is null."""
    reasons: list[str | None]
    """Why a score is null."""
    detail: list[dict[str, Any]] | None = None
    """Per score, with `?explain=true`: what was extracted and compared."""


class GroupStats(ResponseModel):
    """Over the scored completions of the group."""

    scored: int
    """How many have a reward."""
    mean: FiniteFloat | None
    """Their mean reward; null if there are none."""
    std: FiniteFloat | None
    """ddof 1; null below two scored completions."""
    zero_variance: bool | None
    """max - min < 1e-6; null below two."""


class GroupRewards(ResponseModel):
    """One group's answer."""

    id: str
    """As sent."""
    complete: bool
    """False if some members were not here: group-relative terms abstained."""
    weights: list[FiniteFloat]
    """What multiplies each column in this group."""
    completions: list[CompletionReward]
    """In the order sent."""
    stats: GroupStats
    """Over the whole group, members from other requests included."""
    note: str | None = None
    """What to mend at the trainer, e.g. that the group waited for members that did not come."""


class ScoreResponse(ResponseModel):
    """Answer of POST /score: same length and order as asked, ids echoed."""

    recipe: RecipeRef
    """Which recipe answered."""
    columns: list[Column]
    """What the vectors of every completion line up with."""
    groups: list[GroupRewards]
    """In the order sent."""
    timings_ms: dict[str, FiniteFloat] = Field(default_factory=dict)
    """Wall time by phase: `queue`, each family, `total`."""


class ErrorDetail(ResponseModel):
    """What was wrong with the request as a whole."""

    type: str
    """One word of a fixed list, for programs."""
    message: str
    """What was wrong and what to do, for people."""
    field: str | None = None
    """The field or header that it is about."""


class ErrorBody(ResponseModel):
    """Body of every HTTP error."""

    error: ErrorDetail
    """What was wrong."""


class RecipeSummary(ResponseModel):
    """One entry of GET /recipes."""

    name: str
    """What a request says as `recipe`."""
    version: str
    """sha256 of the recipe."""
    description: str = ""
    """What it is for, as its file says."""
    default: bool = False
    """Used where a request names none."""


class RecipePage(RecipeSummary):
    """Answer of GET /recipes/{name}."""

    scorer_version: str
    """sha256 over weights, calibrations and code of its scorers."""
    formula: str = ""
    """The reward as a formula over the columns."""
    words: str = ""
    """The same, said in sentences."""
    columns: list[Column]
    """Its terms, in the order of every answer's vectors."""
    recipe: dict[str, JsonValue]
    """The recipe file as JSON."""
