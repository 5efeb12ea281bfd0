"""What a text costs, and whether that grows faster than the text: the one judge of it.

A clock of a busy machine cannot tell 2 from 2.5 per doubling: a cache that fills, a neighbour or
the processor's frequency is in every ratio. So a suspect's cost is fitted over three doublings,
each size measured for as long as the others and all of them in turn. Memory is taken from the
system beforehand: else texts from some length on ask for it again and again, which tripled the cost
of one doubling. What is steep then has to be steeper on longer texts, as what has a square in it is
and a cache that fills is not: over one `str.split` was found guilty, and its `lower` on a machine
with less of it.
"""

from __future__ import annotations

import ctypes
import gc
import sys
import time
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import inf, log2
from typing import Any

Work = Callable[[Any], object]
"""What is done to a text, or to its bytes."""
TextOf = Callable[[int], str | bytes]
"""A text of about so many characters."""
Clock = Callable[[], float]

SHARES = (8, 4, 2, 1)
"""A suspect is measured at these parts of the whole, so many times on end."""
MAX_EXPONENT = 1.4
"""Over `SHARES`: n log n has 1.1; a cache that makes one doubling cost four times has up to 1.4;
what is two thirds quadratic at the whole size is above it."""
CERTAIN_EXPONENT = 1.6
"""Over longer texts, where what is two thirds quadratic at the whole has 1.7: linear work has this
only where a character of the longest costs 3.5 times what one of the shortest does."""
PLAIN_EXPONENT = 1.1
"""Between the whole and an eighth of it: up to this there is no suspicion."""
LEEWAY = 0.25
"""Over the rounds so far: as near to the bound as this, another round is asked for."""
FEW_ROUNDS, ROUNDS = 3, 20
LONGER = 4
"""A suspect is confirmed on texts of up to so many times the whole."""
MIN_EXPONENT = 0.7
"""What grows by less there has met a bound, and is excused of nothing."""
FLOOR_S = 0.03
"""Of CPU: what takes less at the full length needs no second look."""
FLOOR_BYTES = 250_000
WARM_BYTES = 96 * 2**20
"""So much memory is the process's before anything is measured, and stays its own."""
MAX_EXPONENT_OF_BYTES = 1.3


@dataclass(frozen=True, slots=True)
class Growth:
    """What a text of the full length cost, and the power of its length that costs follow."""

    spent_s: float
    exponent: float

    @property
    def steep(self) -> bool:
        """True if it grows faster than the text by more than a machine's moods explain."""
        return self.exponent > MAX_EXPONENT


def growth(
    work: Work,
    text_of: TextOf,
    chars: int,
    *,
    floor_s: float = FLOOR_S,
    shares: Sequence[int] = SHARES,
    clock: Clock = time.thread_time,
) -> Growth:
    """How the CPU time of this thread grows up to `chars`; 0 for what is below the floor there."""
    whole, part = text_of(chars), text_of(chars // shares[0])
    whole_s = cpu_s(work, whole, clock)
    if whole_s < floor_s:
        return Growth(whole_s, 0.0)
    part_s = min(cpu_s(work, part, clock) for _ in range(3))
    exponent = log2(whole_s / part_s) / log2(shares[0])
    if exponent > PLAIN_EXPONENT:
        exponent = _suspected(work, text_of, chars, shares, clock, MAX_EXPONENT)
    if exponent > MAX_EXPONENT:
        beyond = _suspected(work, text_of, LONGER * chars, shares, clock, CERTAIN_EXPONENT)
        if MIN_EXPONENT <= beyond <= CERTAIN_EXPONENT:
            exponent = MAX_EXPONENT
    return Growth(whole_s, exponent)


def steep(
    work: Work,
    texts: Mapping[str, TextOf],
    chars: int,
    *,
    floor_s: float = FLOOR_S,
    shares: Sequence[int] = SHARES,
) -> dict[str, Growth]:
    """The texts on which a work's cost grows faster than the text."""
    grew = {
        name: growth(work, text_of, chars, floor_s=floor_s, shares=shares)
        for name, text_of in texts.items()
    }
    return {name: each for name, each in grew.items() if each.steep}


def _suspected(
    work: Work, text_of: TextOf, chars: int, shares: Sequence[int], clock: Clock, at_most: float
) -> float:
    """The exponent up to so many characters, measured until it is told from the highest allowed.

    A short run that is repeated meets as many of a machine's moods as a long one does; a mean of
    several, unlike the least, favours neither.
    """
    texts = {share: text_of(chars // share) for share in shares}
    spent_s = dict.fromkeys(texts, 0.0)
    exponent = inf
    for done in range(1, ROUNDS + 1):
        for share, text in texts.items():
            spent_s[share] += sum(cpu_s(work, text, clock) for _ in range(share)) / share
        exponent = fitted(list(spent_s.values()))
        above = exponent - at_most
        if above <= -LEEWAY / done or (done >= FEW_ROUNDS and above >= LEEWAY / done):
            break
    return exponent


def fitted(costs: list[float]) -> float:
    """The slope of the logarithm of costs, each at twice the size of the one before."""
    middle = (len(costs) - 1) / 2
    places = [place - middle for place in range(len(costs))]
    rises = (place * log2(max(cost, 1e-9)) for place, cost in zip(places, costs, strict=True))
    return sum(rises) / sum(place * place for place in places)


def cpu_s(work: Work, text: str | bytes, clock: Clock = time.thread_time) -> float:
    """What a text costs this thread, never 0.

    As if the text were new, and without a look through what others left on the heap.
    """
    _warm()
    for forget in _forgetting(len(sys.modules)):
        forget()
    gc.disable()
    try:
        began_s = clock()
        work(text)
        return max(clock() - began_s, 1e-9)
    finally:
        gc.enable()


@cache
def _warm() -> Sequence[bytes]:
    """Take memory of both allocators, Python's and C's, and hinder them from giving it back."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        trim_threshold, mmap_threshold = -1, -3
        libc.mallopt(mmap_threshold, 2**30)
        libc.mallopt(trim_threshold, 2**31 - 1)
        ctypes.create_string_buffer(WARM_BYTES)
    small = [bytes(400) for _ in range(WARM_BYTES // 400)]
    return small[::1000]


@cache
def _forgetting(_modules: int) -> list[Callable[[], None]]:
    """What empties the bounded caches of ours: they are keyed by what is read."""
    ours = [module for name, module in sys.modules.items() if name.startswith("harmo.")]
    caches = {
        id(each): each
        for module in ours
        for each in vars(module).values()
        if hasattr(each, "cache_parameters") and each.cache_parameters()["maxsize"] is not None
    }
    return [each.cache_clear for each in caches.values()]


def hoarded(work: Work, text_of: TextOf, chars: int) -> tuple[int, int] | None:
    """Peak bytes at an eighth of the full length and at it, where they grow faster than the text.

    What Python holds is the same every time it is asked: one look is enough.
    """
    before, after = (peak_bytes(work, text_of(size)) for size in (chars // SHARES[0], chars))
    at_most = max(FLOOR_BYTES, SHARES[0] ** MAX_EXPONENT_OF_BYTES * before)
    return (before, after) if after > at_most else None


def peak_bytes(work: Work, text: str | bytes) -> int:
    """The most memory that Python holds at once while a text is worked on."""
    tracemalloc.start()
    try:
        work(text)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
