"""What is asked of a service, and how: the settings of one bench."""

from __future__ import annotations

from dataclasses import dataclass, field

RUN, SPLIT = "bench", "eval"
"""How requests are labelled: a run of their own, and nothing that is trained on."""
CHARS_PER_TOKEN = 4
"""Of English, about; the service hears token counts that fit its texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The settings of one bench; with the same ones, a seed and a recipe, the same texts."""

    recipe: str
    groups: int
    """In a request."""
    members: int
    """In a group."""
    prompt_tokens: int
    completion_tokens: int
    """On average: they vary from half of it to half more."""
    images: int
    """With each prompt."""
    wrong: float
    """Share of the completions whose answer is wrong."""
    tasks: dict[str, float] = field(default_factory=dict)
    """How often each comes, in proportion; empty for the recipe's own."""
    rollouts: str = ""
    """The file that is sent instead of made-up texts."""
    seed: int

    concurrency: int
    """Requests under way at once: so many in a closed loop, at most so many in an open one."""
    rate: float | None
    """Requests that begin each second in an open loop; None for a closed one."""
    duration_s: float
    """How long requests begin, after the warm-up."""
    requests: int | None
    """How many begin at most, after the warm-up; None for no limit."""
    warmup_s: float
    timeout_s: float
    """Longest one try may take."""
    retry: bool
    """Whether 429 and 503 are asked again, as a trainer does."""

    @property
    def open_loop(self) -> bool:
        """True if requests begin when they are due, not when others have ended."""
        return self.rate is not None
