"""What is kept of a scored group: a row of numbers per sample, and no text."""

from __future__ import annotations

import math
import sys
from array import array
from collections.abc import Sequence
from dataclasses import dataclass

from harmo.scorers.types import Group, Message, Reward, Sample

MAX_SIBLINGS = 512
"""Of a larger group so many are kept: it is done at one go on the event loop."""
END_CHARS = 128
"""So much of either end of a long text is compared with its siblings', beside its length."""
LAST_TURNS = 16
"""So many turns of a conversation are."""
_EXACT_BITS = 53
"""Integers of so many bits are exact as floats."""
_NAN = math.nan
_ENTRY_BYTES = 128
"""A record's own objects besides its numbers, rounded up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRecord:
    """The numbers of one group."""

    rows: array[float]
    """Per sample its scores, contributions, reward, length, whether it was truncated, and a hash of
    its text. What is not known is NaN: abstentions, rewards that are null, and lengths."""
    members: int
    whole: bool
    """True if every member of the group was here when it was scored."""

    @property
    def bytes(self) -> int:
        """What it holds of memory."""
        return sys.getsizeof(self.rows) + _ENTRY_BYTES


def recorded(group: Group, rewards: Sequence[Reward]) -> GroupRecord:
    """What is kept of a group's first 512; costs microseconds per sample, whatever its text.

    Args:
        group: The samples.
        rewards: One per sample, with its scores and contributions.
    """
    samples, rewards = group.samples[:MAX_SIBLINGS], rewards[:MAX_SIBLINGS]
    rows: list[float] = []
    for sample, reward, length in zip(samples, rewards, _lengths(samples), strict=True):
        rows += [_NAN if (v := score.value) is None else v for score in reward.scores]
        rows += reward.contributions
        value = _NAN if reward.value is None else reward.value
        rows += (value, length, sample.truncated, text_key(sample))
    return GroupRecord(rows=array("d", rows), members=len(samples), whole=group.complete)


def _lengths(samples: Sequence[Sample]) -> list[float]:
    """Tokens where all siblings have a count, else characters; NaN for conversations without."""
    tokens = [sample.num_tokens for sample in samples]
    if None not in tokens:
        return [float(count or 0) for count in tokens]
    texts = [sample.completion for sample in samples]
    return [float(len(text)) if isinstance(text, str) else _NAN for text in texts]


def text_key(sample: Sample) -> float:
    """A hash of what the policy wrote; siblings with one key wrote the same.

    Case and white space make no difference. Of a text of more than `2 * END_CHARS` characters its
    length counts and both ends, as they are; of a conversation its last turns, and how many.
    """
    written = sample.completion
    if isinstance(written, str):
        key = hash(_comparable(written))
    else:
        key = hash((len(written), *(_of_turn(turn) for turn in written[-LAST_TURNS:])))
    return float(key & ((1 << _EXACT_BITS) - 1))


def _comparable(text: str) -> tuple[object, ...]:
    if len(text) > 2 * END_CHARS:
        return len(text), text[:END_CHARS], text[-END_CHARS:]
    return (" ".join(text.split()).casefold(),)


def _of_turn(turn: Message) -> tuple[object, ...]:
    calls = [(call.name, _comparable(call.arguments)) for call in turn.tool_calls[-LAST_TURNS:]]
    return turn.role, _comparable(turn.text), len(turn.tool_calls), *calls
