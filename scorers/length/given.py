"""Length terms that need a number the request brings: a target, or a reference policy's length."""

from __future__ import annotations

import math

from harmo.scorers.length.counting import (
    Amount,
    AtMostZero,
    Fraction,
    Positive,
    Shape,
    abstain,
    alone,
    costs,
    costs_to_floor,
    nothing,
    quantity,
    unit,
    unless_correct_only,
)
from harmo.scorers.registry import scorer
from harmo.scorers.spec import Bounds
from harmo.scorers.types import Group, Reason, Score


def _target(group: Group, target_tokens: int | None) -> float | None:
    """A length the prompt asks for: the param, or `target_tokens` of the metadata."""
    return quantity(group, "target_tokens") if target_tokens is None else float(target_tokens)


@scorer("length.l1_exact", bounds=costs_to_floor, scores_wrong=unless_correct_only, on_loop=True)
def l1_exact(
    group: Group,
    *,
    target_tokens: Positive | None = None,
    alpha: Amount | None = None,
    floor: AtMostZero | None = -1.0,
    bonus: float = 0.0,
    correct_only: bool = True,
) -> list[Score]:
    """-alpha * |target - L| for correct completions, in [-1, 0] (LCPO-Exact, arXiv:2503.04697).

    The paper: alpha 0.0003, bonus 1, floor null, correct_only false. Abstains (`no_constraints`)
    without a target.

    Args:
        group: Needs token counts and correctness.
        target_tokens: The length asked for; default: `target_tokens` of the group's metadata.
        alpha: Loss per token; default: 1 / target.
        floor: The least value before the bonus; None for none.
        bonus: Added to correct completions; above 0 it pays accuracy a second time.
        correct_only: Give wrong completions 0.

    Returns:
        One score per sample, in order.
    """
    target = _target(group, target_tokens)
    if target is None:
        return abstain(group, Reason.NO_CONSTRAINTS)
    slope = 1.0 / max(target, 1.0) if alpha is None else alpha
    least = -math.inf if floor is None else floor

    def curve(tokens: int) -> float:
        return max(-slope * abs(target - tokens), least)

    wrong = nothing if correct_only else curve
    return alone(group, Shape(right=lambda n: bonus + curve(n), wrong=wrong))


@scorer("length.l1_max", bounds=costs, on_loop=True)
def l1_max(
    group: Group,
    *,
    target_tokens: Positive | None = None,
    alpha: Amount = 3e-4,
    delta: Fraction = 0.5,
    bonus: float = 0.0,
) -> list[Score]:
    """clip(alpha * (target - L) + delta, 0, 1) - 1 for correct completions, in [-1, 0].

    LCPO-Max (arXiv:2503.04697) is bonus 1. Abstains (`no_constraints`) without a target.

    Args:
        group: Needs token counts and correctness.
        target_tokens: The most asked for; default: `target_tokens` of the group's metadata.
        alpha: Slope per token; the authors: about 1 / (greatest - least target).
        delta: Value of the clip at the target.
        bonus: Added to correct completions; 1 makes the term the paper's whole reward.

    Returns:
        One score per sample, in order.
    """
    target = _target(group, target_tokens)
    if target is None:
        return abstain(group, Reason.NO_CONSTRAINTS)
    shape = Shape(right=lambda n: bonus - 1.0 + unit(alpha * (target - n) + delta))
    return alone(group, shape)


def _bounded_if_clipped(*, accuracy_weight: float, clip: bool, **_: object) -> Bounds:
    return (-1.0, 0.0) if clip and not accuracy_weight else None


@scorer(
    "length.o1_pruner", bounds=_bounded_if_clipped, scores_wrong=unless_correct_only, on_loop=True
)
def o1_pruner(
    group: Group,
    *,
    accuracy_weight: Amount = 0.0,
    clip: bool = True,
    correct_only: bool = True,
) -> list[Score]:
    """Length of the reference over L, less 1, for correct completions, in [-1, 0].

    O1-Pruner (2501.12570): the reference is a policy's mean length on the same prompt,
    `reference_tokens` of the group's metadata; abstains (`no_reference`) without it. The paper adds
    accuracy_weight * (correct - `reference_accuracy`), clips nothing and scores wrong ones too.

    Args:
        group: Needs token counts and correctness.
        accuracy_weight: Weight of accuracy above the reference policy's.
        clip: Cut the length part to [-1, 0], so that brevity beyond the reference earns nothing.
        correct_only: Give wrong completions 0.

    Returns:
        One score per sample, in order.
    """
    mean = quantity(group, "reference_tokens")
    rate = quantity(group, "reference_accuracy") if accuracy_weight else 0.0
    if mean is None or rate is None:
        return abstain(group, Reason.NO_REFERENCE)
    most = 0.0 if clip else math.inf

    def curve(tokens: int, accuracy: float) -> float:
        return min(mean / max(tokens, 1) - 1.0, most) + accuracy_weight * (accuracy - rate)

    wrong = nothing if correct_only else lambda n: curve(n, 0.0)
    return alone(group, Shape(right=lambda n: curve(n, 1.0), wrong=wrong))
