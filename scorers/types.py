"""Values that cross the scorer boundary. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, TypeAlias

MAX_SCORE = 1e12
"""No scorer means more than this; sums and squares of scores stay finite."""
ZERO_VARIANCE = 1e-6
"""Rewards of a group that lie closer than this are equal: the group teaches nothing."""

Part = Literal["full", "think", "answer", "last_sentence"]
"""What of a completion a term reads; `last_sentence` is the think part's last."""
ThinkTags: TypeAlias = tuple[str, str]
"""What opens and what closes the think part."""
THINK_TAGS: ThinkTags = ("<think>", "</think>")
"""The usual ones."""


class Family(StrEnum):
    """The four terms of R."""

    MODEL = "model"
    RULE = "rule"
    ASPECT = "aspect"
    LENGTH = "length"


class Cause(StrEnum):
    """What an abstention comes from: the request, the completion or the service."""

    REQUEST = "request"
    COMPLETION = "completion"
    SERVICE = "service"


class Reason(StrEnum):
    """Why there is no score. Also the metric label; every reason has one cause."""

    NO_REFERENCE = "no_reference"
    UNREADABLE_REFERENCE = "unreadable_reference"
    NO_CONSTRAINTS = "no_constraints"
    UNREADABLE_CONSTRAINTS = "unreadable_constraints"
    NO_TASK = "no_task"
    UNKNOWN_TASK = "unknown_task"
    NO_TOKEN_COUNT = "no_token_count"  # noqa: S105 - a count of tokens, not a secret
    UNREADABLE_IMAGE = "unreadable_image"
    UNSUPPORTED_IMAGES = "unsupported_images"
    PROMPT_TOO_LONG = "prompt_too_long"
    PARTIAL_GROUP = "partial_group"
    UNKNOWN_CORRECTNESS = "unknown_correctness"
    NO_SCORER = "no_scorer"
    UNSUPPORTED_LANGUAGE = "unsupported_language"
    UNSUPPORTED_TURNS = "unsupported_turns"
    COMPLETION_TOO_LONG = "completion_too_long"
    COMPLETION_BROKEN = "completion_broken"
    TRUNCATED = "truncated"
    DEADLINE = "deadline"
    OVERLOADED = "overloaded"
    WORKER_CRASHED = "worker_crashed"
    OUT_OF_MEMORY = "out_of_memory"
    SCORER_ERROR = "scorer_error"
    WRONG_LENGTH = "wrong_length"
    NON_FINITE = "non_finite"
    OUT_OF_BOUNDS = "out_of_bounds"
    SANDBOX_UNAVAILABLE = "sandbox_unavailable"
    UPSTREAM_ERROR = "upstream_error"

    @property
    def cause(self) -> Cause:
        """What it comes from: the request, the completion or the service itself."""
        if self in _COMPLETION:
            return Cause.COMPLETION
        return Cause.SERVICE if self in _SERVICE else Cause.REQUEST

    def __reduce_ex__(self, protocol: object, /) -> tuple[type[Reason], tuple[str]]:
        # Before Python 3.11.4 it would travel as a call of `getattr`, which no answer may.
        return Reason, (self.value,)


