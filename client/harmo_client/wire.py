"""The wire schema of POST /score, written once for client and service.

Requests forbid unknown fields and take no coercions (`true` is not a number); responses ignore
fields that a newer service may add.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, JsonValue, model_validator

Identifier = Annotated[str, Field(min_length=1, max_length=256)]
Count = Annotated[int, Field(ge=0, le=10_000_000)]


class RequestModel(BaseModel):
    """Base of everything in a request: strict and closed."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
        defer_build=True,
    )


class ResponseModel(BaseModel):
    """Base of everything in a response: open to fields of a newer service."""

    model_config = ConfigDict(
        extra="ignore", allow_inf_nan=False, use_attribute_docstrings=True, defer_build=True
    )


class TextPart(RequestModel):
    """A stretch of text in a message."""

    type: Literal["text"]
    text: str


class ImagePart(RequestModel):
    """The place of the next image of `images`."""

    type: Literal["image"]


Part = Annotated[TextPart | ImagePart, Field(discriminator="type")]
Content = str | Annotated[list[Part], Field(fail_fast=True)]


class FunctionCall(RequestModel):
    """What a tool call calls; fields that a vendor adds are left out."""

    model_config = ConfigDict(extra="ignore")

    name: str
    arguments: JsonValue = Field(default_factory=dict)
    """An object, or its text; anything else is shown as its text."""


class ToolCall(RequestModel):
    """One call of a tool; `{"name": ..., "arguments": ...}` alone is taken for its function.

    Fields that a vendor adds, such as the `index` of a streamed call, are left out.
    """

    model_config = ConfigDict(extra="ignore")

    type: Literal["function"]
    id: str | None = None
    function: FunctionCall

    @model_validator(mode="before")
    @classmethod
    def _wrapped(cls, call: object) -> object:
        if not isinstance(call, dict):
            return call
        if "function" in call or "name" not in call:
            return {"type": "function", **call}
        function = {key: call[key] for key in ("name", "arguments") if key in call}
        rest = {key: value for key, value in call.items() if key not in function}
        return {"type": "function", **rest, "function": function}


class Message(RequestModel):
    """One chat turn."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: Content | None = None
    """Text, or text and image parts; None for an assistant turn that only calls tools."""
    tool_calls: Annotated[list[ToolCall], Field(fail_fast=True)] | None = None
    """Of an assistant turn; models read them where their chat template writes them."""
    tool_call_id: str | None = None
    """Of a tool turn: the call it answers."""
    name: str | None = None

    @model_validator(mode="after")
    def _calls_are_the_assistants(self) -> Message:
        if self.tool_calls and self.role != "assistant":
            raise ValueError(f"tool_calls belong to assistant turns, not to {self.role}")
        return self


class Image(RequestModel):
    """One picture. Addresses and paths are not accepted."""

    data: str
    """Base64 of the encoded file."""
    media_type: str | None = None
    """Such as `image/png`; an image that is of another type is unreadable. None to say nothing."""


class Completion(RequestModel):
    """What the policy wrote: `text`, or `messages` for assistant and tool turns."""

    id: Identifier
    text: str | None = None
    messages: Annotated[list[Message], Field(min_length=1, fail_fast=True)] | None = None
    num_tokens: Count | None = None
    """Policy-generated tokens, EOS included, tool and template tokens excluded."""
    truncated: bool = False
    """True if generation stopped at the token limit."""

    @model_validator(mode="after")
    def _one_form(self) -> Completion:
        if (self.text is None) == (self.messages is None):
            raise ValueError("give exactly one of 'text' and 'messages'")
        return self


class Group(RequestModel):
    """The completions of one prompt in one step; the prompt and its images travel once."""

    id: Identifier
    prompt: str | Annotated[list[Message], Field(fail_fast=True)]
    """A text prompt is one user message."""
    completions: Annotated[list[Completion], Field(fail_fast=True)]
    size: Annotated[int, Field(ge=1, le=65_536)] | None = None
    """Completions the group has in all; default: the number sent."""
    images: Annotated[list[Image], Field(fail_fast=True)] = Field(default_factory=list)
    """In the order of the image parts; without parts they come before the first user text."""
    prefix: Annotated[str, Field(max_length=65_536)] = ""
    """What the chat template opened in the prompt, e.g. `<think>\\n`; of several turns it stands
    before the last, which is the one that rules read."""
    task: str | None = None
    """Picks the rule of `rule.by_task`; default: the recipe's `default_task`."""
    reference: JsonValue = None
    """Ground truth: a string, a list of accepted strings or a JSON value."""
    references: dict[str, JsonValue] = Field(default_factory=dict)
    """Further ground truth by name, e.g. a caption."""
    constraints: JsonValue = None
    """Instructions to check: a list of {instruction_id, kwargs}, or another IFEval carrier."""
    metadata: dict[str, JsonValue] = Field(default_factory=dict)
    """Carried to the scorers; never interpreted by the service."""

    @model_validator(mode="after")
    def _consistent(self) -> Group:
        if self.size is not None and self.size < len(self.completions):
            raise ValueError(
                f"size is {self.size} but {len(self.completions)} completions were sent"
            )
        ids = [completion.id for completion in self.completions]
        if len(set(ids)) != len(ids):
            raise ValueError("completion ids must be unique within a group")
        return self


