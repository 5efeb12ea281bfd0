"""Generations as they were posted, made by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from harmo_client import wire
from harmo_client.adapters.core.hub import Posted

COLUMNS = [
    wire.Column(name="answer", family="rule"),
    wire.Column(name="brevity", family="length"),
]


def rewarded(id: str, scores: Sequence[float | str]) -> wire.CompletionReward:
    """A completion with these scores, each of which pays in full; a word is a reason."""
    reasons = [score if isinstance(score, str) else None for score in scores]
    values = [None if isinstance(score, str) else score for score in scores]
    contributions = [value or 0.0 for value in values]
    return wire.CompletionReward(
        id=id,
        reward=None if reasons[0] else sum(contributions),
        reason=reasons[0],
        scores=values,
        confidences=[None if value is None else 1.0 for value in values],
        contributions=contributions,
        reasons=reasons,
    )


def make_posted(*completions: Sequence[float | str], **changes: Any) -> Posted:
    ids = [str(i) for i in range(len(completions))]
    group = wire.Group(
        id="train.0.0",
        prompt="2 + 2 = ?",
        reference="4",
        task="math",
        completions=[wire.Completion(id=i, text="4", num_tokens=2) for i in ids],
    )
    answer = wire.ScoreResponse(
        recipe=wire.RecipeRef(name="math", version="1", scorer_version="1"),
        columns=COLUMNS,
        groups=[
            wire.GroupRewards(
                id=group.id,
                complete=True,
                weights=[1.0, 1.0],
                completions=list(map(rewarded, ids, completions)),
                stats=wire.GroupStats(scored=0, mean=None, std=None, zero_variance=None),
            )
        ],
    )
    fields = {"step": 0, "split": "train", "retries": 0, "seconds": 0.1, **changes}
    return Posted(groups=[group], answer=answer, **fields)


@pytest.fixture
def posted() -> Callable[..., Posted]:
    """A generation of one group: `posted([1.0, -0.5], ["no_reference", 0.0], step=3)`."""
    return make_posted