_COMPLETION = frozenset(
    {
        Reason.COMPLETION_TOO_LONG,
        Reason.COMPLETION_BROKEN,
        Reason.TRUNCATED,
    }
)
_SERVICE = frozenset(
    {
        Reason.DEADLINE,
        Reason.OVERLOADED,
        Reason.WORKER_CRASHED,
        Reason.OUT_OF_MEMORY,
        Reason.SCORER_ERROR,
        Reason.WRONG_LENGTH,
        Reason.NON_FINITE,
        Reason.OUT_OF_BOUNDS,
        Reason.SANDBOX_UNAVAILABLE,
        Reason.UPSTREAM_ERROR,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """One decoded-and-checked picture, still in its encoded form."""

    content: bytes
    """The encoded bytes; format, size and pixel count were checked on arrival."""
    media_type: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRef:
    """Where the image number `index` of the prompt stands in a message."""

    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A tool that an assistant turn calls."""

    name: str
    arguments: str
    """A JSON object as text, or whatever the policy wrote instead."""
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One chat turn: text with images between, and tool calls."""

    role: str
    parts: tuple[str | ImageRef, ...]
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    """Of a tool turn: which call it answers."""
    name: str | None = None

    @property
    def text(self) -> str:
        """The turn's text parts, joined."""
        return "".join(part for part in self.parts if isinstance(part, str))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One prompt with one completion."""

    prompt: str | tuple[Message, ...] = ""
    completion: str | tuple[Message, ...] = ""
    """Text, or the assistant and tool turns; the policy wrote it, so it is hostile."""
    prefix: str = ""
    """What the chat template opened in the prompt, e.g. a think tag."""
    images: tuple[Image, ...] = ()
    reference: object = None
    """Ground truth: a string, a list of accepted strings or a JSON value."""
    references: Mapping[str, object] = field(default_factory=dict)
    """Further ground truth, by name."""
    task: str | None = None
    constraints: object = None
    """Instructions to check, in any of the carriers `aspect.ifeval` documents."""
    num_tokens: int | None = None
    """Tokens the policy generated, EOS included; None where nobody counted."""
    truncated: bool = False
    """True if generation stopped at the token limit."""
    metadata: Mapping[str, object] = field(default_factory=dict)
    delimited: bool = False
    """True if `completion` is the content of an `<answer>` element: the answer and nothing else."""
    unanswered: str = ""
    """Why there is no answer part, where the term reads it and `text` is therefore empty."""
    think_tags: ThinkTags = THINK_TAGS
    """What stands round the think part: the recipe's terms say so."""

    @property
    def prompt_text(self) -> str:
        """The prompt, of messages their texts, one a line."""
        if isinstance(self.prompt, str):
            return self.prompt
        return "\n".join(turn.text for turn in self.prompt)

    @property
    def text(self) -> str:
        """What a rule reads: the prefix and the last assistant text, cut to the term's part."""
        if isinstance(self.completion, str):
            return self.prefix + self.completion
        turns = [turn.text for turn in self.completion if turn.role == "assistant"]
        return self.prefix + (turns[-1] if turns else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The samples of one prompt in one step."""

    id: str
    samples: tuple[Sample, ...]
    size: int
    """How many completions the group has in all; more than `samples` if some are elsewhere."""
    run: str | None = None
    step: int | None = None
    split: str = "train"
    correctness: tuple[bool | None, ...] = ()
    """Per sample: right, wrong, unknown. Set before the length family runs."""

    @property
    def complete(self) -> bool:
        """True if every member is here."""
        return len(self.samples) == self.size


class NonFiniteError(ValueError):
    """A scorer gave NaN or an infinity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One scorer's verdict on one sample, or its abstention.

    Exactly one of `value` and `reason` is set: a wrong answer is 0.0, "could not compare" is an
    abstention, and the two never meet.
    """

    value: float | None = None
    confidence: float = 1.0
    """In [0, 1]: how often such a verdict is right; 0 for an abstention."""
    reason: Reason | None = None
    detail: Mapping[str, object] = field(default_factory=dict)
    """JSON-able evidence: what was extracted, what it was compared with."""

    def __post_init__(self) -> None:
        value = self.value
        if (value is None) == (self.reason is None):
            raise ValueError(
                f"Score needs one of value and reason, got {value!r} and {self.reason!r}"
            )
        if value is not None:
            if type(value) is not float:
                # Plugins return numpy scalars, which are no JSON numbers; so for confidence.
                value = float(value)
                object.__setattr__(self, "value", value)
            if not -MAX_SCORE <= value <= MAX_SCORE:
                raise NonFiniteError(f"Score.value must be within {MAX_SCORE:g}, got {value}")
        if type(self.confidence) is not float:
            object.__setattr__(self, "confidence", float(self.confidence))
        if not 0.0 <= self.confidence <= 1.0:
            raise ValueError(f"Score.confidence must be in [0, 1], got {self.confidence}")

    @classmethod
    def abstain(cls, reason: Reason, **detail: object) -> Score:
        """A score that says "could not compare", with its reason."""
        return cls(reason=reason, confidence=0.0, detail=detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reward:
    """The combined scalar of one sample, or `None` with a reason."""

    value: float | None
    reason: Reason | None
    scores: tuple[Score, ...]
    """One per column."""
    contributions: tuple[float, ...]
    """One per column; they sum to `value`, and are all 0 where it is None."""
