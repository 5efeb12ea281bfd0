"""A prompt's token ids once, with those of every distinct completion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

from torch import Tensor


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pictures:
    """The images of one prompt, as the vision tower takes them."""

    inputs: Mapping[str, Tensor]
    """Keyword arguments of the backbone: pixel values, grids, masks."""
    expansions: tuple[tuple[int, ...], ...]
    """Per image, the token ids that stand for it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TokenGroup:
    """One prompt with distinct completions, ready for a forward pass."""

    prompt: tuple[int, ...]
    """Tokens that every member starts with; may be empty."""
    suffixes: tuple[tuple[int, ...], ...]
    """What follows in each member, at least one token."""
    reads: tuple[tuple[int, ...], ...]
    """Per member, the positions in the whole conversation whose hidden states the head reads."""
    pictures: Pictures | None = None

    @property
    def tokens(self) -> int:
        """Length of the packed row: the prompt once and every suffix."""
        return len(self.prompt) + sum(map(len, self.suffixes))

    @property
    def lengths(self) -> list[int]:
        """Tokens of each whole conversation."""
        return [len(self.prompt) + len(suffix) for suffix in self.suffixes]

    def __len__(self) -> int:
        return len(self.suffixes)

    def members(self, start: int, stop: int) -> Self:
        """The same prompt with the members from `start` up to `stop`."""
        return replace(self, suffixes=self.suffixes[start:stop], reads=self.reads[start:stop])

    def halves(self) -> tuple[Self, Self]:
        """The members in two pieces."""
        middle = len(self) // 2
        return self.members(0, middle), self.members(middle, len(self))

    def pieces(self, max_tokens: int) -> list[Self]:
        """The members in pieces of at most `max_tokens`, or of one member each."""
        pieces, start, tokens = [], 0, len(self.prompt)
        for index, suffix in enumerate(self.suffixes):
            if index > start and tokens + len(suffix) > max_tokens:
                pieces.append(self.members(start, index))
                start, tokens = index, len(self.prompt)
            tokens += len(suffix)
        return [*pieces, self.members(start, len(self))]


def share(
    members: Sequence[tuple[int, ...]],
    reads: Sequence[tuple[int, ...]],
    pictures: Pictures | None = None,
) -> TokenGroup:
    """The group of whole conversations; shares their longest common prefix.

    Args:
        members: Distinct token sequences, at least one.
        reads: Per member, see `TokenGroup.reads`.
        pictures: Images that every member starts with.

    Returns:
        The group.
    """
    shared = min(_common_prefix(members), min(map(len, members)) - 1)
    return TokenGroup(
        prompt=members[0][:shared],
        suffixes=tuple(member[shared:] for member in members),
        reads=tuple(reads),
        pictures=pictures,
    )


def _common_prefix(members: Sequence[tuple[int, ...]]) -> int:
    low, high = min(members), max(members)
    for at, (a, b) in enumerate(zip(low, high, strict=False)):
        if a != b:
            return at
    return min(len(low), len(high))
