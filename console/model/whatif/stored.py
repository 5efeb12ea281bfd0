"""The stored groups that a what-if goes over: all that are asked for, or a stated sample."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from typing import Protocol

from harmo.audit.read import Query
from harmo.audit.records import KeptGroup

MOST = 1000
"""Groups of a sample: what a moved slider goes over at once."""
MOST_COMPLETIONS = 16_000
"""Of a sample: groups of many siblings are fewer."""
STRETCHES = 50
"""A sample takes as many groups from each of so many equal stretches of steps."""


class Store(Protocol):
    """What is asked of a store."""

    def groups(
        self, query: Query, *, texts: bool = True, pictures: bool = False
    ) -> Iterator[KeptGroup]:
        """Groups in the order of their numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Groups of a run, without their texts."""

    groups: Sequence[KeptGroup]
    """In the order of their steps and numbers."""
    whole: bool
    """False of a sample."""
    per_stretch: int = 0
    """Of a sample: groups taken from each stretch of steps; 0 where the run has no steps."""

    def said(self, of: int) -> str:
        """Which groups these are, in words.

        Args:
            of: Groups of the whole run.
        """
        count = _count(len(self.groups))
        if self.whole:
            return f"all {count} groups"
        if not self.per_stretch:
            return f"the first {count} groups of a run of {_count(of)}: they came without steps"
        return (
            f"a sample of {count} groups of a run of {_count(of)}: the first {self.per_stretch} of "
            "each of many equal stretches of steps"
        )


def _count(number: int) -> str:
    return f"{number:,}".replace(",", "\u202f")


def sampled(
    store: Store, query: Query, *, steps: tuple[int, int] | None, most: int = MOST
) -> Slice:
    """The groups asked for, or where there are more a sample that is even over the steps.

    Args:
        store: A reader of it.
        query: Run, split, steps.
        steps: The run's first and last step, which bound the query's; None of a run without steps.
        most: Groups that are read at most.
    """
    found, whole = _first(store.groups(query, texts=False), most)
    if whole:
        return Slice(groups=found, whole=True)
    stretches = _stretches(query, steps, min(STRETCHES, len(found)))
    if not stretches:
        return Slice(groups=found, whole=False)
    each = len(found) // len(stretches)
    taken = [
        group
        for stretch in stretches
        for group in islice(store.groups(replace(query, steps=stretch), texts=False), each)
    ]
    return Slice(groups=taken, whole=False, per_stretch=each)


def _first(groups: Iterator[KeptGroup], most: int) -> tuple[list[KeptGroup], bool]:
    """So many groups, fewer where they are large, and whether these are all."""
    found: list[KeptGroup] = []
    held = 0
    for group in groups:
        held += len(group.group.samples)
        if len(found) == most or (found and held > MOST_COMPLETIONS):
            return found, False
        found.append(group)
    return found, True


def blocks(
    store: Store, query: Query, *, of: int = MOST, seen: Callable[[int], None] | None = None
) -> Iterator[list[KeptGroup]]:
    """All of the groups asked for, some at a time, so that no more are held.

    Args:
        store: A reader of it.
        query: Run, split, steps.
        of: Groups of a block.
        seen: Told how many were read, after each block; what it raises ends the reading.
    """
    groups, read = store.groups(query, texts=False), 0
    while block := list(islice(groups, of)):
        yield block
        read += len(block)
        if seen is not None:
            seen(read)


def _stretches(query: Query, steps: tuple[int, int] | None, most: int) -> list[tuple[int, int]]:
    """At most so many equal stretches of the steps asked for; none where there are no steps."""
    if steps is None:
        return []
    asked_first, asked_last = query.steps
    first = steps[0] if asked_first is None else max(steps[0], asked_first)
    last = steps[1] if asked_last is None else min(steps[1], asked_last)
    count = min(most, last - first + 1)
    if count < 1:
        return []
    ends = [first + math.ceil(i * (last - first + 1) / count) for i in range(count + 1)]
    return [(low, high - 1) for low, high in pairwise(ends)]
