"""Siblings with drawn scores, and preferences of someone whose weights are known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from harmo.rewards.fit import Pairs, Siblings, settled
from harmo.rewards.fit.statements import Settled


def siblings(scores: np.ndarray, *, groups: int, rewards: np.ndarray | None = None) -> Siblings:
    """Groups of as many each."""
    return Siblings(
        columns=tuple("abcdefgh"[: scores.shape[1]]),
        groups=np.repeat(np.arange(groups), len(scores) // groups),
        scores=scores,
        rewards=scores.sum(axis=1) if rewards is None else rewards,
    )


def drawn_scores(draw: np.random.Generator, kinds: str, *, groups: int, members: int) -> np.ndarray:
    """A column per letter: n normal, b right or wrong, u even; of the last c again, - against."""
    count, columns = groups * members, []
    for kind in kinds:
        columns.append(
            {
                "n": lambda: draw.normal(size=count),
                "b": lambda: (draw.random(count) < 0.5).astype(float),
                "u": lambda: draw.random(count),
                "c": lambda: columns[-1] + 0.05 * draw.normal(size=count),
                "=": lambda: 2.0 * columns[-1],
                "-": lambda: -columns[-1],
                "0": lambda: np.full(count, 0.5),
            }[kind]()
        )
    return np.column_stack(columns)


def preferred(
    draw: np.random.Generator, found: Siblings, weights: Sequence[float], *, pairs: int
) -> Settled:
    """What someone says of drawn pairs of each group.

    Args:
        draw: Of pairs and answers.
        found: Whose scores are liked.
        weights: How much.
        pairs: Of a group.
    """
    utility = np.nan_to_num(found.scores) @ np.asarray(weights)
    said = []
    for group in range(found.count):
        rows = np.flatnonzero(found.groups == group)
        for _ in range(pairs):
            a, b = draw.choice(rows, 2, replace=False)
            if draw.random() > 1 / (1 + np.exp(utility[b] - utility[a])):
                a, b = b, a
            said.append((group, int(a), int(b), False))
    return settled(said)


def judged(
    seed: int, kinds: str, weights: Sequence[float], *, groups: int, pairs: int = 4
) -> tuple[Siblings, Pairs]:
    draw = np.random.default_rng(seed)
    found = siblings(drawn_scores(draw, kinds, groups=groups, members=8), groups=groups)
    return found, Pairs.of(found, preferred(draw, found, weights, pairs=pairs).preferences)
