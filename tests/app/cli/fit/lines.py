"""What is said about stored completions, as `harmo fit-weights` reads it."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Mapping
from typing import Any

from harmo.audit.records import KeptGroup

Line = Mapping[str, Any]
LIKED = {"answer": 4.0, "aspect.format": 1.5}
"""Log-odds per unit of score of whoever prefers here."""


def preferences(
    groups: Iterable[KeptGroup],
    *,
    seed: int = 0,
    each: int = 4,
    liked: Mapping[str, float] = LIKED,
) -> list[Line]:
    """What someone says, who likes what `liked` says."""
    draw, lines = random.Random(seed), []
    for kept in groups:
        names = [column.name for column in kept.recipe.columns]
        worth = [
            sum(liked.get(n, 0.0) * (s.value or 0.0) for n, s in zip(names, r.scores, strict=True))
            for r in kept.rewards
        ]
        for _ in range(each):
            a, b = draw.sample(range(len(worth)), 2)
            if draw.random() > 1 / (1 + math.exp(worth[b] - worth[a])):
                a, b = b, a
            lines.append({"group": kept.number, "better": kept.ids[a], "worse": kept.ids[b]})
    return lines


def named(lines: Iterable[Line], groups: Iterable[KeptGroup]) -> list[Line]:
    """The same lines with groups as a trainer names them."""
    by_number = {kept.number: kept.group for kept in groups}
    return [
        {
            **line,
            "group": {
                "run": group.run,
                "step": group.step,
                "split": group.split,
                "id": group.id,
            },
        }
        for line in lines
        for group in [by_number[line["group"]]]
    ]
