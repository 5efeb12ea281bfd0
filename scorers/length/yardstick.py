"""Length terms whose yardstick is the lengths of the correct siblings.

They abstain (`partial_group`) unless the whole group is here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from statistics import fmean, median, pstdev
from typing import Annotated, Literal

from pydantic import Field

from harmo.models.transform import logistic
from harmo.scorers.length.counting import (
    Amount,
    AtMostZero,
    Count,
    Fraction,
    Peers,
    Positive,
    Shape,
    among,
    costs,
    costs_to_floor,
    modified_z,
    nothing,
    over,
    unit,
    unless_correct_only,
)
from harmo.scorers.registry import scorer
from harmo.scorers.types import Group, Score


@scorer(
    "length.arora",
    bounds=lambda alpha, bonus: costs(alpha, bonus=bonus),
    compares_siblings=True,
    on_loop=True,
)
def arora(group: Group, *, alpha: Amount = 1.0, bonus: float = 0.0) -> list[Score]:
    """-alpha * logistic((L - mean) / std) for correct completions, in [-alpha, 0] (2502.04463).

    Mean and (population) std over the correct ones; std 0, as with one correct, is -alpha / 2 for
    all. The paper is bonus 1 with alpha in [0, 1), e.g. 0.2.

    Args:
        group: Whole, with token counts and correctness.
        alpha: The most that is lost.
        bonus: Added to correct completions; above 0 it pays accuracy a second time.

    Returns:
        One score per sample, in order.
    """

    def shape(peers: Peers) -> Shape:
        if not peers.right:
            return Shape(right=lambda _: bonus)
        mean, std = fmean(peers.right), pstdev(peers.right)
        return Shape(right=lambda n: bonus - alpha * logistic((n - mean) / std if std else 0.0))

    return among(group, shape)


@scorer(
    "length.shorterbetter",
    bounds=costs_to_floor,
    compares_siblings=True,
    scores_wrong=unless_correct_only,
    on_loop=True,
)
def shorterbetter(
    group: Group,
    *,
    beta: Amount | None = None,
    floor: AtMostZero | None = -1.0,
    bonus: float = 0.0,
    correct_only: bool = True,
) -> list[Score]:
    """-beta * |L - shortest correct| for correct completions, in [-1, 0] (2504.21370).

    Where none is correct the yardstick is the group's mean. The paper: beta 0.001, bonus 1 or 2,
    floor null, correct_only false.

    Args:
        group: Whole, with token counts and correctness.
        beta: Loss per token; default: 1 / yardstick.
        floor: The least value before the bonus; None for none.
        bonus: Added to correct completions; above 0 it pays accuracy a second time.
        correct_only: Give wrong completions 0.

    Returns:
        One score per sample, in order.
    """
    least = -math.inf if floor is None else floor

    def shape(peers: Peers) -> Shape:
        if not peers.lengths:
            return Shape(right=lambda _: bonus)
        optimum = min(peers.right) if peers.right else fmean(peers.lengths)
        slope = 1.0 / max(optimum, 1.0) if beta is None else beta

        def curve(tokens: int) -> float:
            return max(-slope * abs(tokens - optimum), least)

        return Shape(right=lambda n: bonus + curve(n), wrong=nothing if correct_only else curve)

    return among(group, shape)


@scorer("length.excess_over_siblings", bounds=costs, compares_siblings=True, on_loop=True)
def excess_over_siblings(
    group: Group,
    *,
    quantile: Fraction = 0.5,
    relative: Amount = 0.0,
    absolute: Count = 0,
    beta: Amount = 1.0,
    cap: Fraction = 1.0,
    bonus: float = 0.0,
) -> list[Score]:
    """-min(cap, beta * excess / ref) for correct completions, in [-cap, 0] (miles #1573).

    ref is a quantile of the correct lengths; excess is what L has above ref * (1 + relative) +
    absolute. 0 unless at least two are correct.

    Args:
        group: Whole, with token counts and correctness.
        quantile: Which quantile of the correct lengths (linear interpolation).
        relative: Slack as a share of ref.
        absolute: Slack in tokens.
        beta: Loss per excess of one ref.
        cap: The most that is lost; the source keeps a floor under the reward instead.
        bonus: Added to correct completions; above 0 it pays accuracy a second time.

    Returns:
        One score per sample, in order.
    """

    def shape(peers: Peers) -> Shape:
        if len(peers.right) < 2:
            return Shape(right=lambda _: bonus)
        ref = _quantile(peers.right, quantile)
        allowed = ref * (1.0 + relative) + absolute
        return Shape(right=lambda n: bonus - min(cap, beta * max(over(n - allowed, ref), 0.0)))

    return among(group, shape)


def _quantile(values: tuple[int, ...], share: float) -> float:
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


@scorer(
    "length.zmad",
    bounds=lambda penalty, bonus, **_: costs(penalty, bonus=bonus),
    compares_siblings=True,
    on_loop=True,
)
def zmad(
    group: Group, *, cut: Amount = 3.5, penalty: Amount = 1.0, bonus: float = 0.0
) -> list[Score]:
    """-penalty for correct completions that are long outliers, else 0 (NeMo-RL).

    An outlier's modified z-score, 0.6745 * (L - median) / MAD over the correct ones, is above the
    cut. MAD 0 gives 0 for all.

    Args:
        group: Whole, with token counts and correctness.
        cut: Where outliers begin.
        penalty: What one loses.
        bonus: Added to correct completions; above 0 it pays accuracy a second time.

    Returns:
        One score per sample, in order.
    """

    def shape(peers: Peers) -> Shape:
        fitted = modified_z(peers.right)
        if fitted is None:
            return Shape(right=lambda _: bonus)
        centre, scale = fitted
        return Shape(right=lambda n: bonus - penalty * ((n - centre) / scale > cut))

    return among(group, shape)


@scorer(
    "length.dast",
    bounds=costs,
    compares_siblings=True,
    scores_wrong=unless_correct_only,
    on_loop=True,
)
def dast(
    group: Group, *, max_tokens: Positive, bonus: float = 0.0, correct_only: bool = True
) -> list[Score]:
    """max(0.5 - 0.5 * x, 0.1) - 1 for correct completions, in [-0.9, 0] (DAST, 2503.04472).

    x = (L - budget) / budget with budget = p * (mean correct length) + (1 - p) * max_tokens: hard
    prompts may be long. The paper is bonus 1, correct_only false (wrong: min(0.9 * x - 0.1, -0.1)).

    Args:
        group: Whole, with token counts and correctness.
        max_tokens: The trainer's limit, tokens.
        bonus: Added to correct completions; above 0 it pays accuracy a second time.
        correct_only: Give wrong completions 0.

    Returns:
        One score per sample, in order.
    """

    def shape(peers: Peers) -> Shape:
        p = peers.solve_rate if peers.right else 0.0
        budget = p * (fmean(peers.right) if peers.right else 0.0) + (1.0 - p) * max_tokens
        if not budget:
            return Shape(right=lambda _: bonus)

        def excess(tokens: int) -> float:
            return (tokens - budget) / budget

        def wrong(tokens: int) -> float:
            return min(0.9 * excess(tokens) - 0.1, -0.1)

        return Shape(
            right=lambda n: bonus - 1.0 + max(0.5 - 0.5 * excess(n), 0.1),
            wrong=nothing if correct_only else wrong,
        )

    return among(group, shape)


_CENTRES: Mapping[str, Callable[[tuple[int, ...]], float]] = {
    "mean": fmean,
    "median": median,
    "min": min,
}


@scorer(
    "length.harmo",
    bounds=lambda max_penalty, **_: costs(max_penalty),
    compares_siblings=True,
    scores_wrong=lambda applies_to, **_: applies_to != "correct",
    on_loop=True,
)
def harmo(
    group: Group,
    *,
    max_penalty: Amount = 1.0,
    tau: Annotated[float, Field(ge=0, lt=1)] = 0.0,
    target: Literal["mean", "median", "min"] = "mean",
    two_sided: bool = False,
    applies_to: Literal["correct", "wrong", "all"] = "correct",
) -> list[Score]:
    """Penalty for being shorter than the correct siblings, in [-max_penalty, 0].

    -max_penalty * clip((d - tau) / (1 - tau), 0, 1), d = (target - L) / target. A reconstruction:
    HARMO (arXiv:2510.05283) has a group-relative term with P_max and tau against brevity hacking,
    but its formula is not public. Nothing is lost where no sibling is correct.

    Args:
        group: Whole, with token counts and correctness.
        max_penalty: The most that is lost (P_max).
        tau: Shortfall that is free.
        target: What of the correct lengths is the target.
        two_sided: Penalise being longer as well.
        applies_to: Completions that can lose something; the others get 0.

    Returns:
        One score per sample, in order.
    """
    centre = _CENTRES[target]

    def shape(peers: Peers) -> Shape:
        goal = centre(peers.right) if peers.right else 0.0
        if not goal:
            return Shape(right=nothing)

        def curve(tokens: int) -> float:
            short = (goal - tokens) / goal
            distance = abs(short) if two_sided else short
            return -max_penalty * unit((distance - tau) / (1.0 - tau))

        return Shape(
            right=nothing if applies_to == "wrong" else curve,
            wrong=nothing if applies_to == "correct" else curve,
        )

    return among(group, shape)
