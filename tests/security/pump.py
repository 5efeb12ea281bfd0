"""Texts made to cost much, and how what they cost grows.

A text is made by repeating a construct, two of them one after the other, or all of them mixed; it
is judged at a size and then at eight times that, until it takes a few milliseconds.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Sequence
from functools import partial

from tests.growth import Growth, TextOf, Work, growth, hoarded

PUMP_CHARS = int(os.environ.get("HARMO_PUMP_CHARS", "32000"))
"""How far a text is pumped: set it to 256000 to come to the longest completion that is admitted."""
FIRST_CHARS = 4_000
TIMES, ON = 8, 4
ENOUGH_S = 0.004 if PUMP_CHARS <= 32_000 else 0.25
"""Of CPU time: a subject that takes longer is pumped no further."""

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


def texts() -> Iterator[tuple[str, TextOf]]:
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


def slow(subject: Work, *, enough_s: float = ENOUGH_S) -> dict[str, Growth]:
    """The texts on which a subject's CPU time grows by more than it may."""
    grew = {name: grown(subject, make, enough_s=enough_s) for name, make in texts()}
    return {name: growth for name, growth in grew.items() if growth is not None}


def large(subject: Work) -> dict[str, tuple[int, int]]:
    """The texts on which a subject's memory grows by more than it may.

    Of hostile ones a few: what is watched for its memory takes several times as long.
    """
    held = {name: greedy(subject, make) for name, make in texts() if name in WATCHED}
    return {name: peaks for name, peaks in held.items() if peaks is not None}


def grown(subject: Work, make: TextOf, *, enough_s: float = ENOUGH_S) -> Growth | None:
    """How a subject's CPU time grows on a text, where that is by more than it may."""
    chars = FIRST_CHARS
    while chars <= PUMP_CHARS:
        found = growth(subject, make, chars, floor_s=enough_s / 4)
        # What short texts are spared is one step alone: what is steep goes on.
        if found.steep and growth(subject, make, ON * chars, floor_s=0.0).steep:
            return found
        if found.spent_s >= enough_s:
            break
        chars *= TIMES
    return None


def greedy(subject: Work, make: TextOf) -> tuple[int, int] | None:
    """How a subject's memory grows on a text, where that is by more than it may."""
    return hoarded(subject, make, FIRST_CHARS * TIMES)
