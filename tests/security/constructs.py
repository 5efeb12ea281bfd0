"""The constructs that a reading looks for, to be repeated up to the longest completion."""

from __future__ import annotations

import random
from collections.abc import Iterable
from functools import partial
from itertools import cycle

from tests.growth import TextOf

MAX_CHARS = 400_000
"""The longest completion: the default of the setting `max_completion_chars`."""

TAGS = ["<think>", "</think>", "<think></think>", "<answer>", "</answer>", "<answer>x</answer>"]
BOXES = ["\\boxed{", "\\boxed{}", "\\boxed{1}", "\\boxed {", "\\fbox{", "\\\\\\\\boxed", "}", "{"]
FORMULAS = ["$", "$$", "\\(", "\\[", "$1$, ", "$2x=", "$1$ and ", "\\[1\\]", "\\", "\\\\", "\\,"]
NUMBERS = ["1", "-", "1,234", "1,", "1 ", "1 234 ", "1.", "1/2 ", "1e9", "π", "√1", "{,}", "4 or "]
AROUND = [
    "<!--",
    "~~",
    "<s>",
    "\\cancel{",
    "\\color{white}",
    "<b style=",
    "\n% ",
    "\u202e",
    "7\u0336",
]
CUES = ["the answer is ", "ans: ", "answer: 1. ", "is 5 ", "was 3. ", "because ", "not ", "a. "]
CLAUSES = [", so ", "7 is the answer. ", "- 7\n", "maybe ", "p.m. ", "of 7 "]
CHOICES = ["A ", "A) ", "A. x\n", "not A ", "B is wrong ", "option A ", "yes ", "no ", "none "]
SHAPES = ["[1,2,3,4]", "[1,", "(1,2)", "(", "[", "<", '{"a":', "[[", "{}", '"', '\\"', "```", "\\u"]
LATEX = ["\\frac{", "\\sqrt", "^{", "\\text{", "\\begin{matrix}", "\\left(", "9!", "=", "H111"]
UNITS = ["5 cm", "km/h ", "1 hour ", "°", "five ", "two hundred ", "万", "分之", "%"]
UNICODE = ["\ufdfa", "\u0301", "\U0001f600", "\ue000", "\u200b", "\u202e", "İ", "ﬁ", "٣", "½", "²"]
BLANKS = [" ", "\n", "\r\n", "\t", "\u2028", "\x00", "a", "ab ", "，", "。", "'"]
CONSTRUCTS = [
    *AROUND, *TAGS, *BOXES, *FORMULAS, *NUMBERS, *CUES, *CLAUSES, *CHOICES, *SHAPES, *LATEX,
    *UNITS, *UNICODE, *BLANKS,
]  # fmt: skip
WRAPPED = [("", ""), ("\\boxed{", "}"), ("The answer is ", ""), ("<answer>", "</answer>")]
"""What may stand round the repeated piece; one of them for each, in turn."""


def repeated(piece: str, chars: int, before: str = "", after: str = "") -> str:
    return before + piece * (chars // len(piece)) + after


def plain(pieces: Iterable[str]) -> dict[str, TextOf]:
    """Texts of one piece each, with nothing round it."""
    return {piece: partial(repeated, piece) for piece in pieces}


def wrapped() -> dict[str, TextOf]:
    """A text of every construct."""
    around = zip(CONSTRUCTS, cycle(WRAPPED))
    return {piece: partial(repeated, piece, before=b, after=a) for piece, (b, a) in around}


def mixed() -> dict[str, TextOf]:
    """Texts of many constructs on end, the same at every length."""
    lines = ["".join(random.Random(seed).choices(CONSTRUCTS, k=40)) for seed in range(8)]
    around = zip(lines, cycle(WRAPPED))
    return {line: partial(repeated, line, before=b, after=a) for line, (b, a) in around}
