"""What becomes of a sample without a reward: the user's choice, never 0 by accident."""

from __future__ import annotations

import logging
import math
from collections import Counter
from dataclasses import dataclass
from typing import Literal

from harmo_client import wire
from harmo_client.errors import UnscoredError

logger = logging.getLogger(__name__)

OnUnscored = Literal["skip", "group_mean", "stop", "value"]
"""`skip`: the trainer's own way of leaving a sample out. `group_mean`: the mean of its scored
siblings, so its advantage is 0. `stop`: raise. `value`: a number the user names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unscored:
    """The choice, checked."""

    on_unscored: OnUnscored = "skip"
    unscored_value: float | None = None
    """The reward of an unscored sample; with `value`, and only there."""

    def __post_init__(self) -> None:
        if self.on_unscored not in ("skip", "group_mean", "stop", "value"):
            raise ValueError(
                f"on_unscored is {self.on_unscored!r}; choose skip, group_mean, stop or value"
            )
        if (self.on_unscored == "value") != (self.unscored_value is not None):
            raise ValueError(
                f"on_unscored={self.on_unscored!r} with unscored_value={self.unscored_value}: "
                "the number goes with 'value', and only with it"
            )
        if self.unscored_value is not None and not math.isfinite(self.unscored_value):
            raise ValueError(f"unscored_value must be finite, got {self.unscored_value}")


def fill(answer: wire.ScoreResponse, choice: Unscored) -> list[float | None]:
    """Rewards in the order asked; None where the trainer shall skip the sample.

    Raises UnscoredError if there is a sample without a reward and the choice is `stop`.
    """
    if choice.on_unscored == "stop" and any(reasons(answer).values()):
        raise UnscoredError(f"{describe(answer)}, and on_unscored is 'stop'")
    rewards: list[float | None] = []
    for group in answer.groups:
        stand_in = _stand_in(group, choice)
        rewards += [stand_in if c.reward is None else c.reward for c in group.completions]
    return rewards


def _stand_in(group: wire.GroupRewards, choice: Unscored) -> float | None:
    return group_mean(group) if choice.on_unscored == "group_mean" else choice.unscored_value


def group_mean(group: wire.GroupRewards) -> float | None:
    """The mean of the completions that have a reward; None where there are none."""
    scored = [c.reward for c in group.completions if c.reward is not None]
    # Siblings that others sent count in the group's own mean. Without any reward there is none.
    return math.fsum(scored) / len(scored) if scored else group.stats.mean


def reasons(answer: wire.ScoreResponse) -> Counter[str]:
    """How many samples went unscored, by reason."""
    completions = [c for group in answer.groups for c in group.completions]
    return Counter(c.reason or "no reason" for c in completions if c.reward is None)


def describe(answer: wire.ScoreResponse) -> str:
    """For example "3 of 128 completions unscored: deadline 2, no_reference 1"."""
    counts = reasons(answer)
    total = sum(len(group.completions) for group in answer.groups)
    listed = ", ".join(f"{reason} {count}" for reason, count in counts.most_common())
    return f"{counts.total()} of {total} completions unscored: {listed}"
