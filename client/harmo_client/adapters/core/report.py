"""What an answer says about a generation, as numbers to log."""

from __future__ import annotations

import math
from collections.abc import Sequence

from harmo_client import wire
from harmo_client.errors import NotAdditiveError


def metrics(answer: wire.ScoreResponse) -> dict[str, float]:
    """Finite numbers by metric name.

    `columns/NAME` is a column's mean score over the completions that have one (absent where none
    has), `harmo/unscored` and `harmo/zero_variance` are shares in [0, 1]: of the completions, and
    of the groups with two scored completions or more.
    """
    completions = [c for group in answer.groups for c in group.completions]
    found: dict[str, list[float | None]] = {
        f"columns/{column.name}": [c.scores[i] for c in completions]
        for i, column in enumerate(answer.columns)
    }
    found["harmo/unscored"] = [float(c.reward is None) for c in completions]
    flat = [group.stats.zero_variance for group in answer.groups]
    found["harmo/zero_variance"] = [None if f is None else float(f) for f in flat]
    known = {name: [v for v in values if v is not None] for name, values in found.items()}
    return {name: math.fsum(values) / len(values) for name, values in known.items() if values}


def table(
    answer: wire.ScoreResponse, rows: Sequence[wire.CompletionReward]
) -> dict[str, list[object]]:
    """Columns for a table of completions: each row's scores, and why it has no reward."""
    scores: dict[str, list[object]] = {
        column.name: [row.scores[i] for row in rows] for i, column in enumerate(answer.columns)
    }
    return {**scores, "unscored": [row.reason for row in rows]}


def require_additive(name: str, page: wire.RecipePage) -> None:
    """Raise NotAdditiveError if the recipe's columns do not sum to its reward."""
    accuracy = page.recipe.get("accuracy", "sum")
    combine = page.recipe.get("combine", "sum")
    if accuracy not in ("sum", "route") or combine != "sum":
        raise NotAdditiveError(
            f"recipe {name!r} has accuracy {accuracy!r} and combine {combine!r}, so its columns "
            "do not sum to its reward; use the reward itself, or sum or route with combine sum"
        )


def contributions(
    answer: wire.ScoreResponse, rows: Sequence[wire.CompletionReward], name: str
) -> list[float | None]:
    """What a column gives to each row's reward; None in every column where there is none."""
    names = [column.name for column in answer.columns]
    if "combine.interaction" in names or name not in names:
        raise NotAdditiveError(
            f"columns mode needs column {name!r} of an additive recipe; "
            f"{answer.recipe.name!r} answered with {', '.join(names)}"
        )
    place = names.index(name)
    return [None if row.reward is None else row.contributions[place] for row in rows]
