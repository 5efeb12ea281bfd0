"""Length terms that look at one completion at a time."""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import Field

from harmo.scorers.length.counting import (
    Amount,
    Count,
    Fraction,
    Positive,
    Shape,
    alone,
    costs,
    nothing,
    over,
    unit,
    unless_correct_only,
)
from harmo.scorers.registry import scorer
from harmo.scorers.spec import Bounds
from harmo.scorers.types import Group, Score


@scorer("length.linear", on_loop=True)
def linear(group: Group, *, target_tokens: Positive) -> list[Score]:
    """-clip((L - target) / target, 0, 1) for correct completions, in [-1, 0]; wrong ones 0.

    Args:
        group: Needs token counts and correctness.
        target_tokens: Length up to which nothing is lost; at twice as much all is.

    Returns:
        One score per sample, in order.
    """
    return alone(group, Shape(right=lambda n: -unit(n / target_tokens - 1.0)))


def _ends(
    *,
    right_short: float,
    right_long: float,
    wrong_short: float,
    wrong_long: float,
    exceed: float | None,
    **_: object,
) -> Bounds:
    """Range of the cosine: all it can be is between its ends."""
    ends = [right_short, right_long, wrong_short, wrong_long]
    ends += [] if exceed is None else [exceed]
    return min(ends), max(ends)


def _tells_wrong_apart(
    *, wrong_short: float, wrong_long: float, exceed: float | None, **_: object
) -> bool:
    return exceed is not None or wrong_short != wrong_long


@scorer("length.cosine", bounds=_ends, scores_wrong=_tells_wrong_apart, on_loop=True)
def cosine(
    group: Group,
    *,
    max_tokens: Positive,
    right_short: float = 0.0,
    right_long: float = -1.0,
    wrong_short: float = 0.0,
    wrong_long: float = 0.0,
    exceed: float | None = None,
) -> list[Score]:
    """Half a cosine from the `short` value at L = 0 to the `long` one at the limit, in [-1, 0].

    long + (short - long) / 2 * (1 + cos(pi * min(L / max_tokens, 1))) (arXiv:2502.03373). TRL's
    constants are 1, 0.5, -1, -0.5, the paper's 2, 1, -10, 0 with exceed -10; both pay accuracy too.

    Args:
        group: Needs token counts and correctness.
        max_tokens: The limit of the cosine, tokens; beyond it the value stays.
        right_short: Value of a correct completion of no length.
        right_long: Value of a correct completion at the limit.
        wrong_short: Value of a wrong completion of no length.
        wrong_long: Value of a wrong completion at the limit.
        exceed: Value of any completion of `max_tokens` or more; None for none of its own.

    Returns:
        One score per sample, in order.
    """

    def curve(tokens: int, short: float, long: float) -> float:
        if exceed is not None and tokens >= max_tokens:
            return exceed
        return long + (short - long) / 2 * (1 + math.cos(math.pi * unit(tokens / max_tokens)))

    shape = Shape(
        right=lambda n: curve(n, right_short, right_long),
        wrong=lambda n: curve(n, wrong_short, wrong_long),
    )
    return alone(group, shape)


@scorer("length.soft_overlong", scores_wrong=unless_correct_only, on_loop=True)
def soft_overlong(
    group: Group,
    *,
    max_tokens: Positive,
    soft_tokens: Count | None = None,
    correct_only: bool = True,
) -> list[Score]:
    """Soft overlong punishment, in [-1, 0] (DAPO, arXiv:2503.14476, eq. 13).

    0 up to max_tokens - soft_tokens, then falling to -1 at the limit and beyond.

    Args:
        group: Needs token counts; correctness too if `correct_only`.
        max_tokens: Hard limit, tokens.
        soft_tokens: Width of the ramp below it; 0 for a step; default: a fifth of the limit.
        correct_only: Give wrong completions 0; the paper punishes them as well (False).

    Returns:
        One score per sample, in order.
    """
    soft = max_tokens // 5 if soft_tokens is None else soft_tokens
    free = max_tokens - soft

    def curve(tokens: int) -> float:
        return -unit(over(tokens - free, soft))

    shape = Shape(right=curve, wrong=nothing if correct_only else curve)
    return alone(group, shape, needs_correctness=correct_only)


