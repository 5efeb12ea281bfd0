"""What length terms share: which counts are compared, and how a shape becomes scores.

Counts come from the trainer; nothing here tokenises. Unless its params say otherwise a term gives
correct completions [-1, 0] and wrong ones 0: accuracy is paid for elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Annotated, TypeAlias

from pydantic import Field

from harmo.scorers.spec import Bounds
from harmo.scorers.types import Group, Reason, Sample, Score

Positive = Annotated[int, Field(ge=1)]
Count = Annotated[int, Field(ge=0)]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
AtMostZero = Annotated[float, Field(le=0, allow_inf_nan=False)]
Fraction = Annotated[float, Field(ge=0, le=1)]

_MOST = 1e12
"""Nothing that is counted in tokens is larger."""

Curve: TypeAlias = Callable[[int], float]
"""A number of tokens to a value."""


def nothing(_tokens: int) -> float:
    """0: what wrong completions get unless a term says otherwise."""
    return 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What completions get for their length."""

    right: Curve
    wrong: Curve = nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Peers:
    """What a group-relative term compares with: siblings of known correctness.

    A truncated completion counts as right or wrong, but its length is not its own and is left out.
    """

    size: int
    solve_rate: float
    lengths: tuple[int, ...]
    right: tuple[int, ...]
    """Lengths of the correct ones."""


def alone(group: Group, shape: Shape, *, needs_correctness: bool = True) -> list[Score]:
    """A score per sample from its own length."""
    return [
        _score(sample, shape, right=right, needs_correctness=needs_correctness)
        for sample, right in zip(group.samples, _correctness(group), strict=True)
    ]


def among(group: Group, shape_for: Callable[[Peers], Shape]) -> list[Score]:
    """A score per sample from its length among its siblings'.

    Abstains on the whole group unless every member is here and every one whose correctness is
    known brings its token count.
    """
    if not group.complete:
        return abstain(group, Reason.PARTIAL_GROUP)
    known = [
        (sample, right)
        for sample, right in zip(group.samples, _correctness(group), strict=True)
        if right is not None
    ]
    if not known:
        return alone(group, Shape(right=nothing))
    if any(sample.num_tokens is None for sample, _ in known):
        return abstain(group, Reason.NO_TOKEN_COUNT)
    own = [
        (s.num_tokens, right) for s, right in known if s.num_tokens is not None and not s.truncated
    ]
    peers = Peers(
        size=len(known),
        solve_rate=sum(right for _, right in known) / len(known),
        lengths=tuple(tokens for tokens, _ in own),
        right=tuple(tokens for tokens, right in own if right),
    )
    return alone(group, shape_for(peers))


def abstain(group: Group, reason: Reason) -> list[Score]:
    """The same abstention for every sample."""
    return [Score.abstain(reason)] * len(group.samples)


def quantity(group: Group, key: str) -> float | None:
    """A number in [0, 1e12] from the group's metadata; None where it holds no such number.

    The metadata is that of the first sample: it travels once per group.
    """
    value = group.samples[0].metadata.get(key) if group.samples else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= _MOST else None


def unit(x: float) -> float:
    """The nearest number in [0, 1]."""
    return min(max(x, 0.0), 1.0)


def over(excess: float, scale: float) -> float:
    """Ratio of the two; any excess over a scale of 0 is too much."""
    if scale:
        return excess / scale
    return math.copysign(math.inf, excess) if excess else 0.0


def modified_z(values: tuple[int, ...]) -> tuple[float, float] | None:
    """Centre and scale of the modified z-score (Iglewicz-Hoaglin): z = (x - centre) / scale.

    median and MAD / 0.6745; None where the MAD is 0.
    """
    if not values:
        return None
    centre = median(values)
    spread = median(abs(value - centre) for value in values)
    return (centre, spread / 0.6745) if spread else None


def costs(
    most: float = 1.0, /, *, bonus: float = 0.0, correct_only: bool = True, **_: object
) -> Bounds:
    """Range of a term that takes at most `most`: from `bonus` where correct, from 0 where wrong.

    Args:
        most: What length can cost.
        bonus: The param of that name.
        correct_only: Wrong completions get 0; the param of that name.
    """
    return min(0.0, bonus - most, 0.0 if correct_only else -most), max(0.0, bonus)


def costs_to_floor(*, floor: float | None, bonus: float, correct_only: bool, **_: object) -> Bounds:
    """Range of a term that takes no more than its param `floor` allows; None allows everything."""
    most = math.inf if floor is None else -floor
    return costs(most, bonus=bonus, correct_only=correct_only)


def unless_correct_only(*, correct_only: bool, **_: object) -> bool:
    """True if length counts for wrong completions too."""
    return not correct_only


def _score(sample: Sample, shape: Shape, *, right: bool | None, needs_correctness: bool) -> Score:
    if sample.num_tokens is None:
        return Score.abstain(Reason.NO_TOKEN_COUNT)
    if right is None and needs_correctness:
        return Score.abstain(Reason.UNKNOWN_CORRECTNESS)
    value = (shape.right if right else shape.wrong)(sample.num_tokens)
    # Adding 0 turns -0.0 into 0.0.
    return Score(value=value + 0.0, detail={"num_tokens": sample.num_tokens, "correct": right})


def _correctness(group: Group) -> tuple[bool | None, ...]:
    return group.correctness or (None,) * len(group.samples)
