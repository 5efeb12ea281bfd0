"""What hosted models offer. Free of torch, so that scorers and the service may import it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, Protocol

Meaning = Literal["raw", "unit", "p_correct"]
"""What a model's output means: any number, a number in [0, 1], a fitted P(correct)."""


class Rung(StrEnum):
    """How the prompts and completions of a batch share a forward pass, most sharing first.

    The word of `/readyz`, of `/metrics` and of `harmo models inspect`.
    """

    TREE = "tree"
    """One row: each prompt once, every completion attending to it."""
    CACHED = "cached"
    """The prompt's states once, completions as a padded batch on top of them."""
    PACKED = "packed"
    """Whole conversations side by side in a row: no padding, no sharing."""
    PADDED = "padded"
    """Whole conversations in padded batches; encoders' texts are run so too."""
    ALONE = "alone"
    """One conversation per forward pass."""


class Fault(StrEnum):
    """Why a model has no output for a completion; each value is one of `scorers.types.Reason`."""

    PROMPT_TOO_LONG = "prompt_too_long"
    UNREADABLE_IMAGE = "unreadable_image"
    UNSUPPORTED_IMAGES = "unsupported_images"
    UNREADABLE_REFERENCE = "unreadable_reference"
    UNSUPPORTED_LANGUAGE = "unsupported_language"
    UNSUPPORTED_TURNS = "unsupported_turns"
    COMPLETION_TOO_LONG = "completion_too_long"
    DEADLINE = "deadline"
    OVERLOADED = "overloaded"
    """It was not reached, and asking again may reach it: its request is answered 429."""
    OUT_OF_MEMORY = "out_of_memory"
    NON_FINITE = "non_finite"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A tool that an assistant turn calls."""

    name: str
    arguments: str
    """A JSON object as text, or whatever the policy wrote instead."""
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One chat turn as models see it: text with image indices between, and tool calls."""

    role: str
    parts: tuple[str | int, ...]
    """Text, or the index of an image in the conversation's `images`."""
    tool_calls: tuple[ToolCall, ...] = ()
    """Of an assistant turn."""
    tool_call_id: str | None = None
    """Of a tool turn: which call it answers."""
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversations:
    """The unit of model scoring: one prompt and everything the policy answered to it."""

    prompt: tuple[Turn, ...]
    completions: tuple[tuple[Turn, ...], ...]
    """Per completion its assistant and tool turns."""
    images: tuple[bytes, ...] = ()
    """Encoded pictures of the prompt, already checked for format, bytes and pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelScore:
    """One model's output for one completion, or why there is none."""

    values: tuple[float, ...] = ()
    """One per aspect, finite; empty where `fault` is set."""
    fault: Fault | None = None
    detail: Mapping[str, object] = field(default_factory=dict)
    """JSON-able evidence, such as the share of unknown tokens; `why` may quote the completion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """What a hosted model is, for columns, `/readyz`, metrics and versions."""

    name: str
    head: str
    aspects: tuple[str, ...]
    """Output names; ("reward",) for a scalar head."""
    meaning: Meaning
    images: bool
    max_tokens: int
    rung: Rung
    """How it scores: what the self-test at start-up chose."""
    version: str
    """sha256 over weights, manifest and code that shape its numbers."""
    device: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How busy a place of work is, and whether it works at all; cheap to ask at any time."""

    backlog_s: float = 0.0
    """Expected seconds until work that comes now would start."""
    completion_s: float = 0.0
    """Expected seconds that one completion more takes; 0.0 while nobody knows."""
    fault: str = ""
    """Why nothing gets done there, in words; empty while all is well."""
    completions: int = 0
    """That wait there."""
    tokens: int = 0
    """Theirs, as far as is known; 0 where nobody counts tokens."""
    oldest_s: float = 0.0
    """How long what has waited longest has waited; 0 if nothing waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One batch that a model ran."""

    completions: int
    """Distinct ones."""
    tokens: int
    """As the batch's budget counts them: each prompt once, no padding."""
    forwarded: int
    """Those that went through the model, padding included."""
    seconds: float


class Observer(Protocol):
    """Who counts what a model does; called from any thread."""

    def waited(self, seconds: float) -> None:
        """A group left the queue after so long, be it that nobody wanted it any more."""

    def tokenised(self, seconds: float) -> None:
        """A group was tokenised."""

    def forwarded(self, ran: Pass) -> None:
        """One batch ran."""

    def scored(self, tokens: int) -> None:
        """Completions were scored that have so many tokens, each with its prompt."""

    def split_for_memory(self) -> None:
        """A batch did not fit in memory and was halved."""


class Unobserved:
    """Counts nothing."""

    def waited(self, seconds: float) -> None: ...

    def tokenised(self, seconds: float) -> None: ...

    def forwarded(self, ran: Pass) -> None: ...

    def scored(self, tokens: int) -> None: ...

    def split_for_memory(self) -> None: ...


def busiest(loads: Iterable[Load]) -> Load:
    """The longest backlog and the first fault of several places that all have to do their part."""
    known = list(loads)
    return Load(
        backlog_s=max((load.backlog_s for load in known), default=0.0),
        fault=next((load.fault for load in known if load.fault), ""),
    )


class RewardModel(Protocol):
    """A model that scores whole conversations, behind a batcher."""

    @property
    def card(self) -> ModelCard: ...

    async def score(
        self, group: Conversations, *, deadline_s: float | None = None
    ) -> list[ModelScore]:
        """One score per completion, in order; never raises for a bad completion.

        Args:
            group: Prompt, completions and images.
            deadline_s: `time.monotonic()` instant after which nobody waits: what has no score by
                then has the fault `deadline`.
        """
        ...

    def load(self) -> Load:
        """How busy it is; callable from any thread."""
        ...

    async def shown(self, group: Conversations) -> list[Mapping[str, object]]:
        """Per completion what the model reads of it: the text its template makes, tokens, rung."""
        ...

    async def close(self) -> None: ...


class Encoder(Protocol):
    """A sentence (or text-image) encoder, behind a batcher."""

    @property
    def card(self) -> ModelCard: ...

    async def similarities(
        self, texts: Sequence[str], reference: str | bytes, *, deadline_s: float | None = None
    ) -> list[ModelScore]:
        """Cosine in [-1, 1] of each text with the reference (text, or an encoded image).

        Args:
            texts: What to compare.
            reference: A text, or an encoded image.
            deadline_s: As for `RewardModel.score`.
        """
        ...

    def load(self) -> Load:
        """How busy it is; callable from any thread."""
        ...

    async def close(self) -> None: ...