class ScoreRequest(RequestModel):
    """Body of POST /score."""

    groups: Annotated[list[Group], Field(fail_fast=True)]
    recipe: Identifier | None = None
    """Name of a recipe the service loaded; default: the service's default."""
    run: Annotated[str, Field(max_length=256)] | None = None
    """Training run, a metric label."""
    step: Annotated[int, Field(ge=0, le=2**53)] | None = None
    """Training step, for weight schedules and group assembly."""
    split: Literal["train", "eval"] = "train"
    wait_for_group_ms: Annotated[int, Field(ge=0, le=600_000)] = 0
    """Hold members until the group is whole, at most this long."""


class RecipeRef(ResponseModel):
    """Which recipe answered, and everything its numbers depend on."""

    name: str
    version: str
    """sha256 of the recipe."""
    scorer_version: str
    """sha256 over weights, calibrations and code of its scorers."""


class Column(ResponseModel):
    """One term of the recipe, or `combine.interaction`."""

    name: str
    family: str
    shadow: bool = False


class CompletionReward(ResponseModel):
    """One completion's reward; the vectors line up with `columns`."""

    id: str
    reward: FiniteFloat | None
    reason: str | None
    """Why `reward` is null."""
    scores: list[FiniteFloat | None]
    confidences: list[FiniteFloat | None]
    contributions: list[FiniteFloat]
    """They sum to `reward`."""
    reasons: list[str | None]
    """Why a score is null."""
    detail: list[dict[str, Any]] | None = None
    """Per score, with `?explain=true`: what was extracted and compared."""


class GroupStats(ResponseModel):
    """Over the scored completions of the group."""

    scored: int
    mean: FiniteFloat | None
    std: FiniteFloat | None
    """ddof 1; null below two scored completions."""
    zero_variance: bool | None
    """max - min < 1e-6; null below two."""


class GroupRewards(ResponseModel):
    """One group's answer."""

    id: str
    complete: bool
    """False if some members were not here: group-relative terms abstained."""
    weights: list[FiniteFloat]
    """What multiplies each column in this group."""
    completions: list[CompletionReward]
    stats: GroupStats


class ScoreResponse(ResponseModel):
    """Answer of POST /score: same length and order as asked, ids echoed."""

    recipe: RecipeRef
    columns: list[Column]
    groups: list[GroupRewards]
    timings_ms: dict[str, FiniteFloat] = Field(default_factory=dict)


class ErrorDetail(ResponseModel):
    """What was wrong with the request as a whole."""

    type: str
    message: str
    field: str | None = None


class ErrorBody(ResponseModel):
    """Body of every HTTP error."""

    error: ErrorDetail


class RecipeSummary(ResponseModel):
    """One entry of GET /recipes."""

    name: str
    version: str
    """sha256 of the recipe."""
    description: str = ""
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
    recipe: dict[str, JsonValue]
    """The recipe file as JSON."""
