"""Length terms that compare a completion with its siblings.

They abstain (`partial_group`) unless the whole group is here. One completion alone is its own
yardstick: it loses nothing, except where a term's source says otherwise.
"""

from __future__ import annotations

from statistics import fmean

from harmo.scorers.length.counting import (
    Amount,
    Count,
    Fraction,
    Peers,
    Positive,
    Shape,
    alone,
    among,
    costs,
    nothing,
    over,
    unit,
    unless_correct_only,
)
from harmo.scorers.registry import scorer
from harmo.scorers.spec import Bounds
from harmo.scorers.types import Group, Score


@scorer(
    "length.kimi",
    bounds=lambda offset, **_: costs(bonus=offset),
    compares_siblings=True,
    scores_wrong=unless_correct_only,
    on_loop=True,
)
def kimi(group: Group, *, offset: float = 0.0, correct_only: bool = True) -> list[Score]:
    """-(L - shortest) / (longest - shortest) for correct completions, in [-1, 0].

    Kimi k1.5 (2501.12599), over all completions of the group; equal lengths give 0. The source:
    offset 0.5, correct_only false (a wrong one then gets the lesser of that and 0).

    Args:
        group: Whole, with token counts and correctness.
        offset: Added where lengths differ.
        correct_only: Give wrong completions 0.

    Returns:
        One score per sample, in order.
    """

    def shape(peers: Peers) -> Shape:
        least, most = min(peers.lengths, default=0), max(peers.lengths, default=0)
        if least == most:
            return Shape(right=nothing)

        def curve(tokens: int) -> float:
            return offset - unit((tokens - least) / (most - least))

        wrong = nothing if correct_only else lambda n: min(0.0, curve(n))
        return Shape(right=curve, wrong=wrong)

    return among(group, shape)


@scorer(
    "length.alp",
    bounds=lambda beta, bonus, correct_only, **_: costs(
        beta, bonus=bonus, correct_only=correct_only
    ),
    compares_siblings=True,
    scores_wrong=unless_correct_only,
    on_loop=True,
)
def alp(
    group: Group,
    *,
    max_tokens: Positive,
    beta: Fraction = 1.0,
    bonus: float = 0.0,
    correct_only: bool = True,
) -> list[Score]:
    """-beta * max(p, 1 / G) * L / max_tokens for correct completions (ALP, 2506.05256).

    The easier the prompt (p is its solve rate), the more length costs. Sources disagree on the
    paper's scale (beta 1e-7 a token); this form has no unit. The paper is bonus 1, correct_only
    false.

    Args:
        group: Whole, with token counts and correctness.
        max_tokens: The trainer's limit, tokens; longer counts as this long.
        beta: The most that is lost.
        bonus: Added to correct completions; above 0 it pays accuracy a second time.
        correct_only: Give wrong completions 0.

    Returns:
        One score per sample, in order.
    """

    def shape(peers: Peers) -> Shape:
        scale = beta * max(peers.solve_rate, 1.0 / peers.size)

        def curve(tokens: int) -> float:
            return -scale * unit(tokens / max_tokens)

        return Shape(right=lambda n: bonus + curve(n), wrong=nothing if correct_only else curve)

    return among(group, shape)


@scorer("length.gr3", bounds=costs, compares_siblings=True, on_loop=True)
def gr3(group: Group, *, alpha: Amount = 0.33, bonus: float = 0.0) -> list[Score]:
    """1 / (1 + alpha * L / mean) - 1 for correct completions, in (-1, 0] (GR3, 2603.10535).

    The source multiplies a reward by this plus one; on a negative reward that pays for length, so
    here it only ever multiplies correctness: bonus 1 is the source on 0/1 rewards.

    Args:
        group: Whole, with token counts and correctness.
        alpha: Strength; the mean is over the group.
        bonus: Added to correct completions; above 0 it pays accuracy a second time.

    Returns:
        One score per sample, in order.
    """

    def shape(peers: Peers) -> Shape:
        mean = fmean(peers.lengths) if peers.lengths else 0.0
        if not mean:
            return Shape(right=lambda _: bonus)
        return Shape(right=lambda n: bonus - 1.0 + 1.0 / (1.0 + alpha * n / mean))

    return among(group, shape)


@scorer(
    "length.linear_pass",
    bounds=costs,
    compares_siblings=True,
    scores_wrong=unless_correct_only,
    on_loop=True,
)
def linear_pass(
    group: Group, *, coef: Fraction = 1.0, bonus: float = 0.0, correct_only: bool = True
) -> list[Score]:
    """-p * coef * L / longest for correct completions, in [-coef, 0] (prime-rl #2901).

    p is the group's solve rate, so that nothing is lost where nothing is solved. The source: coef
    0.25, bonus 1, correct_only false; its terms for context and turns are left out, since a
    request does not count those.

    Args:
        group: Whole, with token counts and correctness.
        coef: The most that is lost.
        bonus: Added to correct completions; above 0 it pays accuracy a second time.
        correct_only: Give wrong completions 0 (`gate_by_correctness`).

    Returns:
        One score per sample, in order.
    """

    def shape(peers: Peers) -> Shape:
        longest = max(peers.lengths, default=0)

        def curve(tokens: int) -> float:
            return -peers.solve_rate * coef * unit(over(tokens, longest))

        return Shape(right=lambda n: bonus + curve(n), wrong=nothing if correct_only else curve)

    return among(group, shape)


def _laser_bounds(*, alpha: float, bonus: float, explore_tokens: int | None, **_: object) -> Bounds:
    wrong = 0.0 if explore_tokens is None else alpha
    return min(0.0, bonus - alpha), max(wrong, bonus)


@scorer(
    "length.laser",
    bounds=_laser_bounds,
    compares_siblings=lambda target_tokens, **_: not isinstance(target_tokens, int),
    scores_wrong=lambda explore_tokens, **_: explore_tokens is not None,
    on_loop=True,
)
def laser(
    group: Group,
    *,
    target_tokens: Positive | tuple[Positive, Positive, Positive],
    alpha: Amount = 1.0,
    explore_tokens: Count | None = None,
    bonus: float = 0.0,
) -> list[Score]:
    """0 for a correct completion within its target, -alpha for one beyond it (LASER, 2505.15612).

    Three targets are LASER-D: for prompts solved at least 2/3 of the time, at least 1/3, and less.
    The paper is bonus 1 + alpha with alpha 0.5; it re-fits its targets every 20 steps, which here
    is a new recipe.

    Args:
        group: Token counts and correctness; whole where there are three targets.
        target_tokens: The target, or easy, medium and hard prompts' targets.
        alpha: What is lost beyond the target.
        explore_tokens: LASER-DE: alpha for wrong completions longer than this; None for 0.
        bonus: Added to correct completions; above 0 it pays accuracy a second time.

    Returns:
        One score per sample, in order.
    """

    def explore(tokens: int) -> float:
        return alpha if explore_tokens is not None and tokens > explore_tokens else 0.0

    if isinstance(target_tokens, int):
        step = Shape(right=lambda n: bonus - alpha * (n > target_tokens), wrong=explore)
        return alone(group, step)
    easy, medium, hard = target_tokens

    def shape(peers: Peers) -> Shape:
        p = peers.solve_rate
        target = easy if p >= 2 / 3 else medium if p >= 1 / 3 else hard
        return Shape(right=lambda n: bonus - alpha * (n > target), wrong=explore)

    return among(group, shape)
