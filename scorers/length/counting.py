"""What length terms share: whose counts compare, and how a shape becomes scores.

Counts come from the trainer; nothing here tokenises. Unless its params say otherwise a term gives
correct completions [-1, 0] and wrong ones 0: accuracy is paid for elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, TypeAlias

from pydantic import Field

from harmo.scorers.types import Group, Reason, Sample, Score

Positive = Annotated[int, Field(ge=1)]
Count = Annotated[int, Field(ge=0)]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Fraction = Annotated[float, Field(ge=0, le=1)]

_MOST = 1e12
"""Nothing that is counted in tokens is larger."""

Curve: TypeAlias = Callable[[int], float]
"""A number of tokens to a value."""
Range: TypeAlias = tuple[float, float]


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


def quantity(group: Group, key: str, missing: Reason) -> float | Reason:
    """A number in [0, 1e12] from the group's metadata, or why there is none.

    Args:
        group: The metadata is that of its first sample: it travels once per group.
        key: Name in the metadata.
        missing: Reason to give where the key is absent or no such number.

    Returns:
        The number, or `missing`.
    """
    value = group.samples[0].metadata.get(key) if group.samples else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return missing
    return float(value) if 0 <= value <= _MOST else missing


def unit(x: float) -> float:
    """The nearest number in [0, 1]."""
    return min(max(x, 0.0), 1.0)


def over(excess: float, scale: float) -> float:
    """Ratio of the two; any excess over a scale of 0 is too much."""
    if scale:
        return excess / scale
    return math.copysign(math.inf, excess) if excess else 0.0


def gated(*, bonus: float = 0.0, correct_only: bool = True, **_: object) -> Range:
    """Range of a term that takes at most 1 from `bonus` where correct, and gives 0 where wrong."""
    return min(0.0, bonus - 1.0 if correct_only else -1.0), max(0.0, bonus)


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
