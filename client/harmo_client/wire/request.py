"""What is sent to POST /score. Unknown fields are refused, and `true` is not a number."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

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


class TextPart(RequestModel):
    """A stretch of text in a message."""

    type: Literal["text"]
    """Says that this part is text."""
    text: str
    """The text."""


class ImagePart(RequestModel):
    """The place of the next image of `images`."""

    type: Literal["image"]
    """Says that this part is an image."""


Part = Annotated[TextPart | ImagePart, Field(discriminator="type")]
Content = str | Annotated[list[Part], Field(fail_fast=True)]


class FunctionCall(RequestModel):
    """What a tool call calls; fields that a vendor adds are left out."""

    model_config = ConfigDict(extra="ignore")

    name: str
    """Name of the function."""
    arguments: JsonValue = Field(default_factory=dict)
    """An object, or its text; anything else is shown as its text."""


class ToolCall(RequestModel):
    """One call of a tool; `{"name": ..., "arguments": ...}` alone is taken for its function.

    Fields that a vendor adds, such as the `index` of a streamed call, are left out.
    """

    model_config = ConfigDict(extra="ignore")

    type: Literal["function"]
    """The only type there is; may be left out."""
    id: str | None = None
    """What the tool turn that answers it names as `tool_call_id`."""
    function: FunctionCall
    """What is called."""

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
    """Who speaks."""
    content: Content | None = None
    """Text, or text and image parts; None for an assistant turn that only calls tools."""
    tool_calls: Annotated[list[ToolCall], Field(fail_fast=True)] | None = None
    """Of an assistant turn; models read them where their chat template writes them."""
    tool_call_id: str | None = None
    """Of a tool turn: the call it answers."""
    name: str | None = None
    """Name of the speaker, or of a tool turn's tool, for chat templates that read it."""

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
    """Comes back with the reward; unique within the group."""
    text: str | None = None
    """What the policy wrote, if it is one assistant turn."""
    messages: Annotated[list[Message], Field(min_length=1, fail_fast=True)] | None = None
    """Assistant and tool turns: rules read the last assistant text, models all of it."""
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
    """Comes back with the rewards; with run and step it names the group for `wait_for_group_ms`."""
    prompt: str | Annotated[list[Message], Field(fail_fast=True)]
    """Chat messages, or a text, which is one user message."""
    completions: Annotated[list[Completion], Field(fail_fast=True)]
    """The members of the group that come with this request."""
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


EXAMPLE: dict[str, JsonValue] = {
    "recipe": "math",
    "groups": [
        {
            "id": "7",
            "prompt": "What is 1/2 + 1/4?",
            "reference": "3/4",
            "completions": [
                {"id": "a", "text": "2/4 + 1/4, so \\boxed{0.75}", "num_tokens": 14},
                {"id": "b", "text": "\\boxed{\\frac{1}{6}}", "num_tokens": 9},
            ],
        }
    ],
}
"""A request that every service can score: the recipe `math` is always there."""


class ScoreRequest(RequestModel):
    """Body of POST /score."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    groups: Annotated[list[Group], Field(fail_fast=True)]
    """What to score."""
    recipe: Identifier | None = None
    """Name of a recipe the service loaded; default: the service's default."""
    run: Annotated[str, Field(max_length=256)] | None = None
    """Name of the training run: a metric label, and what keeps equal group ids apart."""
    step: Annotated[int, Field(ge=0, le=2**53)] | None = None
    """Training step, for weight schedules and group assembly."""
    split: Literal["train", "eval"] = "train"
    """What the completions are for: a metric label."""
    wait_for_group_ms: Annotated[int, Field(ge=0, le=600_000)] = 0
    """Hold members until the group is whole, at most this long."""
