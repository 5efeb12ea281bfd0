"""GRPO's advantages of one group: what a trainer makes of its rewards."""

from __future__ import annotations

import math
from collections.abc import Sequence

EPSILON = 1e-4
"""Added to the deviation that divides, as TRL does."""


def advantages(rewards: Sequence[float | None], *, scaled: bool) -> list[float | None]:
    """Each reward less the mean of those there are; None where there is no reward.

    Args:
        rewards: Of one group's completions.
        scaled: True to divide by their standard deviation (ddof 1) plus 1e-4, as TRL's
            `scale_rewards="group"` does; False is `"none"`. A group of one reward has 0.0.
    """
    known = [reward for reward in rewards if reward is not None]
    if len(known) < 2 or min(known) == max(known):
        # Of equal rewards the mean may be another by rounding: that is nobody's advantage.
        return [None if reward is None else 0.0 for reward in rewards]
    # Squares of large numbers would overflow; a power of two takes nothing from their precision.
    scale = math.ldexp(1.0, max(math.frexp(max(map(abs, known)))[1] - 1, 0))
    mean = math.fsum(reward / scale for reward in known) / len(known)
    apart = [None if reward is None else reward / scale - mean for reward in rewards]
    divisor = 1.0 / scale
    if scaled:
        squares = math.fsum(gap * gap for gap in apart if gap is not None)
        divisor = math.sqrt(squares / (len(known) - 1)) + EPSILON / scale
    return [None if gap is None else gap / divisor for gap in apart]
