"""Texts made to cost much, and how what they cost grows.

A text is made by repeating a construct, two of them one after the other, or all of them mixed; a
subject is run on it at a size and at eight times that, until it takes a few milliseconds.
"""

from __future__ import annotations

import gc
import os
import random
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

PUMP_CHARS = int(os.environ.get("HARMO_PUMP_CHARS", "32000"))
"""How far a text is pumped: set it to 256000 to come to the longest completion that is admitted."""
FIRST_CHARS = 500
TIMES = 8
GROWTH_OF_TWICE = 2.5
GROWTH = GROWTH_OF_TWICE**3
"""The most a subject may grow by where a text grows by `TIMES`: three doublings."""
ENOUGH_S = 0.004 if PUMP_CHARS <= 32_000 else 0.25
"""Of CPU time: a subject that takes longer is pumped no further."""
FLOOR_BYTES = 250_000

CONSTRUCTS = (
    *("word ", "a", "A", "1", "1,234", "1.5", "1e+", " ", "\n", "\t \n", "\\"),
    *(". ", "..", "?!", ", ", "-", "* ", "**", "a.b.", "@", "'", '"', "' ", "n't ", "``"),
    *("(", "[", "]", "{", "<", "<<", "[a](b)", "a@b.c", "- a\n", "1. a\n", "step 1 ", "A.B. "),
    *("<think>", "</think>", "<answer>", "\\boxed{", "```", '{"a":', "[{", "P.S. ", "Question 1\n"),
    *(
        "<|im_end|>",
        "<extra_0>",
        "e\u0301",
        "\u0301\u0327",
        "\ufdfa",
        "\U0001f469\u200d",
        "\u202e\u05d0",
    ),
    *(
        "\ue000",
        "\ue000\ue001",
        "\ufeff",
        "\x00",
        ".\u00a0",
        "\u0130",
        "\u03a3'",
        "\u4e2d\u3002",
        "\u0663",
    ),
)
"""What completions are made of, what opens and never closes, and hostile Unicode."""
PAIRS = 8
"""So many texts are of one construct and then another."""
MARKED = ("\ue000", "<|im_end|>")
"""What took 1.4 GB: characters like those that mark a special string, and special strings."""
WATCHED = {repr("word "), repr('{"a":'), repr("<|im_end|>"), repr("\ufdfa"), repr(MARKED), "mixed"}

Subject = Callable[[str], object]
MakeText = Callable[[int], str]


def texts() -> Iterator[tuple[str, MakeText]]:
    """Every text of the family by its name, made of about so many characters."""
    rng = random.Random(9)
    for each in CONSTRUCTS:
        yield repr(each), partial(_alone, each)
    for pair in (MARKED, *(tuple(rng.sample(CONSTRUCTS, 2)) for _ in range(PAIRS))):
        yield repr(pair), partial(_after_another, pair)
    yield "mixed", mixed


def mixed(size: int) -> str:
    """All constructs in some order, over and over."""
    return _repeated("".join(random.Random(3).sample(CONSTRUCTS, len(CONSTRUCTS))), size)


def _alone(construct: str, size: int) -> str:
    return _repeated(construct, size) + "x!"


def _after_another(pair: Sequence[str], size: int) -> str:
    return "".join(_repeated(each, size // 2) for each in pair)


def _repeated(construct: str, size: int) -> str:
    return construct * max(1, size // len(construct))


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """What a subject cost at one size of a text, and at `TIMES` as much."""

    text: str
    size: int
    before: float
    after: float


def slow(subject: Subject, *, enough_s: float = ENOUGH_S) -> list[Growth]:
    """The texts on which a subject's CPU time grows by more than it may."""
    found = (grown(subject, name, make, enough_s=enough_s) for name, make in texts())
    return [growth for growth in found if growth is not None]


def large(subject: Subject) -> list[Growth]:
    """The texts on which a subject's memory grows by more than it may.

    Of hostile ones a few: what is watched for its memory takes several times as long.
    """
    chosen = [(name, make) for name, make in texts() if name in WATCHED]
    found = (greedy(subject, name, make) for name, make in chosen)
    return [growth for growth in found if growth is not None]


def grown(
    subject: Subject, name: str, make: MakeText, *, enough_s: float = ENOUGH_S
) -> Growth | None:
    """How a subject's CPU time grows on a text, where that is by more than it may."""
    size, before = FIRST_CHARS, cpu_s(subject, make(FIRST_CHARS))
    while size * TIMES <= PUMP_CHARS and before < enough_s:
        text = make(size * TIMES)
        after = cpu_s(subject, text)
        for _ in range(3):
            if after <= max(GROWTH * before, enough_s / 4):
                break
            # What others do on the machine adds to either: the least of several is the truth.
            after = min(after, cpu_s(subject, text))
            before = max(before, cpu_s(subject, make(size)))
        else:
            if _goes_on(subject, make, size * TIMES, after):
                return Growth(text=name, size=size, before=before, after=after)
        size, before = size * TIMES, after
    return None


def _goes_on(subject: Subject, make: MakeText, size: int, before: float) -> bool:
    """True if what grew too fast grows as fast still; a cache that is full is one step alone."""
    twice = make(2 * size)
    return min(cpu_s(subject, twice) for _ in range(3)) > GROWTH_OF_TWICE * before


def cpu_s(subject: Subject, text: str) -> float:
    """CPU seconds of this thread that a subject takes for a text; the heap of others is not its."""
    gc.disable()
    try:
        began_s = time.thread_time()
        subject(text)
        return time.thread_time() - began_s
    finally:
        gc.enable()


def greedy(subject: Subject, name: str, make: MakeText) -> Growth | None:
    """How a subject's memory grows on a text, where that is by more than it may."""
    size = FIRST_CHARS * TIMES
    after = peak_bytes(subject, make(size * TIMES))
    before = peak_bytes(subject, make(size))
    if after <= max(FLOOR_BYTES, GROWTH * before):
        return None
    return Growth(text=name, size=size, before=before, after=after)


def peak_bytes(subject: Subject, text: str) -> int:
    """The most memory that Python holds at once while a subject runs on a text."""
    tracemalloc.start()
    try:
        subject(text)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