@scorer("length.trunc", bounds=costs, on_loop=True)
def trunc(group: Group, *, max_tokens: Positive = 4000, bonus: float = 0.0) -> list[Score]:
    """0 for a correct completion within the limit, -1 for one beyond it; wrong ones 0.

    ThinkPrune (2504.01296) and DLER (2510.15110, 4000 tokens) are bonus 1.

    Args:
        group: Needs token counts and correctness.
        max_tokens: The limit, tokens.
        bonus: Added to correct completions; above 0 it pays accuracy a second time.

    Returns:
        One score per sample, in order.
    """
    return alone(group, Shape(right=lambda n: bonus - (n > max_tokens)))


@scorer("length.acoer", bounds=lambda alpha, bonus, **_: costs(alpha, bonus=bonus), on_loop=True)
def acoer(
    group: Group,
    *,
    budget_tokens: Positive,
    k: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 5.0,
    alpha: Amount = 1.0,
    bonus: float = 0.0,
) -> list[Score]:
    """Falls from 0 to -alpha over the budget for correct completions (Acoer, 2606.22716).

    alpha * (g(L / budget) - 1) with g(x) = log(1 + k * (1 - x)) / log(1 + k), x cut to [0, 1]. The
    paper is bonus 1 + alpha. Its budget follows a running mean of correct lengths; here it is
    fixed, so that a replay gives the same number: take 0.85 of that mean from the last run.

    Args:
        group: Needs token counts and correctness.
        budget_tokens: Length at which everything is lost.
        k: Curvature.
        alpha: The most that is lost.
        bonus: Added to correct completions; above 0 it pays accuracy a second time.

    Returns:
        One score per sample, in order.
    """

    def curve(tokens: int) -> float:
        left = math.log1p(k * (1.0 - unit(tokens / budget_tokens))) / math.log1p(k)
        return bonus - alpha * (1.0 - left)

    return alone(group, Shape(right=curve))


@scorer(
    "length.nv_reason", bounds=lambda weight, bonus, **_: costs(weight, bonus=bonus), on_loop=True
)
def nv_reason(
    group: Group,
    *,
    free_tokens: Count = 1024,
    max_tokens: Positive = 4096,
    weight: Fraction = 1.0,
    bonus: float = 0.0,
) -> list[Score]:
    """-weight * clip((L - free) / (max - free), 0, 1) for correct completions, in [-1, 0].

    NeMo-RL #3769 multiplies the reward by this plus one (bonus 1, weight 0.05) and counts the
    reasoning tokens; the count here is the completion's.

    Args:
        group: Needs token counts and correctness.
        free_tokens: Length up to which nothing is lost.
        max_tokens: Length from which `weight` is lost.
        weight: The most that is lost.
        bonus: Added to correct completions; above 0 it pays accuracy a second time.

    Returns:
        One score per sample, in order.
    """
    width = max(max_tokens - free_tokens, 0)
    shape = Shape(right=lambda n: bonus - weight * unit(over(n - free_tokens, width)))
    return alone(group, shape)


@scorer("length.profile_band", bounds=costs, on_loop=True)
def profile_band(
    group: Group,
    *,
    free_tokens: Count,
    max_tokens: Positive,
    least: Fraction = 0.0,
    bonus: float = 0.0,
) -> list[Score]:
    """A multiplier less one for correct completions, in [least - 1, 0]; wrong ones 0 (NeMo-RL).

    The multiplier is 1 up to free_tokens, falls linearly to `least` at max_tokens and stays there;
    bonus 1 gives the multiplier itself.

    Args:
        group: Needs token counts and correctness.
        free_tokens: Where the band begins.
        max_tokens: Where it ends.
        least: The multiplier beyond it.
        bonus: Added to correct completions; above 0 it pays accuracy a second time.

    Returns:
        One score per sample, in order.
    """
    width, depth = max(max_tokens - free_tokens, 0), 1.0 - least
    shape = Shape(right=lambda n: bonus - depth * unit(over(n - free_tokens, width)))
    return alone(group, shape)
