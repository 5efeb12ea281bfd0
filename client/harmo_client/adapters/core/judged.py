"""From an answer to numbers: one for each sample, and the same names beside every one of them."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from harmo_client import wire
from harmo_client.adapters import unscored
from harmo_client.adapters.core.samples import Layout
from harmo_client.errors import UnscoredError

RESERVED = frozenset(
    {"reward", "rewards", "score", "scores", "overall"}
    | {"reward_error", "group_complete", "stand_in"}
)
"""Names that mean something to a trainer, which a column must not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One sample's number, and what is behind it."""

    reward: float | None
    """Its reward or what stands in for it; None where the trainer is to skip the sample."""
    reason: str | None
    """Why it has no reward of its own; None if it has one."""
    scores: Mapping[str, float]
    """By column its score, and as `NAME_ok` whether it has one: 0.0 beside 0.0 is an abstention."""
    contributions: Mapping[str, float]
    """What each column adds: they sum to the reward, and are all 0 without one."""
    accuracy: float | None
    """Of the first rule that gave a score, in [0, 1]; None where none did."""
    complete: bool
    """True if its whole group was there."""
    group_mean: float | None
    """Of the siblings that have a reward; None where there are none."""

    @property
    def parts(self) -> dict[str, float]:
        """What sums to the reward: the contributions, and `stand_in` where it has none."""
        stand_in = 0.0 if self.reason is None or self.reward is None else self.reward
        return {**self.contributions, "stand_in": stand_in}

    @property
    def numbers(self) -> dict[str, float]:
        """The scores, and `reward_error`: 1.0 where the reward is a stand-in or missing."""
        flags = {
            "reward_error": float(self.reason is not None),
            "group_complete": float(self.complete),
        }
        return {**self.scores, **flags}


def read(layout: Layout, answer: wire.ScoreResponse, choice: unscored.Unscored) -> list[Judged]:
    """What each sample of the layout came to, in the order of the samples.

    Raises UnscoredError if one has no reward and nothing may stand in for it.
    """
    names = column_names(answer.columns)
    filled = iter(unscored.fill(answer, choice))
    rewards = [[next(filled) for _ in group.completions] for group in answer.groups]
    if choice.on_unscored != "skip" and any(None in given for given in rewards):
        raise UnscoredError(
            f"{unscored.describe(answer)}, and no sibling has a reward whose mean could stand in; "
            "mend the cause, or ask for a number of your own: on_unscored=value, unscored_value=0"
        )
    return [
        _judged(answer, names, group, member, rewards[at][member])
        for (group, member), (at, _) in zip(layout.in_order(answer), layout.places, strict=True)
    ]


def unrewarded(layout: Layout, nothing: wire.ScoreResponse) -> wire.ScoreResponse:
    """The answer of a service that had no time for any sample, as it is where it had for some.

    Args:
        layout: What was asked.
        nothing: An answer without groups, which has the columns.
    """
    width = len(nothing.columns)
    vectors = {
        "scores": [None] * width,
        "confidences": [None] * width,
        "contributions": [0.0] * width,
        "reasons": ["deadline"] * width,
    }
    stats = {"scored": 0, "mean": None, "std": None, "zero_variance": None}
    groups = [
        wire.GroupRewards.model_validate(
            {
                "id": group.id,
                "complete": group.size in (None, len(group.completions)),
                "weights": [0.0] * width,
                "completions": [
                    {"id": each.id, "reward": None, "reason": "deadline", **vectors}
                    for each in group.completions
                ],
                "stats": stats,
            }
        )
        for group in layout.groups
    ]
    return nothing.model_copy(update={"groups": groups})


def _judged(
    answer: wire.ScoreResponse,
    names: Sequence[str],
    group: wire.GroupRewards,
    member: int,
    reward: float | None,
) -> Judged:
    completion = group.completions[member]
    scores: dict[str, float] = {}
    for name, score in zip(names, completion.scores, strict=True):
        scores[name] = 0.0 if score is None else score
        scores[f"{name}_ok"] = float(score is not None)
    return Judged(
        reward=reward,
        reason=(completion.reason or "no reason") if completion.reward is None else None,
        scores=scores,
        contributions=dict(zip(names, completion.contributions, strict=True)),
        accuracy=_accuracy(answer.columns, completion),
        complete=group.complete,
        group_mean=unscored.group_mean(group),
    )


def _accuracy(columns: Sequence[wire.Column], completion: wire.CompletionReward) -> float | None:
    rules = (
        score
        for column, score in zip(columns, completion.scores, strict=True)
        if column.family == "rule" and not column.shadow and score is not None
    )
    first = next(rules, None)
    return None if first is None else min(1.0, max(0.0, first))


def column_names(columns: Sequence[wire.Column]) -> list[str]:
    """The columns' names; one that means something to a trainer gets `_column` at its end."""
    taken: set[str] = set()
    names = []
    for column in columns:
        name = column.name
        while _is_taken(name, taken):
            name = f"{name}_column"
        taken |= {name, f"{name}_ok"}
        names.append(name)
    return names


def _is_taken(name: str, taken: Collection[str]) -> bool:
    return name in RESERVED or bool({name, f"{name}_ok"} & {*taken})


def means(judged: Sequence[Judged]) -> dict[str, float]:
    """The mean of each number over the samples; a column's over those that have a score."""
    found: dict[str, float] = {}
    for name in judged[0].numbers if judged else ():
        counted = [j.numbers for j in judged if j.scores.get(f"{name}_ok", 1.0)]
        if counted:
            found[name] = math.fsum(numbers[name] for numbers in counted) / len(counted)
    return found
